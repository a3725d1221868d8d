"""Labelled pages beside what a model makes of them, as arrays with a row for each block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adsift.document import CommerceKind, Document, Label, TaggedParagraph
from adsift.evaluation.alignment import votes, words
from adsift.evaluation.gold import GoldPage
from adsift.model.examples import COUNTED_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.separator import Separator

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

LABELS = tuple(Label)
KINDS = tuple(CommerceKind)
NONE = -1


@dataclass(frozen=True, slots=True)
class Judged:
    """The labelled blocks of some pages in one view, and one model's opinion of them.

    Attributes:
        pages: the pages that have this view, with or without blocks that count.
        page: for each block the index of its page; shape (blocks,) as all that follow.
        block: its index among its page's blocks.
        weight: ``min(words, 60) + 1``, divided by the page's sum: every page weighs 1.
        gold: index of its true label in :data:`LABELS`.
        gold_kind: index of its true kind in :data:`KINDS`; ``NONE`` for no commerce or no known
            kind.
        predicted: index of the label for which most sequences voted; ``NONE`` if no paragraph
            holds the block.
        kind: index of the kind of the paragraph with the most votes among those of that label.
        probabilities: of the paragraph with the most votes, shape (blocks, labels). A block that
            no paragraph holds is not emitted, which is as good as boilerplate.
    """

    pages: list[GoldPage]
    page: Integers
    block: Integers
    weight: Floats
    gold: Integers
    gold_kind: Integers
    predicted: Integers
    kind: Integers
    probabilities: Floats

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which blocks a paragraph holds."""
        held: NDArray[np.bool_] = self.predicted != NONE
        return held

    @property
    def label(self) -> Integers:
        """The predicted label, where a block that is not emitted counts as boilerplate."""
        return np.where(self.held, self.predicted, LABELS.index(Label.BOILERPLATE))


def summed(cells: Integers, weights: Floats, size: int) -> Floats:
    """Weights summed by cell, shape (size,)."""
    return np.bincount(cells, weights, size).astype(np.float64)


def judge(
    pages: Sequence[GoldPage],
    documents: Sequence[Document],
    separators: Sequence[Separator],
    only_held: bool = False,
) -> Iterator[list[list[_Row]]]:
    """Let models label pages, one page after the other.

    Args:
        pages: labelled pages.
        documents: the same pages as the models shall see them.
        separators: the models.
        only_held: whether blocks that no paragraph holds do not count.

    Yields:
        For each page, for each model, its rows: give all pages' rows of a model to
        :func:`as_arrays`.
    """
    tagged = zip(*(separator.tag_many(documents) for separator in separators), strict=True)
    for page, opinions in zip(pages, tagged, strict=True):
        texts = [block.text for block in page.blocks]
        known: dict[tuple[str, ...], list[Counter[int]]] = {}
        rows = []
        for paragraphs in opinions:
            # Two models mostly see the same paragraphs, and aligning takes its time.
            cut = tuple(paragraph.text for paragraph in paragraphs)
            if cut not in known:
                known[cut] = votes(texts, cut)
            rows.append(_rows(page, paragraphs, known[cut], only_held))
        yield rows


def as_arrays(pages: Sequence[GoldPage], rows: Sequence[list[_Row]]) -> Judged:
    """The rows of all pages as arrays."""
    flat = [row for of_page in rows for row in of_page]
    page = np.repeat(np.arange(len(rows)), [len(of_page) for of_page in rows])
    sizes = np.array([row.size for row in flat], float)
    totals = summed(page, sizes, len(rows))

    def column(name: str) -> Integers:
        return np.array([getattr(row, name) for row in flat], np.int64)

    return Judged(
        list(pages),
        page,
        column("block"),
        sizes / totals[page],
        column("gold"),
        column("gold_kind"),
        column("predicted"),
        column("kind"),
        np.array([row.probabilities for row in flat], float).reshape(-1, len(LABELS)),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    size: int
    block: int
    gold: int
    gold_kind: int
    predicted: int
    kind: int
    probabilities: tuple[float, ...]


_NOT_EMITTED = tuple(float(label == Label.BOILERPLATE) for label in LABELS)


def _rows(
    page: GoldPage,
    paragraphs: Sequence[TaggedParagraph],
    ballots: Sequence[Counter[int]],
    only_held: bool,
) -> list[_Row]:
    rows = []
    for index, (block, ballot) in enumerate(zip(page.blocks, ballots, strict=True)):
        if block.label is None or (only_held and not ballot):
            continue
        predicted, kind, probabilities = _opinion(paragraphs, ballot)
        rows.append(
            _Row(
                min(len(words(block.text)), COUNTED_WORDS) + 1,
                index,
                LABELS.index(block.label),
                KINDS.index(block.kind) if block.kind else NONE,
                predicted,
                kind,
                probabilities,
            )
        )
    return rows


def _opinion(
    paragraphs: Sequence[TaggedParagraph], ballot: Counter[int]
) -> tuple[int, int, tuple[float, ...]]:
    """Label, kind and probabilities of a block."""
    if not ballot:
        return NONE, NONE, _NOT_EMITTED
    by_label: Counter[Label] = Counter()
    for index, count in ballot.items():
        by_label[paragraphs[index].label] += count
    ((label, _),) = by_label.most_common(1)
    ranked = [paragraphs[index] for index, _ in ballot.most_common()]
    kind = next(paragraph.kind for paragraph in ranked if paragraph.label == label)
    probabilities = tuple(ranked[0].probabilities[name] for name in LABELS)
    return LABELS.index(label), KINDS.index(kind) if kind else NONE, probabilities
