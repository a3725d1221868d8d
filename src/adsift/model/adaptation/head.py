"""Adapting one head: how far the weights of both steps may go, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.model.adaptation.cross_validation import is_better, part_documents
from adsift.model.adaptation.label_shift import fit_shift, left_out, told
from adsift.model.adaptation.linear import NEVER, LinearChange, fit_change, wake
from adsift.model.alone import hash_documents
from adsift.model.calibration import fit_temperature
from adsift.model.context import context_features
from adsift.model.examples import paragraph_weights, shapes
from adsift.model.probabilities import KINDS, LABELS, indices, make_signals, softmax
from adsift.model.tagger import SMALLEST
from adsift.model.tagging import Tagging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.model.adaptation.settings import AdaptSettings
    from adsift.model.bundle import Arrays, Bundle
    from adsift.model.classifier import Classifier
    from adsift.model.examples import Shape
    from adsift.model.heads import Head
    from adsift.model.labelled_document import LabelledDocument
    from adsift.model.progress import Progress

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Chosen = NDArray[np.bool_]

TEMPERATURE_PULL = 50.0
"""How many paragraphs' log loss it is worth to keep the temperature: the weight of the squared
distance from the bundle's, in logarithms."""


class Adapted(NamedTuple):
    """A head.

    Attributes:
        arrays: those that change, by name.
        temperature: of the configuration.
        report: what was chosen.
    """

    arrays: Arrays
    temperature: float
    report: dict[str, Any]


