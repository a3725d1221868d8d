"""Documents of which something has been judged before, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st

from adsift.document import Paragraph

PARAGRAPHS = st.builds(
    Paragraph,
    st.sampled_from(["The lamp", "Buy the bridge!", "a vote", "b", "buy a lamp for €5"]),
    st.none() | st.integers(0, 9),
    tag=st.sampled_from(["", "p", "li"]),
    link_share=st.sampled_from([0.0, 0.5]),
    links=st.sampled_from([(), ("/a",), ("https://one.example/a",), ("https://two.example/b",)]),
    rels=st.sampled_from([(), ("sponsored",)]),
    ancestors=st.sampled_from([(), ("div.more", "p"), ("nav", "p")]),
)


class Rounds(NamedTuple):
    """A document as it is judged round after round.

    Attributes:
        paragraphs: in each round.
        left: before each round but the first, what the strip takes its paragraphs for.
        urls: in each round; another one changes the page's own host.
    """

    paragraphs: list[list[Paragraph]]
    left: list[list[int | None]]
    urls: list[str | None]


@st.composite
def rounds(draw: st.DrawFn, least: int = 1, most: int = 12) -> Rounds:
    """Rounds of ``least`` to ``most`` paragraphs, most of which are as they were; but what the
    strip takes them for need not be true."""
    paragraphs = [draw(st.lists(PARAGRAPHS, min_size=least, max_size=most))]
    left: list[list[int | None]] = []
    for _ in range(draw(st.integers(1, 3))):
        before = paragraphs[-1]
        place = st.sampled_from(range(len(before)))
        places = draw(st.lists(st.none() | place, min_size=least, max_size=most))
        after = []
        for own in places:
            paragraph = draw(PARAGRAPHS)
            if own is not None and draw(st.integers(0, 4)):
                paragraph = replace(before[own], start=paragraph.start)
            after.append(paragraph)
        paragraphs.append(after)
        left.append(places)
    urls = st.sampled_from([None, None, "https://one.example/"])
    return Rounds(paragraphs, left, [draw(urls) for _ in paragraphs])
