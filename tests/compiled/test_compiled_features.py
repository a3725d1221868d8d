from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hashing import BIAS, WEIGHTS, addresses, check, documents
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Document, Paragraph
from adsift.segment import segment

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")


@settings(max_examples=300)
@given(documents, st.none() | addresses)
@example([[Paragraph("a", ancestors=("div",) * 70, tag="p")]], None)
@example([[]], None)
@example([], None)
def test_as_in_python(pages: list[list[Paragraph]], url: str | None) -> None:
    check(pages, [url] * len(pages))


def test_strings_of_other_classes_are_read_as_strings() -> None:
    class Own(str):
        __slots__ = ()

    page = [
        Paragraph(
            Own(text),
            tag=Own("p"),
            links=(Own("https://shop.example/a"), Own("/é")),
            rels=(Own("nofollow"),),
            ancestors=(Own("div.more"), Own("p")),
        )
        for text in ("Five lamps", "Fünf Lampen")
    ]
    check([page], [Own("https://post.example/a")])


def test_an_empty_paragraph_is_refused_as_in_python() -> None:
    with pytest.raises(IndexError):
        compiled("alone").Scorer(WEIGHTS, BIAS).score([[Paragraph("")]], [""])


def test_real_pages(shared: Path) -> None:
    for path in sorted((shared / "data" / "pages").glob("*.gz"))[::30]:
        page = segment(Document(gzip.decompress(path.read_bytes()), name=path.stem))
        check([page.paragraphs], [None])
