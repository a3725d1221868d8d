"""Cross-validation by site: ``python training/evaluate.py --data ../shared/data``.

Every page is labelled by a model that has seen no page of its site, through the same API that a
user calls, in the three views of METRICS.md. The figures are those of ``adsift evaluate``, which a
test holds against the arbiter script.
The project's seeds are in every training side and in no test side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from adsift.document import CommerceKind, Document, Label, TaggedParagraph
from adsift.evaluation.gold import GoldBlock, GoldPage
from adsift.evaluation.judged import as_arrays, judge
from adsift.evaluation.metrics import CALIBRATION_ERROR, POLICIES, figures, page_sums
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit import LabelledDocument, Settings, fit
from adsift.separator import Separator
from arguments import script_parser, teller
from card import score_table
from dataset import Page, label_pages, read_pages, read_seeds
from pitches import add_pitches
from recipe import fast_settings

FOLDS = 5
VIEWS = ("html", "text", "extracted")
LEAKS = ("commerce leaked", "boilerplate leaked")

Scores = dict[str, dict[str, list[float]]]
"""View, figure, and the figure's value in every fold."""


def cross_validate(
    pages: list[Page],
    labelled: list[LabelledDocument],
    seeds: list[LabelledDocument],
    settings: Settings,
    jobs: int,
    say: Callable[[str], None],
    views: Sequence[str] = VIEWS,
) -> Scores:
    """Figures of every fold, for each view.

    Args:
        pages: the labelled pages.
        labelled: what :func:`dataset.label_pages` made of them.
        seeds: training documents that are in every fold's training side.
        settings: of the training.
        jobs: processes.
        say: told of the progress.
        views: which of :data:`VIEWS` to score.
    """
    fold_of = assign_folds([page.site for page in pages], settings.seed)
    run = Parallel(n_jobs=jobs, max_nbytes=None, return_as="generator")
    scores: Scores = {view: {} for view in views}
    folds = run(
        delayed(_score_fold)(fold, fold_of, pages, labelled, seeds, settings, views)
        for fold in range(FOLDS)
    )
    for fold, figures_of in enumerate(folds, start=1):
        for view, of_view in figures_of.items():
            for name, value in of_view.items():
                scores[view].setdefault(name, []).append(round(value, 4))
        say(f"fold {fold} of {FOLDS}: macro-F1 {scores[views[0]]['macro-F1'][-1]:.3f}")
    return scores


def _score_fold(
    fold: int,
    fold_of: dict[str, int],
    pages: list[Page],
    labelled: list[LabelledDocument],
    seeds: list[LabelledDocument],
    settings: Settings,
    views: Sequence[str],
) -> dict[str, dict[str, float]]:
    bundle = fit_fold(fold, fold_of, labelled, seeds, settings)
    separator = Separator(Classifier(bundle))
    test = [page for page in pages if fold_of[page.site] == fold]
    known = {_normal(b["text"]) for p in pages if fold_of[p.site] != fold for b in p.blocks}
    unique = [_without_known(page, known) for page in test]
    scores = {}
    for view in views:
        sources = [SOURCES[view](page) for page in test]
        tagged = list(separator.tag_many(sources))
        scores[view] = score(test, tagged, view) | strip_figures(
            test, separator, sources, tagged, view
        )
        elsewhere = score(unique, tagged, view)["macro-F1"]
        scores[view]["macro-F1, blocks with a text not in training"] = elsewhere
    return scores


def fit_fold(
    fold: int,
    fold_of: dict[str, int],
    labelled: list[LabelledDocument],
    seeds: list[LabelledDocument],
    settings: Settings,
) -> Bundle:
    """Train on all sites but those of one fold; some minutes.

    Args:
        fold: the one that is left out, from 0.
        fold_of: as :func:`assign_folds` gives it.
        labelled, seeds, settings: as for :func:`cross_validate`.
    """
    training = [d for d in labelled if fold_of[d.group] != fold]
    fitted = fit([*add_pitches(training, settings.seed), *seeds], settings)
    return Bundle(fitted.config, fitted.arrays, "")


def assign_folds(sites: Sequence[str], seed: int, folds: int = FOLDS) -> dict[str, int]:
    """A fold for every site, at random but always the same."""
    names = sorted(set(sites))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return {name: int(place) % folds for name, place in zip(names, shuffled, strict=True)}


def _extracted(page: Page) -> Document:
    import trafilatura

    if page.source.format == "html":
        text = trafilatura.extract(page.source.source, favor_recall=True) or ""
    else:
        text = str(page.as_text.source).replace("\n\n", "\n")
    return Document(text, format="text", id=page.id)


SOURCES: dict[str, Callable[[Page], Document]] = {
    "html": lambda page: page.source,
    "text": lambda page: page.as_text,
    "extracted": _extracted,
}


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
    gold = as_gold(pages)
    documents = [page.source for page in pages]
    told: Any = Told(tagged)
    rows = [rows for (rows,) in judge(gold, documents, [told], view == "extracted")]
    found = figures(page_sums(as_arrays(gold, rows)).total())
    # As the arbiter counts: a figure with nothing to stand on is 0.
    return {name: float(np.nan_to_num(found[name])) for name in FIGURES}


def as_gold(pages: list[Page]) -> list[GoldPage]:
    """The pages as :mod:`adsift.evaluation` wants them."""
    return [
        GoldPage(
            page.id,
            page.site,
            page.source,
            [GoldBlock(b["text"], _label(b["label"]), _kind(b["kind"])) for b in page.blocks],
        )
        for page in pages
    ]


class Told:
    """A separator that says what it was told."""

    def __init__(self, tagged: list[list[TaggedParagraph]]) -> None:
        self.tagged = tagged

    def tag_many(self, _: Sequence[Document]) -> list[list[TaggedParagraph]]:
        return self.tagged


def _label(name: str | None) -> Label | None:
    return Label(name) if name else None


def _kind(name: str | None) -> CommerceKind | None:
    return CommerceKind(name) if name else None


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
    args = parser.parse_args()
    say = teller()
    pages = read_pages(args.data)
    labelled = label_pages(pages, args.jobs)
    say(f"{len(pages)} pages cut and labelled")
    settings = fast_settings(args.seed)
    scores = cross_validate(pages, labelled, read_seeds(), settings, args.jobs, say, args.views)
    print(score_table(scores))


if __name__ == "__main__":
    main()
