"""Why a paragraph has its label: step 1's words, step 2's features and the neighbours.

Both steps are explained in their own terms, and each table adds up to its own score:

*   Step 1 is linear. A word's contribution to a label's score is its value in the paragraph's
    row times its weight; words that share a column of the hash share a contribution.
*   Step 2's score, the log-odds of the label, is attributed to its inputs by integrated
    gradients (:mod:`.attribution`, for a tagger :mod:`.tracing`), and the context features are
    summed up by view.
*   Most views are weighted means of the signals of the paragraphs around. Their contributions
    are linear in these, and so are parted among the paragraphs without a further assumption: a
    paragraph adds its weight in the mean, times how far its signal lies from the feature's
    average in training, times the feature's slope. What no paragraph can claim (the length and
    place of the paragraph itself, an empty window at a document's end) is kept apart.

A tagger reads two things more. What a paragraph's words mean is a mean of vectors, so that its
contribution is parted among the words in the same way; of the maximum, each number belongs to the
word that holds it. And it reads the other paragraphs with the views that they have: what comes from
these is the contribution of the paragraph that they are the views of. What the whole numbers of its
layers add to the score belongs to no input.

The two tables are not multiplied into one: step 2 reads step 1's probabilities of four labels at
once, so that no share of its score belongs to one label's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index as as_index
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Label, Paragraph, TaggedParagraph
from adsift.errors import ExplanationError
from adsift.model.attribution import Attribution, attribute
from adsift.model.context import FACTS, VIEWS, Layout, View, context_features, read_layout
from adsift.model.features import hash_rows, paragraph_words
from adsift.model.heads import head_of
from adsift.model.links import own_host
from adsift.model.networks import Networks
from adsift.model.probabilities import LABELS, make_signals, softmax
from adsift.model.tagger import CLIP
from adsift.model.tagging import Tagging
from adsift.model.tracing import trace
from adsift.model.wording import readable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.load import Model
    from adsift.model.pieces import Pieces

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

NEAR = 2000
"""Paragraphs on either side whose contributions are told apart; what those further away add is
kept with what no paragraph can claim. The time grows with the square of a document's length."""

CHUNK = 256
"""So many of their weights are found at a time, which bounds the memory."""

MEANING, ALONGSIDE = "meaning of its words", "paragraphs read alongside"
"""What a tagger looks at beside the views."""

ROUNDING = "rounding and bounds of units"
"""What its whole numbers add to the score besides."""

SIGNAL_NAMES = (*LABELS, *FACTS)
PLACE_NAMES = (
    "length",
    "paragraphs in the document",
    "place among the paragraphs",
    "place in the text",
    "paragraphs before",
    "paragraphs after",
    "paragraphs of the same build",
    "paragraphs in the section",
    "first of its section",
)
"""What the view "size and place" holds."""


@dataclass(frozen=True, slots=True)
class WordPart:
    """What a feature word adds to step 1's score.

    Attributes:
        words: the word as the model reads it, such as ``p=$ 02``; several if they share a column
            of the hash.
        readable: the same for people.
        contribution: the part of the score.
    """

    words: tuple[str, ...]
    readable: tuple[str, ...]
    contribution: float


@dataclass(frozen=True, slots=True)
class Alone:
    """Step 1: the paragraph alone. ``bias`` and the words' contributions add up to ``score``.

    Attributes:
        score: the label's, a logit.
        bias: what it begins with.
        words: in order of size.
        probabilities: step 1's own, of each label.
    """

    score: float
    bias: float
    words: list[WordPart]
    probabilities: dict[Label, float]


@dataclass(frozen=True, slots=True)
class FeaturePart:
    """What one of step 2's features adds to the score.

    Attributes:
        name: a label for step 1's probability of it, or a fact, such as ``price``; of the view
            :data:`MEANING` a word.
        value: the feature's; of a word, how many pieces it was cut into, wherever it stands.
        average: its mean in training; of a word 0.
        contribution: the part of the score.
    """

    name: str
    value: float
    average: float
    contribution: float


@dataclass(frozen=True, slots=True)
class ViewPart:
    """What a view of the document adds to the score: the sum of its features.

    Attributes:
        name: as in :data:`adsift.model.context.VIEWS`; of a tagger also :data:`MEANING`,
            :data:`ALONGSIDE`, which is what comes of the other paragraphs' words and views, and
            :data:`ROUNDING`.
        contribution: the part of the score.
        unclaimed: how much of it no paragraph can claim.
        features: in the model's order; words in that of size, and none of :data:`ALONGSIDE` and
            :data:`ROUNDING`.
    """

    name: str
    contribution: float
    unclaimed: float
    features: list[FeaturePart]


