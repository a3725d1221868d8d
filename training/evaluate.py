"""Cross-validation by site: ``python training/evaluate.py --data ../shared/data``.

Every page is labelled by a model that has seen no page of its site, through the same API that a
user calls, in the three views of METRICS.md. The figures are those of ``adsift evaluate``, which a
test holds against the arbiter script. The model of a fold has its temperature from what the models
of the other folds think of pages that they have not seen.
The project's seeds and written pages are in every training side and in no test side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from adsift.document import CommerceKind, Document, Label, TaggedParagraph
from adsift.evaluation.judged import as_arrays, judge
from adsift.evaluation.metrics import CALIBRATION_ERROR, POLICIES, figures, page_sums
from adsift.evaluation.views import VIEWS
from adsift.model.bundle import Bundle
from adsift.model.fit_settings import Settings
from adsift.model.heads import SHORT
from adsift.model.labelled_document import LabelledDocument
from adsift.model.load import Model, assemble
from adsift.separator import Separator
from arguments import add_keep, script_parser, teller
from calibrating import Opinion, temperatures_of
from card import score_table
from dataset import Page, label_pages, read_pages, read_seeds
from fast import fit_fast
from recipe import fast_settings
from stages import Stages
from written import read_written

FOLDS = 5
LEAKS = ("commerce leaked", "boilerplate leaked")

Scores = dict[str, dict[str, list[float]]]
"""View, figure, and the figure's value in every fold."""


class Data(NamedTuple):
    """What is trained and scored on.

    Attributes:
        pages: the labelled pages.
        labelled: what :func:`dataset.label_pages` made of them.
        seeds, written: training documents that are in every fold's training side.
    """

    pages: list[Page]
    labelled: list[LabelledDocument]
    seeds: list[LabelledDocument]
    written: list[LabelledDocument]

    @classmethod
    def read(cls, folder: Path, jobs: int) -> Data:
        """All of it, the pages from a folder as :func:`dataset.read_pages` takes it."""
        pages = read_pages(folder)
        return cls(pages, label_pages(pages, jobs), read_seeds(), read_written(jobs))

    def without(self, fold: int, fold_of: dict[str, int]) -> list[LabelledDocument]:
        """The labelled documents of all folds but one."""
        return [d for d in self.labelled if fold_of[d.group] != fold]

    def stages(self, folder: Path | None) -> Stages:
        """What runs over this data have made, as :class:`Stages` says."""
        return Stages(folder, [*self.labelled, *self.seeds, *self.written])


class Unseen(NamedTuple):
    """A fold's model, and what it thinks of the labelled documents of the fold.

    Attributes:
        bundles: as :func:`adsift.model.load.assemble` takes them.
        opinions: of the documents.
    """

    bundles: list[Bundle]
    opinions: list[Opinion]


Fit = Callable[[int], list[Bundle]]
"""Trains on all sites but those of one fold, given by its number from 0; not calibrated. Of a model
of two bundles the second is the one behind which the first stands."""

PutTogether = Callable[[Sequence[Bundle]], Model]
"""Makes a model of such bundles."""


def cross_validate(
    data: Data,
    fold_of: dict[str, int],
    fit: Fit,
    jobs: int,
    say: Callable[[str], None],
    views: Sequence[str] = VIEWS,
    put_together: PutTogether = assemble,
) -> tuple[Scores, list[Opinion]]:
    """Figures of every fold, for each view, and the models' opinions of what they had not seen.

    Args:
        data: see :class:`Data`.
        fold_of: as :func:`assign_folds` gives it.
        fit: trains a fold's model, in a process of its own.
        jobs: processes.
        say: told of the progress.
        views: which of :data:`VIEWS` to score.
        put_together: makes a model of what ``fit`` gives.
    """
    run = Parallel(n_jobs=jobs, max_nbytes=None, return_as="generator")
    unseen: list[Unseen] = []
    fitted = run(
        delayed(_fit_and_judge)(fold, fold_of, data, fit, put_together) for fold in range(FOLDS)
    )
    for one in fitted:
        unseen.append(one)
        say(f"fold {len(unseen)} of {FOLDS} trained")
    calibrated = [_calibrated(fold, unseen) for fold in range(FOLDS)]
    scores: Scores = {view: {} for view in views}
    folds = run(
        delayed(_score_fold)(fold, fold_of, data.pages, bundles, views, put_together)
        for fold, bundles in enumerate(calibrated)
    )
    for fold, figures_of in enumerate(folds, start=1):
        for view, of_view in figures_of.items():
            for name, value in of_view.items():
                scores[view].setdefault(name, []).append(round(value, 4))
        say(f"fold {fold} of {FOLDS}: macro-F1 {scores[views[0]]['macro-F1'][-1]:.3f}")
    return scores, [opinion for one in unseen for opinion in one.opinions]


def _fit_and_judge(
    fold: int, fold_of: dict[str, int], data: Data, fit: Fit, put_together: PutTogether
) -> Unseen:
    bundles = fit(fold)
    test = [document for document in data.labelled if fold_of[document.group] == fold]
    return Unseen(bundles, judge_documents(put_together(bundles), test))


