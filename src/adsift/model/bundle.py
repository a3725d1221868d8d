"""A model on disk: a folder with weights, configuration and card.

========================= =======================================================
``bundle.json``           format version, configuration, and the SHA-256 of each file
``weights.safetensors``   the arrays
``README.md``             the model card
``encoder.safetensors``   accurate tier only: the published encoder's arrays, which no training
                          changes, so a repository of bundles holds them once
``graph.onnx``            accurate tier only: how the encoder's arrays are put together
``tokenizer.json``        accurate tier only: how the encoder's words are cut
========================= =======================================================

``bundle.json`` states its own SHA-256 too, taken without that entry.
Nothing here unpickles: safetensors holds plain arrays, the configuration is JSON, a graph is read
by ONNX Runtime, and a tokenizer by its package. Checksums tell damage, not malice: take bundles
from those you trust.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adsift.atomic import temporary_name, write_files
from adsift.errors import BundleError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

FORMAT = 1
"""Version of the bundle's layout. A reader refuses a newer one."""

CONFIG, WEIGHTS, CARD = "bundle.json", "weights.safetensors", "README.md"
ENCODER, GRAPH, TOKENIZER = "encoder.safetensors", "graph.onnx", "tokenizer.json"

OF_ENCODER = ("attention.", "embedding.", "layer.", "positions", "words.")
"""How the names of the published encoder's arrays begin."""

AS_THEY_ARE = {".hashes": "uint32", ".nibbles": "uint8"}
"""How the names of arrays end that are bits, not numbers, and of what type they are."""

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model as it lies on disk.

    Attributes:
        config: what the model needs beside its arrays, and what is known of it (data, scores,
            versions); JSON values.
        arrays: the weights by name, float32; hashes are uint32, and four-bit numbers packed in
            uint8.
        card: the model card, Markdown.
        graph: the encoder's ONNX graph, without its weights; empty if there is none.
        tokenizer: the encoder's, JSON; empty if there is none.
    """

    config: dict[str, Any]
    arrays: Arrays
    card: str
    graph: bytes = b""
    tokenizer: bytes = b""

    def array(self, name: str, *shape: object) -> NDArray[np.float32]:
        """An array, which must have this shape.

        Raises:
            BundleError: there is none, or it has another shape or numbers that are not finite.
        """
        import numpy as np

        try:
            array = self.arrays[name]
        except KeyError as error:
            raise BundleError(f"the bundle is incomplete: it has no array {error}") from error
        if array.shape != shape or 0 in array.shape:
            raise BundleError(
                f"the bundle's array {name} has shape {array.shape}, it should be {shape}"
            )
        if not np.isfinite(array).all():
            raise BundleError(f"the bundle's array {name} has numbers that are not finite")
        return array


def find_bundle(name: str | Path | None = None) -> Path:
    """Folder of a bundle: a shipped one by its name, any other by its path.

    Raises:
        BundleError: there is no such folder, or it cannot be looked into.
    """
    if name is None:
        name = DEFAULT
    package = Path(__file__).parents[1]
    # In a wheel the bundles lie inside the package; in a source checkout at its top level.
    shipped = (package / "models", package.parents[1] / "models")
    if isinstance(name, str) and name.isidentifier():
        for folder in shipped:
            if name in _names(folder):
                return folder / name
    path = Path(name)
    try:
        # Path makes the working directory of no name at all.
        if name != "" and (path / CONFIG).is_file():
            return path
        there = name != "" and path.exists()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}") from error
    if there:
        raise BundleError(f"{path} is no model bundle: it has no {CONFIG}")
    names = sorted({name for folder in shipped for name in _names(folder)})
    if isinstance(name, Path) and str(name) in names:
        raise BundleError(
            f"there is no folder {str(name)!r}; the shipped model is called by its name, a str"
        )
    raise BundleError(
        f"there is no model bundle {str(name)!r}: give the folder of one"
        + (f", or the name of a shipped one ({', '.join(names)})" if names else "")
    )


def _names(folder: Path) -> set[str]:
    """Of the bundles in a folder."""
    return {path.parent.name for path in folder.glob(f"*/{CONFIG}")}


def may_become_bundle(folder: Path) -> bool:
    """Whether a bundle can be written into this folder and nothing of another kind is lost: it is
    empty, or holds a bundle, or what a process that was killed left of one.

    Raises:
        OSError: it cannot be looked into.
    """
    names = {path.name for path in folder.iterdir()}
    if (folder / CONFIG).is_file():
        return True
    files = {CONFIG, WEIGHTS, CARD, ENCODER, GRAPH, TOKENIZER}
    # The weights get their name first: a README that lies there without them is somebody else's.
    left = {temporary_name(name) for name in files} | (files if WEIGHTS in names else set())
    return names <= left


def read_bundle(path: Path) -> Bundle:
    """Read and check a bundle.

    Raises:
        BundleError: a file is missing or damaged, or the bundle is of a newer format.
    """
    config, hashes = _read_config(path / CONFIG)
    names = [WEIGHTS, CARD, *(name for name in (ENCODER, GRAPH, TOKENIZER) if name in hashes)]
    data = {name: _read(path / name) for name in names}
    for name, content in data.items():
        _check(path / name, content, hashes.get(name))
    arrays: Arrays = {}
    for name in (WEIGHTS, ENCODER):
        found = _read_arrays(path / name, data[name]) if name in data else {}
        if both := arrays.keys() & found.keys():
            raise BundleError(f"{path / name} holds arrays that {WEIGHTS} holds too: {min(both)}")
        arrays |= found
    card = data[CARD].decode("utf-8", "replace")
    return Bundle(config, arrays, card, data.get(GRAPH, b""), data.get(TOKENIZER, b""))


def _read_arrays(path: Path, data: bytes) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return {name: as_read(name, array) for name, array in load(data).items()}
    except (SafetensorError, KeyError, TypeError) as error:
        raise BundleError(f"{path} holds no arrays that adsift can read") from error


def _read_config(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration, and the files' hashes in it."""
    try:
        config = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is damaged, it is no JSON: {error}") from error
    if not isinstance(config, dict) or not _is_format(config.get("format")):
        raise BundleError(f"{path} is damaged: it states no format")
    # Before the hash, which a newer format may take in another way.
    if config["format"] > FORMAT:
        raise BundleError(
            f"{path.parent} has bundle format {config['format']}, this adsift reads up to "
            f"{FORMAT}: upgrade adsift"
        )
    hashes = config.get("files")
    if not isinstance(hashes, dict):
        raise BundleError(f"{path} is damaged: it states no SHA-256 of the files")
    expected = hashes.pop(CONFIG, None)
    try:
        content = _config_bytes(config)
    except (ValueError, RecursionError) as error:
        # An escape of half a surrogate pair is JSON, but stands for no text.
        raise BundleError(f"{path} is damaged, it cannot be written as text: {error}") from error
    _check(path, content, expected)
    return config, hashes


