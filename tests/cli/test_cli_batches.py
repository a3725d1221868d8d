from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from word_model import word_separator

from adsift.batches import BATCH, BATCH_SIZE
from adsift.cli.batches import Done, in_batches
from adsift.cli.inputs import Input
from adsift.cli.jobs import Form, Job, Strip, Tag
from adsift.cli.reading import End, Event, Failure, Item
from adsift.document import Document
from adsift.separator import Separator

SOURCE = Input(Path("a.jsonl"), jsonl=True)


def item(text: str) -> Item:
    return Item(SOURCE, f"a.jsonl:{text[:4]}", Document(text, "text"))


def test_order_stays_and_batches_are_full() -> None:
    sizes = []

    def judge(documents: Sequence[Document]) -> list[str]:
        sizes.append(len(documents))
        return [str(document.source).upper() for document in documents]

    events = [item(f"t{n}") for n in range(BATCH * 2 + 3)]
    results = list(in_batches(events, judge))
    assert [r.result for r in results if isinstance(r, Done)] == [
        f"T{n}" for n in range(BATCH * 2 + 3)
    ]
    assert sizes == [BATCH, BATCH, 3]


def test_failures_and_ends_keep_their_places() -> None:
    events: list[Event] = [item("a"), Failure("x", "bad"), item("b"), End(SOURCE, opened=True)]
    results = list(in_batches(events, lambda documents: [0] * len(documents)))
    assert results == [Done(events[0], 0), events[1], Done(events[2], 0), events[3]]  # type: ignore[arg-type]


def test_one_bad_document_costs_only_itself() -> None:
    def judge(documents: Sequence[Document]) -> list[str]:
        if any(document.source == "bad" for document in documents):
            raise RecursionError("too deep")
        return [str(document.source) for document in documents]

    results = list(in_batches([item("a"), item("bad"), item("b")], judge))
    assert [type(result) for result in results] == [Done, Failure, Done]
    assert results[1] == Failure("a.jsonl:bad", "RecursionError: too deep")


@pytest.mark.parametrize("job", [Strip((), 0.0, Form.OWN, "text"), Tag(Form.TEXT)])
def test_what_stands_before_a_bad_document_is_judged_once(
    job: Job[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    name = "strip_many" if isinstance(job, Strip) else "tag_many"
    judged = getattr(Separator, name)

    def noted(sift: Separator, documents: Sequence[Document], *rest: Any) -> Any:
        asked.append(len(documents))
        return judged(sift, documents, *rest)

    monkeypatch.setattr(Separator, name, noted)
    bad = Item(SOURCE, "a.jsonl:bad", Document("bad", "text", url=3))  # type: ignore[arg-type]
    events = [item("a"), item("b"), bad, item("c")]
    results = list(in_batches(events, partial(job.judge, word_separator())))
    assert [type(result) for result in results] == [Done, Done, Failure, Done]
    assert asked == [4, 1, 1]


def test_long_documents_make_small_batches() -> None:
    sizes = []

    def judge(documents: Sequence[Document]) -> list[int]:
        sizes.append(len(documents))
        return [0] * len(documents)

    long = item("x" * (BATCH_SIZE // 2))
    assert len(list(in_batches([long] * 5, judge))) == 5
    assert sizes == [2, 2, 1]


def test_what_was_read_before_reading_failed_is_judged() -> None:
    def events() -> Iterator[Event]:
        yield item("a")
        yield item("b")
        raise OSError("the disk is gone")

    results = in_batches(events(), lambda documents: [0] * len(documents))
    assert [type(next(results)) for _ in "ab"] == [Done, Done]
    with pytest.raises(OSError, match="the disk is gone"):
        next(results)


def test_reading_is_lazy() -> None:
    read = []

    def events() -> Iterator[Event]:
        for n in range(10 * BATCH):
            read.append(n)
            yield item(str(n))

    next(in_batches(events(), lambda documents: [0] * len(documents)))
    assert len(read) == BATCH
