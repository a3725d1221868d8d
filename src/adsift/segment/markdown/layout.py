"""Cutting: which characters go with a block, so that the others keep their meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, groupby, takewhile

from adsift.segment.markdown.blocks import Block, Container, before_marker
from adsift.segment.markdown.lines import ONE_BREAK
from adsift.segment.markdown.settling import Region, settle
from adsift.segment.markdown.tags import Tag, halves, tags
from adsift.segment.spans import Span

_LINE_BREAK = r"(?>\r\n|\r|\n)"
_BLANK_LINE = re.compile(rf"{_LINE_BREAK}[ \t]*{_LINE_BREAK}")
# Kinds of blocks that may be left with nothing but tags in them.
_EMPTIED = ("html", "paragraph")


@dataclass(frozen=True, slots=True)
class MarkdownLayout:
    """Cuts blocks by whole lines, so that those that stay keep their meaning.

    It proposes cuts, of which the first is taken that changes nothing else.

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
        stay, emptied = self._halved(dropped)
        dropped = self._with_tables(dropped - stay) - {*emptied}
        regions = [Region(run, [*self._proposals(run)]) for run in _runs(dropped)]
        for index, left in emptied.items():
            regions.append(Region(range(index, index + 1), [self._all_but(left, index)]))
        return settle(
            self.source, self.blocks, sorted(regions, key=lambda region: region.blocks.start)
        )

    def _halved(self, dropped: AbstractSet[int]) -> tuple[set[int], dict[int, list[Tag]]]:
        """Blocks that stay because of tags whose other half is not dropped next to them, and
        blocks of which only such tags stay."""
        stay: set[int] = set()
        emptied: dict[int, list[Tag]] = {}
        for run in _runs(dropped):
            found = [[*tags(self.source, self.blocks[i].html, i)] for i in run]
            left = halves(chain.from_iterable(found))
            if all(self.blocks[tag.block].kind in _EMPTIED for tag in left):
                for tag in left:
                    emptied.setdefault(tag.block, []).append(tag)
            else:
                stay.update(i for i, of_block in zip(run, found, strict=True) if halves(of_block))
        return stay, emptied

    def _all_but(self, left: list[Tag], index: int) -> list[Span]:
        """Cuts that take out of a block all but some tags."""
        block = self.blocks[index]
        start = block.opened[0].inside if block.opened else block.start
        edges = [start, *(edge for tag in left for edge in (tag.start, tag.end)), block.end]
        return [*zip(edges[::2], edges[1::2], strict=True)]

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

    def _proposals(self, run: range) -> Iterator[list[Span]]:
        """Cuts that take out some blocks in a row; those that show least come first."""
        first, end = run.start, run.stop
        if end == len(self.blocks):
            if not first:
                yield [(0, len(self.source))]
                return
            left = self.blocks[first - 1].end
            tail = self.source[self.blocks[-1].end :]
            # Quote marks without a quote go, the file's own ending stays.
            yield [(left, len(self.source) - len(tail) + len(tail.rstrip(" \t\r\n")))]
            return
        # Items that began with a dropped block and go on: their markers stay, for ``right``.
        right = self.blocks[end]
        markers = [c for c in right.around() if first <= c.first < end and not c.is_quote]
        markers.reverse()
        cuts = self._lines_between(first, markers[0].first if markers else end)
        following = [*(marker.first for marker in markers[1:]), end]
        parts = [
            (marker, self.blocks[index])
            for marker, index in zip(markers, following, strict=False)
            if marker.first != index
        ]
        yield cuts + [(c.inside, self._same_column(c, b)) for c, b in parts]
        if parts:
            yield cuts + [(c.inside, self._inside(c, b)) for c, b in parts]
            yield cuts + [self._to_next_line(c, b) for c, b in parts]

    def _same_column(self, marker: Container, block: Block) -> int:
        """Where to go on after a marker, so that ``block`` keeps the column that it starts at.

        Then so do further blocks of the item, and the further lines of this one.
        """
        stop = self._inside(marker, block)
        column = self._column(marker.inside)
        if not marker.alone:
            while self.source[stop - 1] in " \t" and self._column(stop) > column:
                stop -= 1
        return stop

    def _to_next_line(self, marker: Container, block: Block) -> Span:
        """What to take out so that a marker stands alone, on the line before ``block``."""
        if marker.alone:
            return marker.inside, block.line_start
        padded = self.source[marker.start : marker.inside]
        start = marker.start + len(padded.rstrip(" \t"))
        return start, self._before_break(block.line_start)

    def _column(self, position: int) -> int:
        """How far from the start of its line a position is, tabs counted."""
        start = position
        while start and self.source[start - 1] not in "\r\n":
            start -= 1
        return len(self.source[start:position].expandtabs(4))

    def _inside(self, container: Container, block: Block) -> int:
        """Where the content of ``container`` starts on the first line of ``block``."""
        if container.alone:
            return block.line_start
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
            if self.source.startswith(("---", "+++", "{", "\ufeff"), right.line_start):
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


def _runs(indexes: AbstractSet[int]) -> Iterator[range]:
    """Numbers as ranges of those that follow each other."""
    for _, group in groupby(enumerate(sorted(indexes)), lambda pair: pair[1] - pair[0]):
        run = [index for _, index in group]
        yield range(run[0], run[-1] + 1)
