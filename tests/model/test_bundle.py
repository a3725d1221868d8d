from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

import adsift
from adsift.errors import BundleError
from adsift.model import bundle as bundle_module
from adsift.model.bundle import (
    CARD,
    CONFIG,
    ENCODER,
    GRAPH,
    TOKENIZER,
    WEIGHTS,
    Bundle,
    as_read,
    as_stored,
    find_bundle,
    read_bundle,
    write_bundle,
)

BUNDLE = Bundle(
    {"name": "small", "note": "é"},
    {
        "b": np.array([[1, -2.5], [0, 1e-4]], np.float32),
        "a": np.arange(3, dtype=np.float32),
        "words.nibbles": np.arange(250, 256, dtype=np.uint8),
    },
    "# Card\n",
    b"a graph",
    b"a tokenizer",
)
FILES = (CONFIG, WEIGHTS, CARD, ENCODER, GRAPH, TOKENIZER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", BUNDLE)
    return tmp_path / "bundle"


class TestRoundTrip:
    def test_all_comes_back(self, folder: Path) -> None:
        bundle = read_bundle(folder)
        assert bundle.config.items() >= BUNDLE.config.items()
        assert bundle.card == BUNDLE.card
        assert (bundle.graph, bundle.tokenizer) == (BUNDLE.graph, BUNDLE.tokenizer)
        assert bundle.arrays.keys() == BUNDLE.arrays.keys()
        for name, array in bundle.arrays.items():
            assert array.dtype == BUNDLE.arrays[name].dtype
            assert array == pytest.approx(BUNDLE.arrays[name], rel=1e-3)

    def test_what_was_read_can_be_written(self, folder: Path, tmp_path: Path) -> None:
        write_bundle(tmp_path / "again", read_bundle(folder))
        for name in FILES:
            assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()

    def test_the_order_of_arrays_and_entries_does_not_matter(
        self, folder: Path, tmp_path: Path
    ) -> None:
        turned = replace(
            BUNDLE,
            config=dict(reversed(BUNDLE.config.items())),
            arrays=dict(reversed(BUNDLE.arrays.items())),
        )
        write_bundle(tmp_path / "turned", turned)
        for name in FILES:
            assert (folder / name).read_bytes() == (tmp_path / "turned" / name).read_bytes()

    def test_a_training_leaves_the_file_of_the_encoder_as_it_was(
        self, folder: Path, tmp_path: Path
    ) -> None:
        trained = {**BUNDLE.arrays, "a": np.zeros(3, np.float32), "new": np.ones(2, np.float32)}
        write_bundle(tmp_path / "trained", replace(BUNDLE, arrays=trained))
        changed = {
            n for n in FILES if (folder / n).read_bytes() != (tmp_path / "trained" / n).read_bytes()
        }
        assert changed == {CONFIG, WEIGHTS}

    def test_arrays_of_the_encoder_may_lie_with_the_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bundle_module, "OF_ENCODER", ())
        write_bundle(tmp_path / "one", BUNDLE)
        assert not (tmp_path / "one" / ENCODER).exists()
        assert read_bundle(tmp_path / "one").arrays.keys() == BUNDLE.arrays.keys()

    @pytest.mark.parametrize("value", [1e5, np.inf, np.nan])
    def test_numbers_that_float16_cannot_hold_are_refused(
        self, tmp_path: Path, value: float
    ) -> None:
        arrays = {"good": np.ones(2, np.float32), "hidden": np.array([0, value], np.float32)}
        with pytest.raises(BundleError, match="hidden"):
            write_bundle(tmp_path / "new", Bundle({}, arrays, ""))
        assert not (tmp_path / "new").exists()

    def test_a_disk_that_is_full_leaves_the_bundle_that_was_there(self, folder: Path) -> None:
        resource = pytest.importorskip("resource")
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # no file may be larger
        try:
            with pytest.raises(OSError, match="large"):
                write_bundle(folder, replace(BUNDLE, card="# Another card\n"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class TestDamage:
    @pytest.mark.parametrize("name", FILES)
    def test_a_missing_file(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        with pytest.raises(BundleError, match=f"cannot read .*{name}: No such file"):
            read_bundle(folder)

    @pytest.mark.parametrize("name", [WEIGHTS, CARD])
    def test_a_changed_byte(self, folder: Path, name: str) -> None:
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(data)
        with pytest.raises(BundleError, match=f"{name} is damaged: its SHA-256 .* get the bundle"):
            read_bundle(folder)

    def test_any_changed_byte_of_the_configuration(self, folder: Path) -> None:
        whole = (folder / CONFIG).read_bytes()
        for position in range(len(whole)):
            changed = whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
            if changed.split() == whole.split():
                continue  # a line end became other white space
            (folder / CONFIG).write_bytes(changed)
            with pytest.raises(BundleError, match=CONFIG):
                read_bundle(folder)

    @pytest.mark.parametrize("name", FILES)
    def test_a_cut_file(self, folder: Path, name: str) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:-9])
        with pytest.raises(BundleError, match=name):
            read_bundle(folder)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "no JSON"),
            (b"{", "no JSON"),
            (b"\xff\xfe\xff", "no JSON"),
            (b"[" * 100_000, "no JSON"),
            (b"[]", "states no format"),
            (b"{}", "states no format"),
            (b'{"format": "1"}', "states no format"),
            (b'{"format": 0}', "states no format"),
            (b'{"format": -1}', "states no format"),
            (b'{"format": true}', "states no format"),
            (b'{"format": 1}', "states no SHA-256"),
            (b'{"format": 1, "files": []}', "states no SHA-256"),
            (b'{"format": 1, "files": {}}', "is damaged: its SHA-256"),
            (
                b'{"format": 1, "files": {}, "name": "\\ud800"}',
                "is damaged, .* surrogates not allowed",
            ),
        ],
    )
    def test_a_wrong_configuration(self, folder: Path, content: bytes, complaint: str) -> None:
        (folder / CONFIG).write_bytes(content)
        with pytest.raises(BundleError, match=complaint):
            read_bundle(folder)

    def test_a_newer_format(self, folder: Path) -> None:
        (folder / CONFIG).write_text('{"format": 2, "files": "elsewhere"}')
        with pytest.raises(BundleError, match=r"format 2, .* reads up to 1: upgrade adsift"):
            read_bundle(folder)


