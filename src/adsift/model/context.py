"""Step 2's features: what the model sees of a paragraph in its document.

Every paragraph has a few *signals*: step 1's four probabilities and a handful of plain facts.
Step 2 sees a paragraph's own signals and their means around it: in windows before and after,
under the same heading, among blocks of the same build, and over the whole document.
The table :data:`VIEWS` at the end is the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model.links import paid_for, read_target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
FACTS = ("paid", "foreign", "price", "linked", "short", "heading", "item", "sentence")
SIGNALS = 4 + len(FACTS)

_compiled = compiled("context")

_PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?(?:USD|EUR|GBP|€|%\s+off)", re.I)


def facts(paragraphs: Sequence[Paragraph], own: str) -> Floats:
    """The plain facts of each paragraph, in the order of :data:`FACTS`.

    Returns:
        Array of shape (paragraphs, facts), each number between 0 and 1.
    """
    out = np.zeros((len(paragraphs), len(FACTS)), np.float32)
    for row, paragraph in zip(out, paragraphs, strict=True):
        text, links = paragraph.text, paragraph.links
        if links and paragraph.tag:  # plain text shows an address now and then, but no links
            row[0] = any(paid_for(link, own) for link in links)
            row[1] = any(read_target(link).host not in ("", own) for link in links)
        row[2] = _PRICE.search(text, 0, 1000) is not None
        row[3] = paragraph.link_share if paragraph.tag else 0.0
        row[4] = len(text) < 40
        row[5] = is_heading(paragraph)
        row[6] = paragraph.tag == "li"
        row[7] = text[-1] in '.!?”"…'
    return out


def is_heading(paragraph: Paragraph) -> bool:
    """By its tag; plain text has none, so there a short line with no end mark is one."""
    if paragraph.tag:
        return paragraph.tag in HEADINGS
    return len(paragraph.text) < 80 and paragraph.text[-1].isalnum()


class Layout(NamedTuple):
    """How the paragraphs of many documents, one after the other, belong together.

    Attributes:
        offsets: first row of each document, and the number of rows at the end.
        document: for each row the number of its document.
        section: for each row the number of its section (a heading and what follows it).
        build: for each row a number that it shares with the blocks of its document that stand
            in elements of the same names and classes.
        lengths: for each row the characters of its text.
    """

    offsets: Integers
    document: Integers
    section: Integers
    build: Integers
    lengths: Integers


def read_layout(documents: Sequence[Sequence[Paragraph]]) -> Layout:
    """See :class:`Layout`."""
    if _compiled is not None:
        return Layout(*_compiled.read_layout(documents))
    counts = np.array([len(document) for document in documents], np.int64)
    builds: dict[object, int] = {}
    build, heading, lengths = [], [], []
    for number, document in enumerate(documents):
        for paragraph in document:
            key = (number, paragraph.tag, paragraph.ancestors)
            build.append(builds.setdefault(key, len(builds)))
            heading.append(is_heading(paragraph))
            lengths.append(len(paragraph.text))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    starts = np.array(heading, bool)
    starts[offsets[:-1][counts > 0]] = True
    return Layout(
        offsets,
        np.repeat(np.arange(len(documents)), counts),
        np.cumsum(starts) - 1,
        np.array(build, np.int64),
        np.array(lengths, np.int64),
    )


def _own(signals: Floats, _: Layout) -> Floats:
    return signals


def _size(signals: Floats, layout: Layout) -> Floats:
    first = layout.offsets[layout.document]
    count = layout.offsets[layout.document + 1] - first
    row = np.arange(len(signals)) - first
    before = np.cumsum(layout.lengths) - layout.lengths
    whole = np.add.reduceat(layout.lengths, layout.offsets[:-1][np.diff(layout.offsets) > 0])
    per_row = np.repeat(whole, np.diff(layout.offsets)[np.diff(layout.offsets) > 0])
    return np.stack(
        [
            np.log1p(layout.lengths) / 6,
            np.log1p(count) / 6,
            row / count,
            (before - before[first]) / per_row,
            np.log1p(row) / 6,
            np.log1p(count - 1 - row) / 6,
            np.log1p(np.bincount(layout.build)[layout.build]) / 6,
            np.log1p(np.bincount(layout.section)[layout.section]) / 6,
            row - _first_of(layout.section)[layout.section] + first < 1,
        ],
        axis=1,
    ).astype(np.float32)


def _first_of(groups: Integers) -> Integers:
    first = np.full(int(groups.max(initial=-1)) + 1, len(groups), np.int64)
    np.minimum.at(first, groups, np.arange(len(groups)))
    return first


def _before(width: int) -> View:
    def means(signals: Floats, layout: Layout) -> Floats:
        row = np.arange(len(signals))
        return _means(signals, np.maximum(row - width, layout.offsets[layout.document]), row)

    return means


def _after(width: int) -> View:
    def means(signals: Floats, layout: Layout) -> Floats:
        row = np.arange(len(signals))
        end = np.minimum(row + 1 + width, layout.offsets[layout.document + 1])
        return _means(signals, row + 1, end)

    return means


def _means(signals: Floats, start: Integers, end: Integers) -> Floats:
    total = np.concatenate([np.zeros((1, signals.shape[1])), np.cumsum(signals, 0, np.float64)])
    size = np.maximum(end - start, 1)[:, None]
    return np.asarray((total[end] - total[start]) / size, np.float32)


def _group_means(signals: Floats, groups: Integers, weights: Floats | None = None) -> Floats:
    count = int(groups.max(initial=-1)) + 1
    w = np.ones(len(signals)) if weights is None else weights
    size = np.maximum(np.bincount(groups, w, count), 1)  # an empty document has no rows
    means = [np.bincount(groups, w * column, count) / size for column in signals.T]
    return np.stack(means, axis=1).astype(np.float32)[groups]


def _heading(signals: Floats, layout: Layout) -> Floats:
    return signals[_first_of(layout.section)[layout.section]]


def _section(signals: Floats, layout: Layout) -> Floats:
    return _group_means(signals, layout.section)


def _build(signals: Floats, layout: Layout) -> Floats:
    return _group_means(signals, layout.build)


def _document(signals: Floats, layout: Layout) -> Floats:
    return _group_means(signals, layout.document)


def _document_words(signals: Floats, layout: Layout) -> Floats:
    # As the score does it: a long paragraph counts more, up to 60 words (about 360 characters).
    weights = np.minimum(layout.lengths, 360) + 6.0
    return _group_means(signals, layout.document, weights.astype(np.float32))


View = Callable[["Floats", Layout], "Floats"]

VIEWS: tuple[tuple[str, View], ...] = (
    ("own", _own),
    ("size and place", _size),
    *((f"{width} before", _before(width)) for width in (1, 2, 4, 8, 20)),
    *((f"{width} after", _after(width)) for width in (1, 2, 4, 8, 20)),
    ("heading above", _heading),
    ("section", _section),
    ("same build", _build),
    ("document", _document),
    ("document by words", _document_words),
)

CONTEXT_FEATURES = SIGNALS * (len(VIEWS) - 1) + 9
"""Numbers that the views give together; "size and place" has 9, every other one SIGNALS."""


def context_features(signals: Floats, layout: Layout) -> Floats:
    """What step 2 sees.

    Args:
        signals: shape (paragraphs, :data:`SIGNALS`): step 1's probabilities, then the facts.
        layout: the same paragraphs' layout.

    Returns:
        Array of shape (paragraphs, :data:`CONTEXT_FEATURES`), float32.
    """
    if _compiled is not None:
        signals = np.ascontiguousarray(signals, np.float32)
        features: Floats = _compiled.context_features(signals, layout, CONTEXT_FEATURES)
        return features
    return np.concatenate([view(signals, layout) for _, view in VIEWS], axis=1)
