"""Reading: the parser's tokens become blocks with positions in the source."""

from __future__ import annotations

from markdown_it.token import Token

from adsift.segment.front_matter import front_matter_end
from adsift.segment.markdown.blocks import Block, Container, before_marker
from adsift.segment.markdown.lines import Lines
from adsift.segment.markdown.parser import ParsedBlocks
from adsift.segment.markdown.visible import Visible, first_tag

_BOM = "\ufeff"


def read_blocks(source: str) -> list[Block]:
    """Cut a file into blocks; what is in none are blank lines and lines of only quote marks."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        start = len(_BOM) if source.startswith(_BOM) else 0
        body = front_matter_end(source, start)
        self._blocks: list[Block] = []
        if body > start:
            self._blocks.append(Block("front_matter", start, start, body))
        self._lines = Lines(source, body)
        self._parsed = ParsedBlocks(self._lines.joined())
        self._container: Container | None = None
        self._lists: list[int] = []  # numbers of the open lists
        self._list_count = 0
        self._table: int | None = None

    def read(self) -> list[Block]:
        tokens = self._parsed.tokens
        row: list[Token] = []
        for index, token in enumerate(tokens):
            match token.type:
                case "paragraph_open" | "heading_open":
                    self._add(token, self._visible([tokens[index + 1]]), token.tag)
                case "fence" | "code_block":
                    visible = Visible()
                    visible.add_text(token.content)
                    self._add(token, visible, "pre")
                case "html_block":
                    visible = Visible()
                    visible.add_html(token.content)
                    self._add(token, visible, first_tag(token.content))
                case "definition":
                    visible = Visible()
                    if str(token.meta["label"]).startswith("^"):  # a footnote
                        visible.add_text(self._lines.text(*token.map or (0, 0)))
                    self._add(token, visible, "p")
                case "hr":
                    self._add(token, Visible(), "hr")
                case "table_open":
                    self._table = len(self._blocks)
                case "table_close":
                    self._table = None
                case "tr_open":
                    row = [token]
                case "inline" if self._table is not None:
                    row.append(token)
                case "tr_close":
                    self._add(row[0], self._visible(row[1:]), "tr")
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

    def _visible(self, inlines: list[Token]) -> Visible:
        visible = Visible()
        for inline in inlines:
            visible.add_inline(inline.content, self._parsed.inline_html)
            visible.add_text(" ")  # parts the cells of a row
        return visible

    def _enter(self, token: Token, in_list: int | None, width: int) -> None:
        self._container = Container(in_list, _first_line(token), width, self._container)

    def _leave(self) -> None:
        container = self._container
        if container is None:
            return
        if container.first < 0:
            end = self._lines.content_end(container.line)
            self._place("empty", container.line, end, container.line)
        self._container = container.parent

    def _add(self, token: Token, visible: Visible, tag: str) -> None:
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

    def _place(self, kind: str, first: int, start: int, last: int) -> Block:
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
            start = before_marker(self._source, self._lines.offsets[line], start, container.width)
            container.start = start
            opened.append(container)
            container = container.parent
        block = Block(
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
        offset = self._lines.offsets[line]
        if line in self._parsed.positions:
            return offset + self._parsed.positions[line] - self._lines.parsed[line]
        # A row of a table's body: the parser reads it in one go with the header.
        text = self._lines.texts[line]
        return offset + len(text) - len(text.lstrip(" \t>"))

    def _before_indent(self, position: int, line: int) -> int:
        columns = 0
        while position > self._lines.offsets[line] and columns < 4:
            columns += 4 if self._source[position - 1] == "\t" else 1
            position -= 1
        return position


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0
