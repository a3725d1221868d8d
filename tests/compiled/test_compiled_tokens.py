from __future__ import annotations

import pytest
from hashing import check

from adsift.compiled import compiled
from adsift.document import Paragraph

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")


@pytest.mark.parametrize("size", [3_999, 4_000, 4_001, 1_000_000])
@pytest.mark.parametrize("piece", ["ab ", "é1", "İ ", "5 % off", "a'", "🧀x "])
def test_long_paragraphs(piece: str, size: int) -> None:
    text = (piece * (size // len(piece) + 1))[:size]
    check([[Paragraph(text), Paragraph(text, tag="p", links=(text,), ancestors=(text,))]], [text])


def test_every_letter_and_mark() -> None:
    texts = [text.format(chr(sign)) for sign in range(0x3000) for text in ("{}", "a{}b", "5{}")]
    texts += [text.format(chr(sign)) for sign in range(0x250) for text in ("a'{}", "{}-")]
    check([[Paragraph(text) for text in texts]], [None])