def with_weights(folder: Path, weights: bytes, encoder: bytes | None = None) -> Path:
    """Put other weights into a bundle, with the hashes that belong to them."""
    config = json.loads((folder / CONFIG).read_bytes())
    config["files"] = {CARD: config["files"][CARD]}
    for name, data in ((WEIGHTS, weights), (ENCODER, encoder)):
        if data is not None:
            config["files"][name] = hashlib.sha256(data).hexdigest()
            (folder / name).write_bytes(data)
    text = json.dumps(config, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    config["files"][CONFIG] = hashlib.sha256(text.encode()).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_an_array_in_both_files_is_refused(folder: Path) -> None:
    weights, more = (save({name: np.ones(2, np.float32) for name in own}) for own in ("ab", "bc"))
    with pytest.raises(BundleError, match=f"{ENCODER} holds arrays .* too: b"):
        read_bundle(with_weights(folder, weights, more))


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


class TestHostileWeights:
    def test_a_pickle_is_not_loaded(self, folder: Path, tmp_path: Path) -> None:
        trap = pickle.dumps(Trap(tmp_path / "sprung"))
        with pytest.raises(BundleError, match="holds no arrays"):
            read_bundle(with_weights(folder, trap))
        assert not (tmp_path / "sprung").exists()

    def test_nor_is_an_array_of_objects(self, folder: Path, tmp_path: Path) -> None:
        np.save(tmp_path / "objects.npy", np.array([Trap(tmp_path / "sprung")], object))
        with pytest.raises(BundleError, match="holds no arrays"):
            read_bundle(with_weights(folder, (tmp_path / "objects.npy").read_bytes()))
        assert not (tmp_path / "sprung").exists()

    def test_a_number_type_that_numpy_does_not_know(self, folder: Path) -> None:
        header = b'{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}'
        weights = len(header).to_bytes(8, "little") + header + b"\0"
        with pytest.raises(BundleError, match="holds no arrays"):
            read_bundle(with_weights(folder, weights))


class TestFindBundle:
    def test_a_path(self, folder: Path) -> None:
        assert find_bundle(folder) == folder
        assert find_bundle(str(folder)) == folder

    def test_a_name_that_no_bundle_has(self) -> None:
        with pytest.raises(BundleError, match="no model bundle 'no-such-model': give the folder"):
            find_bundle("no-such-model")

    def test_a_name_given_as_a_path(self) -> None:
        with pytest.raises(BundleError, match="no folder 'default'; the shipped model is called"):
            find_bundle(Path("default"))

    def test_a_folder_without_a_bundle(self, tmp_path: Path) -> None:
        with pytest.raises(BundleError, match=f"is no model bundle: it has no {CONFIG}"):
            find_bundle(tmp_path)

    def test_no_name_is_not_the_working_directory(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        with pytest.raises(BundleError, match="no model bundle ''"):
            find_bundle("")

    @pytest.mark.parametrize("name", ["x" * 300, "../" + "x" * 300, Path("x" * 300)])
    def test_a_path_that_cannot_be_looked_into(self, name: str | Path) -> None:
        with pytest.raises(BundleError, match=r"cannot read .*x: File name too long"):
            find_bundle(name)

    def test_the_shipped_one(self) -> None:
        assert find_bundle() == find_bundle("default")
        assert (find_bundle() / CARD).is_file()


class TestLoad:
    def test_a_path_as_text_or_object(self, bundle_folder: Path) -> None:
        for path in (bundle_folder, str(bundle_folder)):
            assert isinstance(adsift.load(path), adsift.Separator)

    def test_a_damaged_one(self, bundle_folder: Path, tmp_path: Path) -> None:
        shutil.copytree(bundle_folder, tmp_path / "copy")
        (tmp_path / "copy" / WEIGHTS).write_bytes(b"")
        with pytest.raises(BundleError, match="damaged"):
            adsift.load(tmp_path / "copy")


@pytest.mark.parametrize(("name", "kind"), [("a.hashes", "uint32"), ("a.nibbles", "uint8")])
def test_bits_stay_as_they_are(name: str, kind: str) -> None:
    bits = np.arange(200).astype(kind)
    assert as_read(name, as_stored(name, bits)) is bits
    with pytest.raises(BundleError, match=f"{name} is of float32, not of {kind}"):
        as_stored(name, bits.astype(np.float32))


def test_small_whole_numbers_take_a_byte_and_come_back() -> None:
    whole = np.array([-128, 0, 127], np.float32)
    assert as_stored("x", whole).dtype == np.int8
    assert as_read("x", as_stored("x", whole)).tobytes() == whole.tobytes()
    for other in ([0.5, 1], [128, 0], [-129, 0]):
        assert as_stored("x", np.array(other, np.float32)).dtype == np.float16