def _is_format(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}") from error


def _check(path: Path, data: bytes, expected: object) -> None:
    if hashlib.sha256(data).hexdigest() != expected:
        raise BundleError(
            f"{path} is damaged: its SHA-256 is not the one in {CONFIG}; get the bundle anew"
        )


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle; the same bundle gives the same bytes.

    Arrays are stored as float16, which halves the size and changes no label in practice; small
    whole numbers in a byte each, and what is bits as it is.

    Raises:
        BundleError: as :func:`as_stored`.
        OSError: it cannot be written. A bundle that was there before is as it was.
    """
    from safetensors.numpy import save

    files: dict[str, Arrays] = {WEIGHTS: {}}
    for name, array in sorted(bundle.arrays.items()):
        file = ENCODER if name.startswith(OF_ENCODER) else WEIGHTS
        files.setdefault(file, {})[name] = as_stored(name, array)
    data = {name: save(stored) for name, stored in files.items()}
    data[CARD] = bundle.card.encode("utf-8")
    data |= {
        name: content
        for name, content in ((GRAPH, bundle.graph), (TOKENIZER, bundle.tokenizer))
        if content
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in data.items()}
    config = {**bundle.config, "format": FORMAT, "files": hashes}
    hashes[CONFIG] = hashlib.sha256(_config_bytes(config)).hexdigest()
    write_files(path, {**data, CONFIG: _config_bytes(config)})


def as_stored(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """An array as a bundle stores it.

    Raises:
        BundleError: it holds a number that is not finite or too large for float16, or bits of
            another type than its name says.
    """
    import numpy as np

    kind = _kind_as_it_is(name)
    if kind:
        if array.dtype != kind:
            raise BundleError(f"the array {name} is of {array.dtype}, not of {kind}")
        return array
    with np.errstate(over="ignore"):
        small = array.astype(np.float16)
    if not np.isfinite(small).all():
        raise BundleError(f"the array {name} holds numbers that float16 cannot: train it anew")
    whole = np.clip(array, -128, 127).astype(np.int8)
    return whole if np.array_equal(whole, array) else small


def as_read(name: str, stored: NDArray[Any]) -> NDArray[Any]:
    """An array as it comes back."""
    return stored if _kind_as_it_is(name) else stored.astype("float32")


def _kind_as_it_is(name: str) -> str | None:
    return AS_THEY_ARE.get(name[name.rfind(".") :])


def _config_bytes(config: dict[str, Any]) -> bytes:
    text = json.dumps(config, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode("utf-8")
