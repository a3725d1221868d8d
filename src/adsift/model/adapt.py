"""Adapting: a bundle learns from a few labelled documents without its own training data.

First of all other documents have another mix of labels, to which step 2's scores are shifted
(:func:`_fit_shift`), but not all the way where that would take more text for adverts. Beyond that
both steps keep what they know as a prior: the weights that make the new labels most probable are
sought near the bundle's own, by the weighted log loss plus ``penalty / 2`` times the squared
distance from them. That is the maximum a posteriori estimate with a Gaussian prior whose mean is
the bundle (Chelba and Acero, "Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a
Lot", EMNLP 2004). Of step 2 only the output layers move: those of the model that judges most of the
documents, where there is another for short ones. How far the weights may go is chosen by
cross-validation over the documents; to stay is one of the choices, and another is taken only if it
is better by more than luck. Documents too few for that move step 1 alone.

Who labels only adverts does not say that the rest is none. So a document that is labelled in part
teaches those labels alone of whose :data:`GROUPS` the data has any; and what no document has,
though they are labelled whole, is held to be rarer than before, but by no more than :data:`RAREST`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.document import Label
from adsift.errors import BundleError, LabelledDataError
from adsift.model.alone import hash_documents
from adsift.model.bundle import WEIGHTS, Bundle
from adsift.model.calibration import fit_temperature
from adsift.model.classifier import Classifier
from adsift.model.context import context_features
from adsift.model.examples import Shape, paragraph_weights, shapes
from adsift.model.fit import ABSENT, Fitted, LabelledDocument, Progress
from adsift.model.heads import HEADS, Head, head_of
from adsift.model.probabilities import KINDS, LABELS, make_signals, softmax
from adsift.model.tagger import SMALLEST
from adsift.model.tagging import Tagging

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Arrays

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Chosen = NDArray[np.bool_]

ITERATIONS = 100
"""Of L-BFGS, for each fit."""

SHIFT_PULL = 0.3
"""Weight of half the squared shift beside the paragraphs' log losses."""

GROUPS = ((Label.NEWS, Label.ANALYSIS), (Label.BOILERPLATE,), (Label.COMMERCE,))
"""Labels that are shifted together. News and analysis keep their proportion: of which there is more
depends on the page, and a few of a user's pages say little of the others."""

CAREFUL, MOST_CAREFUL = 0.5, 0.35
"""So much of a shift towards commerce is not made in the end, but no more than that, in calibrated
scores: people label pages that sell, and what is lost of others is dearer than a pitch."""

RAREST = 0.7
"""How far a group that no document has may fall behind the others by a shift: a factor of 2."""

NEVER = -1e9
"""Score of a label of which nothing is learned."""

