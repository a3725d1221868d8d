"""Adapting: a bundle learns from a few labelled documents without its own training data.

First of all other documents have another mix of labels, to which step 2's scores are shifted
(:mod:`.adaptation.label_shift`). Beyond that both steps keep what they know as a prior
(:mod:`.adaptation.linear`). Of step 2 only the output layers move: those of the model that judges
most of the documents, where there is another for short ones (:mod:`.adaptation.head`). How far the
weights may go is chosen by cross-validation over the documents
(:mod:`.adaptation.cross_validation`); to stay is one of the choices, and another is taken only if
it is better by more than luck. Documents too few for that move step 1 alone.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from adsift.errors import BundleError, LabelledDataError
from adsift.model.adaptation.head import HeadAdaptation
from adsift.model.adaptation.settings import AdaptSettings
from adsift.model.bundle import WEIGHTS, Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted
from adsift.model.heads import HEADS, head_of
from adsift.model.progress import Progress, tellers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adsift.document import Label
    from adsift.model.labelled_document import LabelledDocument

_OF_THE_BASE = ("name", "data", "scores", "files", "adapted")
"""What a bundle's configuration says of that bundle alone."""


def adapt(
    base: Bundle,
    documents: Sequence[LabelledDocument],
    settings: AdaptSettings | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Adapt a bundle to labelled documents.

    A head that no documents are for, or only paragraphs of one label, stays as it is. So do
    arrays and configuration of the bundle that adapting does not know. The same bundle,
    documents and settings give the same arrays.

    Args:
        base: the bundle to start from.
        documents: a few hundred labelled paragraphs do.
        settings: the defaults are meant for that.
        progress: told what is done.

    Returns:
        The new configuration and arrays. ``config["adapted"]`` says from what and how.

    Raises:
        BundleError: the bundle was made for other labels or features.
        LabelledDataError: a document has not one label and one kind for each paragraph, or a
            weight that is none; no head has paragraphs of two labels.
    """
    from threadpoolctl import threadpool_limits

    # It has a BLAS of its own, and the limit below is of those that are loaded by then.
    import_module("scipy.optimize")
    if "encoder" in base.config:
        raise BundleError("the accurate tier cannot be adapted: adapt the fast bundle, 'default'")
    settings = settings or AdaptSettings()
    for document in documents:
        document.check()
    classifier = Classifier(base)
    # The calibration of the bound is of the base's probabilities, not of these.
    arrays = {name: array for name, array in base.arrays.items() if ".risk." not in name}
    temperatures = dict(base.config["temperature"])
    reports: dict[str, Any] = {}
    heads = {name: _documents_of(name, documents) for name in HEADS}
    able = [name for name, found in heads.items() if len(_labels_of(found)) > 1]
    if not able:
        raise LabelledDataError(
            "nothing to adapt to: neither the documents with markup nor those without have "
            "paragraphs of two labels"
        )
    sizes = {name: sum(len(document.paragraphs) for document in heads[name]) for name in able}
    for name, tell in tellers(progress, sizes).items():
        adaptation = HeadAdaptation(name, classifier, base, heads[name], settings, tell)
        with threadpool_limits(1):  # so that sums come out the same everywhere
            adapted = adaptation.run()
        temperatures[name], reports[name] = adapted.temperature, adapted.report
        arrays |= {f"{name}.{part}": array for part, array in adapted.arrays.items()}
    if progress is not None:
        progress(1.0, "done")
    return Fitted(_config(base, temperatures, settings, reports), arrays)


def base_digest(config: dict[str, Any]) -> str:
    """SHA-256 of the weights of the bundle that an adapted one was made from."""
    return str(config["adapted"]["base"].get("files", {}).get(WEIGHTS, "unknown"))


def _config(
    base: Bundle,
    temperatures: dict[str, float],
    settings: AdaptSettings,
    reports: dict[str, Any],
) -> dict[str, Any]:
    """What an adapted bundle says of itself and of the one that it was made from."""
    return {
        **{
            key: value
            for key, value in base.config.items()
            if key not in _OF_THE_BASE and key != "risk"
        },
        "temperature": temperatures,
        "adapted": {
            "base": {key: base.config[key] for key in _OF_THE_BASE if key in base.config},
            "settings": {**asdict(settings)},
            "heads": reports,
        },
    }


def _documents_of(head: str, documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    return [
        d for d in documents if d.weight > 0 and any(d.labels) and head_of(d.paragraphs) == head
    ]


def _labels_of(documents: Sequence[LabelledDocument]) -> set[Label]:
    return {label for document in documents for label in document.labels if label}
