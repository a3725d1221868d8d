"""Chunks of whose records none is held: all were too large."""

from __future__ import annotations

import pytest

from adsift.corpus.containers import container
from adsift.corpus.record import Chunk, Fields, Outcome, Rejected

HEADS = {"jsonl": b"", "csv": b",id,text\n", "tsv": b"\tid\ttext\n", "files": b""}
OVERSIZE = (Rejected(3, "is too large", b"", 10**9),)
OUTCOMES = [Outcome(), Outcome(untag=True), Outcome(plain=True, rejected=frozenset({3}))]


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("name", ["jsonl", "csv", "tsv", "files", "warc", "wet"])
def test_an_empty_chunk_has_no_pieces(name: str, outcome: Outcome) -> None:
    chunk = Chunk(3, 1, b"", HEADS.get(name, b"1000"), OVERSIZE)
    form = container(name)
    assert form.parse(chunk, Fields()) == []
    assert form.render(chunk, Fields(), outcome) == []
    assert form.basis([], Fields()) == (0, b"")
