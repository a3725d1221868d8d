"""Reading: the parser's events become blocks with positions in the source."""

from __future__ import annotations

from adsift.segment.front_matter import front_matter_end
from adsift.segment.markdown.blocks import Block, Container
from adsift.segment.markdown.lines import Lines, Places
from adsift.segment.markdown.parser import INLINES, Event, Grammar
from adsift.segment.markdown.visible import Visible, first_tag
from adsift.segment.spans import Span

_BOM = "\ufeff"

_DEEPEST = 50
"""Quotes and lists nested deeper than this are read as one paragraph, so that hostile nesting
costs linear time."""

_CONTAINERS = ("Item", "BlockQuote")


# What was read last to check a cut; hardly ever more than one file.
_ahead: dict[str, list[Block]] = {}


def read_blocks(source: str) -> list[Block]:
    """Cut a file into blocks; what is in none are blank lines and lines of only quote marks."""
    return _ahead.pop(source, None) or _Reader(source).read()


def read_ahead(source: str) -> list[Block]:
    """Read a file that is going to be read again: what a cut leaves, once the cut is checked."""
    blocks = read_blocks(source)
    _ahead.clear()
    _ahead[source] = blocks
    return blocks


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        start = len(_BOM) if source.startswith(_BOM) else 0
        body = front_matter_end(source, start)
        self._blocks: list[Block] = []
        if body > start:
            self._blocks.append(Block("front_matter", start, start, body))
        self._lines = Lines(source, body)
        grammar = Grammar(self._lines.joined())
        self._places = Places(self._lines, grammar.text)
        self._events = grammar.events()
        self._container: Container | None = None
        self._depth = 0
        self._lists: list[int] = []  # numbers of the open lists
        self._list_count = 0
        self._table: int | None = None
        # What no block has so far starts in this line, at this position or where the line does.
        self._line = 0
        self._position: int | None = None

    def read(self) -> list[Block]:
        event: Event | None = next(self._events, None)
        while event is not None:
            place, kind = event[:2]
            if kind in INLINES:
                event = self._read_tight(event)
                continue
            if place == "end":
                self._leave(event)
            elif kind in _CONTAINERS and self._depth == _DEEPEST:
                self._read_deep(event)
            else:
                self._enter(event)
            event = next(self._events, None)
        self._take_definitions(len(self._lines.texts))
        return self._blocks

    def _enter(self, event: Event) -> None:
        _, kind, value, start, end = event
        span = (start, end)
        match kind:
            case "Paragraph":
                self._add_text("paragraph", span, "p", self._until(kind))
            case "Heading":
                self._add_text("heading", span, value, self._until(kind))
            case "CodeBlock":
                content = self._content(kind)
                visible = Visible()
                visible.add_text(content)
                block = self._add("fence" if value else "indented", span, "pre", visible)
                block.content = content
            case "HtmlBlock":
                content = self._content(kind)
                visible = Visible()
                visible.add_html(content)
                block = self._add("html", span, first_tag(content), visible)
                block.html = ((block.start, block.end),)
            case "TableHead" | "TableRow":
                events = self._until(kind)
                visible = Visible()
                visible.add_several(events)
                self._add("row", span, "tr", visible).html = self._inline_html(events)
            case "Rule":
                self._add("rule", span, "hr", Visible())
            case "Table":
                self._take_definitions(self._places.line(start))
                self._table = len(self._blocks)
            case "List":
                self._list_count += 1
                self._lists.append(self._list_count)
            case "Item" | "BlockQuote":
                self._enter_container(kind, start)

    def _until(self, kind: str) -> list[Event]:
        """What follows, up to the end of this kind."""
        found = []
        for event in self._events:
            if event[1] == kind and event[0] == "end":
                break
            found.append(event)
        return found

    def _content(self, kind: str) -> str:
        return "".join(event[2] for event in self._until(kind))

    def _add_text(self, kind: str, span: tuple[int, int], tag: str, inlines: list[Event]) -> None:
        visible = Visible()
        visible.add(inlines)
        self._add(kind, span, tag, visible).html = self._inline_html(inlines)

    def _inline_html(self, events: list[Event]) -> list[Span]:
        """Where tags and comments amid text stand in the source."""
        return [
            (self._position_of(start), self._position_of(end - 1) + 1)
            for _, kind, _, start, end in events
            if kind == "InlineHtml"
        ]

    def _position_of(self, byte: int) -> int:
        return self._places.position(self._places.line(byte), byte)

    def _read_tight(self, first: Event) -> Event | None:
        """Read a paragraph of a tight list; the event after it."""
        inlines = [first]
        for event in self._events:
            if event[1] not in INLINES:
                break
            inlines.append(event)
        else:
            event = None
        end = max(inline[4] for inline in inlines)
        self._add_text("paragraph", (first[3], end), "p", inlines)
        return event

    def _read_deep(self, first: Event) -> None:
        """Read all that is in a container as one paragraph."""
        inside = []
        depth = 1
        while depth and (event := next(self._events, None)) is not None:
            inside.append(event)
            if event[1] in _CONTAINERS:
                depth += 1 if event[0] == "start" else -1
        visible = Visible()
        visible.add_several(inside)
        self._add("paragraph", first[3:], "p", visible).html = self._inline_html(inside)

    def _enter_container(self, kind: str, start: int) -> None:
        line = self._places.line(start)
        position = self._places.position(line, start)
        in_list, width = None, 1
        if kind == "Item":
            # The parser counts a tab before the marker as so many bytes as it is wide.
            position = max(position, self._unread())
            while self._source[position] in " \t\r\n>":
                position += 1
            line = self._lines.line(position)
            in_list = self._lists[-1]
            width = _width_of_marker(self._source[position : self._lines.end(line)])
        self._take_definitions(line)
        self._container = Container(in_list, line, position, self._container)
        self._depth += 1
        self._position = position + width

    def _leave(self, event: Event) -> None:
        _, kind, _, _, end = event
        if kind == "List":
            self._lists.pop()
        elif kind == "Table":
            self._table = None
        elif kind in _CONTAINERS and self._container is not None:
            self._take_definitions(self._places.line(end - 1) + 1)
            container = self._container
            if container.first < 0:
                line = container.line
                self._place("empty", line, self._lines.content_end(line), line)
            self._container = container.parent
            self._depth -= 1

    def _add(self, kind: str, span: tuple[int, int], tag: str, visible: Visible) -> Block:
        lines, places = self._lines, self._places
        first = places.line(span[0])
        last = max(first, places.line(span[1] - 1))
        while last > first and lines.is_blank(last):
            last -= 1
        start = content = places.position(first, span[0])
        if kind == "indented":
            # The indentation that makes a code block is part of it.
            start = self._before_indent(start, first)
            content += _width_of_space(self._source[content : lines.end(first)])
        elif self._source[start - 1 : start] == "\\":
            start = content = start - 1  # text starts after what escapes its first character
        self._take_definitions(first)
        return self._append(kind, (first, last), start, content, visible, tag)

    def _append(
        self,
        kind: str,
        lines: tuple[int, int],
        start: int,
        content: int,
        visible: Visible,
        tag: str,
    ) -> Block:
        """Append a block that may be seen.

        Args:
            kind: the block's kind.
            lines: its first and its last.
            start: position in the first line where it starts.
            content: position in the first line where its first word starts.
            visible: what is seen of it.
            tag: its tag, outside of lists.
        """
        first, last = lines
        # The header row and the line under it go together.
        is_header = self._table == len(self._blocks)
        block = self._place(kind, first, start, last + 1 if is_header else last)
        if tag == "p" and block.opened and not block.opened[0].is_quote:
            tag = "li"
        marker = next((c.start for c in reversed(block.opened) if not c.is_quote), content)
        words = self._source[marker : self._lines.end(last)].rstrip()
        block.paragraph = visible.paragraph((marker, marker + len(words)), tag)
        return block

    def _place(self, kind: str, first: int, start: int, last: int) -> Block:
        """Append a block and tell the containers that wait for their first one.

        Args:
            kind: the block's kind.
            first, last: its lines.
            start: position in the first line where it starts.
        """
        index = len(self._blocks)
        offsets = self._lines.offsets
        line = first
        opened = []
        container = self._container
        while container is not None and container.first < 0:
            container.first = index
            container.alone = container.line != line
            container.inside = offsets[container.line + 1] if container.alone else start
            line, start = container.line, container.start
            opened.append(container)
            container = container.parent
        block = Block(
            kind,
            line_start=offsets[line],
            start=start,
            end=self._lines.end(last),
            container=self._container,
            opened=opened,
            table=self._table,
        )
        self._blocks.append(block)
        self._taken(last + 1)
        return block

    def _unread(self) -> int:
        """Position of what no block has."""
        return self._lines.offsets[self._line] if self._position is None else self._position

    def _taken(self, line: int) -> None:
        """Note that blocks have all lines before this one."""
        if line > self._line:
            self._line = line
            self._position = None

    def _take_definitions(self, end: int) -> None:
        """Make blocks of what no other block has before this line: the definitions of links,
        for which the parser has no events."""
        first = start = -1
        for line in range(self._line, end):
            position = self._unread()
            self._taken(line + 1)
            words = self._source[position : self._lines.end(line)]
            text = words.lstrip(" \t>")
            if not text:
                continue
            if first >= 0 and text[0] == "[":
                self._define(first, line - 1, start)
                first = -1
            if first < 0:
                first, start = line, position + len(words) - len(text)
        if first >= 0:
            self._define(first, end - 1, start)

    def _define(self, first: int, last: int, start: int) -> None:
        while self._lines.is_blank(last):
            last -= 1
        visible = Visible()
        if self._source.startswith("[^", start):  # a footnote, to most tools
            visible.add_text(self._source[start : self._lines.end(last)])
        self._append("definition", (first, last), start, start, visible, "p")

    def _before_indent(self, position: int, line: int) -> int:
        columns = 0
        while position > self._lines.offsets[line] and columns < 4:
            columns += 4 if self._source[position - 1] == "\t" else 1
            position -= 1
        return position


def _width_of_space(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _width_of_marker(text: str) -> int:
    """The width of a list item's marker, at the start of a text."""
    return len(text) - len(text.lstrip("0123456789")) + 1
