from __future__ import annotations

import itertools

import pytest
from hashing import check

from adsift.compiled import compiled
from adsift.document import Paragraph

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")


def test_overlong_selectors_do_not_change_what_is_read_later() -> None:
    usual = [Paragraph("x", tag="p", ancestors=(f"div.name{n}", "p.more")) for n in range(3)]
    overlong = Paragraph("x", tag="p", ancestors=("div.more", "a" * 5_000 + ".more-b"))
    check([[*usual, overlong, *usual, overlong]], [None])


def test_more_class_words_than_are_kept() -> None:
    names = ["".join(letters) for letters in itertools.product("abcdefghij", repeat=4)]
    rows = [("div.first", f"ul.{name}", f"li.of-{name}#é") for name in names]
    again = rows[:10]
    check([[Paragraph("x", tag="p", ancestors=row) for row in (*rows, *again)]], [None])