@dataclass(frozen=True, slots=True)
class ParagraphPart:
    """What a paragraph of the document adds to the score.

    Attributes:
        index: its place in the document, from 0.
        paragraph: the paragraph and its own label.
        contribution: the part of the score, the sum of ``views``.
        views: by the view that sees it.
    """

    index: int
    paragraph: TaggedParagraph
    contribution: float
    views: dict[str, float]


@dataclass(frozen=True, slots=True)
class InContext:
    """Step 2: the paragraph in its document.

    ``baseline`` and the views' contributions add up to ``score``; so do ``baseline``,
    ``unclaimed`` and the paragraphs' contributions. Of a tagger they do so but for
    :data:`adsift.model.tracing.TOLERANCE`.

    Attributes:
        score: log-odds of the label against the rest, log(p / (1 - p)), before p is rounded.
        baseline: the same for the average paragraph of the training data; of a tagger, in a
            document of such paragraphs.
        views: in the model's order.
        paragraphs: those that any view sees, in reading order; the explained one among them.
        unclaimed: sum over the views.
    """

    score: float
    baseline: float
    views: list[ViewPart]
    paragraphs: list[ParagraphPart]
    unclaimed: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paragraph has a label, or has it not.

    Attributes:
        index: the paragraph's place in the document, from 0.
        paragraph: the paragraph with the label and the probabilities that the fast model gives it.
        label: the label that is explained.
        alone: step 1's score of that label.
        in_context: step 2's, which decides.
        decided: of the accurate tier, the paragraph as that has tagged it; what is explained is the
            fast model behind it. ``None`` where the fast model decides.
    """

    index: int
    paragraph: TaggedParagraph
    label: Label
    alone: Alone
    in_context: InContext
    decided: TaggedParagraph | None = None


def explain(
    model: Model,
    paragraphs: Sequence[Paragraph],
    index: int,
    label: str | None = None,
    url: str | None = None,
) -> Explanation:
    """Explain one paragraph's label.

    Args:
        model: of either tier; of the accurate one, the fast model behind it is explained.
        paragraphs: all of the document's, in reading order.
        index: which of them, from 0.
        label: the label to explain; left out, the one that the paragraph has.
        url: address of the page, if known.

    Raises:
        ExplanationError: there is no such paragraph or no such label.
    """
    index = _checked_index(index, len(paragraphs))
    if label is not None and label not in list(Label):
        raise ExplanationError(f"no such label: {label!r}; the labels are {', '.join(Label)}")
    classifier = model.fast
    (tagged,) = classifier.classify([paragraphs], [url])
    decided = None
    if classifier is not model:
        decided = model.classify([paragraphs], [url])[0][index]
    chosen = (decided or tagged[index]).label if label is None else Label(label)
    head = classifier.heads[head_of(paragraphs)]
    scores, known = head.alone.score([paragraphs], [url])
    own = own_host(url, (link for paragraph in paragraphs for link in paragraph.links))
    alone = softmax(scores[:, : len(LABELS)])
    column = LABELS.index(chosen)
    signals, layout = make_signals(alone, known), read_layout([paragraphs])
    context = _Context(signals, layout, index)
    step2 = head.judge_of(head.calls_short(len(paragraphs)))
    if isinstance(step2, Tagging):
        in_context = _tagged_in_context(
            context, tagged, step2, head.temperature, column, layout, index
        )
    else:
        assert isinstance(step2, Networks)
        features = np.concatenate([view.values for view in context.views])
        inputs = np.clip((features - step2.mean) / step2.scale, -CLIP, CLIP)
        attribution = attribute(step2, head.temperature, column, inputs)
        in_context = _in_context(context, tagged, attribution, step2.mean, step2.scale)
    return Explanation(
        index,
        tagged[index],
        chosen,
        _alone(
            paragraph_words(paragraphs[index], own),
            classifier.width,
            head.alone.weights[:, column],
            float(head.alone.bias[column]),
            dict(zip(LABELS, alone[index].tolist(), strict=True)),
        ),
        in_context,
        decided,
    )


def _checked_index(index: int, count: int) -> int:
    try:
        index = as_index(index)
    except TypeError:
        raise ExplanationError(f"the paragraph must be a whole number, not {index!r}") from None
    if not 0 <= index < count:
        there = f"{count} paragraphs, 0 to {count - 1}" if count > 1 else "one paragraph, number 0"
        raise ExplanationError(
            f"there is no paragraph {index}: the document has {there if count else 'none'}"
        )
    return index


def _alone(
    words: list[str],
    width: int,
    weights: Floats,
    bias: float,
    probabilities: dict[Label, float],
) -> Alone:
    row = hash_rows([words], width)
    row.sum_duplicates()
    by_column: dict[int, list[str]] = {int(column): [] for column in row.indices}
    columns = hash_rows(([word] for word in words), width).indices
    for word, column in zip(words, columns.tolist(), strict=True):
        by_column[column].append(word)
    contributions = row.data.astype(np.float64) * weights[row.indices]
    parts = []
    for column, contribution in zip(row.indices.tolist(), contributions.tolist(), strict=True):
        shared = tuple(dict.fromkeys(by_column[column]))
        parts.append(WordPart(shared, tuple(map(readable, shared)), contribution))
    parts.sort(key=lambda part: (-abs(part.contribution), part.words))
    return Alone(float(bias + contributions.sum()), bias, parts, probabilities)


class _Seen(NamedTuple):
    """What a view gives for the explained paragraph.

    Attributes:
        name: the view's.
        values: its features, shape (features,).
        weights: of each near paragraph in them, shape (near,); ``None`` if they are no means of
            the paragraphs' signals.
    """

    name: str
    values: Floats
    weights: Floats | None


class _Context:
    """The explained paragraph among the others, as step 2 sees it.

    Attributes:
        signals: of all paragraphs of the document, shape (paragraphs, signals).
        near: the paragraphs that are told apart.
        views: what each of the views sees.
    """

    def __init__(self, signals: Floats, layout: Layout, index: int) -> None:
        self.signals = signals
        self.near = range(max(index - NEAR, 0), min(index + NEAR + 1, len(signals)))
        self._layout = layout
        self._index = index
        self.views = [self._see(name, view) for name, view in VIEWS]

    def _see(self, name: str, view: View) -> _Seen:
        values = view(self.signals, self._layout)[self._index]
        weights = None
        if values.shape == self.signals.shape[1:]:
            weights = self._weights(view)
        if weights is not None:
            # That the view is a weighted mean is not taken on trust: the weights must give its
            # features back.
            far = self.signals.copy()
            far[self.near] = 0.0
            means = weights @ self.signals[self.near] + view(far, self._layout)[self._index]
            if not np.allclose(means, values, atol=1e-4):
                weights = None
        return _Seen(name, values, weights)

    def _weights(self, view: View) -> Floats | None:
        """A mean's weights are what it makes of signals that are 1 for one paragraph, else 0."""
        found = []
        for start in range(0, len(self.near), CHUNK):
            rows = self.near[start : start + CHUNK]
            probe = np.zeros((len(self.signals), len(rows)), np.float32)
            probe[rows, range(len(rows))] = 1.0
            weights = view(probe, self._layout)[self._index]
            if weights.shape != (len(rows),):
                return None
            found.append(weights)
        return np.concatenate(found)