class HeadAdaptation:
    """One head and its documents as arrays, a row for each paragraph."""

    def __init__(
        self,
        name: str,
        classifier: Classifier,
        base: Bundle,
        documents: list[LabelledDocument],
        settings: AdaptSettings,
        tell: Progress,
    ) -> None:
        self.settings, self.tell = settings, tell
        self.head = classifier.heads[name]
        self.short = _mostly_short(self.head, documents)
        self.step2 = self.head.judge_of(self.short)
        self.temperature = float(base.config["temperature"][name])
        paragraphs = [document.paragraphs for document in documents]
        urls = [document.url for document in documents]
        words, self.known = hash_documents(paragraphs, urls, classifier.width)
        # A column that no row has keeps the bundle's weights, so it need not be looked at.
        self.columns = np.unique(words.indices)
        self.words = words[:, self.columns]
        self.labels = _indices(documents, "labels", LABELS)
        self.kinds = _indices(documents, "kinds", KINDS)
        self.labelled = self.labels >= 0
        self.weights = _balanced(paragraph_weights(documents), self.labels, settings.balance)
        start = np.asarray(words @ self.head.alone.weights, np.float64)
        bias = self.head.alone.bias.astype(np.float64)
        count = len(LABELS)
        self.wake = np.concatenate(
            [wake(bias[:count], self.labels), wake(bias[count:], self.kinds)]
        )
        self.scores: Doubles = start + bias + self.wake
        self.told = told(self.labels, self.weights)
        whole = np.concatenate([np.full(len(d.labels), all(d.labels)) for d in documents])
        self.open = self.told | whole[:, None]
        self.views = [*shapes(paragraphs, self.labels)]
        self.part, self.parts = part_documents(documents, settings)

    def run(self) -> Adapted:
        """Adapt the head."""
        choice = self._choose()
        alone = self._alone(choice.penalty)
        outputs, shift, temperature = self._awake(), np.zeros(len(LABELS)), self.temperature
        if choice.opinions is not None:
            self.tell(0.95, "step 2 on everything")
            temperature = self._temperature(choice.opinions)
            everything = np.ones(len(self.labels), bool)
            active = [self._last_hidden(choice.scores, view) for view in self.views]
            shift = self._shift_of(outputs, active[0], everything)
            outputs = self._fit_outputs(outputs, active, everything, choice.output_penalty)
            back = left_out(shift / temperature) * temperature
            outputs = self._moved(outputs, -back, active[0][self.labelled])
            shift = shift - back
        prefix = "short." if self.short else ""
        layers = {f"{prefix}{part}": array for part, array in outputs._asdict().items()}
        changed = {**layers, **alone}
        report = {
            "documents": len(self.views[0].layout.offsets) - 1,
            "paragraphs": int(self.labelled.sum()),
            "parts": self.parts,
            "penalty": choice.penalty,
            "output penalty": choice.output_penalty,
            "shift": [round(float(number), 4) for number in shift],
        }
        return Adapted(changed, temperature, report)

    def _choose(self) -> _Choice:
        """The penalties of both steps by which the labels of unseen documents are most probable.
        What step 1 learns may be of use only once step 2 moves too, so they are chosen together."""
        if self.parts < 2:
            scores: Doubles = self.scores[:, : len(LABELS)]
            return _Choice(np.zeros(0), self.settings.penalty, None, scores, None)
        best: _Choice | None = None
        outputs = self._awake()
        # From those that move least on; to go further must be worth more than luck.
        penalties = (None, *sorted(self.settings.penalties, reverse=True))
        output_penalties = (None, *sorted(self.settings.output_penalties, reverse=True))
        for number, penalty in enumerate(penalties):
            scores = self._cross_fit(penalty)
            active = [self._last_hidden(scores, view) for view in self.views]
            for place, output_penalty in enumerate(output_penalties):
                done = (number + place / len(output_penalties)) / len(penalties)
                self.tell(0.95 * done, "choosing how far to go")
                opinions = self._held_out(outputs, active, output_penalty)
                losses = self._losses(opinions)
                if best is None or is_better(losses, best.losses):
                    best = _Choice(losses, penalty, output_penalty, scores, opinions)
        assert best is not None
        return best

    def _cross_fit(self, penalty: float | None) -> Doubles:
        """Step 1's scores of every paragraph, by a model that has not seen its document."""
        scores: Doubles = self.scores[:, : len(LABELS)].copy()
        if penalty is None:
            return scores
        for part in range(self.parts):
            rows = self.part == part
            found = self._fit_linear(~rows, self.labels, slice(0, len(LABELS)), penalty)
            scores[rows] += self.words[rows] @ found.weights + found.bias
        return scores

    def _alone(self, penalty: float | None) -> Arrays:
        """Step 1's arrays, trained on everything."""
        everything = np.ones(len(self.labels), bool)
        weights = self.head.alone.weights.copy()
        bias = self.head.alone.bias + self.wake
        count = len(LABELS)
        # The kinds have no other place to be learnt.
        of_kinds = self.settings.penalty if penalty is None else penalty
        for classes, where, own in (
            (self.labels, slice(0, count), penalty),
            (self.kinds, slice(count, count + len(KINDS)), of_kinds),
        ):
            if own is not None and (classes >= 0).any():
                found = self._fit_linear(everything, classes, where, own)
                weights[self.columns, where] += found.weights.astype(np.float32)
                bias[where] += found.bias
        return {"alone": weights, "alone_bias": bias.astype(np.float32)}

    def _fit_linear(
        self, rows: Chosen, classes: Integers, where: slice, penalty: float
    ) -> LinearChange:
        chosen = np.flatnonzero(rows & (classes >= 0))
        start = self.scores[chosen, where]
        return fit_change(
            self.words[chosen],
            np.where(self.open[chosen], start, NEVER) if classes is self.labels else start,
            classes[chosen],
            self.weights[chosen],
            penalty,
        )

    def _last_hidden(self, scores: Doubles, view: Shape) -> Floats:
        """What the output layers read in a view, of step 1's scores."""
        signals = make_signals(softmax(scores), self.known)[view.rows]
        features = context_features(signals, view.layout)
        meanings = self.step2.meanings(view.documents, features, view.layout)
        return self.step2.last_hidden(meanings, features, view.layout)

    def _held_out(
        self, outputs: _Outputs, active: Sequence[Floats], penalty: float | None
    ) -> Floats:
        """What output layers that have not seen its document say of every paragraph."""
        opinions = np.empty((len(self.labels), len(LABELS)), np.float32)
        for part in range(self.parts):
            rows = self.part == part
            found = self._fit_outputs(outputs, active, ~rows, penalty)
            opinions[rows] = found.opinions(active[0][rows])
        return opinions

    def _fit_outputs(
        self, outputs: _Outputs, active: Sequence[Floats], rows: Chosen, penalty: float | None
    ) -> _Outputs:
        """Other output layers.

        Args:
            outputs: those to start from.
            active: what they read in each view, or in the first one alone.
            rows: paragraphs to learn from.
            penalty: of the distance from where a shift has brought them, ``None`` to go no further.
        """
        shift = self._shift_of(outputs, active[0], rows)
        outputs = self._moved(outputs, shift, active[0][rows & self.labelled])
        if penalty is None:
            return outputs
        kept = [rows[view.rows] & self.labelled[view.rows] for view in self.views]
        chosen = np.concatenate([view.rows[k] for view, k in zip(self.views, kept, strict=True)])
        data = np.concatenate([a[k] for a, k in zip(active, kept, strict=True)])
        count, size, _ = outputs.output.shape
        output, output_bias = outputs.output.copy(), outputs.output_bias.copy()
        for number in range(count):
            own = data[:, number * size : (number + 1) * size].astype(np.float64)
            start = own @ outputs.output[number] + outputs.output_bias[number]
            start = np.where(self.open[chosen], start, NEVER)
            found = fit_change(own, start, self.labels[chosen], self.weights[chosen], penalty)
            output[number] += found.weights.astype(np.float32)
            output_bias[number] += found.bias.astype(np.float32)
            if self._reads(own):
                output[number, -1] -= found.bias.astype(np.float32)
        return _Outputs(output, output_bias)

    def _moved(self, outputs: _Outputs, by: Doubles, active: Floats) -> _Outputs:
        """The output layers with other biases, which were found on what these rows hold."""
        output = outputs.output.copy()
        if self._reads(active):
            output[:, -1] -= by.astype(np.float32)
        return _Outputs(output, outputs.output_bias + by.astype(np.float32))

    def _shift_of(self, outputs: _Outputs, active: Floats, rows: Chosen) -> Doubles:
        """What brings the output layers to the mix of labels that these rows have."""
        chosen = np.flatnonzero(rows & self.labelled)
        scores = np.log(outputs.opinions(active[chosen])).astype(np.float64)
        return fit_shift(scores, self.labels[chosen], self.weights[chosen], self.open[chosen])

    def _reads(self, active: Floats | Doubles) -> bool:
        """Whether the tagger reads all of these rows. Then nothing is learned of what it does not
        read, and that is to stay as it was."""
        return isinstance(self.step2, Tagging) and not active[:, -1].any()

    def _awake(self) -> _Outputs:
        """The bundle's output layers, with a chance for labels that it had no example of."""
        output, biases = self.step2.output, self.step2.output_bias
        change = [wake(bias.astype(np.float64), self.labels) for bias in biases]
        return _Outputs(output, biases + np.array(change, np.float32))

    def _losses(self, opinions: Floats) -> Doubles:
        """The weighted log loss of each document."""
        rows = np.flatnonzero(self.labelled)
        chances = np.where(self.open[rows], opinions[rows], 0).astype(np.float64)
        chance = chances[np.arange(len(rows)), self.labels[rows]]
        chance /= np.maximum(chances.sum(axis=1), SMALLEST)
        document = self.views[0].layout.document[rows]
        losses = -self.weights[rows] * np.log(np.maximum(chance, SMALLEST))
        return np.asarray(np.bincount(document, losses), np.float64)

    def _temperature(self, opinions: Floats) -> float:
        """The bundle's temperature, moved to where unseen documents' labels are more probable."""
        rows = np.flatnonzero(self.labelled)
        scores = np.log(np.maximum(opinions[rows], SMALLEST)).astype(np.float64)
        scores = np.where(self.open[rows], scores, NEVER)
        return fit_temperature(
            scores, self.labels[rows], self.weights[rows], self.temperature, 1.0, TEMPERATURE_PULL
        )


