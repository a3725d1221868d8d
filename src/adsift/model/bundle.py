"""A model on disk: a folder with weights, configuration and card.

========================= =======================================================
``bundle.json``           format version, configuration, and the SHA-256 of each other file
``weights.safetensors``   the arrays
``README.md``             the model card
========================= =======================================================

Nothing here unpickles: safetensors holds plain arrays, and what else is read is JSON.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adsift.errors import BundleError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[np.float32]]

FORMAT = 1
"""Version of the bundle's layout. A reader refuses a newer one."""

CONFIG, WEIGHTS, CARD = "bundle.json", "weights.safetensors", "README.md"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model as it lies on disk.

    Attributes:
        config: what the model needs beside its arrays, and what is known of it (data, scores,
            versions); JSON values.
        arrays: the weights by name, float32.
        card: the model card, Markdown.
    """

    config: dict[str, Any]
    arrays: Arrays
    card: str


def find_bundle(name: str | Path | None = None) -> Path:
    """Folder of a bundle: a shipped one by its name, any other by its path.

    Raises:
        BundleError: there is no such folder.
    """
    if name is None:
        name = DEFAULT
    package = Path(__file__).parents[1]
    # In a wheel the bundles lie inside the package; in a source checkout at its top level.
    shipped = (package / "models", package.parents[1] / "models")
    if isinstance(name, str) and name.isidentifier():
        for folder in shipped:
            if (folder / name / CONFIG).is_file():
                return folder / name
    path = Path(name)
    if (path / CONFIG).is_file():
        return path
    if path.exists():
        raise BundleError(f"{path} is no model bundle: it has no {CONFIG}")
    names = sorted({p.parent.name for folder in shipped for p in folder.glob(f"*/{CONFIG}")})
    raise BundleError(
        f"there is no model bundle {str(name)!r}: give the folder of one"
        + (f", or the name of a shipped one ({', '.join(names)})" if names else "")
    )


def read_bundle(path: Path) -> Bundle:
    """Read and check a bundle.

    Raises:
        BundleError: a file is missing or damaged, or the bundle is of a newer format.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"cannot read {path / CONFIG}: {error.strerror}") from error
    except ValueError as error:
        raise BundleError(f"{path / CONFIG} is damaged: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("format"), int):
        raise BundleError(f"{path / CONFIG} is damaged: it states no format")
    if config["format"] > FORMAT:
        raise BundleError(
            f"{path} has bundle format {config['format']}, this adsift reads up to {FORMAT}: "
            "upgrade adsift"
        )
    data = {name: _checked(path / name, config) for name in (WEIGHTS, CARD)}
    try:
        stored = load(data[WEIGHTS])
    except SafetensorError as error:
        raise BundleError(f"{path / WEIGHTS} is damaged: {error}") from error
    arrays = {name: array.astype("float32") for name, array in stored.items()}
    return Bundle(config, arrays, data[CARD].decode("utf-8", "replace"))


def _checked(path: Path, config: dict[str, Any]) -> bytes:
    expected = config.get("files", {}).get(path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise BundleError(
            f"{path} is damaged: its SHA-256 is not the one in {CONFIG}; get the bundle anew"
        )
    return data


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle; the same bundle gives the same bytes.

    Arrays are stored as float16, which halves the size and changes no label in practice.
    """
    from safetensors.numpy import save

    path.mkdir(parents=True, exist_ok=True)
    stored = {name: array.astype("float16") for name, array in sorted(bundle.arrays.items())}
    data = {WEIGHTS: save(stored), CARD: bundle.card.encode("utf-8")}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in data.items()}
    config = {**bundle.config, "format": FORMAT, "files": hashes}
    for name, content in data.items():
        (path / name).write_bytes(content)
    (path / CONFIG).write_text(
        json.dumps(config, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
