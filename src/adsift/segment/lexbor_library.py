"""lexbor's own functions, and where in memory its documents have what is to be watched.

selectolax does not offer parsing in pieces, but its library exports the functions for it. What lies
where is known of the releases that this was written for; nothing is believed before it has been
compared, through reads that cannot crash, with what selectolax says of a page.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import selectolax.lexbor
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from adsift.errors import DocumentError
from adsift.segment.guarded_memory import WORD, GuardedMemory

_DOCUMENT_WORDS = 32  # no more than it has
# Of a tree builder's words: the array of open elements, the array of active formatting elements.
_OPEN, _FORMATTING = 4, 5
# Of an array's words: its length, behind the address of its entries.
_LENGTH = 2
# Of the words of a chunk of memory: its size, and the chunk before it.
_SIZE, _BEFORE = 2, 4


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


class Places(NamedTuple):
    """Which word of a document leads to its parser, which two to its pools; the parser's mark."""

    parser: int
    pools: tuple[int, int]
    mark: int


def parse_at_once(data: bytes) -> LexborHTMLParser:
    """Parse UTF-8, whatever it costs."""
    # Without events, because the tree is to be written out as it came.
    return LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=True)


class Library:
    """selectolax's library.

    Attributes:
        feed: gives a document (its address) the bytes at an address, so many; returns a status, 0
            if all is well.
        feed_address: where that function is.
        places: of what is watched.

    Raises:
        AttributeError, LookupError, DocumentError: it does not export what is needed, or a document
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
        self.feed = library.lxb_html_document_parse_chunk
        self.feed.restype, self.feed.argtypes = status, (address, address, size)
        self.feed_address = ctypes.cast(self.feed, address).value
        self._end = library.lxb_html_document_parse_chunk_end
        self._end.restype, self._end.argtypes = status, (address,)
        self.places = self._find()

    def start(self) -> tuple[LexborHTMLParser, Watched]:
        """A tree that is empty and takes pieces, and where to watch it."""
        tree, document = self._new_document()
        builder = _word(_word(document, self.places.parser), 1)
        nodes, texts = self.places.pools
        watched = Watched(
            document,
            _word(builder, _OPEN),
            _word(builder, _FORMATTING),
            self.places.mark,
            (_word(_word(document, nodes)), _word(_word(document, texts))),
        )
        return tree, watched

    def end(self, watched: Watched) -> None:
        """The tree has all pieces."""
        self.check(self._end(watched.document))

    @staticmethod
    def check(status: int) -> None:
        """Raises: DocumentError: the status says that something went wrong."""
        if status:
            raise DocumentError(f"lexbor cannot parse the page (status {status})")

    def _new_document(self) -> tuple[LexborHTMLParser, int]:
        # A page without a doctype is in quirks mode, which would outlast it.
        tree = parse_at_once(b"<!doctype html>")
        document = _address(tree.root and tree.root.parent)
        self.check(self._begin(document))
        return tree, document

    def _find(self) -> Places:
        with GuardedMemory() as memory:
            found = self._look(memory)
            if found != self._look(memory):
                raise LookupError("lexbor's documents differ")
        return found

    def _look(self, memory: GuardedMemory) -> Places:
        """Find in a document what leads to its parser and its pools.

        It is found, and not known, since there is much before it that releases may change. All that
        is known of what it leads to is compared with what selectolax says of a page.
        """
        tree, document = self._new_document()
        page = b"<i>x</i>" * 10_000 + b"<p><b><i>x<object>y"
        self.check(self.feed(document, page, len(page)))
        below = tree.root
        nodes: list[int] = []
        while below is not None and below.tag != "-text":
            nodes.append(_address(below))
            below = below.last_child
        parsers, pools = {}, []
        for at, address in enumerate(memory.words(document, _DOCUMENT_WORDS)):
            if (mark := _mark_of_parser(memory, address, document, nodes)) is not None:
                parsers[at] = mark
            elif _is_pool(memory, address):
                pools.append(at)
        self.check(self._end(document))
        if len(parsers) != 1 or len(pools) != 2:
            raise LookupError("lexbor's documents are not as they are known")
        ((parser, mark),) = parsers.items()
        return Places(parser, (pools[0], pools[1]), mark)


class Pool:
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


def length(array: int) -> int:
    """How much a ``lexbor_array_t`` holds."""
    return _word(array, _LENGTH)


def entries(array: int) -> list[int]:
    """What a ``lexbor_array_t`` holds."""
    count = length(array)
    return [*(ctypes.c_size_t * count).from_address(_word(array))] if count else []


def _word(address: int, at: int = 0) -> int:
    return ctypes.c_size_t.from_address(address + at * WORD).value


def _address(node: selectolax.lexbor.LexborNode | None) -> int:
    if node is None:
        raise LookupError("a node is missing")
    return node.mem_id


def _mark_of_parser(
    memory: GuardedMemory, address: int, document: int, nodes: list[int]
) -> int | None:
    """What stands for a mark, if there is a parser of the document with these open elements, of
    which the last makes a mark and the two before it are formatting elements."""
    try:
        tokenizer, builder = memory.words(address, 2)
        words = memory.words(builder, _FORMATTING + 1)
        opened, formatting = _array(memory, words[_OPEN]), _array(memory, words[_FORMATTING])
    except LookupError:
        return None
    mark = formatting.pop() if formatting else 0
    if words[:2] != (tokenizer, document) or (opened, formatting) != (nodes, nodes[-3:-1]):
        return None
    return mark if mark and mark not in nodes else None


def _is_pool(memory: GuardedMemory, address: int) -> bool:
    """Whether there is a ``lexbor_mraw_t`` with a pool of several chunks."""
    try:
        (pool,) = memory.words(address, 1)
        chunk, first, least, chunks = memory.words(pool, 4)
        following = 0
        for left in range(min(chunks, 1000), 0, -1):
            _, used, size, after, before = memory.words(chunk, 5)
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


def _array(memory: GuardedMemory, address: int) -> list[int]:
    """What a ``lexbor_array_t`` (entries, size, length) holds; at most some of it."""
    entries, _, length = memory.words(address, 3)
    return [*memory.words(entries, min(length, 16))] if length else []
