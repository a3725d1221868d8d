"""The compiled loop feeds and gives up as the pure one does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.errors import DocumentError
from adsift.segment import parsing
from adsift.segment.parsing import parse_html

pytestmark = pytest.mark.skipif(
    compiled("feeding") is None, reason="adsift.compiled.feeding was not built, or is turned off"
)

TAGS = "<p> </p> <b> <b/a> <i/b/c> </b> <td> <table> </table> <div> </div>".split()
PAGES = st.lists(
    st.tuples(st.sampled_from([*TAGS, "text", "<!-- c -->", "<a href=x>"]), st.integers(1, 9)),
    max_size=30,
).map(lambda parts: "".join(tag * count for tag, count in parts))


def parsed(page: str) -> str | None:
    try:
        return parse_html(page).html
    except DocumentError as error:
        return f"given up: {error}"


@given(PAGES, st.integers(1, 50), st.integers(1, 9), st.integers(0, 500), st.integers(0, 300))
def test_both_come_as_far(page: str, piece: int, free: int, time: int, room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "PIECE", piece)
        patch.setattr(parsing, "LEAST_PIECE", free)
        patch.setattr(parsing, "AT_ONCE", 100_000 * free)
        patch.setattr(parsing, "OPEN_FREE", free)
        patch.setattr(parsing, "FORMATTING_FREE", free)
        patch.setattr(parsing, "TIME", time)
        patch.setattr(parsing, "ROOM", room * 1_000)
        found = parsed(page)
        patch.setattr(parsing, "_compiled", None)
        assert found == parsed(page)


@pytest.mark.parametrize("tag", ["<b>", "<p><font id={}>x</p>"])
def test_on_large_pages(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "".join(tag.format(number) for number in range(100_000))
    found = parsed(page)
    assert found is not None
    assert found.startswith("given up: ")
    monkeypatch.setattr(parsing, "_compiled", None)
    assert found == parsed(page)
