"""Training: labelled documents in, a bundle's arrays out.

Step 2 must learn from step 1's scores as they will be on documents that step 1 has not seen,
so those are made by cross-fitting: the documents are parted by group (their site), and each
part is scored by a step 1 that was trained on the others (stacked generalization, Wolpert 1992).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.errors import LabelledDataError
from adsift.model.alone import hash_documents
from adsift.model.calibration import fit_temperature
from adsift.model.context import Layout, context_features, read_layout
from adsift.model.examples import counted_words, paragraph_weights, shapes
from adsift.model.features import FEATURE_NAMES
from adsift.model.fit_settings import ABSENT, Fitted, Settings
from adsift.model.heads import HEADS, head_of
from adsift.model.labelled_document import LabelledDocument
from adsift.model.networks import Networks
from adsift.model.probabilities import KINDS, LABELS, indices, make_signals, softmax
from adsift.model.progress import Progress, tellers
from adsift.model.risk import calibrate, describe
from adsift.model.tagger import CLIP
from adsift.orphans import end_with

if TYPE_CHECKING:
    from joblib import Parallel
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from adsift.model.bundle import Arrays

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]


def fit(
    documents: Sequence[LabelledDocument],
    settings: Settings | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Fitted:
    """Train both steps, one head for documents with markup and one for those without.

    The same documents and settings give the same arrays, whatever ``jobs`` is.

    Args:
        documents: at least some of them with markup and some without.
        settings: the defaults are those of the shipped bundle.
        jobs: processes to train with.
        progress: told what is done, as a share, and in words.

    Raises:
        LabelledDataError: a document has not one label and one kind for each paragraph; a head
            has fewer groups with labels than ``settings.parts``, or paragraphs of one label only.
    """
    settings = settings or Settings()
    arrays: Arrays = {}
    temperature: dict[str, float] = {}
    pages: dict[str, int] = {}
    for document in documents:
        document.check()
    labelled = [document for document in documents if any(document.labels)]
    heads = {name: [d for d in labelled if head_of(d.paragraphs) == name] for name in HEADS}
    sizes = {name: sum(len(d.paragraphs) for d in own) for name, own in heads.items()}
    for name, tell in tellers(progress, sizes).items():
        trained, temperature[name] = _HeadTraining(name, heads[name], settings).run(jobs, tell)
        arrays |= {f"{name}.{part}": array for part, array in trained.items()}
        pages[name] = len(trained["risk.content"])
    config = {
        "labels": list(LABELS),
        "kinds": list(KINDS),
        "width": settings.width,
        "features": list(FEATURE_NAMES),
        "temperature": temperature,
        "risk": describe(pages),
        "costs": settings.costs,
        "settings": asdict(settings),
    }
    return Fitted(config, arrays)


class FittedAlone(NamedTuple):
    """Step 1, for another step 2 than :func:`fit` trains.

    Attributes:
        arrays: those of a bundle that belong to step 1.
        networks: by head, those of step 2's networks behind it.
        signals: of each document, from a step 1 that has not seen its group: an array of shape
            (paragraphs, SIGNALS).
    """

    arrays: Arrays
    networks: dict[str, Arrays]
    signals: list[Floats]


def fit_alone(
    documents: Sequence[LabelledDocument], settings: Settings | None = None, jobs: int = 1
) -> FittedAlone:
    """Train step 1, and the networks behind it, without calibrating them.

    Args:
        documents: as for :func:`fit`. One with no weight and nothing to learn (labels,
            kinds, ``taught``) is only read: nothing but its own signals depends on it, if there
            are others of its group.
        settings, jobs: as for :func:`fit`.

    Raises:
        LabelledDataError: as for :func:`fit`.
    """
    settings = settings or Settings()
    arrays: Arrays = {}
    networks: dict[str, Arrays] = {}
    signals: list[Floats] = [np.zeros((0, 0), np.float32)] * len(documents)
    for name in HEADS:
        own = [i for i, d in enumerate(documents) if head_of(d.paragraphs) == name]
        training = _HeadTraining(name, [documents[index] for index in own], settings)
        alone, rows = training.cross_fit(jobs, lambda *_: None)
        step1 = training.side_by_side(alone)
        arrays |= {f"{name}.{part}": array for part, array in step1.items()}
        examples = training.examples(rows)
        networks[name] = training.fit_in_context(examples, examples.part >= 0)
        for index, of_document in zip(
            own, np.split(rows, training.layout.offsets[1:-1]), strict=True
        ):
            signals[index] = of_document
    return FittedAlone(arrays, networks, signals)


class _HeadTraining:
    """The data of one head as arrays, a row for each paragraph."""

    def __init__(self, name: str, documents: list[LabelledDocument], settings: Settings) -> None:
        self.settings = settings
        paragraphs = self.paragraphs = [document.paragraphs for document in documents]
        labels = [label for document in documents for label in document.labels]
        kinds = [kind for document in documents for kind in document.kinds]
        groups = sorted({document.group for document in documents})
        if len(groups) < settings.parts:
            raise LabelledDataError(
                f"documents of {len(groups)} groups (sites) for the {name} head, "
                f"at least {settings.parts} are needed"
            )
        if len({label for label in labels if label}) < 2:
            raise LabelledDataError(f"the {name} head's paragraphs all have the same label")
        urls = [document.url for document in documents]
        self.words: csr_matrix
        self.words, self.known = hash_documents(paragraphs, urls, settings.width)
        self.layout: Layout = read_layout(paragraphs)
        self.labels = np.array(indices(labels, LABELS))
        self.targets = _targets(documents, self.labels, settings.distilled)
        self.kinds = np.array(indices(kinds, KINDS))
        self.counted = np.concatenate([counted_words(document) for document in paragraphs])
        self.weights = paragraph_weights(documents)
        made_up = [
            index in document.made_up
            for document in documents
            for index in range(len(document.paragraphs))
        ]
        self.published = np.where(made_up, -1, self.labels)
        shuffled = np.random.default_rng(settings.seed).permutation(len(groups))
        part_of = dict(zip(groups, shuffled % settings.parts, strict=True))
        self.part = np.array([part_of[d.group] for d in documents])[self.layout.document]

    def run(self, jobs: int, tell: Progress) -> tuple[Arrays, float]:
        from joblib import delayed

        run = _workers(jobs)
        alone, signals = self.cross_fit(jobs, tell)
        examples = self.examples(signals)
        parts = range(self.settings.parts)
        networks: list[Arrays] = []
        for network in run(
            delayed(self.fit_in_context)(examples, rows)
            for rows in (examples.part >= 0, *(examples.part != part for part in parts))
        ):
            networks.append(network)
            tell(0.5 + 0.5 * len(networks) / (len(parts) + 1), "step 2")
        opinions = self._out_of_fold([Networks(**n) for n in networks[1:]], examples)
        known = np.flatnonzero(self.published >= 0)
        temperature = fit_temperature(
            np.log(opinions[known]),
            self.published[known],
            self.weights[known] ** 2,  # as the score weighs them
        )
        calibrated = softmax(np.log(opinions) / temperature)
        rng = np.random.default_rng(self.settings.seed)
        arrays = {
            **self.side_by_side(alone),
            **networks[0],
            **calibrate(calibrated, self.published, self.counted, self.layout.document, rng),
        }
        return arrays, temperature

    def side_by_side(self, alone: tuple[Floats, Floats]) -> Arrays:
        """Step 1's arrays: what tells the labels, and trained now, what tells the kinds."""
        kinds = self._fit_kinds()
        return {
            "alone": np.concatenate([alone[0], kinds[0]], axis=1),
            "alone_bias": np.concatenate([alone[1], kinds[1]]),
        }

    def examples(self, signals: Floats) -> _Examples:
        """What step 2 learns from, whole documents first; see :func:`.examples.shapes`."""
        found = [
            _Examples(
                context_features(signals[rows], layout),
                self.labels[rows],
                self.targets[rows],
                self.weights[rows],
                self.part[rows],
                self.layout.document[rows],
            )
            for rows, _, layout in shapes(self.paragraphs, self.labels)
        ]
        return _Examples(*map(np.concatenate, zip(*found, strict=True)))

    def _fit_alone(self, rows: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        chosen, classes, shares = _spell_out(self.targets, rows)
        return self._fit_linear(chosen, classes, self.weights[chosen] * shares, len(LABELS))

    def _fit_kinds(self) -> tuple[Floats, Floats]:
        chosen = np.flatnonzero(self.kinds >= 0)
        return self._fit_linear(chosen, self.kinds[chosen], self.weights[chosen], len(KINDS))

    def _fit_linear(
        self, rows: Integers, classes: Integers, row_weights: Floats, count: int
    ) -> tuple[Floats, Floats]:
        """Multinomial logistic regression; a class without examples gets no chance."""
        from sklearn.linear_model import LogisticRegression

        weights = np.zeros((self.settings.width, count), np.float32)
        bias = np.full(count, ABSENT, np.float32)
        present = np.unique(classes)
        if len(present) < 2:
            bias[present] = 0.0
            return weights, bias
        model = LogisticRegression(
            C=self.settings.inverse_penalty, max_iter=self.settings.iterations, tol=1e-3
        )
        _fit_quietly(model, self.words[rows], classes, row_weights)
        _spread(present, model.coef_.T, model.intercept_, weights, bias)
        return weights, bias

    def fit_in_context(self, examples: _Examples, rows: NDArray[np.bool_]) -> Arrays:
        from sklearn.neural_network import MLPClassifier

        chosen, classes, shares = _spell_out(examples.targets, rows)
        data = examples.features[np.unique(chosen)]
        mean, scale = data.mean(axis=0), data.std(axis=0)
        scale[scale < 1e-6] = 6e4  # what never varied in training has no say
        data = np.clip((examples.features[chosen] - mean) / scale, -CLIP, CLIP)
        size, count = self.settings.hidden, self.settings.networks
        hidden, hidden_bias = [], []
        output = np.zeros((count, size, len(LABELS)), np.float32)
        output_bias = np.full((count, len(LABELS)), ABSENT, np.float32)
        for number in range(count):
            model = MLPClassifier(
                (size,),
                alpha=self.settings.penalty,
                max_iter=self.settings.epochs,
                batch_size=min(512, len(chosen)),
                random_state=self.settings.seed + number,
            )
            _fit_quietly(model, data, classes, examples.weights[chosen] * shares)
            hidden.append(model.coefs_[0])
            hidden_bias.append(model.intercepts_[0])
            _spread(
                model.classes_,
                model.coefs_[1],
                model.intercepts_[1],
                output[number],
                output_bias[number],
            )
        return {
            "mean": mean,
            "scale": scale,
            "hidden": np.concatenate(hidden, axis=1),
            "hidden_bias": np.concatenate(hidden_bias),
            "output": output,
            "output_bias": output_bias,
        }

    def cross_fit(self, jobs: int, tell: Progress) -> tuple[tuple[Floats, Floats], Floats]:
        """Step 1's weights and bias, and the signals of each paragraph as they are on documents
        that step 1 has not seen."""
        from joblib import delayed

        parts = range(self.settings.parts)
        chosen = [self.part >= 0, *(self.part != part for part in parts)]
        run = _workers(jobs)
        alone: list[tuple[Floats, Floats]] = []
        for fitted in run(delayed(self._fit_alone)(rows) for rows in chosen):
            alone.append(fitted)
            tell(0.5 * len(alone) / len(chosen), "step 1")
        seen = np.zeros((len(self.labels), len(LABELS)), np.float32)
        for part, (weights, bias) in zip(parts, alone[1:], strict=True):
            rows = self.part == part
            seen[rows] = softmax(self.words[rows] @ weights + bias)
        return alone[0], make_signals(seen, self.known)

    def _out_of_fold(self, networks: list[Networks], examples: _Examples) -> Floats:
        """What networks that have not seen a document think of it, shape (rows, labels)."""
        whole = slice(len(self.labels))  # the documents as they are come first
        features, part, document = (
            array[whole] for array in (examples.features, examples.part, examples.document)
        )
        opinions = np.zeros((len(features), len(LABELS)), np.float32)
        for number, network in enumerate(networks):
            rows = part == number
            opinions[rows] = network.probabilities(features[rows], document[rows])
        return opinions


class _Examples(NamedTuple):
    """What step 2 learns from, a row for each paragraph: context features of shape (rows, F),
    and per row the label's index or -1, the probabilities to learn, the weight, the part of the
    cross-fitting and the document."""

    features: Floats
    labels: Integers
    targets: Floats
    weights: Floats
    part: Integers
    document: Integers


def _workers(jobs: int) -> Parallel:
    """So many processes, which end when this one does, however it ends."""
    from joblib import Parallel

    return Parallel(
        n_jobs=jobs,
        max_nbytes=None,
        return_as="generator",
        initializer=end_with,
        initargs=(os.getpid(),),
    )


def _targets(documents: Sequence[LabelledDocument], labels: Integers, distilled: float) -> Floats:
    """What each paragraph is taught, shape (rows, labels): its label, a teacher's probabilities,
    or some of both; zeros where there is neither."""
    known = labels >= 0
    targets = np.zeros((len(labels), len(LABELS)), np.float32)
    targets[known, labels[known]] = 1.0
    start = 0
    for document in documents:
        rows = slice(start, start := start + len(document.paragraphs))
        if document.taught is not None:
            share = np.where(known[rows], distilled, 1.0)[:, None]
            targets[rows] += share * (document.taught - targets[rows])
    return targets


SPOKEN = 0.02
"""Smaller probabilities are not taught, which saves time."""


def _spell_out(targets: Floats, rows: NDArray[np.bool_]) -> tuple[Integers, Integers, Floats]:
    """Rows with probabilities as rows with one class each: row numbers, classes and shares."""
    chosen, classes = np.nonzero((targets > SPOKEN) & rows[:, None])
    return chosen, classes, targets[chosen, classes]


def _spread(
    present: Integers, weights: Floats, bias: Floats, all_weights: Floats, all_bias: Floats
) -> None:
    """Put a model's columns where their classes have theirs."""
    if len(present) == 2:  # scikit-learn gives one column for two classes
        all_weights[:, present[1]] = weights[:, 0]
        all_bias[present] = (0.0, bias[0])
    else:
        all_weights[:, present] = weights
        all_bias[present] = bias


def _fit_quietly(model: Any, data: Any, classes: Integers, weights: Floats) -> None:
    """Fit on one thread, so that sums come out the same everywhere; stopping early is meant."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data, classes, sample_weight=weights)