def _in_context(
    context: _Context,
    tagged: Sequence[TaggedParagraph],
    attribution: Attribution,
    mean: Floats,
    scale: Floats,
) -> InContext:
    views = []
    shares: dict[str, Doubles] = {}
    start = 0
    for view in context.views:
        columns = slice(start, start + len(view.values))
        start = columns.stop
        contributions = attribution.contributions[columns]
        claimed = 0.0
        if view.weights is not None:
            slopes = _slopes(view.values, attribution.slopes, columns, mean, scale)
            distance = context.signals[context.near].astype(np.float64) - mean[columns]
            shares[view.name] = view.weights * (distance @ slopes)
            claimed = float(shares[view.name].sum())
        names = _feature_names(view)
        features = [
            FeaturePart(*part)
            for part in zip(
                names,
                view.values.tolist(),
                mean[columns].tolist(),
                contributions.tolist(),
                strict=True,
            )
        ]
        total = float(contributions.sum())
        views.append(ViewPart(view.name, total, total - claimed, features))
    return InContext(
        attribution.score,
        attribution.baseline,
        views,
        _paragraph_parts(context.near, shares, tagged),
        sum(view.unclaimed for view in views),
    )


def _tagged_in_context(
    context: _Context,
    tagged: Sequence[TaggedParagraph],
    tagging: Tagging,
    temperature: float,
    column: int,
    layout: Layout,
    index: int,
) -> InContext:
    pieces, layers = tagging.tagger.pieces, tagging.tagger.layers
    document = [paragraph.paragraph for paragraph in tagged]
    features = context_features(context.signals, layout)
    meanings = tagging.meanings([document], features, layout)
    found = trace(tagging, temperature, column, meanings, features, layout, index)
    of_words, of_views = slice(pieces.width), slice(pieces.width, None)
    slopes, contributions = found.slopes[index], found.contributions[index]
    own = Attribution(found.baseline, found.score, slopes[of_views], contributions[of_views])
    by_view = _in_context(context, tagged, own, layers.mean[of_views], layers.scale[of_views])
    words = _words_of_meaning(
        tagged[index].text if contributions[of_words].any() else "",
        pieces,
        _slopes(meanings[index], slopes, of_words, layers.mean, layers.scale),
        layers.mean[of_words].astype(np.float64),
    )
    meaning = float(contributions[of_words].sum())
    alongside = found.contributions.sum(axis=1)
    alongside[index] = 0.0
    far = float(alongside.sum() - alongside[context.near].sum())
    parts = {part.index: part.views for part in by_view.paragraphs}
    for place in context.near:
        if alongside[place]:
            parts.setdefault(place, {})[ALONGSIDE] = float(alongside[place])
    parts.setdefault(index, {})[MEANING] = meaning
    return InContext(
        found.score,
        found.baseline,
        [
            ViewPart(MEANING, meaning, 0.0, words),
            *by_view.views,
            ViewPart(ALONGSIDE, float(alongside.sum()), far, []),
            ViewPart(ROUNDING, found.rounding, found.rounding, []),
        ],
        [
            ParagraphPart(place, tagged[place], sum(views.values()), views)
            for place, views in sorted(parts.items())
        ],
        by_view.unclaimed + far + found.rounding,
    )


