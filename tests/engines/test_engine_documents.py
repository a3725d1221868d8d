"""What all engines share: the options that are refused, the model of the process, bad documents."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adsift
from adsift.document import Document
from adsift.engines.documents import (
    SLICE_ROWS,
    SLICE_SIZE,
    Failed,
    Stripping,
    known_drop,
    separator,
    strip_documents,
    tag_documents,
)
from adsift.errors import BundleError, PolicyError, PolicyWarning

FORK = """
import _thread, os, sys, time
from adsift.document import Document
from adsift.engines.documents import Stripping, strip_documents

text = "The council met on Tuesday and voted to repair the old bridge over the river."
documents = [Document(text)]
done = []

def work():
    [*strip_documents(documents, Stripping())]
    done.append(True)
    time.sleep(60)

_thread.start_new_thread(work, ())
while not done:
    time.sleep(0.01)
child = os.fork()
if not child:
    (found,) = strip_documents(documents, Stripping())
    sys.stdout.write(repr(found.text))
    sys.stdout.flush()
    os._exit(0)
_, status = os.waitpid(child, 0)
os._exit(os.waitstatus_to_exitcode(status))
"""

TEXT = "The council met on Tuesday and voted to repair the old bridge over the river."


def test_options_that_exclude_each_other_are_refused_at_once() -> None:
    with pytest.raises(PolicyError, match="not both"):
        Stripping(min_probability=0.5, max_content_loss=0.01)
    with pytest.raises(PolicyError, match="which is missing"):
        Stripping(confidence=0.9)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("drop", None),
        ("drop", 3),
        ("drop", [["commerce"]]),
        ("min_probability", "0.5"),
        ("min_probability", None),
        ("max_content_loss", "0.01"),
        ("confidence", "0.9"),
    ],
)
def test_options_of_a_wrong_type_are_named(option: str, value: Any) -> None:
    with pytest.raises(PolicyError, match=option):
        Stripping(**{option: value})


@pytest.mark.parametrize("error", [PolicyError, BundleError])
def test_what_is_no_fault_of_a_document_is_raised(
    error: type[adsift.AdsiftError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def strip_many(*_: Any) -> Any:
        raise error("no calibration")

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    with pytest.raises(error, match="no calibration"):
        [*strip_documents([Document(TEXT), Document(TEXT)], Stripping(max_content_loss=0.01))]


def test_bytes_that_are_no_text_fail_alone(shipped: adsift.Separator) -> None:
    documents = [Document(b"%PDF-1.7 \x00\x01\xff"), Document(TEXT.encode()), Document(b"")]
    bad, good, empty = strip_documents(documents, Stripping())
    assert bad == Failed("the source is a PDF file, not text: unpack or convert it first")
    assert not isinstance(good, Failed)
    assert good.text == shipped.strip(TEXT.encode()).text
    assert not isinstance(empty, Failed)
    assert [isinstance(found, Failed) for found in tag_documents(documents)] == [True, False, False]


def test_a_charset_that_is_no_name_fails_alone() -> None:
    nothing: Any = float("nan")
    documents = [Document(TEXT.encode(), charset=nothing), Document(TEXT.encode())]
    bad, good = tag_documents(documents)
    assert bad == Failed("the charset must be str or None, not float")
    assert not isinstance(good, Failed)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_of_a_process_whose_other_threads_have_worked(shipped: adsift.Separator) -> None:
    # From a thread that Python has not started, as those of engines are not.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == repr(shipped.strip(TEXT).text)


def test_a_bound_that_lets_nothing_go_says_so_once() -> None:
    stripping = Stripping(max_content_loss=1e-9)
    with pytest.warns(PolicyWarning) as said:
        [*strip_documents([Document(TEXT)] * 100, stripping)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [*strip_documents([Document(TEXT)], stripping)]
    with pytest.warns(PolicyWarning) as directly:
        adsift.load().strip(TEXT, max_content_loss=1e-9)
    assert [str(w.message) for w in said] == [str(w.message) for w in directly]


def test_no_more_than_a_slice_of_results_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def strip_many(_: Any, documents: Any, *__: Any) -> Any:
        asked.append(len(documents))
        return (adsift.StripResult(document.source, [], [], []) for document in documents)

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    small = [Document(str(number)) for number in range(SLICE_ROWS + 1)]
    large = [Document("x" * SLICE_SIZE), Document("y")]
    results = strip_documents([*large, *small], Stripping())
    next(results)
    assert asked == [1]
    next(results)
    assert asked == [1, SLICE_ROWS]
    assert len([*results]) == SLICE_ROWS + 1
    assert asked == [1, SLICE_ROWS, 2]


class TestModelOfTheProcess:
    def test_it_is_loaded_once(self, bundle_folder: Path) -> None:
        assert separator(str(bundle_folder)) is separator(str(bundle_folder))

    def test_a_bundle_that_was_trained_anew_is_loaded_anew(
        self, bundle_folder: Path, tmp_path: Path
    ) -> None:
        model = shutil.copytree(bundle_folder, tmp_path / "model")
        before = separator(str(model))
        config = model / "bundle.json"
        config.write_bytes(config.read_bytes() + b"\n")
        assert separator(str(model)) is not before

    def test_one_that_is_loaded_does_without_its_files(
        self, bundle_folder: Path, tmp_path: Path
    ) -> None:
        model = shutil.copytree(bundle_folder, tmp_path / "model")
        before = separator(str(model))
        shutil.rmtree(model)
        assert separator(str(model)) is before

    def test_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(BundleError):
            separator(str(tmp_path))


@pytest.mark.parametrize("seed", ["0", "1", "2", "3"])
def test_the_order_of_what_is_dropped_is_the_same_in_every_process(seed: str) -> None:
    code = (
        "from adsift.engines.documents import known_drop\n"
        "print(*known_drop({'commerce', 'boilerplate', 'news', 'analysis'}))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert done.stdout.split() == [*adsift.Label]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("data", [b"commerce", b""])
def test_bytes_are_no_names_of_labels(kind: Callable[[bytes], object], data: bytes) -> None:
    drop = kind(data)
    with pytest.raises(PolicyError) as caught:
        known_drop(drop)
    assert str(caught.value) == f"drop takes names of labels, not {drop!r}"


def test_what_is_named_twice_is_dropped_once() -> None:
    assert known_drop(["news", "adverts", "news", "adverts"]) == ("news", "adverts")
