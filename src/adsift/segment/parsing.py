"""HTML source text made into lexbor's tree, as long as that costs what a page of its size may.

The HTML standard has two cases that are not linear. A parser looks through all open elements at
many a tag, so that deep nesting costs the square of its depth: 200,000 levels in a megabyte take
lexbor two minutes. And it opens every ``b``, ``font`` or the like that was not closed anew in each
paragraph that follows: 175 kB of ``<p><font id=1>x</p><p><font id=2>x</p>`` become a tree of 11 GB.
lexbor has no limit for either. It can be fed in pieces, though, and in between both can be seen
coming.
"""

from __future__ import annotations

import codecs
import ctypes
import os
from functools import cache

import selectolax.lexbor
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from adsift.errors import DocumentError

PIECE = 32_768
"""Bytes fed at a time. A page of that size can become a tree of some hundred megabytes at most."""

OPEN_FREE, REOPENED_FREE = 256, 16
"""So many open elements, and so many to be opened anew, cost a page nothing. Pages have some 30
levels; browsers stop at 512."""

REOPENED_WEIGHT = 64
"""An element made anew costs so many times what it costs to look at an open one: 0.3 against
0.005 microseconds, and the memory of a node with its attributes."""

BUDGET = 100_000_000
"""Open elements that the tags of one page may meet, those counted that are beyond the free ones.
It is half a second of the parser's time, or 1.5 million elements made anew."""


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
    feeder = _feeder() if len(data) > PIECE else None
    return feeder.parse(data) if feeder else _parse(data)


def _parse(data: bytes) -> LexborHTMLParser:
    # Without events, because the tree is to be written out as it came.
    return LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=True)


@cache
def _feeder() -> _Feeder | None:
    try:
        return None if os.name == "nt" else _Feeder()
    except (AttributeError, OSError, LookupError):
        return None


class _Feeder:
    """lexbor's own functions, which selectolax's library exports, and where its parser's lists lie.

    Raises:
        AttributeError, OSError, LookupError: selectolax does not export them, or the lists are not
            where they are known to be.
    """

    def __init__(self) -> None:
        library = ctypes.CDLL(selectolax.lexbor.__file__)
        status, address, size = ctypes.c_uint, ctypes.c_void_p, ctypes.c_size_t
        self._begin = library.lxb_html_document_parse_chunk_begin
        self._begin.restype, self._begin.argtypes = status, (address,)
        self._feed = library.lxb_html_document_parse_chunk
        self._feed.restype, self._feed.argtypes = status, (address, address, size)
        self._end = library.lxb_html_document_parse_chunk_end
        self._end.restype, self._end.argtypes = status, (address,)
        self._parser = self._find_parser()

    def parse(self, data: bytes) -> LexborHTMLParser:
        tree, document = self._start()
        open_elements, formatting = self._lengths(document)
        start = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        done, spent = 0, 0
        while done < len(data):
            # Between tags: there is no mark-up declaration in two parts then, of which lexbor
            # would repeat some letters.
            end = data.find(b">", done + PIECE - 1) + 1 or len(data)
            self._check(self._feed(document, start + done, end - done))
            crowd = max(0, open_elements.value - OPEN_FREE)
            crowd += max(0, formatting.value - REOPENED_FREE) * REOPENED_WEIGHT
            if crowd:
                spent += crowd * data.count(b"<", done, end)
                if spent > BUDGET:
                    raise _too_much(end, open_elements.value, formatting.value)
            done = end
        self._check(self._end(document))
        return tree

    def _start(self) -> tuple[LexborHTMLParser, int]:
        # A page without a doctype is in quirks mode, which would outlast it.
        tree = _parse(b"<!doctype html>")
        document = _address(tree.root and tree.root.parent)
        self._check(self._begin(document))
        return tree, document

    @staticmethod
    def _check(status: int) -> None:
        if status:
            raise DocumentError(f"lexbor cannot parse the page (status {status})")

    def _lengths(self, document: int) -> tuple[ctypes.c_size_t, ctypes.c_size_t]:
        """The numbers of open elements and of active formatting elements, as they are at any time:
        https://html.spec.whatwg.org/multipage/parsing.html#the-list-of-active-formatting-elements
        """
        word = ctypes.c_size_t
        parser = word.from_address(document + self._parser).value
        tree = word.from_address(parser + _WORD).value
        arrays = (word.from_address(tree + at * _WORD).value for at in (_OPEN, _FORMATTING))
        first, second = (word.from_address(array + 2 * _WORD) for array in arrays)
        return first, second

    def _find_parser(self) -> int:
        """Where in a document the address of its parser is.

        It is found, and not known, since there is much before it that releases may change. All
        that is known of what it leads to is compared with what selectolax says of a page.
        """
        tree, document = self._start()
        page = b"<p><b><i>x"
        self._check(self._feed(document, page, len(page)))
        below = tree.root
        nodes: list[int] = []
        while below is not None and below.tag != "-text":
            nodes.append(_address(below))
            below = below.last_child
        wanted = nodes, nodes[-2:]
        with _Memory() as memory:
            for at, parser in enumerate(memory.words(document, _DOCUMENT_WORDS)):
                try:
                    tokenizer, builder = memory.words(parser, 2)
                    words = memory.words(builder, _FORMATTING + 1)
                    lists = [memory.array(words[_OPEN]), memory.array(words[_FORMATTING])]
                except OSError:
                    continue
                if words[:2] == (tokenizer, document) and tuple(lists) == wanted:
                    self._check(self._end(document))
                    return at * _WORD
        raise LookupError("lexbor's parser is not as it is known")


def _too_much(position: int, open_elements: int, formatting: int) -> DocumentError:
    if open_elements > formatting * REOPENED_WEIGHT:
        what = f"{open_elements:,} elements are open, one inside the other"
    else:
        what = (
            f"{formatting:,} elements such as <b> and <font> have not been closed, all of which "
            "would begin anew in each paragraph"
        )
    return DocumentError(
        f"{what}, at byte {position:,} of the page: it would take too long, or too much memory, "
        "to parse the rest. Is a tag missing that closes them?"
    )


_WORD = ctypes.sizeof(ctypes.c_size_t)
_DOCUMENT_WORDS = 48
# Of a tree builder's words: the array of open elements, the array of active formatting elements.
_OPEN, _FORMATTING = 4, 5


def _address(node: selectolax.lexbor.LexborNode | None) -> int:
    if node is None:
        raise LookupError("a node is missing")
    return node.mem_id


class _Memory:
    """Memory read through a pipe: the kernel refuses an address that is none."""

    def __enter__(self) -> _Memory:
        self._out, self._into = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._into)

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Raises: OSError: no such memory."""
        if not address:
            raise OSError("no address")
        size = count * _WORD
        os.write(self._into, (ctypes.c_char * size).from_address(address))
        found = os.read(self._out, size)
        return tuple((ctypes.c_size_t * count).from_buffer_copy(found))

    def array(self, address: int) -> list[int]:
        """What a ``lexbor_array_t`` (list, size, length) holds; at most some entries of it."""
        entries, _, length = self.words(address, 3)
        return [*self.words(entries, min(length, 16))] if length else []
