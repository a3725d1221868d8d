"""What each view, each word and each paragraph adds to step 2's score of a label.

The context features are summed up by view. The contributions of views that are weighted means are
linear in the signals of the paragraphs around, and so are parted among these without a further
assumption: a paragraph adds its weight in the mean, times how far its signal lies from the
feature's average in training, times the feature's slope. What no paragraph can claim (the length
and place of the paragraph itself, an empty window at a document's end) is kept apart.

A tagger reads two things more. What a paragraph's words mean is a mean of vectors, so that its
contribution is parted among the words in the same way; of the maximum, each number belongs to the
word that holds it. And it reads the other paragraphs with the views that they have: what comes from
these is the contribution of the paragraph that they are the views of. What the whole numbers of its
layers add to the score belongs to no input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adsift.model.attribution import Attribution, attribute
from adsift.model.context import FACTS, context_features
from adsift.model.explanation import (
    ALONGSIDE,
    MEANING,
    ROUNDING,
    FeaturePart,
    InContextExplanation,
    ParagraphPart,
    ViewPart,
)
from adsift.model.probabilities import LABELS
from adsift.model.tagger import CLIP
from adsift.model.tracing import trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.document import TaggedParagraph
    from adsift.model.context import Layout
    from adsift.model.neighbourhood import Neighbourhood, ViewSeen
    from adsift.model.networks import Networks
    from adsift.model.pieces import Pieces
    from adsift.model.tagging import Tagging

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

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


def explain_networks(
    neighbourhood: Neighbourhood,
    tagged: Sequence[TaggedParagraph],
    networks: Networks,
    temperature: float,
    column: int,
) -> InContextExplanation:
    """What makes the networks' score of a label.

    Args:
        neighbourhood: of the paragraph that is explained.
        tagged: all paragraphs of the document.
        networks: step 2 of the document's head.
        temperature: that its scores are divided by.
        column: of the label.
    """
    features = np.concatenate([view.values for view in neighbourhood.views])
    inputs = np.clip((features - networks.mean) / networks.scale, -CLIP, CLIP)
    attribution = attribute(networks, temperature, column, inputs)
    return _by_view(neighbourhood, tagged, attribution, networks.mean, networks.scale)


def explain_tagging(
    neighbourhood: Neighbourhood,
    tagged: Sequence[TaggedParagraph],
    tagging: Tagging,
    temperature: float,
    column: int,
    layout: Layout,
    index: int,
) -> InContextExplanation:
    """What makes a tagger's score of a label.

    Args:
        neighbourhood, tagged, temperature, column: as for :func:`explain_networks`.
        tagging: step 2 of the document's head.
        layout: of the document.
        index: of the paragraph.
    """
    pieces, layers = tagging.tagger.pieces, tagging.tagger.layers
    document = [paragraph.paragraph for paragraph in tagged]
    features = context_features(neighbourhood.signals, layout)
    meanings = tagging.meanings([document], features, layout)
    found = trace(tagging, temperature, column, meanings, features, layout, index)
    of_words, of_views = slice(pieces.width), slice(pieces.width, None)
    slopes, contributions = found.slopes[index], found.contributions[index]
    own = Attribution(found.baseline, found.score, slopes[of_views], contributions[of_views])
    by_view = _by_view(neighbourhood, tagged, own, layers.mean[of_views], layers.scale[of_views])
    words = _words_of_meaning(
        tagged[index].text if contributions[of_words].any() else "",
        pieces,
        _slopes(meanings[index], slopes, of_words, layers.mean, layers.scale),
        layers.mean[of_words].astype(np.float64),
    )
    meaning = float(contributions[of_words].sum())
    alongside = found.contributions.sum(axis=1)
    alongside[index] = 0.0
    far = float(alongside.sum() - alongside[neighbourhood.near].sum())
    parts = {part.index: part.views for part in by_view.paragraphs}
    for place in neighbourhood.near:
        if alongside[place]:
            parts.setdefault(place, {})[ALONGSIDE] = float(alongside[place])
    parts.setdefault(index, {})[MEANING] = meaning
    return InContextExplanation(
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


def _by_view(
    neighbourhood: Neighbourhood,
    tagged: Sequence[TaggedParagraph],
    attribution: Attribution,
    mean: Floats,
    scale: Floats,
) -> InContextExplanation:
    views = []
    shares: dict[str, Doubles] = {}
    start = 0
    for view in neighbourhood.views:
        columns = slice(start, start + len(view.values))
        start = columns.stop
        contributions = attribution.contributions[columns]
        claimed = 0.0
        if view.weights is not None:
            slopes = _slopes(view.values, attribution.slopes, columns, mean, scale)
            distance = neighbourhood.signals[neighbourhood.near].astype(np.float64) - mean[columns]
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
    return InContextExplanation(
        attribution.score,
        attribution.baseline,
        views,
        _paragraph_parts(neighbourhood.near, shares, tagged),
        sum(view.unclaimed for view in views),
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


def _feature_names(view: ViewSeen) -> Sequence[str]:
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
