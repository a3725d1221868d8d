"""A strip: paragraphs are taken out of documents in rounds, until nothing more is to go."""

from __future__ import annotations

import copy
import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse
from operator import attrgetter
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from adsift.compiled import compiled
from adsift.document import Document, Paragraph, TaggedParagraph
from adsift.policy import BoundedPolicy, Policy
from adsift.segment import segment

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from adsift.model.load import Model

MAX_ROUNDS = 100
"""A strip is repeated until nothing more is dropped, but not oftener than this, so that no
document keeps a batch waiting. Nearly all are done after a few rounds; of 900 none took 14."""

MAX_ROUNDS_LONG, LONG = 20, 1000
"""For a document of more paragraphs than that, of which each round takes its time."""

_objects = compiled("objects")
_text = attrgetter("text")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StripResult:
    """A document without what was dropped.

    Attributes:
        text: the document in its own format; what was not dropped is as it was.
        kept: the paragraphs that are left, in reading order. Spans are those of the original; where
            one has grown together once others between its parts were gone, its span reaches over
            these too, and so in ``removed``.
        removed: the paragraphs that are gone, in reading order, as they were judged when they
            went. After a strip with a bound their label need not be one of those to drop.
        removed_indices: of those, among the paragraphs that :meth:`adsift.Separator.tag` gives for
            the document, from 0. A cut may make several of one, which then have its index, and
            where it makes Markdown plain text, paragraphs of what was none (a comment, a rule):
            they have the index of the one before.
        soup: for a BeautifulSoup source, the cleaned tree.
        found: how many paragraphs :meth:`adsift.Separator.tag` gives for the document. What is left
            may be cut otherwise, so these need not be as many as the kept and the removed together.
    """

    text: str
    kept: list[TaggedParagraph]
    removed: list[TaggedParagraph]
    removed_indices: list[int]
    soup: BeautifulSoup | None = None
    found: int = 0


def strip_documents(
    runs: Sequence[StripRun], policy: Policy | BoundedPolicy, model: Model
) -> list[StripResult]:
    """Take out of each document what the policy says; the model judges them as one matrix.

    Args:
        runs: the documents; a tree among them is changed.
        policy: what goes.
        model: judges the paragraphs.
    """
    # What a paragraph is depends on its neighbours, so a document that has lost some may
    # be judged anew to lose more. Only a document that a further strip would leave as it
    # is counts as stripped. But a bound is certified for one judgement of documents as they
    # were found; further rounds would lose more.
    open_runs = runs
    unfinished: list[StripRun] = []
    for rounds in range(1, MAX_ROUNDS + 1):
        _judge(open_runs, model)
        changed = [run for run in open_runs if run.drop(policy)]
        open_runs = [run for run in changed if rounds < _most_rounds(run, policy)]
        unfinished += [run for run in changed if rounds >= _most_rounds(run, policy)]
        if not open_runs:
            break
    if unfinished:
        _judge(unfinished, model)
    return [run.result() for run in runs]


def _most_rounds(run: StripRun, policy: Policy | BoundedPolicy) -> int:
    if isinstance(policy, BoundedPolicy):
        return 1
    return MAX_ROUNDS if run.found <= LONG else MAX_ROUNDS_LONG


def own_tree(document: Document) -> Document:
    """The document, with a copy of its tree if it is one."""
    source = document.source
    if not is_tree(source):
        return document
    tree = copy.deepcopy(source)
    # Beautiful Soup copies a page into an empty one, which html5lib gives a skeleton.
    for node in tree.contents[: len(tree.contents) - len(source.contents)]:
        node.extract()
    if source.next_element is None:
        # Nor does a parser link a page to its first element, html5lib aside. With that link a page
        # would be pickled element within element, and no stack is deep enough.
        tree.next_element = None
    return replace(document, source=tree)


def _judge(runs: Sequence[StripRun], model: Model) -> None:
    tagged = model.classify(
        [run.segmentation.paragraphs for run in runs],
        [run.document.url for run in runs],
        [run.memory for run in runs],
    )
    for run, paragraphs in zip(runs, tagged, strict=True):
        run.tagged = paragraphs


