from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hashing import BIAS, WEIGHTS

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import alone

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")


class Dying(str):
    """Lets Python run when it is forgotten."""

    __slots__ = ("last_words",)
    last_words: Callable[[], object]

    def __del__(self) -> None:
        self.last_words()


def test_what_dies_with_a_row_may_read_another() -> None:
    rows = [("html", "body.foo", "div.beta alpha", "p.gamma commerce")[:n] for n in (4, 3) * 3]
    page = [Paragraph("x", tag="p", ancestors=row) for row in rows]
    other = [Paragraph("y", tag="p", ancestors=("html", "nav", "div.beta gamma commerce alpha"))]
    first, second = (alone.Alone(WEIGHTS, BIAS) for _ in range(2))
    expected = second.score([page], [None])[0]
    dying = Dying("div.zeta")
    dying.last_words = lambda: second.score([other], [None])
    first.score([[Paragraph("x", tag="p", ancestors=("html", "body.foo", dying))]], [None])
    del dying
    assert np.array_equal(first.score([page], [None])[0], expected)
    assert np.array_equal(first.score([page], [None])[0], expected)
