"""Checking a cut: whether what it leaves is read as it was before.

What comes next to what, and at which column, can mean anything in Markdown: a paragraph becomes
code, joins its neighbour or the list before it. So what is left is read, and compared.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from adsift.segment.markdown.blocks import Block, Container
from adsift.segment.spans import Span


class _Opening(NamedTuple):
    """A quote or list item that begins, as far as a reader sees it.

    Attributes:
        kind: of container.
        begins_list: whether it is the first item that is left of an ordered list.
        number: what is shown before an item of an ordered list.
    """

    kind: str
    begins_list: bool = False
    number: int = 0

    def reads_as(self, was: _Opening) -> bool:
        # The items after a dropped one get other numbers, but a list goes on from another one
        # only if it would be counted the same. Bullets look the same in one list or in two.
        if self.kind != was.kind or (self.begins_list and not was.begins_list):
            return False
        return self.begins_list == was.begins_list or self.number == was.number


class _Look(NamedTuple):
    """What is to see of a block.

    Attributes:
        content: its kind and its text; of a row, whether it is the header.
        depth: how many containers it shares with the block before it.
        opened: the containers that it does not share, from the outside in.
    """

    content: tuple[object, ...]
    depth: int
    opened: tuple[_Opening, ...]

    def reads_as(self, was: _Look) -> bool:
        return (
            (self.content, self.depth) == (was.content, was.depth)
            and len(self.opened) == len(was.opened)
            and all(
                now.reads_as(before) for now, before in zip(self.opened, was.opened, strict=True)
            )
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A source and its blocks."""

    source: str
    blocks: Sequence[Block]

    def looks(self, indexes: Iterable[int]) -> list[_Look]:
        """How some blocks look, if they are all that is there."""
        numbers = self._numbers()
        looks = []
        around: list[Container] = []
        lists = set()
        for index in indexes:
            block = self.blocks[index]
            before, around = around, [*block.around()][::-1]
            depth = 0
            while depth < min(len(before), len(around)) and before[depth] is around[depth]:
                depth += 1
            opened = []
            for container in around[depth:]:
                if container.is_quote:
                    opened.append(_Opening("quote"))
                elif (number := numbers[container]) is None:
                    opened.append(_Opening("bullet"))
                else:
                    opened.append(_Opening("number", container.in_list not in lists, number))
                    lists.add(container.in_list)
            content = (block.kind, _text(block), block.table == index)
            looks.append(_Look(content, depth, tuple(opened)))
        return looks

    def _numbers(self) -> dict[Container, int | None]:
        """For each list item the number that is shown before it, ``None`` for a bullet."""
        numbers: dict[Container, int | None] = {}
        next_of: dict[int | None, int] = {}
        for block in self.blocks:
            for container in reversed(block.opened):
                if container.is_quote:
                    continue
                start = container.start
                digits = self.source[start : start + 10].partition(".")[0].partition(")")[0]
                if digits.isdecimal():
                    number = next_of.setdefault(container.in_list, int(digits))
                    next_of[container.in_list] += 1
                    numbers[container] = number
                else:
                    numbers[container] = None
        return numbers


def changed(
    before: Reading, after: Reading, cuts: Sequence[Span], kept: Sequence[int]
) -> list[int]:
    """Where blocks that a cut should leave are read in another way after it.

    Args:
        before: the whole.
        after: what the cuts leave.
        cuts: in order.
        kept: indexes of the blocks before that no cut touches.

    Returns:
        for each run of such blocks with no cut in it, where it goes wrong: before the block of
        this index.
    """
    at = {end: index for index, end in enumerate(_ends_before(after.blocks, cuts))}
    found = [at.get(before.blocks[index].end) for index in kept]
    there = [index for index in found if index is not None]
    looks = dict(zip(there, after.looks(there), strict=True))
    was = before.looks(kept)
    differs = [
        index is None or not looks[index].reads_as(look)
        for index, look in zip(found, was, strict=True)
    ]
    for index in set(at.values()).difference(there):
        if after.blocks[index].paragraph is not None and differs:
            # Text that was in no such block: made of what stands around it.
            differs[min(bisect_left(there, index), len(differs) - 1)] = True
    wrong = []
    for i, differ in enumerate(differs):
        # In a run of them each cut may have done it.
        if differ and not (i and differs[i - 1] and kept[i] == kept[i - 1] + 1):
            # A block that ends elsewhere has taken in what follows it.
            following = i + 1 if found[i] is None else i
            wrong.append(kept[following] if following < len(kept) else len(before.blocks))
    return wrong


def _text(block: Block) -> object:
    if block.content is not None:
        return block.content
    return block.paragraph and (block.paragraph.text, block.paragraph.links)


def _ends_before(blocks: Sequence[Block], cuts: Sequence[Span]) -> list[int]:
    """Where the ends of blocks stood before the cuts."""
    removed = [0, *accumulate(end - start for start, end in cuts)]
    # Where in what is left each cut was made.
    starts = [start - gone for (start, _), gone in zip(cuts, removed, strict=False)]
    return [block.end + removed[bisect_left(starts, block.end)] for block in blocks]
