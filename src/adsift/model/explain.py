"""Why a paragraph has its label: step 1's words, step 2's features and the neighbours.

Both steps are explained in their own terms, and each table adds up to its own score:

*   Step 1 is linear. A word's contribution to a label's score is its value in the paragraph's
    row times its weight; words that share a column of the hash share a contribution.
*   Step 2's score, the log-odds of the label, is attributed to its inputs by integrated
    gradients (:mod:`.attribution`, for a tagger :mod:`.tracing`), and these are summed up by view
    and parted among the paragraphs (:mod:`.contributions`).

The two tables are not multiplied into one: step 2 reads step 1's probabilities of four labels at
once, so that no share of its score belongs to one label's words.
"""

from __future__ import annotations

from operator import index as as_index
from typing import TYPE_CHECKING

import numpy as np

from adsift.document import Label
from adsift.errors import ExplanationError
from adsift.model.context import read_layout
from adsift.model.contributions import explain_networks, explain_tagging
from adsift.model.explanation import AloneExplanation, Explanation, WordPart
from adsift.model.features import hash_rows, paragraph_words
from adsift.model.heads import head_of
from adsift.model.links import own_host
from adsift.model.neighbourhood import Neighbourhood
from adsift.model.networks import Networks
from adsift.model.probabilities import LABELS, make_signals, softmax
from adsift.model.tagging import Tagging
from adsift.model.wording import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.load import Model

    Floats = NDArray[np.float32]


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
    neighbourhood = Neighbourhood(signals, layout, index)
    step2 = head.judge_of(head.calls_short(len(paragraphs)))
    if isinstance(step2, Tagging):
        in_context = explain_tagging(
            neighbourhood, tagged, step2, head.temperature, column, layout, index
        )
    else:
        assert isinstance(step2, Networks)
        in_context = explain_networks(neighbourhood, tagged, step2, head.temperature, column)
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
) -> AloneExplanation:
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
    return AloneExplanation(float(bias + contributions.sum()), bias, parts, probabilities)
