"""HTML source text made into lexbor's tree, as long as that costs what a page of its size may.

The HTML standard has two cases that are not linear. A parser looks through all open elements at
many a tag, so that deep nesting costs the square of its depth: 200,000 levels in a megabyte take
lexbor two minutes. And it makes every ``b``, ``font`` or the like that was not closed anew in each
paragraph that follows: 175 kB of ``<p><font id=1>x</p><p><font id=2>x</p>`` become a tree of 11 GB.
lexbor has no limit for either. It can be fed in pieces, though, and watched in between.
"""

from __future__ import annotations

import codecs
import ctypes
import os
from functools import cache
from typing import NamedTuple

import selectolax.lexbor
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from adsift.compiled import compiled
from adsift.errors import DocumentError

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
some eight seconds of the parser's time, and next to nothing where no tag has to look at them."""

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
    if len(data) > PIECE:
        try:
            feeder = _feeder()
        except (OSError, MemoryError):
            feeder = None  # nothing can be opened at present; the next page tries again
        if feeder is not None:
            return feeder.parse(data)
    return _parse(data)


class Watched(NamedTuple):
    """Where in memory it is seen how a document grows, all of it addresses.

    Attributes:
        document: a ``lxb_html_document_t`` that takes pieces.
        open_elements, formatting: the elements that are open, and the formatting elements that are
            to be made anew where they are not, with marks between them, each a ``lexbor_array_t``:
            https://html.spec.whatwg.org/multipage/parsing.html#the-list-of-active-formatting-elements
        mark: what stands for each mark.
        pools: of memory for nodes and for texts, each a ``lexbor_mem_t``.
    """

    document: int
    open_elements: int
    formatting: int
    mark: int
    pools: tuple[int, int]


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


def _parse(data: bytes) -> LexborHTMLParser:
    # Without events, because the tree is to be written out as it came.
    return LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=True)


@cache
def _feeder() -> _Feeder | None:
    try:
        return None if os.name == "nt" else _Feeder()
    except (AttributeError, LookupError, DocumentError):
        return None


class _Feeder:
    """lexbor's own functions, which selectolax's library exports, and where a document has what is
    watched.

    Raises:
        AttributeError, LookupError, DocumentError: selectolax does not export them, or a document
            is not as it is known.
        OSError: no pipe can be opened.
    """

    def __init__(self) -> None:
        try:
            library = ctypes.CDLL(selectolax.lexbor.__file__)
        except OSError as error:
            raise LookupError("selectolax cannot be opened as a library") from error
        status, address, size = ctypes.c_uint, ctypes.c_void_p, ctypes.c_size_t
        self._begin = library.lxb_html_document_parse_chunk_begin
        self._begin.restype, self._begin.argtypes = status, (address,)
        self._feed = library.lxb_html_document_parse_chunk
        self._feed.restype, self._feed.argtypes = status, (address, address, size)
        self._feed_address = ctypes.cast(self._feed, address).value
        self._end = library.lxb_html_document_parse_chunk_end
        self._end.restype, self._end.argtypes = status, (address,)
        self._places = self._find()

    def parse(self, data: bytes) -> LexborHTMLParser:
        """Raises: DocumentError: as :func:`parse_html`."""
        tree, document = self._start()
        watched = self._watched(document)
        if _compiled is not None:
            fed = Fed(*_compiled.feed(self._feed_address, *watched, data, *_limits()))
        else:
            fed = self._feed_in_pieces(watched, data)
        if fed.size == len(data) and not fed.status:
            self._check(self._end(document))
            return tree
        del tree  # which the error would keep
        self._check(fed.status)
        raise _too_much(fed)

    def _feed_in_pieces(self, watched: Watched, data: bytes) -> Fed:
        pools = [_Pool(address) for address in watched.pools]
        start = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        piece = PIECE
        end = spent = memory = before = 0
        while end < len(data):
            done = end
            # Between tags: there is no mark-up declaration in two parts then, of which lexbor
            # would repeat some letters.
            end = data.find(b">", done + piece - 1) + 1 or len(data)
            status = self._feed(watched.document, start + done, end - done)
            memory += sum(pool.growth() for pool in pools)
            opened = _word(watched.open_elements, _LENGTH)
            formatting = _entries(watched.formatting)
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
        return Fed(end, 0, _word(watched.open_elements, _LENGTH), memory)

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

    def _watched(self, document: int) -> Watched:
        parser, pools, mark = self._places
        builder = _word(_word(document, parser), 1)
        return Watched(
            document,
            _word(builder, _OPEN),
            _word(builder, _FORMATTING),
            mark,
            (_word(_word(document, pools[0])), _word(_word(document, pools[1]))),
        )

    def _find(self) -> _Places:
        with _Memory() as memory:
            found = self._look(memory)
            if found != self._look(memory):
                raise LookupError("lexbor's documents differ")
        return found

    def _look(self, memory: _Memory) -> _Places:
        """Find in a document what leads to its parser and its pools.

        It is found, and not known, since there is much before it that releases may change. All that
        is known of what it leads to is compared with what selectolax says of a page.
        """
        tree, document = self._start()
        page = b"<i>x</i>" * 10_000 + b"<p><b><i>x<object>y"
        self._check(self._feed(document, page, len(page)))
        below = tree.root
        nodes: list[int] = []
        while below is not None and below.tag != "-text":
            nodes.append(_address(below))
            below = below.last_child
        parsers, pools = {}, []
        for at, address in enumerate(memory.words(document, _DOCUMENT_WORDS)):
            if (mark := memory.mark_of_parser(address, document, nodes)) is not None:
                parsers[at] = mark
            elif memory.is_pool(address):
                pools.append(at)
        self._check(self._end(document))
        if len(parsers) != 1 or len(pools) != 2:
            raise LookupError("lexbor's documents are not as they are known")
        ((parser, mark),) = parsers.items()
        return _Places(parser, (pools[0], pools[1]), mark)