def judge_documents(model: Model, documents: Sequence[LabelledDocument]) -> list[Opinion]:
    """What a model thinks of documents; of those without paragraphs nothing."""
    found = []
    for document in documents:
        (tagged,) = model.classify([document.paragraphs], [document.url])
        if tagged:
            rows = np.array([[p.probabilities[label] for label in Label] for p in tagged])
            final = model.fast is not model and len(tagged) < SHORT
            found.append(Opinion(document.paragraphs, document.labels, rows, final))
    return found


def _calibrated(fold: int, unseen: Sequence[Unseen]) -> list[Bundle]:
    others = [o for other, one in enumerate(unseen) if other != fold for o in one.opinions]
    bundle, *behind = unseen[fold].bundles
    config = {**bundle.config, "temperature": temperatures_of(others)}
    return [replace(bundle, config=config), *behind]


def _score_fold(
    fold: int,
    fold_of: dict[str, int],
    pages: list[Page],
    bundles: Sequence[Bundle],
    views: Sequence[str],
    put_together: PutTogether,
) -> dict[str, dict[str, float]]:
    separator = Separator(put_together(bundles))
    test = [page for page in pages if fold_of[page.site] == fold]
    known = {_normal(b["text"]) for p in pages if fold_of[p.site] != fold for b in p.blocks}
    unique = [_without_known(page, known) for page in test]
    scores = {}
    for view in views:
        sources = [page.view(view) for page in test]
        tagged = list(separator.tag_many(sources))
        scores[view] = score(test, tagged, view) | strip_figures(
            test, separator, sources, tagged, view
        )
        elsewhere = score(unique, tagged, view)["macro-F1"]
        scores[view]["macro-F1, blocks with a text not in training"] = elsewhere
    return scores


def fit_fold(
    data: Data, fold_of: dict[str, int], settings: Settings, stages: Stages, fold: int
) -> list[Bundle]:
    """Train a fast bundle on all sites but those of one fold, as :data:`Fit` says."""

    def make() -> Bundle:
        training = data.without(fold, fold_of)
        return fit_fast(training, data.seeds, data.written, settings, 1, lambda _: None)

    return [stages.get(f"fast-{fold}", settings, make)]


def assign_folds(sites: Sequence[str], seed: int, folds: int = FOLDS) -> dict[str, int]:
    """A fold for every site, at random but always the same."""
    names = sorted(set(sites))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return {name: int(place) % folds for name, place in zip(names, shuffled, strict=True)}


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


def _without_known(page: Page, known: set[str]) -> Page:
    blocks = [{**b, "label": None} if _normal(b["text"]) in known else b for b in page.blocks]
    return Page(page.id, page.site, page.url, page.source, blocks)


FIGURES = (
    "macro-F1",
    *(f"F1 {label}" for label in Label),
    *(f"{policy}: {what}" for policy in POLICIES for what in ("content lost", *LEAKS)),
    CALIBRATION_ERROR,
    *(f"F1 {kind}" for kind in CommerceKind),
)


def score(pages: list[Page], tagged: list[list[TaggedParagraph]], view: str) -> dict[str, float]:
    """The figures of METRICS.md for some pages, and the F1 of the commerce kinds."""
    gold = [page.gold for page in pages]
    documents = [page.source for page in pages]
    told: Any = Told(tagged)
    rows = [rows for (rows,) in judge(gold, documents, [told], view == "extracted")]
    found = figures(page_sums(as_arrays(gold, rows)).total())
    # As the arbiter counts: a figure with nothing to stand on is 0.
    return {name: float(np.nan_to_num(found[name])) for name in FIGURES}


class Told:
    """A separator that says what it was told."""

    def __init__(self, tagged: list[list[TaggedParagraph]]) -> None:
        self.tagged = tagged

    def tag_many(self, _: Sequence[Document]) -> list[list[TaggedParagraph]]:
        return self.tagged


def strip_figures(
    pages: list[Page],
    separator: Separator,
    sources: list[Document],
    tagged: list[list[TaggedParagraph]],
    view: str,
) -> dict[str, float]:
    """What ``strip`` really loses and leaves once all its rounds are done."""
    out = {}
    for drop in (("commerce",), ("commerce", "boilerplate")):
        outcomes = []
        for paragraphs, result in zip(tagged, separator.strip_many(sources, drop), strict=True):
            left = Counter(paragraph.text for paragraph in result.kept)
            outcome = []
            for paragraph in paragraphs:
                kept = left[paragraph.text] > 0
                left[paragraph.text] -= 1
                outcome.append(replace(paragraph, label=Label.NEWS if kept else Label(drop[-1])))
            outcomes.append(outcome)
        found = score(pages, outcomes, view)
        name = "strip " + " and ".join(drop)
        for figure in ("content lost", "commerce leaked"):
            out[f"{name}, all rounds: {figure}"] = found[f"{name}: {figure}"]
    return out


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    add_keep(parser)
    args = parser.parse_args()
    say = teller()
    data = Data.read(args.data, args.jobs)
    say(f"{len(data.pages)} pages cut and labelled")
    fold_of = assign_folds([page.site for page in data.pages], args.seed)
    fit = partial(fit_fold, data, fold_of, fast_settings(args.seed), data.stages(args.keep))
    scores, _ = cross_validate(data, fold_of, fit, args.jobs, say, args.views)
    print(score_table(scores))


if __name__ == "__main__":
    main()
