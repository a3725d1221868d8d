"""Paragraphs of Markdown (CommonMark with tables and strikethrough)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser, LexborNode

from adsift.document import Paragraph
from adsift.segment.elements import BLOCKS, UNSEEN, VOID
from adsift.segment.spans import Span, SpanSegmentation

# Quotes and lists nested deeper than this are read as paragraphs. The parser calls itself
# at every level, and Python's stack is short.
_DEEPEST_LEVEL = 50

# Longer runs of inline text, and HTML with more tags, are parsed in pieces, so that no input
# takes quadratic time.
_LONGEST_PIECE = 50_000
_MOST_TAGS = 10_000

_POSITIONS = "adsift_positions"  # key of the parser's environment: see _note_position


class _Parser(MarkdownIt):
    """A parser that leaves link targets as they are written."""

    def normalizeLink(self, url: str) -> str:
        return url

    def normalizeLinkText(self, link: str) -> str:
        return link

    def validateLink(self, url: str) -> bool:
        return True


def _note_position(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A block rule that comes before all others, to look at where a block starts.

    Where several blocks start on one line, as in ``- > text``, the innermost comes last.
    Nested too deep, the block is a paragraph; else the other rules decide.
    """
    state.env[_POSITIONS][line] = state.bMarks[line] + state.tShift[line]
    return state.level >= _DEEPEST_LEVEL and paragraph(state, line, end, silent)


def _parser(**options: Any) -> MarkdownIt:
    parser = _Parser("commonmark", options_update=options)
    return parser.enable(["table", "strikethrough"])


_INLINES = _parser()
# The limit of the parser itself would skip the rest of the document.
_BLOCKS = _parser(maxNesting=_DEEPEST_LEVEL + 10, inline_definitions=True)
_BLOCKS.block.ruler.before("table", "adsift_position", _note_position)


def segment_markdown(source: str) -> SpanSegmentation:
    """Cut Markdown into headings, paragraphs, list items, table rows, code and HTML blocks.

    Args:
        source: any string; line ends are ``\\n``, ``\\r\\n`` and ``\\r``.

    Returns:
        the paragraphs, with the text that a reader sees. A list item spans from its marker,
        everything else from its first character; quote marks at the start of the first
        line, front matter, link definitions, thematic breaks, images, and HTML without
        text are gaps.
    """
    blocks = _Reader(source).blocks()
    paragraphs = []
    visible = []
    for index, block in enumerate(blocks):
        if block.paragraph is not None:
            paragraphs.append(block.paragraph)
            visible.append(index)
    layout = _MarkdownLayout(source, blocks, visible)
    return SpanSegmentation(source, paragraphs, layout, segment_markdown)


# ---------------------------------------------------------------------------- lines

_BOM = "\ufeff"
# A run of blank lines, or one line that is not blank, with its end.
_LINE = re.compile(r"(?P<blank>[ \t\r\n]*[\r\n])|(?P<text>[^\r\n]+)(?:\r\n?|\n|\Z)")
_ONE_BREAK = ("\n", "\r\n", "\r")


class _Lines:
    """The source as the parser sees it, and where each of its lines stands in the source.

    A run of blank lines is shortened to two. That means the same, and a file of nothing
    but line ends costs no memory.

    Attributes:
        texts: the lines, without their ends.
        offsets: where each line starts in the source.
        parsed: where each line starts in ``joined``.
    """

    def __init__(self, source: str, start: int) -> None:
        self.texts: list[str] = []
        self.offsets: list[int] = []
        self.parsed: list[int] = []
        length = 0
        for match in _LINE.finditer(source, start):
            if match["text"] is not None:
                texts = [match["text"]]
            elif match["blank"].strip(" \t") in _ONE_BREAK:
                texts = [""]
            else:
                texts = ["", ""]
            for text in texts:
                self.texts.append(text)
                self.offsets.append(match.start())
                self.parsed.append(length)
                length += len(text) + 1

    def joined(self) -> str:
        # U+0000 is what CommonMark forbids; it has the same length as its replacement.
        return "\n".join(self.texts).replace("\0", "\ufffd")

    def is_blank(self, line: int) -> bool:
        return not self.texts[line].strip(" \t")

    def end(self, line: int) -> int:
        return self.offsets[line] + len(self.texts[line])

    def content_end(self, line: int) -> int:
        return self.offsets[line] + len(self.texts[line].rstrip(" \t"))


