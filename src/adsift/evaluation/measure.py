"""From labelled pages and a model, or two, to everything that a report shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adsift.errors import LabelledDataError
from adsift.evaluation.bootstrap import RESAMPLES, Difference, Estimate, differences, estimates
from adsift.evaluation.gold import GoldPage
from adsift.evaluation.judged import Judged, as_arrays, judge
from adsift.evaluation.metrics import Sums, page_sums
from adsift.evaluation.views import VIEWS, can_extract, view_of
from adsift.extras import how_to_install

if TYPE_CHECKING:
    from adsift.document import Document
    from adsift.separator import Separator

Progress = Callable[[str, int, int], None]
"""Told the view, how many of its pages are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One model in one view.

    Attributes:
        judged: every block that counts, and what the model says of it.
        sums: of each page.
        figures: by name, as :func:`adsift.evaluation.metrics.figures` has them.
    """

    judged: Judged
    sums: Sums
    figures: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class ViewResult:
    """One view.

    Attributes:
        ours: the model.
        theirs: the other one, if two were compared.
        differences: the figures of the model less those of the other one.
    """

    ours: Measured
    theirs: Measured | None = None
    differences: dict[str, Difference] | None = None

    @property
    def figures(self) -> dict[str, Estimate]:
        """The model's figures by name."""
        return self.ours.figures


Evaluation = dict[str, ViewResult]
"""The result of each view by its name."""


def evaluate(
    pages: Sequence[GoldPage],
    separator: Separator,
    other: Separator | None = None,
    views: Sequence[str] = VIEWS,
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a model on labelled pages.

    Args:
        pages: labelled pages that the model has not been trained on.
        separator: the model.
        other: another one to compare it with.
        views: which of :data:`adsift.evaluation.views.VIEWS`; those that the pages cannot be
            seen in are left out, see :func:`missing_views`.
        seed: of the bootstrap.
        resamples: of the bootstrap.
        progress: told of every page.

    Raises:
        LabelledDataError: there is no page, a view is unknown, or no view is left.
    """
    views = (views,) if isinstance(views, str) else views
    if unknown := [view for view in views if view not in VIEWS]:
        raise LabelledDataError(
            f"no such view: {', '.join(map(str, unknown))}; the views are {', '.join(VIEWS)}"
        )
    if not pages:
        raise LabelledDataError("there are no pages to measure on")
    missing = missing_views(pages, views)
    left = [view for view in views if view not in missing]
    if not left:
        reasons = "; ".join(f"{view}: {reason}" for view, reason in missing.items())
        raise LabelledDataError(f"the pages have none of these views ({reasons})")
    separators = [separator, other] if other else [separator]
    out: Evaluation = {}
    for view in left:
        measured = [
            Measured(judged, sums, estimates(sums, seed, resamples))
            for judged in _judged(pages, view, separators, progress)
            for sums in [page_sums(judged)]
        ]
        if other is None:
            out[view] = ViewResult(measured[0])
        else:
            ours, theirs = measured
            compared = differences(ours.sums, theirs.sums, seed, resamples)
            out[view] = ViewResult(ours, theirs, compared)
    return out


def missing_views(pages: Sequence[GoldPage], views: Sequence[str]) -> dict[str, str]:
    """The views that these pages cannot be seen in, with the reason."""
    out = {}
    for view in views:
        if view != "text" and all(page.source.format == "text" for page in pages):
            out[view] = "the data holds only text"
        elif view == "extracted" and not can_extract():
            out[view] = f"trafilatura is not installed: {how_to_install('train')}"
    return out


def _judged(
    pages: Sequence[GoldPage],
    view: str,
    separators: Sequence[Separator],
    progress: Progress | None,
) -> list[Judged]:
    seen: list[tuple[GoldPage, Document]] = []
    for page in pages:
        document = view_of(page, view)
        if document is not None:
            seen.append((page, document))
    shown = [page for page, _ in seen]
    documents = [document for _, document in seen]
    rows = []
    for of_page in judge(shown, documents, separators, only_held=view == "extracted"):
        rows.append(of_page)
        if progress is not None:
            progress(view, len(rows), len(shown))
    return [
        as_arrays(shown, [of_page[index] for of_page in rows]) for index in range(len(separators))
    ]
