"""Where the mistakes are: by site, and the pages that lose or leak most."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adsift.document import CONTENT, Label
from adsift.evaluation.gold import GoldPage
from adsift.evaluation.judged import LABELS, Judged, summed
from adsift.evaluation.metrics import POLICIES, Sums, figures
from adsift.model.probabilities import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST = 10
"""Pages in a list of the worst."""


@dataclass(frozen=True, slots=True)
class SiteResult:
    """The pages of one site.

    Attributes:
        site: its name.
        pages, blocks: how many of them count.
        wrong: share of their weight that has the wrong label.
        figures: by name.
    """

    site: str
    pages: int
    blocks: int
    wrong: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class WorstPage:
    """A page with much of one kind of mistake.

    Attributes:
        page: the page.
        weight: share of the page that the mistake concerns.
        rows: indices of its blocks in the arrays of :class:`Judged`, the heaviest first.
    """

    page: GoldPage
    weight: float
    rows: list[int]


def by_site(judged: Judged, sums: Sums) -> list[SiteResult]:
    """Each site with a name, the one with the most wrong weight first."""
    counted = np.bincount(judged.page, minlength=len(judged.pages))
    groups: dict[str, list[int]] = {}
    for index, page in enumerate(judged.pages):
        if page.site and counted[index]:
            groups.setdefault(page.site, []).append(index)
    ranked = []
    for site, members in groups.items():
        total = Sums(*(part[members] for part in sums)).total()
        wrong = total.confusion.sum() - np.trace(total.confusion)
        values = {name: float(value) for name, value in figures(total).items()}
        blocks = int(counted[members].sum())
        share = float(wrong / len(members))
        ranked.append((-wrong, SiteResult(site, len(members), blocks, share, values)))
    return [result for _, result in sorted(ranked, key=lambda pair: (pair[0], pair[1].site))]


def worst_pages(judged: Judged, count: int = WORST) -> dict[str, list[WorstPage]]:
    """For each way to lose or to leak the pages where it is worst; pages without it are in no
    list."""
    out = {}
    for policy, dropped in POLICIES.items():
        gone = _one_of(judged.label, dropped)
        lost = _one_of(judged.gold, CONTENT) & gone
        out[f"{policy}: content lost"] = _worst(judged, lost, count)
        leaked = (judged.gold == LABELS.index(Label.COMMERCE)) & ~gone
        out[f"{policy}: commerce leaked"] = _worst(judged, leaked, count)
    return out


def _one_of(values: NDArray[np.int64], labels: Collection[Label]) -> NDArray[np.bool_]:
    return np.isin(values, columns(labels))


def _worst(judged: Judged, mistakes: NDArray[np.bool_], count: int) -> list[WorstPage]:
    weights = summed(judged.page, judged.weight * mistakes, len(judged.pages))
    out = []
    for index in np.argsort(-weights, kind="stable")[:count]:
        if weights[index] > 0:
            rows = np.flatnonzero(mistakes & (judged.page == index))
            rows = rows[np.argsort(-judged.weight[rows], kind="stable")]
            out.append(WorstPage(judged.pages[index], float(weights[index]), rows.tolist()))
    return out