_FRONT_MATTER_START = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*(?=[\r\n])")
_FRONT_MATTER_END = {
    "---": re.compile(r"[\r\n]---[ \t]*(?=[\r\n]|\Z)"),
    "+++": re.compile(r"[\r\n]\+\+\+[ \t]*(?=[\r\n]|\Z)"),
}
_YAML_KEY = re.compile(r"""["']?[\w.-]+["']?[ \t]*:""")


def _front_matter_end(source: str, start: int) -> int:
    """Where front matter that begins at ``start`` ends; ``start`` itself if there is none."""
    opening = _FRONT_MATTER_START.match(source, start)
    if not opening:
        return start
    closing = _FRONT_MATTER_END[opening["fence"]].search(source, opening.end())
    if not closing:
        return start
    if opening["fence"] == "---" and not _is_yaml(source[opening.end() : closing.start()]):
        return start  # a text between two thematic breaks
    return closing.end()


def _is_yaml(text: str) -> bool:
    for match in re.finditer(r"[^\r\n]+", text):
        line = match.group().strip()
        if line and not line.startswith("#"):
            return _YAML_KEY.match(line) is not None
    return False


# ---------------------------------------------------------------------------- visible text

_BREAKING = BLOCKS | {"br"}
_HIDDEN = UNSEEN - VOID  # an element without an end tag hides nothing after it
_HTML_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_HTML_ATTRIBUTE = re.compile(
    r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))"""
)
_INLINE_MARKUP = re.compile(r"[\\`*_\[<&~]")


@dataclass(slots=True)
class _Visible:
    """What a reader sees of a block, gathered piece by piece."""

    pieces: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    rels: set[str] = field(default_factory=set)
    hidden: str = ""  # the element whose content is skipped
    linked: int = 0  # characters inside links that are closed
    link: int | None = None  # index into pieces: where the open link starts

    def text(self, text: str) -> None:
        if not self.hidden:
            self.pieces.append(text)

    def open_link(self, target: str, rel: str = "") -> None:
        self.close_link()
        self.links.append(target)
        self.rels.update(rel.lower().split())
        self.link = len(self.pieces)

    def close_link(self) -> None:
        if self.link is not None:
            self.linked += len(_collapse("".join(self.pieces[self.link :])))
            self.link = None

    def open_tag(self, name: str, attributes: dict[str, str]) -> None:
        if name in _BREAKING:
            self.text(" ")
        if name in _HIDDEN and not self.hidden:
            self.hidden = name
        if name == "a" and "href" in attributes:
            self.open_link(attributes["href"].strip(), attributes.get("rel", ""))

    def close_tag(self, name: str) -> None:
        if name == self.hidden:
            self.hidden = ""
        if name in _BREAKING:
            self.text(" ")
        if name == "a":
            self.close_link()

    def paragraph(self, span: Span, tag: str) -> Paragraph | None:
        """The paragraph, or ``None`` if there is nothing to see."""
        self.close_link()
        text = _collapse("".join(self.pieces))
        if not text:
            return None
        share = min(1.0, self.linked / len(text))
        return Paragraph(text, *span, tag, share, tuple(self.links), tuple(sorted(self.rels)))


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _see_inline(content: str, env: dict[str, Any], visible: _Visible) -> None:
    if not _INLINE_MARKUP.search(content):
        visible.text(content)
        return
    for piece in _pieces(content, " "):
        tokens: list[Token] = []
        _INLINES.inline.parse(piece, _INLINES, env, tokens)
        for token in tokens:
            _see_token(token, visible)


def _pieces(content: str, border: str) -> Iterator[str]:
    """Cut a long text before some of its ``border`` characters."""
    start = 0
    while len(content) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        at = content.rfind(border, start + 1, end)
        end = at if at > 0 else end
        yield content[start:end]
        start = end
    yield content[start:]


def _see_token(token: Token, visible: _Visible) -> None:
    match token.type:
        case "text" | "text_special" | "code_inline":
            visible.text(token.content)
        case "softbreak" | "hardbreak":
            visible.text(" ")
        case "link_open":
            visible.open_link(str(token.attrs["href"]))
        case "link_close":
            visible.close_link()
        case "html_inline":
            _see_inline_tag(token.content, visible)


def _see_inline_tag(html: str, visible: _Visible) -> None:
    tag = _HTML_TAG.match(html)
    if not tag:
        return  # a comment or the like
    name = tag[2].lower()
    if tag[1]:
        visible.close_tag(name)
        return
    attributes: dict[str, str] = {}
    if name == "a":
        for key, double, single, bare in _HTML_ATTRIBUTE.findall(html):
            attributes.setdefault(key.lower(), unescape(double or single or bare))
    visible.open_tag(name, attributes)


def _see_html(html: str, visible: _Visible) -> str:
    """Read a block of HTML; return the name of its first element."""
    pieces = _pieces(html, "<") if html.count("<") > _MOST_TAGS else [html]
    start_tag = _HTML_TAG.match(html.lstrip())
    names = [start_tag[2].lower()] if start_tag else []
    for piece in pieces:
        # Bytes, because lexbor takes no lone surrogates.
        root = LexborHTMLParser(piece.encode("utf-8", "replace")).root
        if root is not None:
            names.extend(_see_tree(root, visible))
    return names[0] if names else "div"


def _see_tree(root: LexborNode, visible: _Visible) -> list[str]:
    """Read a tree of HTML; return the name of its first element, if it has one."""
    names: list[str] = []
    stack: list[LexborNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            visible.close_tag(node)
            continue
        if node.next is not None:
            stack.append(node.next)
        if node.is_text_node:
            visible.text(node.text_content or "")
        elif node.is_element_node and node.tag is not None:
            if not names and node.tag not in ("html", "head", "body"):
                names.append(node.tag)
            attributes = {key: value or "" for key, value in node.attributes.items()}
            visible.open_tag(node.tag, attributes)
            stack.append(node.tag)
            if node.child is not None:
                stack.append(node.child)
    return names


# ---------------------------------------------------------------------------- blocks


@dataclass(slots=True, eq=False)
class _Container:
    """A list item or a block quote.

    Attributes:
        in_list: number of the list that the item is of, ``None`` for a quote.
        line: the line that its marker stands on.
        width: of the marker in characters.
        parent: the container around it.
        first: index of the first block in it.
        start: position of its marker in the source.
        inside: position where its content starts: after the marker and its padding, or at
            the start of the next line if the marker stands alone.
        alone: whether the marker stands alone on its line.
    """

    in_list: int | None
    line: int
    width: int
    parent: _Container | None
    first: int = -1
    start: int = 0
    inside: int = 0
    alone: bool = False

    @property
    def is_quote(self) -> bool:
        return self.in_list is None


@dataclass(slots=True, eq=False)
class _Block:
    """A block that holds no other blocks; a paragraph, or something that is always kept.

    Attributes:
        kind: type of the parser's token, ``front_matter``, or ``empty`` for an item or
            quote with nothing in it.
        line_start: position of the first line that goes when the block goes.
        start: position in that line after the marks of the containers that go on.
        end: position of the end of its last line.
        container: the innermost container around it.
        opened: the containers that it is the first block of, from the inside out.
        table: index of the header row, for table rows.
        paragraph: what the reader sees, if anything.
    """

    kind: str
    line_start: int
    start: int
    end: int
    container: _Container | None = None
    opened: list[_Container] = field(default_factory=list)
    table: int | None = None
    paragraph: Paragraph | None = None

    def around(self) -> Iterator[_Container]:
        """The containers around the block, from the inside out."""
        container = self.container
        while container is not None:
            yield container
            container = container.parent

    def carried_on(self) -> _Container | None:
        """The innermost container around the block that was there before it."""
        return self.opened[-1].parent if self.opened else self.container


class _Reader:
    """Turns the parser's tokens into blocks with positions in the source."""

    def __init__(self, source: str) -> None:
        self._source = source
        start = len(_BOM) if source.startswith(_BOM) else 0
        body = _front_matter_end(source, start)
        self._blocks: list[_Block] = []
        if body > start:
            self._blocks.append(_Block("front_matter", start, start, body))
        self._lines = _Lines(source, body)
        self._positions: dict[int, int] = {}
        self._env: dict[str, Any] = {_POSITIONS: self._positions}
        self._container: _Container | None = None
        self._lists: list[int] = []  # numbers of the open lists
        self._list_count = 0
        self._table: int | None = None

    def blocks(self) -> list[_Block]:
        tokens: list[Token] = []
        _BLOCKS.block.parse(self._lines.joined(), _BLOCKS, self._env, tokens)
        row: list[Token] = []
        for index, token in enumerate(tokens):
            match token.type:
                case "paragraph_open" | "heading_open":
                    self._add_text(token, [tokens[index + 1]], token.tag)
                case "fence" | "code_block":
                    self._add(token, _Visible([token.content]), "pre")
                case "html_block":
                    visible = _Visible()
                    tag = _see_html(token.content, visible)
                    self._add(token, visible, tag)
                case "hr" | "definition":
                    self._add(token, _Visible(), "")
                case "table_open":
                    self._table = len(self._blocks)
                case "table_close":
                    self._table = None
                case "tr_open":
                    row = [token]
                case "inline" if self._table is not None:
                    row.append(token)
                case "tr_close":
                    self._add_text(row[0], row[1:], "tr")
                case "bullet_list_open" | "ordered_list_open":
                    self._list_count += 1
                    self._lists.append(self._list_count)
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._enter(token, self._lists[-1], len(token.info) + 1)
                case "blockquote_open":
                    self._enter(token, None, 1)
                case "list_item_close" | "blockquote_close":
                    self._leave()
        return self._blocks

    def _enter(self, token: Token, in_list: int | None, width: int) -> None:
        self._container = _Container(in_list, _first_line(token), width, self._container)

    def _leave(self) -> None:
        container = self._container
        if container is None:
            return
        if container.first < 0:
            end = self._lines.content_end(container.line)
            self._place("empty", container.line, end, container.line)
        self._container = container.parent

    def _add_text(self, token: Token, inlines: list[Token], tag: str) -> None:
        visible = _Visible()
        for inline in inlines:
            _see_inline(inline.content, self._env, visible)
            visible.close_link()
            visible.text(" ")  # parts the cells of a row
        self._add(token, visible, tag)

    def _add(self, token: Token, visible: _Visible, tag: str) -> None:
        lines = self._lines
        first = _first_line(token)
        last = token.map[1] - 1 if token.map else first
        while last > first and lines.is_blank(last):
            last -= 1
        content = self._content_start(first)
        # The indentation that makes a code block is part of it.
        start = self._before_indent(content, first) if token.type == "code_block" else content
        # The header row and the line under it go together.
        is_header = self._table == len(self._blocks)
        block = self._place(token.type, first, start, last + 1 if is_header else last)

        if tag == "p" and block.opened and not block.opened[0].is_quote:
            tag = "li"
        marker = next((c.start for c in reversed(block.opened) if not c.is_quote), content)
        words = self._source[marker : lines.end(last)].rstrip()
        block.paragraph = visible.paragraph((marker, marker + len(words)), tag)

    def _place(self, kind: str, first: int, start: int, last: int) -> _Block:
        """Append a block and tell the containers that wait for their first one.

        Args:
            kind: the block's kind.
            first, last: its lines.
            start: position in the first line where it starts.
        """
        index = len(self._blocks)
        line = first
        opened = []
        container = self._container
        while container is not None and container.first < 0:
            container.first = index
            container.inside = start
            if container.line != line:
                container.alone = True
                container.inside = self._lines.offsets[container.line + 1]
                line = container.line
                start = self._lines.content_end(line)
            start = self._before_marker(start, line, container.width)
            container.start = start
            opened.append(container)
            container = container.parent
        block = _Block(
            kind,
            line_start=self._lines.offsets[line],
            start=start,
            end=self._lines.end(last),
            container=self._container,
            opened=opened,
            table=self._table,
        )
        self._blocks.append(block)
        return block

    def _content_start(self, line: int) -> int:
        if line in self._positions:
            return self._lines.offsets[line] + self._positions[line] - self._lines.parsed[line]
        # A row of a table's body: the parser reads it in one go with the header.
        text = self._lines.texts[line]
        return self._lines.offsets[line] + len(text) - len(text.lstrip(" \t>"))

    def _before_indent(self, position: int, line: int) -> int:
        columns = 0
        while position > self._lines.offsets[line] and columns < 4:
            columns += 4 if self._source[position - 1] == "\t" else 1
            position -= 1
        return position

    def _before_marker(self, position: int, line: int, width: int) -> int:
        return _before_marker(self._source, self._lines.offsets[line], position, width)


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _before_marker(source: str, line_start: int, position: int, width: int) -> int:
    """Step back over white space and a marker, from the position after them."""
    before = source[line_start:position].rstrip(" \t")
    return line_start + max(0, len(before) - width)