class StripRun:
    """One document on its way through the rounds of a strip.

    Attributes:
        document: as it was given.
        segmentation: what is left of it.
        tagged: the paragraphs that are left, as they were judged last; their spans are those of
            what is left.
        memory: what the model has found out about it.
        found: how many paragraphs it had.
        places: for each of them its place in the reading order of the original, so that the
            result is in that order too.
        originals: for each of them its span in the original, once something has been cut.
        removed, removed_places: paragraphs that are gone, and their places.
    """

    def __init__(self, document: Document) -> None:
        """Read it; nothing is judged yet.

        Raises:
            DocumentError: it is not one that adsift knows.
        """
        from adsift.model.memory import Memory

        self.document = document
        self.segmentation = segment(document)
        self.tagged: list[TaggedParagraph] = []
        self.memory = Memory()
        self.found = len(self.segmentation.paragraphs)
        self.places: Sequence[int] = range(self.found)
        self.originals: Sequence[tuple[int, int] | None] | None = None
        self.removed: list[TaggedParagraph] = []
        self.removed_places: list[int] = []

    def drop(self, policy: Policy | BoundedPolicy) -> bool:
        """Take out what the policy says; whether that changed the document."""
        before = self.segmentation
        chosen = set(policy.choose(self.tagged))
        if not chosen:
            return False
        after = before.without(chosen)
        if after is before:
            return False
        spans_before = before.originals if self.originals is None else self.originals
        spans_after = after.originals
        left = _survivors(before.paragraphs, spans_before, chosen, after.paragraphs, spans_after)
        gone = sorted(chosen.difference(left))
        self.removed += _at_spans(_pick(self.tagged, gone), _pick(spans_before, gone))
        self.removed_places += _pick(self.places, gone)
        places: list[int] = []
        for index in left:
            # What a cut made of the others stands where the one before it stood.
            places.append(self.places[index] if index is not None else places[-1] if places else 0)
        self.places, self.originals = places, spans_after
        self.segmentation = after
        self.memory.cut(left)
        return True

    def result(self) -> StripResult:
        """What is left and what went."""
        removed, places = self.removed, self.removed_places
        if places != sorted(places):  # several cuts
            order = sorted(range(len(places)), key=places.__getitem__)
            removed, places = _pick(removed, order), _pick(places, order)
        source = self.document.source
        return StripResult(
            self.segmentation.render(),
            self.tagged if self.originals is None else _at_spans(self.tagged, self.originals),
            removed,
            places,
            source if is_tree(source) else None,
            self.found,
        )


def _survivors(
    before: Sequence[Paragraph],
    spans_before: Sequence[tuple[int, int] | None],
    chosen: set[int],
    after: Sequence[Paragraph],
    spans_after: Sequence[tuple[int, int] | None],
) -> list[int | None]:
    """For each paragraph after a cut, which one before it that was, if it was one.

    Args:
        before, spans_before: the paragraphs before the cut, and where each stood in the original.
        chosen: indexes of those that were to go.
        after, spans_after: what is left.
    """
    if not any(spans_after):
        kept = [*filterfalse(chosen.__contains__, range(len(before)))]
        same = _pick(before, kept)
        # Of a page they are the very objects, but for a few beside a cut.
        if [*after] == same or [*map(_text, after)] == [*map(_text, same)]:
            return [*kept]  # so it is of nearly every page
    ends: dict[int, int] = {}
    texts: dict[str, list[int]] = {}
    for index, (paragraph, span) in enumerate(zip(before, spans_before, strict=True)):
        # Where it ends tells a paragraph for sure. In a tree all that was chosen is gone.
        if span is not None:
            ends[span[1]] = index
        elif index not in chosen:
            texts.setdefault(paragraph.text, []).append(index)
    left: list[int | None] = []
    next_index = 0
    for paragraph, span in zip(after, spans_after, strict=True):
        found: int | None
        if span is not None:
            found = ends.get(span[1])
        else:
            alike = texts.get(paragraph.text, [])
            position = bisect_left(alike, next_index)
            found = alike[position] if position < len(alike) else None
        if found is not None and found >= next_index:
            left.append(found)
            next_index = found + 1
        else:
            left.append(None)
    return left


def _pick(items: Sequence[T], indexes: Iterable[int]) -> list[T]:
    """The items at these indexes."""
    return [*map(items.__getitem__, indexes)]


def _at_spans(
    tagged: list[TaggedParagraph], spans: Sequence[tuple[int, int] | None]
) -> list[TaggedParagraph]:
    """Tagged paragraphs, moved to these spans; those without one stay as they are."""
    if not any(spans):  # those of a page
        return tagged
    if _objects is not None:
        moved: list[TaggedParagraph] = _objects.at_spans(tagged, spans)
        return moved
    out = []
    for paragraph, span in zip(tagged, spans, strict=True):
        if span is not None and span != (paragraph.start, paragraph.end):
            placed = replace(paragraph.paragraph, start=span[0], end=span[1])
            paragraph = replace(paragraph, paragraph=placed)
        out.append(paragraph)
    return out


def is_tree(source: object) -> TypeGuard[BeautifulSoup]:
    """Whether it is a BeautifulSoup object."""
    # Who holds a tree has loaded its package; for others it is not loaded.
    tree = getattr(sys.modules.get("bs4"), "BeautifulSoup", None)
    return tree is not None and isinstance(source, tree)