class _Choice(NamedTuple):
    """How far the weights go.

    Attributes:
        losses: of each document, unseen.
        penalty: of step 1, ``None`` to leave its labels as they are.
        output_penalty: of step 2, ``None`` to shift it only.
        scores: step 1's, of every paragraph, by a model that has not seen its document.
        opinions: likewise step 2's; ``None`` where the documents are too few to choose by.
    """

    losses: Doubles
    penalty: float | None
    output_penalty: float | None
    scores: Doubles
    opinions: Floats | None


class _Outputs(NamedTuple):
    """Step 2's output layers, see :class:`adsift.model.in_context.InContext`."""

    output: Floats
    output_bias: Floats

    def opinions(self, active: Floats) -> Floats:
        """Their mean opinion, shape (rows, labels), of what step 2's last units hold."""
        count, size, _ = self.output.shape
        by_network = active.reshape(len(active), count, size)
        scores = np.einsum("rnh,nhl->rnl", by_network, self.output) + self.output_bias
        return np.asarray(np.maximum(softmax(scores).mean(axis=1), SMALLEST), np.float32)


def _mostly_short(head: Head, documents: Sequence[LabelledDocument]) -> bool:
    """Whether most labels are of documents that the head's other step 2 judges, as when a line of
    the data is a paragraph."""
    labelled = [sum(label is not None for label in document.labels) for document in documents]
    short = [head.calls_short(len(document.paragraphs)) for document in documents]
    return 2 * sum(n for n, is_short in zip(labelled, short, strict=True) if is_short) > sum(
        labelled
    )


def _balanced(weights: Floats, labels: Integers, balance: float) -> Floats:
    """The weights, rare labels weighed up; the sum over labelled paragraphs stays."""
    labelled = labels >= 0
    totals = np.bincount(labels[labelled], weights[labelled], len(LABELS))
    factor = np.where(totals > 0, np.maximum(totals, 1e-12) ** -balance, 0.0)
    found = np.where(labelled, weights * factor[labels], weights)
    found[labelled] *= weights[labelled].sum() / max(found[labelled].sum(), 1e-12)
    return np.asarray(found, np.float32)


def _indices(documents: Sequence[LabelledDocument], field: str, names: Sequence[str]) -> Integers:
    return np.array(indices((x for d in documents for x in getattr(d, field)), names), np.int64)