def _words_of_meaning(
    text: str, pieces: Pieces, slopes: Doubles, mean: Doubles
) -> list[FeaturePart]:
    """What each word adds through the means and the maximum of its pieces' vectors."""
    if not text:
        return []
    words = pieces.words(text)
    rows = [row for _, row in words]
    vectors, weights = pieces.vectors[rows].astype(np.float64), pieces.weights[rows]
    size = vectors.shape[1]
    parts = np.zeros(len(rows))
    for number, weight in enumerate((weights / weights.sum(axis=0)).T):
        numbers = slice(number * size, (number + 1) * size)
        parts += weight * ((vectors - mean[numbers]) @ slopes[numbers])
    highest = vectors.argmax(axis=0)
    np.add.at(parts, highest, (vectors.max(axis=0) - mean[-size:]) * slopes[-size:])
    counts: dict[str, int] = {}
    totals: dict[str, float] = {}
    for (word, _), part in zip(words, parts.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + 1
        totals[word] = totals.get(word, 0.0) + part
    found = [FeaturePart(word, counts[word], 0.0, total) for word, total in totals.items()]
    return sorted(found, key=lambda part: (-abs(part.contribution), part.name))


def _slopes(
    values: Floats, slopes: Doubles, columns: slice, mean: Floats, scale: Floats
) -> Doubles:
    """Mean slope of the score in some inputs as they are, before they are standardised.

    Where a standardised feature was clipped, what is left of it is shared in proportion.
    """
    inputs = (values.astype(np.float64) - mean[columns]) / scale[columns]
    kept = np.minimum(CLIP / np.maximum(np.abs(inputs), CLIP), 1.0)
    return slopes[columns] * kept / scale[columns]


def _feature_names(view: _Seen) -> Sequence[str]:
    for names in (SIGNAL_NAMES, PLACE_NAMES):
        if len(names) == len(view.values):
            return names
    return [f"feature {number}" for number in range(len(view.values))]


def _paragraph_parts(
    near: range, shares: dict[str, Doubles], tagged: Sequence[TaggedParagraph]
) -> list[ParagraphPart]:
    parts = []
    for place, index in enumerate(near):
        views = {name: float(share[place]) for name, share in shares.items() if share[place]}
        if views:
            parts.append(ParagraphPart(index, tagged[index], sum(views.values()), views))
    return parts
