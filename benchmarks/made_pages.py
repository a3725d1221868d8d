"""Pages and texts that are made up: of any size, depth, and number of blocks and links.

They hold what a scraped article holds (menu, headings, prose, offers, "Related:" lines, a footer),
in sentences put together from words of our own, so they may stand in the repository and be as large
as a measurement needs. The same arguments give the same page.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

SUBJECTS = (
    "the harbor office, a retired ferry pilot, the county archive, our night editor, "
    "the water board, a seed library, two welders from the yard, the school band, "
    "an uncle of the mayor, the museum of locks, a beekeeper near the quarry, the tram union"
).split(", ")
VERBS = (
    "reported, counted, repaired, refused, measured, praised, postponed, auctioned, explained, "
    "painted, lost, rebuilt, doubted, copied"
).split(", ")
OBJECTS = (
    "the east pier, nine crates of lamps, a map of the old canal, the second budget, "
    "every third bench, the weather log, a box of brass keys, the ice warning, a bridge toll, "
    "the spring timetable, some forty letters, the clock above the gate"
).split(", ")
TAILS = (
    "before the tide turned, without giving a reason, for the third year in a row, "
    "according to the minutes, while the market was closed, at a cost of {n} crowns, "
    "and nobody objected, as the rain set in, {n} days later than planned, in front of {n} guests"
).split(", ")
GOODS = (
    "folding lantern, wool blanket, pocket stove, steel flask, field notebook, rope ladder, "
    "garden shears, travel kettle"
).split(", ")


class Writer:
    """Writes sentences without end; numbered names keep long texts from repeating."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def sentence(self) -> str:
        """A sentence of prose."""
        pick = self._random.choice
        tail = pick(TAILS).format(n=self._random.randrange(2, 9000))
        subject = pick(SUBJECTS)
        return f"{subject[0].upper()}{subject[1:]} {pick(VERBS)} {pick(OBJECTS)} {tail}."

    def prose(self) -> str:
        """A paragraph of one to five sentences."""
        return " ".join(self.sentence() for _ in range(self._random.randrange(1, 6)))

    def offer(self) -> str:
        """A pitch."""
        good = self._random.choice(GOODS)
        price = self._random.randrange(5, 400)
        return f"{good.title()} – now {price}.99, order today and save: free delivery this week"

    def name(self) -> str:
        """A menu entry."""
        return f"{self._random.choice(OBJECTS).title()} {self._random.randrange(1000)}"


def page_of_size(size: int, seed: int = 0) -> str:
    """An HTML page of about so many bytes, with everything that pages have."""
    return _page(_sections(Writer(seed)), size)


def text_of_size(size: int, seed: int = 0) -> str:
    """A plain text of about so many bytes: paragraphs with blank lines between."""
    writer = Writer(seed)
    return "".join(_upto((f"{_line(writer, number)}\n\n" for number in count()), size))


def nested_page(depth: int, seed: int = 0) -> str:
    """A page whose prose stands in so many elements, one inside the other."""
    writer = Writer(seed)
    opened = "".join(f'<div class="level-{number % 7}">' for number in range(depth))
    body = "".join(f"<p>{writer.prose()}</p>" for _ in range(20))
    return f"<html><body>{opened}{body}{'</div>' * depth}</body></html>"


def page_of_blocks(blocks: int, seed: int = 0) -> str:
    """A page of so many short paragraphs."""
    writer = Writer(seed)
    lines = (f"<p>{_line(writer, number)}</p>\n" for number in range(blocks))
    return f"<html><body><article>{''.join(lines)}</article></body></html>"


def page_of_links(links: int, seed: int = 0) -> str:
    """A page of one paragraph with so many links."""
    writer = Writer(seed)
    anchors = (
        f'<a href="https://site{number % 50}.example/{number}?tag=x" rel="nofollow">'
        f"{writer.name()}</a>, "
        for number in range(links)
    )
    return f"<html><body><p>{writer.prose()} {''.join(anchors)}</p></body></html>"


MAKERS: dict[str, Callable[[int], str]] = {
    "page size": page_of_size,
    "text size": text_of_size,
    "nesting depth": nested_page,
    "number of blocks": page_of_blocks,
    "links in a paragraph": page_of_links,
}
"""What a page can be large in, and how one is made."""


def _line(writer: Writer, number: int) -> str:
    if number % 11 == 7:
        return writer.offer()
    if number % 11 == 9:
        return f"Related: {writer.name()}"
    return writer.prose()


def _sections(writer: Writer) -> Iterator[str]:
    yield "<header><nav><ul>"
    for number in range(24):
        yield f'<li><a href="/section/{number}">{writer.name()}</a></li>\n'
    yield "</ul></nav></header>\n"
    for number in count():
        yield f'<section class="story part-{number % 5}" id="part-{number}">'
        yield f"<h2>{writer.name()}</h2>"
        for _ in range(6):
            yield f'<p class="body">{writer.prose()}</p>\n'
        yield (
            f'<aside class="shop-card"><div><a href="https://shop.example/item/{number}?aff=1" '
            f'rel="sponsored"><img src="/i/{number}.jpg" alt=""> {writer.offer()}</a></div>'
            "</aside>\n"
        )
        yield f'<p>Related: <a href="/news/{number}">{writer.name()}</a></p>\n'
        # Most of a page on the web is not text.
        yield f'<script type="application/json">{{"slot": {number}, "x": "{"ab" * 900}"}}</script>'
        yield "</section>\n"


def _page(parts: Iterator[str], size: int) -> str:
    head = "<!doctype html><html><head><title>Made up</title></head><body>"
    return f"{head}{''.join(_upto(parts, size))}</body></html>"


def _upto(parts: Iterator[str], size: int) -> Iterator[str]:
    made = 0
    for part in parts:
        yield part
        made += len(part)
        if made >= size:
            return
