"""The figures. All of them follow from sums over pages, so that a resample of the pages, a
single site or everything together are computed by the same lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import CONTENT, Label
from adsift.evaluation.judged import KINDS, LABELS, NONE, Judged, summed
from adsift.model.probabilities import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 15
"""Of equal width, for the calibration error."""

POLICIES: dict[str, tuple[Label, ...]] = {
    "strip commerce": (Label.COMMERCE,),
    "strip commerce and boilerplate": (Label.COMMERCE, Label.BOILERPLATE),
}

CALIBRATION_ERROR = "expected calibration error"


class Sums(NamedTuple):
    """Weights summed over blocks. Leading axes (pages, sites, resamples) are free.

    Attributes:
        confusion: by true and predicted label, shape (…, labels, labels).
        kinds: by true kind (the last row: no commerce) and predicted kind (the last two columns:
            commerce of no kind, no commerce), shape (…, kinds + 1, kinds + 2).
        bin_weight, bin_said, bin_true: for each label and bin of its probability the weight, the
            weighted probability, and the weight of blocks that have the label, shape
            (…, labels, bins). Of held blocks only, and weighted so that these make 1 in a page.
        not_emitted: news and analysis that no paragraph holds, shape (…).
    """

    confusion: Floats
    kinds: Floats
    bin_weight: Floats
    bin_said: Floats
    bin_true: Floats
    not_emitted: Floats

    def mixed(self, shares: Floats) -> Sums:
        """Sums over the first axis with some weight for each entry.

        Args:
            shares: how often each entry counts, shape (mixtures, entries).
        """
        return Sums(*(np.tensordot(shares, part, 1) for part in self))

    def total(self) -> Sums:
        """Sums over the first axis."""
        return Sums(*(part.sum(0) for part in self))


def page_sums(judged: Judged) -> Sums:
    """The sums of each page: the first axis is that of ``judged.pages``."""
    pages = len(judged.pages)
    held = judged.held
    rows = judged.page[held]
    in_page = summed(rows, judged.weight[held], pages)
    weight = judged.weight[held] / in_page[rows]
    said = judged.probabilities[held]
    true = judged.gold[held, None] == np.arange(len(LABELS))
    bins = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    cells = (rows[:, None] * len(LABELS) + np.arange(len(LABELS))) * BINS + bins

    def binned(values: Floats) -> Floats:
        flat = summed(cells.ravel(), values.ravel(), pages * len(LABELS) * BINS)
        return flat.reshape(pages, len(LABELS), BINS)

    content = np.isin(judged.gold, columns(CONTENT))
    return Sums(
        _confusion(judged),
        _kinds(judged),
        binned(np.broadcast_to(weight[:, None], said.shape)),
        binned(weight[:, None] * said),
        binned(weight[:, None] * true),
        summed(judged.page, judged.weight * (content & ~held), pages),
    )


def _confusion(judged: Judged) -> Floats:
    size = len(LABELS)
    cells = (judged.page * size + judged.gold) * size + judged.label
    flat = summed(cells, judged.weight, len(judged.pages) * size * size)
    return flat.reshape(-1, size, size)


def _kinds(judged: Judged) -> Floats:
    commerce = LABELS.index(Label.COMMERCE)
    rows, columns = len(KINDS) + 1, len(KINDS) + 2
    gold = np.where(judged.gold == commerce, judged.gold_kind, len(KINDS))
    of_kind = np.where(judged.kind == NONE, len(KINDS), judged.kind)
    predicted = np.where(judged.label == commerce, of_kind, len(KINDS) + 1)
    known = gold != NONE  # commerce of which nobody said what it sells tells nothing here
    cells = (judged.page * rows + gold) * columns + predicted
    flat = summed(cells[known], judged.weight[known], len(judged.pages) * rows * columns)
    return flat.reshape(-1, rows, columns)


def figures(sums: Sums) -> dict[str, Floats]:
    """All figures by name, each of the shape of the sums' leading axes.

    A figure that has nothing to stand on is NaN: the share of commerce leaked where there is no
    commerce, the F1 of a label that neither occurs nor is predicted. The macro-F1 is the mean
    over the labels that occur: of data without one of them, a single wrong label would move it by
    a quarter.
    """
    occurs = sums.confusion.sum(-1) > 0
    out = {"macro-F1": _mean(np.where(occurs, _f1(sums.confusion, LABELS), np.nan))}
    out |= _of_classes(sums.confusion, LABELS)
    for policy, dropped in POLICIES.items():
        out |= {
            f"{policy}: {name}": value for name, value in _strip(sums.confusion, dropped).items()
        }
    errors = calibration_errors(sums)
    out[CALIBRATION_ERROR] = _mean(errors)
    out |= {f"{CALIBRATION_ERROR} {name}": errors[..., i] for i, name in enumerate(LABELS)}
    content = sums.confusion[..., columns(CONTENT), :].sum((-1, -2))
    out["content not emitted"] = share(sums.not_emitted, content)
    out |= _of_kinds(sums.kinds)
    return out


def calibration_errors(sums: Sums) -> Floats:
    """Expected calibration error of each label (Naeini et al., 2015), shape (…, labels).

    The mean distance, over bins of equal width, between the mean probability that was stated for
    a label and the share of blocks that have it, weighted by the blocks in the bin.
    """
    gaps = np.abs(sums.bin_said - sums.bin_true).sum(-1)
    return share(gaps, sums.bin_weight.sum(-1))


def _of_classes(confusion: Floats, names: tuple[str, ...]) -> dict[str, Floats]:
    f1 = _f1(confusion, names)
    out = {f"F1 {name}": f1[..., index] for index, name in enumerate(names)}
    for index, name in enumerate(names):
        hit = confusion[..., index, index]
        out[f"precision {name}"] = share(hit, confusion[..., :, index].sum(-1))
        out[f"recall {name}"] = share(hit, confusion[..., index, :].sum(-1))
    return out


def _of_kinds(kinds: Floats) -> dict[str, Floats]:
    out = _of_classes(kinds, KINDS)
    for index, name in enumerate(KINDS):
        true = kinds[..., index, :]
        out[f"leaked {name}"] = share(true[..., -1], true.sum(-1))
    found = kinds[..., : len(KINDS), : len(KINDS) + 1]
    right = found.diagonal(axis1=-2, axis2=-1).sum(-1)
    out["right kind of commerce found"] = share(right, found.sum((-1, -2)))
    return out


def _f1(confusion: Floats, names: tuple[str, ...]) -> Floats:
    hit = confusion.diagonal(axis1=-2, axis2=-1)[..., : len(names)]
    true = confusion.sum(-1)[..., : len(names)]
    predicted = confusion.sum(-2)[..., : len(names)]
    return share(2 * hit, true + predicted)


def _strip(confusion: Floats, dropped: tuple[Label, ...]) -> dict[str, Floats]:
    def rows(labels: tuple[Label, ...]) -> Floats:
        out: Floats = confusion[..., columns(labels), :].sum(-2)
        return out

    kept = [index for index, label in enumerate(LABELS) if label not in dropped]
    gone = [index for index, label in enumerate(LABELS) if label in dropped]
    content, commerce, boilerplate = (
        rows(labels) for labels in (CONTENT, (Label.COMMERCE,), (Label.BOILERPLATE,))
    )
    return {
        "content lost": share(content[..., gone].sum(-1), content.sum(-1)),
        "commerce leaked": share(commerce[..., kept].sum(-1), commerce.sum(-1)),
        "boilerplate leaked": share(boilerplate[..., kept].sum(-1), boilerplate.sum(-1)),
    }


def share(part: Floats, whole: Floats) -> Floats:
    """Part of a whole, NaN where there is no whole."""
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Floats = np.where(whole > 0, part / whole, np.nan)
    return out


def _mean(values: Floats) -> Floats:
    """Over the last axis, NaN passed over."""
    known = ~np.isnan(values)
    return share(np.where(known, values, 0.0).sum(-1), known.sum(-1).astype(float))