# ---------------------------------------------------------------------------- cutting

_LINE_BREAK = r"(?>\r\n|\r|\n)"
_BLANK_LINE = re.compile(rf"{_LINE_BREAK}[ \t]*{_LINE_BREAK}")
_INDENT = re.compile(r" ?\t|  ")
# Blocks that go on over blank lines until their end mark comes.
_OPEN_ENDED = ("fence", "html_block")


@dataclass(frozen=True, slots=True)
class _MarkdownLayout:
    """Cuts blocks by whole lines, so that those that stay keep their meaning.

    Attributes:
        source: the document.
        blocks: all of it but blank lines and lines with only quote marks.
        visible: for each paragraph the index of its block.
    """

    source: str
    blocks: list[_Block]
    visible: list[int]

    def cuts(self, drop: AbstractSet[int]) -> list[Span]:
        dropped = self._with_tables({self.visible[index] for index in drop})
        cuts: list[Span] = []
        index = 0
        while index < len(self.blocks):
            first = index
            while index in dropped:
                index += 1
            if first < index:
                cuts.extend(cut for cut in self._region(first, index) if cut[0] < cut[1])
            index += 1
        return cuts

    def _with_tables(self, dropped: set[int]) -> set[int]:
        """A table's header goes when all its rows go, and takes the empty rows along."""
        result = set(dropped)
        for header in {self.blocks[index].table for index in dropped}:
            if header is None:
                continue
            rows = self._rows(header)
            if all(i in dropped for i in rows if self.blocks[i].paragraph is not None):
                result.update(rows)
            else:
                result.discard(header)
        return result

    def _rows(self, header: int) -> range:
        end = header
        while end < len(self.blocks) and self.blocks[end].table == header:
            end += 1
        return range(header, end)

    def _region(self, first: int, end: int) -> list[Span]:
        """Cuts that take out all blocks from ``first`` to before ``end``; none if they must stay."""
        left = self.blocks[first - 1] if first else None
        if end == len(self.blocks):
            if left is None:
                return [(0, len(self.source))]
            tail = self.source[self.blocks[-1].end :]
            # Quote marks without a quote go, the file's own ending stays.
            return [(left.end, len(self.source) - len(tail) + len(tail.rstrip(" \t\r\n")))]
        right = self.blocks[end]
        # Items that began with a dropped block and go on: their markers stay, for ``right``.
        markers = [c for c in right.around() if first <= c.first < end and not c.is_quote]
        markers.reverse()
        if _would_join(left, right, bool(markers), self.source):
            return []
        if first == 1 and self._would_be_front_matter(self.blocks[0], right):
            return []
        cuts = self._lines_between(first, markers[0].first if markers else end)
        for i, marker in enumerate(markers):
            following = markers[i + 1].first if i + 1 < len(markers) else end
            if following != marker.first:
                block = self.blocks[following]
                stop = block.line_start if marker.alone else self._inside(marker, block)
                cuts.append((marker.inside, stop))
        return cuts

    def _would_be_front_matter(self, rule: _Block, right: _Block) -> bool:
        """Whether a rule at the top of the file would begin front matter if ``right`` came next."""
        if rule.kind != "hr":
            return False
        start = rule.line_start
        joined = self.source[start : self._after_break(rule.end)] + self.source[right.line_start :]
        return _front_matter_end(joined, 0) > 0

    def _inside(self, container: _Container, block: _Block) -> int:
        """Where the content of ``container`` starts on the first line of ``block``."""
        position = block.start
        carried_on = block.carried_on()
        while carried_on is not None and carried_on is not container:
            if carried_on.is_quote:
                position = _before_marker(self.source, block.line_start, position, 1)
            carried_on = carried_on.parent
        return position

    def _lines_between(self, first: int, end: int) -> list[Span]:
        """Take out the lines of some blocks, but leave a gap before the block that follows."""
        if first == end:
            return []
        right = self.blocks[end]
        if first == 0:
            start = self.blocks[0].line_start
            # What moves to the top of the file must not become front matter or a byte order mark.
            if self.source.startswith(("---", "+++", _BOM), right.line_start):
                return [(start, self._before_break(right.line_start))]
            return [(start, right.line_start)]
        left = self.blocks[first - 1]
        gaps = [(self.blocks[i].end, self.blocks[i + 1].line_start) for i in range(first - 1, end)]
        ranks = [self._rank(gap, _share_quote(left, right)) for gap in gaps]
        best = max(ranks)
        if best:
            kept = gaps[ranks.index(best)]
        elif _are_siblings(left, right):
            kept = (left.end, self._after_break(left.end))
        else:
            return self._leave_blank_line(left, self.blocks[first], right)
        return [(left.end, kept[0]), (kept[1], right.line_start)]

    def _rank(self, gap: Span, in_quote: bool) -> int:
        """How well a gap parts two blocks: 2 by a blank line, 1 by a blank line of a quote."""
        text = self.source[slice(*gap)]
        if text in _ONE_BREAK:
            return 0
        return 2 if _BLANK_LINE.search(text) else int(in_quote)

    def _leave_blank_line(self, left: _Block, block: _Block, right: _Block) -> list[Span]:
        """Make the first line of ``block`` a blank one, between lines that had none."""
        around = block.carried_on()
        quoted = around is not None and around in right.around() and _in_quote(around)
        start = block.start if quoted else block.line_start
        return [
            (self._after_break(left.end), block.line_start),
            (start, self._before_break(right.line_start)),
        ]

    def _after_break(self, position: int) -> int:
        return position + (2 if self.source.startswith("\r\n", position) else 1)

    def _before_break(self, position: int) -> int:
        return position - (2 if self.source.endswith("\r\n", 0, position) else 1)


