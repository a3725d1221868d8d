from __future__ import annotations

import pytest
from hashing import check

from adsift.compiled import compiled
from adsift.document import Paragraph

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")


def test_every_letter_beside_a_price() -> None:
    prices = ("{}5", "5 {}SD", "5 U{}D", "5 %{}off")
    texts = [price.format(chr(sign)) for sign in range(0x250) for price in prices]
    check([[Paragraph(text) for text in texts]], [None])