class _Places(NamedTuple):
    """Which word of a document leads to its parser, which two to its pools; the parser's mark."""

    parser: int
    pools: tuple[int, int]
    mark: int


def _limits() -> tuple[int, ...]:
    pieces = PIECE, LEAST_PIECE, AT_ONCE
    return *pieces, OPEN_FREE, FORMATTING_FREE, FORMATTING_WEIGHT, TIME, ROOM, ROOM_PER_BYTE


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


_WORD = ctypes.sizeof(ctypes.c_size_t)
_DOCUMENT_WORDS = 32  # no more than it has
# Of a tree builder's words: the array of open elements, the array of active formatting elements.
_OPEN, _FORMATTING = 4, 5
# Of an array's words: its length, behind the address of its entries.
_LENGTH = 2
# Of the words of a chunk of memory: its size, and the chunk before it.
_SIZE, _BEFORE = 2, 4


def _word(address: int, at: int = 0) -> int:
    return ctypes.c_size_t.from_address(address + at * _WORD).value


def _entries(array: int) -> list[int]:
    length = _word(array, _LENGTH)
    return [*(ctypes.c_size_t * length).from_address(_word(array))] if length else []


def _address(node: selectolax.lexbor.LexborNode | None) -> int:
    if node is None:
        raise LookupError("a node is missing")
    return node.mem_id


class _Pool:
    """A ``lexbor_mem_t``: the newest chunk, the first, the least size of one, and how many."""

    def __init__(self, address: int) -> None:
        self._address = address
        self._chunks = 0

    def growth(self) -> int:
        """Bytes of the chunks that have come to it since it was last asked."""
        chunk, chunks = _word(self._address), _word(self._address, 3)
        size = 0
        for _ in range(chunks - self._chunks):
            size += _word(chunk, _SIZE)
            chunk = _word(chunk, _BEFORE)
        self._chunks = chunks
        return size


class _Memory:
    """Memory read through a pipe: the kernel refuses an address that is none."""

    def __enter__(self) -> _Memory:
        self._out, self._into = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._into)

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Raises: LookupError: no such memory."""
        size = count * _WORD
        try:
            os.write(self._into, (ctypes.c_char * size).from_address(address))
            return tuple((ctypes.c_size_t * count).from_buffer_copy(os.read(self._out, size)))
        except (OSError, ValueError):
            raise LookupError("no such memory") from None

    def mark_of_parser(self, address: int, document: int, nodes: list[int]) -> int | None:
        """What stands for a mark, if there is a parser of the document with these open elements, of
        which the last makes a mark and the two before it are formatting elements."""
        try:
            tokenizer, builder = self.words(address, 2)
            words = self.words(builder, _FORMATTING + 1)
            opened, formatting = self._array(words[_OPEN]), self._array(words[_FORMATTING])
        except LookupError:
            return None
        mark = formatting.pop() if formatting else 0
        if words[:2] != (tokenizer, document) or (opened, formatting) != (nodes, nodes[-3:-1]):
            return None
        return mark if mark and mark not in nodes else None

    def is_pool(self, address: int) -> bool:
        """Whether there is a ``lexbor_mraw_t`` with a pool of several chunks."""
        try:
            (pool,) = self.words(address, 1)
            chunk, first, least, chunks = self.words(pool, 4)
            following = 0
            for left in range(min(chunks, 1000), 0, -1):
                _, used, size, after, before = self.words(chunk, 5)
                if (
                    after != following
                    or not used <= size
                    or size < least
                    or (left == 1) != (not before)
                ):
                    return False
                following, chunk = chunk, before
        except LookupError:
            return False
        return chunks > 1 and least >= 1024 and following == first

    def _array(self, address: int) -> list[int]:
        """What a ``lexbor_array_t`` (entries, size, length) holds; at most some of it."""
        entries, _, length = self.words(address, 3)
        return [*self.words(entries, min(length, 16))] if length else []
