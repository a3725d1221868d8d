"""HTML source text made into lexbor's tree, as long as that costs what a page of its size may.

Two of the cases in which the HTML standard is not linear are ruled here (those that are left:
``docs/decisions/costly-pages.md``). A parser looks through all open elements at many a tag, so that
deep nesting costs the square of its depth: 200,000 levels in a megabyte take lexbor two minutes.
And it makes every ``b``, ``font`` or the like that was not closed anew in each
paragraph that follows: 175 kB of ``<p><font id=1>x</p><p><font id=2>x</p>`` become a tree of 11 GB.
lexbor has no limit for either. It can be fed in pieces, though, and watched in between; a piece
ends after a tag, so that the attributes of a single one are not.
"""

from __future__ import annotations

import codecs
import ctypes
import os
from functools import cache
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from adsift.compiled import compiled
from adsift.errors import DocumentError
from adsift.segment.lexbor_library import Library, Pool, Watched, entries, length, parse_at_once
from adsift.segment.xhtml import with_end_tags

PIECE, LEAST_PIECE = 4096, 64
"""Bytes fed at a time, and when there is much to be made anew."""

AT_ONCE = 500_000_000
"""Bytes that a tree may grow by in one piece. Four bytes, ``<p>x``, can make all formatting
elements anew, which are no larger than what the tree has grown by since there was none."""

OPEN_FREE, FORMATTING_FREE = 512, 64
"""So many open elements, and so many formatting elements that a new one is compared with, cost a
page nothing. Pages have some 30 levels; browsers stop at 512."""

FORMATTING_WEIGHT = 80
"""A new formatting element is compared attribute by attribute, which takes many times what it takes
to look at an open element."""

TIME = 2_000_000_000
"""Elements that the tags of one page may meet, those counted that are beyond the free ones: at most
some eight seconds of a quiet machine, and next to nothing where no tag has to look at them."""

ROOM, ROOM_PER_BYTE = 300_000_000, 200
"""Bytes that a page's tree may have, and for each byte of the page. The densest that has nothing
made anew, ``<p>x<p>x``, takes 80 a byte."""

_compiled = compiled("feeding")


def parse_html(source: str | bytes) -> LexborHTMLParser:
    """Parse a page as a browser that runs scripts does: what is in ``noscript`` is not shown.

    Args:
        source: the page; bytes must be UTF-8.

    Raises:
        DocumentError: so many elements are left open that to parse the page would take time or
            memory out of all proportion to its size. Not raised where lexbor cannot be watched:
            on Windows, or by a release of selectolax that this was not written for.
    """
    # A byte order mark would hide the doctype from the parser. Bytes, because it takes no lone
    # surrogates.
    if isinstance(source, str):
        data = source.removeprefix("\ufeff").encode("utf-8", "replace")
    else:
        data = source.removeprefix(codecs.BOM_UTF8)
    data = with_end_tags(data)
    if len(data) <= PIECE:
        return parse_at_once(data)
    try:
        library = _library()
    except (OSError, MemoryError):
        library = None  # nothing can be opened at present; the next page tries again
    return parse_at_once(data) if library is None else _parse_in_pieces(library, data)


class Fed(NamedTuple):
    """How far a page came.

    Attributes:
        size: bytes that were fed; the page's, if all is well.
        status: lexbor's; 0 if all is well.
        open_elements: then.
        memory: bytes of the tree then.
    """

    size: int
    status: int
    open_elements: int
    memory: int


@cache
def _library() -> Library | None:
    try:
        return None if os.name == "nt" else Library()
    except (AttributeError, LookupError, DocumentError):
        return None


def _parse_in_pieces(library: Library, data: bytes) -> LexborHTMLParser:
    tree, watched = library.start()
    if _compiled is not None:
        fed = Fed(*_compiled.feed(library.feed_address, *watched, data, *_limits()))
    else:
        fed = _feed(library, watched, data)
    if fed.size == len(data) and not fed.status:
        library.end(watched)
        return tree
    del tree  # which the error would keep
    library.check(fed.status)
    raise _too_much(fed)


def _limits() -> tuple[int, ...]:
    pieces = PIECE, LEAST_PIECE, AT_ONCE
    return *pieces, OPEN_FREE, FORMATTING_FREE, FORMATTING_WEIGHT, TIME, ROOM, ROOM_PER_BYTE


def _feed(library: Library, watched: Watched, data: bytes) -> Fed:
    pools = [Pool(address) for address in watched.pools]
    start = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
    piece = PIECE
    end = spent = memory = before = 0
    while end < len(data):
        done = end
        # Between tags: there is no mark-up declaration in two parts then, of which lexbor
        # would repeat some letters.
        end = data.find(b">", done + piece - 1) + 1 or len(data)
        status = library.feed(watched.document, start + done, end - done)
        memory += sum(pool.growth() for pool in pools)
        opened = length(watched.open_elements)
        formatting = entries(watched.formatting)
        anew = len(formatting) - formatting.count(watched.mark)
        if not anew:
            before = memory
        piece = min(PIECE, max(LEAST_PIECE, 4 * AT_ONCE // (memory - before + 1)))
        compared = [*reversed(formatting), watched.mark].index(watched.mark)
        crowd = max(0, opened - OPEN_FREE)
        crowd += FORMATTING_WEIGHT * max(0, compared - FORMATTING_FREE)
        if crowd:
            spent += crowd * data.count(b"<", done, end)
        costly = spent > TIME or memory > ROOM + ROOM_PER_BYTE * end
        if status or (costly and end < len(data)):
            return Fed(end, status, opened, memory)
    return Fed(end, 0, length(watched.open_elements), memory)


def _too_much(fed: Fed) -> DocumentError:
    if fed.memory > ROOM + ROOM_PER_BYTE * fed.size:
        what = (
            f"what was read has become {fed.memory / 1e6:,.0f} MB, as elements such as <b> and "
            "<font> are not closed and begin anew in each paragraph"
        )
    else:
        what = f"{fed.open_elements:,} elements are open, one inside the other"
    return DocumentError(
        f"{what}, at byte {fed.size:,} of the page: to parse the rest would take too long, or too "
        "much memory. Is a tag missing that closes them?"
    )
