"""The shipped fast bundle: step 1 as the package trains it, and for step 2 a tagger, with the
package's networks for short documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from adsift.model.alone import Alone
from adsift.model.bundle import Bundle
from adsift.model.context import FACTS
from adsift.model.features import FEATURE_NAMES
from adsift.model.fit import fit_alone
from adsift.model.fit_settings import Settings
from adsift.model.heads import HEADS, head_of
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import KINDS, LABELS, make_signals, softmax
from pitches import add_pitches
from recipe import TaggerSettings

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays


def fit_fast(
    labelled: Sequence[LabelledDocument],
    seeds: Sequence[LabelledDocument],
    written: Sequence[LabelledDocument],
    settings: Settings,
    jobs: int,
    say: Callable[[str], None],
) -> Bundle:
    """Train the bundle, whose probabilities are not calibrated yet; some minutes.

    Args:
        labelled: pages with labels, as :func:`dataset.label_pages` makes them.
        seeds, written: the project's own documents. Step 1 does not learn from the written ones.
        settings: of step 1.
        jobs: processes.
        say: told of the progress.
    """
    from tagger import learn_tagger  # PyTorch, which the other scripts do without

    documents = [*add_pitches([*labelled], settings.seed), *seeds]
    alone = fit_alone(documents, settings, jobs)
    say("step 1 trained")
    tagger = TaggerSettings()
    step2 = learn_tagger(
        [*zip(documents, alone.signals, strict=True)],
        [(document, unseen_signals(alone.arrays, document)) for document in written],
        tagger,
        say,
    )
    config = {
        "labels": list(LABELS),
        "kinds": list(KINDS),
        "width": settings.width,
        "features": list(FEATURE_NAMES),
        "temperature": dict.fromkeys(HEADS, 1.0),
        "costs": settings.costs,
        "settings": {**asdict(settings), "tagger": asdict(tagger)},
    }
    short = {
        f"{head}.short.{part}": array
        for head, networks in alone.networks.items()
        for part, array in networks.items()
    }
    return Bundle(config, {**alone.arrays, **step2, **short}, "")


def unseen_signals(arrays: Arrays, document: LabelledDocument) -> np.ndarray:
    """The signals of a document that step 1 has not learned from."""
    if not document.paragraphs:
        return np.empty((0, len(LABELS) + len(FACTS)), np.float32)
    name = head_of(document.paragraphs)
    alone = Alone(arrays[f"{name}.alone"], arrays[f"{name}.alone_bias"])
    scores, known = alone.score([document.paragraphs], [document.url])
    return make_signals(softmax(scores[:, : len(LABELS)]), known)