TEMPERATURE_PULL = 50.0
"""How many paragraphs' log loss it is worth to keep the temperature: the weight of the squared
distance from the bundle's, in logarithms."""


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """All that adapting depends on beside the bundle and the documents.

    Attributes:
        penalties: of step 1, to choose from.
        output_penalties: of step 2's output layers, to choose from.
        penalty: of step 1 where the documents are fewer than ``parts``, too few to choose by;
            step 2 then stays as it is. And of the commerce kinds where step 1's labels stay.
        balance: how far rare labels are weighed up, 0 not at all, 1 until all weigh the same:
            more of them is found, at the cost of the others.
        parts: of the cross-validation.
        seed: of the parting.
    """

    penalties: tuple[float, ...] = (0.3, 3.0, 30.0)
    output_penalties: tuple[float, ...] = (10.0, 100.0, 1000.0)
    penalty: float = 3.0
    balance: float = 0.0
    parts: int = 5
    seed: int = 20251016


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
    for number, name in enumerate(able):

        def tell(done: float, what: str, number: int = number, name: str = name) -> None:
            if progress is not None:
                progress((number + done) / len(able), f"{name} head: {what}")

        adaptation = _HeadAdaptation(name, classifier, base, heads[name], settings, tell)
        with threadpool_limits(1):  # so that sums come out the same everywhere
            adapted = adaptation.run()
        temperatures[name], reports[name] = adapted.temperature, adapted.report
        arrays |= {f"{name}.{part}": array for part, array in adapted.arrays.items()}
    if progress is not None:
        progress(1.0, "done")
    config = {
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
    return Fitted(config, arrays)


_OF_THE_BASE = ("name", "data", "scores", "files", "adapted")
"""What a bundle's configuration says of that bundle alone."""


def base_digest(config: dict[str, Any]) -> str:
    """SHA-256 of the weights of the bundle that an adapted one was made from."""
    return str(config["adapted"]["base"].get("files", {}).get(WEIGHTS, "unknown"))


def _documents_of(head: str, documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    return [
        d for d in documents if d.weight > 0 and any(d.labels) and head_of(d.paragraphs) == head
    ]


def _mostly_short(head: Head, documents: Sequence[LabelledDocument]) -> bool:
    """Whether most labels are of documents that the head's other step 2 judges, as when a line of
    the data is a paragraph."""
    labelled = [sum(label is not None for label in document.labels) for document in documents]
    short = [head.calls_short(len(document.paragraphs)) for document in documents]
    return 2 * sum(n for n, is_short in zip(labelled, short, strict=True) if is_short) > sum(
        labelled
    )


def _labels_of(documents: Sequence[LabelledDocument]) -> set[Label]:
    return {label for document in documents for label in document.labels if label}


class _Linear(NamedTuple):
    """What is added to a linear model: ``weights`` of shape (columns, classes), and ``bias``."""

    weights: Doubles
    bias: Doubles


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


class _Adapted(NamedTuple):
    """A head.

    Attributes:
        arrays: those that change, by name.
        temperature: of the configuration.
        report: what was chosen.
    """

    arrays: Arrays
    temperature: float
    report: dict[str, Any]


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


class _HeadAdaptation:
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
            [_wake(bias[:count], self.labels), _wake(bias[count:], self.kinds)]
        )
        self.scores: Doubles = start + bias + self.wake
        self.told = _told(self.labels, self.weights)
        whole = np.concatenate([np.full(len(d.labels), all(d.labels)) for d in documents])
        self.open = self.told | whole[:, None]
        self.views = [*shapes(paragraphs, self.labels)]
        self.part, self.parts = _parting(documents, settings)

    def run(self) -> _Adapted:
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
            back = _left_out(shift / temperature) * temperature
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
        return _Adapted(changed, temperature, report)

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
                if best is None or _is_better(losses, best.losses):
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

    def _fit_linear(self, rows: Chosen, classes: Integers, where: slice, penalty: float) -> _Linear:
        chosen = np.flatnonzero(rows & (classes >= 0))
        start = self.scores[chosen, where]
        return _fit_change(
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
            found = _fit_change(own, start, self.labels[chosen], self.weights[chosen], penalty)
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
        return _fit_shift(scores, self.labels[chosen], self.weights[chosen], self.open[chosen])

    def _reads(self, active: Floats | Doubles) -> bool:
        """Whether the tagger reads all of these rows. Then nothing is learned of what it does not
        read, and that is to stay as it was."""
        return isinstance(self.step2, Tagging) and not active[:, -1].any()

    def _awake(self) -> _Outputs:
        """The bundle's output layers, with a chance for labels that it had no example of."""
        output, biases = self.step2.output, self.step2.output_bias
        change = [_wake(bias.astype(np.float64), self.labels) for bias in biases]
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


def _fit_change(
    data: Any,
    start: Doubles,
    classes: Integers,
    weights: Floats,
    penalty: float,
) -> _Linear:
    """What to add to a linear model so that it knows the classes of some rows better.

    Args:
        data: shape (rows, columns), sparse or not.
        start: the scores that the model gives, shape (rows, classes).
        classes: the right one of each row.
        weights: of the rows.
        penalty: of the squared length of what is added.
    """
    from scipy.optimize import minimize

    count = start.shape[1]
    shape = (data.shape[1] + 1, count)
    importance = weights.astype(np.float64)
    truth = np.eye(count)[classes]

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        change = flat.reshape(shape)
        scores = start + data @ change[:-1] + change[-1]
        scores -= scores.max(axis=1, keepdims=True)
        total = np.log(np.exp(scores).sum(axis=1, keepdims=True))
        error = importance[:, None] * (np.exp(scores - total) - truth)
        gradient = np.concatenate([data.T @ error, error.sum(axis=0)[None]]) + penalty * change
        value = importance @ (truth * (total - scores)).sum(axis=1) + penalty / 2 * (flat @ flat)
        return float(value), gradient.ravel()

    found = minimize(
        loss,
        np.zeros(shape[0] * count),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS},
    )
    change = np.asarray(found.x, np.float64).reshape(shape)
    return _Linear(change[:-1], change[-1])


def _fit_shift(
    scores: Doubles, classes: Integers, weights: Floats, open_to: NDArray[np.bool_]
) -> Doubles:
    """What to add to the scores of each label so that the mix of labels is that of some rows
    (Saerens, Latinne and Decaestecker 2002, doi:10.1162/089976602753284446, who have no labels).

    Args:
        scores: logarithms of the model's probabilities, shape (rows, labels).
        classes: the right one of each row.
        weights: of the rows.
        open_to: which labels a row could have had, shape (rows, labels).

    Returns:
        Shape (labels,), the same for labels of one of the :data:`GROUPS`.
    """
    together = np.array([[label in group for group in GROUPS] for label in LABELS], np.float64)
    truth = together[classes]
    # A group's score, so that what lies within it is of no account.
    grouped = np.log(np.maximum(np.exp(scores) @ together, SMALLEST))
    grouped = np.where(open_to @ together > 0, grouped, NEVER)
    found = _fit_change(
        np.empty((len(grouped), 0)), grouped, truth.argmax(axis=1), weights, SHIFT_PULL
    ).bias
    mix = weights @ truth
    if mix.sum() > 0:
        found = np.where(mix > 0, found, np.maximum(found, found @ mix / mix.sum() - RAREST))
    return together @ found


def _left_out(shift: Doubles) -> Doubles:
    """What is not made of a shift of calibrated scores."""
    if shift[LABELS.index(Label.COMMERCE)] <= shift[LABELS.index(Label.NEWS)]:
        return np.zeros_like(shift)
    return np.clip(CAREFUL * shift, -MOST_CAREFUL, MOST_CAREFUL)


def _is_better(losses: Doubles, others: Doubles) -> bool:
    """Whether losses of documents are lower by more than the standard error of their difference
    (compare the rule of one standard error in Breiman et al., "Classification and Regression
    Trees", 1984)."""
    gains = others - losses
    return float(gains.sum()) > float(gains.std(ddof=1) * np.sqrt(len(gains)))


def _told(labels: Integers, weights: Floats) -> NDArray[np.bool_]:
    """The labels of which the data says how many there are: those of a group that has any."""
    labelled = labels >= 0
    totals = np.bincount(labels[labelled], weights[labelled], len(LABELS))
    names = {
        label for group in GROUPS if sum(totals[LABELS.index(x)] for x in group) for label in group
    }
    return np.array([label in names for label in LABELS])


def _balanced(weights: Floats, labels: Integers, balance: float) -> Floats:
    """The weights, rare labels weighed up; the sum over labelled paragraphs stays."""
    labelled = labels >= 0
    totals = np.bincount(labels[labelled], weights[labelled], len(LABELS))
    factor = np.where(totals > 0, np.maximum(totals, 1e-12) ** -balance, 0.0)
    found = np.where(labelled, weights * factor[labels], weights)
    found[labelled] *= weights[labelled].sum() / max(found[labelled].sum(), 1e-12)
    return np.asarray(found, np.float32)


def _wake(bias: Doubles, classes: Integers) -> Doubles:
    """What to add to the bias of classes that the bundle knew no example of and that now have
    some: they start with the chance of the least likely of the others."""
    known = bias > ABSENT / 2
    asleep = ~known & np.isin(np.arange(len(bias)), classes)
    lowest = bias[known].min() if known.any() else 0.0
    return np.asarray(np.where(asleep, lowest - bias, 0.0), np.float64)


def _indices(documents: Sequence[LabelledDocument], field: str, names: Sequence[str]) -> Integers:
    found = [names.index(x) if x else -1 for d in documents for x in getattr(d, field)]
    return np.array(found, np.int64)


def _parting(
    documents: Sequence[LabelledDocument], settings: AdaptSettings
) -> tuple[Integers, int]:
    """For each paragraph its part of the cross-validation, and the number of parts: by group,
    by document where the groups are too few, and none at all where the documents are."""
    groups = [document.group for document in documents]
    if len({*groups}) < settings.parts:
        groups = [str(number) for number in range(len(documents))]
    names = sorted({*groups})
    parts = settings.parts if 1 < settings.parts <= len(names) else 1
    shuffled = np.random.default_rng(settings.seed).permutation(len(names))
    part_of = dict(zip(names, (shuffled % parts).tolist(), strict=True))
    counts = [len(document.paragraphs) for document in documents]
    return np.repeat([part_of[group] for group in groups], counts), parts
