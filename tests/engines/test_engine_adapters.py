"""Every adapter gives what the separator gives."""

from __future__ import annotations

from typing import Any

import pytest
from engine_adapters import ADAPTERS, DROP, URL, Adapter, require

import adsift
from adsift.corpus.record import Tag
from adsift.document import Document

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
PAGE = (
    "<!DOCTYPE html><html><head><title>Bridge</title></head><body><article>"
    f"<h1>Bridge</h1><p>{NEWS}</p><p>{PITCH}</p></article></body></html>"
)
TEXTS = [
    f"{NEWS}\n\n{PITCH}\n",
    PAGE,
    None,
    "",
    f"# Bridge\n\n{NEWS}\n\n* {PITCH}\n",
    NEWS,
    f"<html><body><p>{NEWS}<table><td><p>{PITCH}</b></p><div \x01=<",
    "   \n",
]
BYTES = [PAGE.encode(), b"%PDF-1.7 \x00\x01", None, b"", PAGE.replace("Bridge", "Pont").encode()]

adapters = pytest.mark.parametrize("engine", ADAPTERS, ids=[a.name for a in ADAPTERS])


@adapters
def test_strip(engine: Adapter, shipped: adsift.Separator) -> None:
    require(*engine.needs)
    expected = [None if t is None else shipped.strip(t, DROP, url=URL).text for t in TEXTS]
    assert engine.strip(TEXTS) == expected
    assert expected != TEXTS


@adapters
def test_tag(engine: Adapter, shipped: adsift.Separator) -> None:
    require(*engine.needs)
    if engine.tag is None:
        pytest.skip(f"{engine.name} does not tag")

    def tags(text: str) -> list[dict[str, Any]]:
        found = shipped.tag(Document(text, url=URL))
        names = ("index", "start", "end", "label", "kind", "probability", "digest")
        made = [Tag.of(index, paragraph) for index, paragraph in enumerate(found)]
        return [{name: getattr(tag, name) for name in names} for tag in made]

    assert engine.tag(TEXTS) == [None if text is None else tags(text) for text in TEXTS]


@adapters
def test_a_bad_document(engine: Adapter, shipped: adsift.Separator) -> None:
    require(*engine.needs)
    if engine.errors is None:
        pytest.skip(f"{engine.name} has no column of errors")
    assert engine.errors(BYTES) == [
        None,
        "the source is a PDF file, not text: unpack or convert it first",
        None,
        None,
        None,
    ]
    stripped = engine.strip(BYTES)
    assert stripped[1:4] == BYTES[1:4]
    assert stripped[0].decode() == shipped.strip(PAGE, DROP, url=URL).text
