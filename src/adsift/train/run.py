"""One training run: labelled data in, a bundle out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import adsift
from adsift.errors import LabelledDataError
from adsift.labelled.checks import (
    contradictions,
    require_two_labels,
    shared_texts,
    without_shared,
)
from adsift.labelled.data import LabelledData
from adsift.model.adapt import adapt
from adsift.model.adaptation.settings import AdaptSettings
from adsift.model.bundle import Bundle, as_read, as_stored
from adsift.model.fit import fit
from adsift.model.fit_settings import Fitted, Settings
from adsift.model.heads import head_of
from adsift.model.labelled_document import LabelledDocument
from adsift.model.progress import Progress
from adsift.train.card import Scores, make_card
from adsift.train.figures import label_scores
from adsift.train.prepare import (
    for_both_heads,
    with_enough_groups,
    with_numbered_groups,
    with_weight,
)

SHOWN = 5
"""So many of a kind of problem are named."""

EXCERPT = 40
"""Characters of a text by which it is found again."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run gives.

    Attributes:
        bundle: ready to be written.
        scores: figures on the validation data, ``before`` (of the base) and ``after``; empty
            without such data, and if all of it is in the training data too or weighs nothing.
    """

    bundle: Bundle
    scores: Scores


def train(
    data: LabelledData,
    validation: LabelledData | None = None,
    base: Bundle | None = None,
    settings: Settings | AdaptSettings | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Trained:
    """Train a bundle, from scratch or from another one.

    The same arguments give the same bundle, byte for byte, whatever ``jobs`` is.

    Args:
        data: what to learn from.
        validation: what to measure on. Texts that are in ``data`` too are left out of the
            figures.
        base: the bundle to adapt; left out, training starts from scratch.
        settings: an :class:`.AdaptSettings` with a base, a :class:`.fit_settings.Settings` without.
        jobs: processes, for training from scratch.
        progress: told how much is done.

    Raises:
        LabelledDataError: the data has one label only, or too few documents, or only such of
            the weight 0; or a document has not one label and one kind for each paragraph, or a
            weight that is none.
        BundleError: the base was made for other labels or features.
        TypeError: settings of the other way of training.
    """
    require_two_labels(data)
    documents = with_weight(with_numbered_groups(data.documents))
    if not documents:
        raise LabelledDataError(
            "all documents have the weight 0: give one above it to those that are to be learned "
            "from"
        )
    require_two_labels(LabelledData(documents))
    if base is not None:
        if not isinstance(settings, AdaptSettings | None):
            raise TypeError("with a base the settings must be AdaptSettings")
        fitted = adapt(base, documents, settings, progress)
    else:
        if not isinstance(settings, Settings | None):
            raise TypeError("without a base the settings must be Settings")
        fitted = _from_scratch(documents, settings or Settings(), jobs, progress)
    # What is measured is what is written, see ``write_bundle``.
    arrays = {name: as_read(name, as_stored(name, a)) for name, a in fitted.arrays.items()}
    config: dict[str, Any] = {**fitted.config, "adsift": adsift.__version__}
    scores: Scores = {}
    trained: dict[str, Any] = {"data": _summary(data), "scores": scores}
    if validation is not None:
        measured = without_shared(data, validation)
        trained["validation"] = _summary(measured)
        if any(document.weight > 0 for document in measured.documents):
            if base is not None:
                scores["before"] = _rounded(label_scores(base, measured.documents))
            after = label_scores(Bundle(config, arrays, ""), measured.documents)
            scores["after"] = _rounded(after)
    config["trained"] = trained
    return Trained(Bundle(config, arrays, make_card(config)), scores)


def _from_scratch(
    documents: Sequence[LabelledDocument], settings: Settings, jobs: int, progress: Progress | None
) -> Fitted:
    labelled = [document for document in documents if any(document.labels)]
    if len(labelled) < settings.parts:
        # Each may be a group of its own, but not more.
        raise LabelledDataError(
            f"too few documents to train from scratch: {len(labelled)} with labels, at least "
            f"{settings.parts} are needed; or adapt a model, which takes fewer"
        )
    ready = with_enough_groups(for_both_heads(labelled), settings.parts)
    return fit(ready, settings, jobs, progress)


def _summary(data: LabelledData) -> dict[str, Any]:
    return {
        "documents": len(data.documents),
        "groups": len({document.group for document in data.documents}),
        "labels": data.counts,
    }


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items()}


def check_split(data: LabelledData, validation: LabelledData) -> None:
    """See that no text of the validation data was trained on.

    Raises:
        LabelledDataError: naming the first places.
    """
    shared = shared_texts(data, validation)
    if shared:
        named = _named((f"{item.validation} as in {item.training}", item.text) for item in shared)
        raise LabelledDataError(
            f"texts of the validation data are in the training data: {named}; take them "
            "out of one, or allow duplicates, which leaves them out of the figures"
        )


def _named(problems: Iterable[tuple[str, str]]) -> str:
    """The first places with how their text begins. The paragraphs of a document may all stand in
    one line: it is named once."""
    places: dict[str, str] = {}
    for place, text in problems:
        places.setdefault(place, text)
    named = [f"{place} {text[:EXCERPT]!r}" for place, text in islice(places.items(), SHOWN)]
    more = [f"and {len(places) - SHOWN} more"] if len(places) > SHOWN else []
    return "; ".join(named + more)


def remarks(data: LabelledData, from_scratch: bool) -> list[str]:
    """What a user should know about the data before it is trained on."""
    found = []
    if data.skipped:
        found.append(f"{data.skipped} records without an accepted label are left out")
    if weightless := len(data.documents) - len(with_weight(data.documents)):
        found.append(f"{weightless} documents have the weight 0, or next to it, and are left out")
    if data.disputed:
        found.append(
            f"the annotators of {data.disputed} records disagree; of each the last annotation "
            "counts, or the ground truth"
        )
    if data.unlabelled:
        found.append(f"{data.unlabelled} paragraphs have no label")
    if data.unused_spans:
        found.append(
            f"{data.unused_spans} labelled spans are less than half of any paragraph, and unused"
        )
    if contradicting := contradictions(data):
        named = _named(
            (", ".join(f"{place} {label}" for label, place in item.places.items()), item.text)
            for item in contradicting
        )
        found.append(f"{len(contradicting)} texts have several labels ({named})")
    if from_scratch and all(head_of(d.paragraphs) == "plain" for d in data.documents):
        found.append("no document has markup, so the model will know HTML by its words alone")
    return found
