from __future__ import annotations

import json
from pathlib import Path

import pytest

from adsift.errors import LabelledDataError
from adsift.labelled import (
    LabelledData,
    contradictions,
    read_labelled,
    require_two_labels,
    shared_texts,
    without_shared,
)

LONG = "The ferry will run again on Monday, the harbour office says in a note."


def rows(folder: Path, name: str, *found: tuple[str, str, str]) -> LabelledData:
    path = folder / name
    lines = [json.dumps({"document": d, "text": t, "label": label}) for d, t, label in found]
    path.write_text("\n".join(lines))
    return read_labelled([path])


def test_one_label_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(LabelledDataError, match=r"all 2 labelled .* label news: .* two labels"):
        require_two_labels(rows(tmp_path, "a", ("1", "x", "news"), ("2", "y", "news")))
    require_two_labels(rows(tmp_path, "a", ("1", "x", "news"), ("2", "y", "commerce")))


def test_contradictions_name_the_places(tmp_path: Path) -> None:
    data = rows(
        tmp_path,
        "a",
        ("1", "Share  this", "boilerplate"),
        ("1", "Same", "news"),
        ("2", "share this", "commerce"),
        ("2", "Same", "news"),
    )
    (found,) = contradictions(data)
    path = tmp_path / "a"
    assert found.places == {"boilerplate": f"{path}:1", "commerce": f"{path}:3"}


def test_long_paragraphs_and_whole_documents_are_found_again(tmp_path: Path) -> None:
    training = rows(
        tmp_path,
        "a",
        ("1", LONG, "news"),
        ("1", "Share this", "boilerplate"),
        ("2", "Buy now", "commerce"),
    )
    held_out = rows(
        tmp_path,
        "b",
        ("1", "Share this", "boilerplate"),  # stock phrase on a page
        ("1", LONG.upper(), "news"),
        ("2", "Buy now", "commerce"),
    )
    found = [(shared.training, shared.validation) for shared in shared_texts(training, held_out)]
    a, b = tmp_path / "a", tmp_path / "b"
    assert found == [(f"{a}:1", f"{b}:2"), (f"{a}:3", f"{b}:3")]


def test_what_is_shared_is_no_longer_measured(tmp_path: Path) -> None:
    page = (("1", "Share this", "boilerplate"), ("1", "The talks failed", "news"))
    training = rows(tmp_path, "a", *page, ("2", LONG, "news"), ("3", "Buy now", "commerce"))
    held_out = rows(
        tmp_path,
        "b",
        *page,
        ("2", LONG.upper(), "news"),
        ("2", "Share this", "boilerplate"),  # stock phrase on another page
        ("2", "Buy now", "commerce"),
        ("3", "Buy now", "commerce"),
    )
    left = without_shared(training, held_out)
    assert [d.labels for d in left.documents] == [[None, "boilerplate", "commerce"]]
    assert left.places == [[f"{tmp_path / 'b'}:{line}" for line in (3, 4, 5)]]
    assert without_shared(held_out, held_out).documents == []


def test_different_texts_share_nothing(tmp_path: Path) -> None:
    assert (
        shared_texts(
            rows(tmp_path, "a", ("1", "One", "news")), rows(tmp_path, "b", ("1", "Two", "news"))
        )
        == []
    )


def test_documents_without_paragraphs_have_no_texts(tmp_path: Path) -> None:
    def with_empty(name: str, *found: str) -> LabelledData:
        spans = [{"start": 0, "end": len(LONG), "label": "news"}]
        path = tmp_path / name
        records = ({"text": text, "spans": spans if text == LONG else []} for text in found)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return read_labelled([path])

    training, held_out = with_empty("a", " ", LONG), with_empty("b", "", LONG)
    assert [len(document.paragraphs) for document in training.documents] == [0, 1]
    (found,) = shared_texts(training, held_out)
    assert found == (f"{tmp_path / 'a'}:2", f"{tmp_path / 'b'}:2", LONG)
    assert without_shared(training, held_out).documents == []
