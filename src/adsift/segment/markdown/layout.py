"""Cutting: which characters go with a block, so that the others keep their meaning."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import takewhile

from adsift.segment.front_matter import front_matter_end
from adsift.segment.markdown.blocks import Block, Container, before_marker
from adsift.segment.markdown.lines import ONE_BREAK
from adsift.segment.spans import Span

_LINE_BREAK = r"(?>\r\n|\r|\n)"
_BLANK_LINE = re.compile(rf"{_LINE_BREAK}[ \t]*{_LINE_BREAK}")
_INDENT = re.compile(r" ?\t|  ")
# Blocks that go on over blank lines until their end mark comes.
_OPEN_ENDED = ("fence", "html")


@dataclass(frozen=True, slots=True)
class MarkdownLayout:
    """Cuts blocks by whole lines, so that those that stay keep their meaning.

    Attributes:
        source: the document.
        blocks: all of it but blank lines and lines with only quote marks.
        visible: for each paragraph the index of its block.
    """

    source: str
    blocks: list[Block]
    visible: list[int]

    def cuts(self, drop: AbstractSet[int]) -> list[Span]:
        """Spans to take out, so that these paragraphs are gone; see :class:`.spans.Layout`."""
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
        """Cuts that take out the blocks ``first`` to ``end`` - 1; none if they must stay."""
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

    def _would_be_front_matter(self, rule: Block, right: Block) -> bool:
        """Whether a rule at the top of the file would begin front matter if ``right`` came next."""
        if rule.kind != "rule":
            return False
        start = rule.line_start
        joined = self.source[start : self._after_break(rule.end)] + self.source[right.line_start :]
        return front_matter_end(joined) > 0

    def _inside(self, container: Container, block: Block) -> int:
        """Where the content of ``container`` starts on the first line of ``block``."""
        position = block.start
        carried_on = block.carried_on()
        if carried_on is not None:
            for inner in takewhile(lambda c: c is not container, carried_on.and_around()):
                if inner.is_quote:
                    position = before_marker(self.source, block.line_start, position, 1)
        return position

    def _lines_between(self, first: int, end: int) -> list[Span]:
        """Take out the lines of some blocks, but leave a gap before the block that follows."""
        if first == end:
            return []
        right = self.blocks[end]
        if first == 0:
            start = self.blocks[0].line_start
            # What moves to the top of the file must not become front matter or a byte order mark.
            if self.source.startswith(("---", "+++", "\ufeff"), right.line_start):
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
        if text in ONE_BREAK:
            return 0
        return 2 if _BLANK_LINE.search(text) else int(in_quote)

    def _leave_blank_line(self, left: Block, block: Block, right: Block) -> list[Span]:
        """Make the first line of ``block`` a blank one, between lines that had none."""
        around = block.carried_on()
        quoted = (
            around is not None
            and around in right.around()
            and any(container.is_quote for container in around.and_around())
        )
        start = block.start if quoted else block.line_start
        return [
            (self._after_break(left.end), block.line_start),
            (start, self._before_break(right.line_start)),
        ]

    def _after_break(self, position: int) -> int:
        return position + (2 if self.source.startswith("\r\n", position) else 1)

    def _before_break(self, position: int) -> int:
        return position - (2 if self.source.endswith("\r\n", 0, position) else 1)


def _share_quote(left: Block, right: Block) -> bool:
    around = set(left.around())
    return any(c.is_quote and c in around for c in right.around())


def _are_siblings(left: Block, right: Block) -> bool:
    """Whether nothing has to part the two: rows of one table, items of one list."""
    if right.table is not None and right.table == left.table:
        return True
    lists = {c.in_list for c in left.around() if not c.is_quote}
    return any(c.in_list in lists for c in right.opened)


def _would_join(left: Block | None, right: Block, follows_marker: bool, source: str) -> bool:
    """Whether ``right`` would become part of ``left``, or another kind, if it came next."""
    if follows_marker:
        # "- " and "---" make one rule; indentation means less after a marker.
        return right.kind in ("rule", "indented")
    if left is None:
        return False
    around = set(right.around())
    if any(not c.is_quote and c not in around for c in left.around()):
        return _is_indented(right, source) and (
            left.kind in _OPEN_ENDED or not _is_single_line_of_text(right, source)
        )
    return left.kind == right.kind == "indented" and not right.opened


def _is_indented(block: Block, source: str) -> bool:
    """Whether it would move into a list item before it; the least indent of those is two."""
    return _INDENT.match(source, block.line_start) is not None


def _is_single_line_of_text(block: Block, source: str) -> bool:
    """Whether it says the same in a list item; the further lines of a block may be torn off."""
    text = source[block.start : block.end]
    return block.kind == "paragraph" and "\n" not in text and "\r" not in text