def _in_quote(container: _Container) -> bool:
    around: _Container | None = container
    while around is not None:
        if around.is_quote:
            return True
        around = around.parent
    return False


def _share_quote(left: _Block, right: _Block) -> bool:
    around = set(left.around())
    return any(c.is_quote and c in around for c in right.around())


def _are_siblings(left: _Block, right: _Block) -> bool:
    """Whether nothing has to part the two: rows of one table, items of one list."""
    if right.table is not None and right.table == left.table:
        return True
    lists = {c.in_list for c in left.around() if not c.is_quote}
    return any(c.in_list in lists for c in right.opened)


def _would_join(left: _Block | None, right: _Block, follows_marker: bool, source: str) -> bool:
    """Whether ``right`` would become part of ``left``, or another kind, if it came next."""
    if follows_marker:
        # "- " and "---" make one rule; indentation means less after a marker.
        return right.kind in ("hr", "code_block")
    if left is None:
        return False
    around = set(right.around())
    if any(not c.is_quote and c not in around for c in left.around()):
        return _is_indented(right, source) and (
            left.kind in _OPEN_ENDED or not _is_single_line_of_text(right, source)
        )
    return left.kind == right.kind == "code_block" and not right.opened


def _is_indented(block: _Block, source: str) -> bool:
    """Whether it would move into a list item before it; the least indent of those is two."""
    return _INDENT.match(source, block.line_start) is not None


def _is_single_line_of_text(block: _Block, source: str) -> bool:
    """Whether it says the same in a list item; the further lines of a block may be torn off."""
    text = source[block.start : block.end]
    return block.kind == "paragraph_open" and "\n" not in text and "\r" not in text
