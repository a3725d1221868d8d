"""Blocks and the containers around them, with their positions in the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adsift.document import Paragraph
from adsift.segment.spans import Span


@dataclass(slots=True, eq=False)
class Container:
    """A list item or a block quote.

    Attributes:
        in_list: number of the list that the item is of, ``None`` for a quote.
        line: the line that its marker stands on.
        start: position of its marker in the source.
        parent: the container around it.
        first: index of the first block in it.
        inside: position where its content starts: after the marker and its padding, or at
            the start of the next line if the marker stands alone.
        alone: whether the marker stands alone on its line.
    """

    in_list: int | None
    line: int
    start: int
    parent: Container | None
    first: int = -1
    inside: int = 0
    alone: bool = False

    @property
    def is_quote(self) -> bool:
        """Whether it is a block quote and no list item."""
        return self.in_list is None

    def and_around(self) -> Iterator[Container]:
        """The container and those around it, from the inside out."""
        container: Container | None = self
        while container is not None:
            yield container
            container = container.parent


@dataclass(slots=True, eq=False)
class Block:
    """A block that holds no other blocks; a paragraph, or something that is always kept.

    Attributes:
        kind: ``paragraph``, ``heading``, ``fence``, ``indented`` (code), ``html``, ``row``,
            ``rule``, ``definition``, ``front_matter``, or ``empty`` for an item or quote with
            nothing in it.
        line_start: position of the first line that goes when the block goes.
        start: position in that line after the marks of the containers that go on.
        end: position of the end of its last line.
        container: the innermost container around it.
        opened: the containers that it is the first block of, from the inside out.
        table: index of the header row, for table rows.
        paragraph: what the reader sees, if anything.
        content: of code, with its white space.
        html: the spans of what is HTML in it.
    """

    kind: str
    line_start: int
    start: int
    end: int
    container: Container | None = None
    opened: list[Container] = field(default_factory=list)
    table: int | None = None
    paragraph: Paragraph | None = None
    content: str | None = None
    html: Sequence[Span] = ()

    def around(self) -> Iterator[Container]:
        """The containers around the block, from the inside out."""
        return self.container.and_around() if self.container else iter(())

    def carried_on(self) -> Container | None:
        """The innermost container around the block that was there before it."""
        return self.opened[-1].parent if self.opened else self.container


def before_marker(source: str, line_start: int, position: int, width: int) -> int:
    """Step back over white space and a marker, from the position after them."""
    before = source[line_start:position].rstrip(" \t")
    return line_start + max(0, len(before) - width)
