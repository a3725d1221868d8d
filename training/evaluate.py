"""Cross-validation by site: ``python training/evaluate.py --data ../shared/data``.

Every page is labelled by a model that has seen no page of its site, through the same API that a
user calls, in the three views of METRICS.md. The figures come from the arbiter, ``score.py``.
The project's seeds are in every training side and in no test side.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
from joblib import Parallel, delayed

from adsift.document import Document, Label, TaggedParagraph
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit import LabelledDocument, Settings, fit
from adsift.separator import Separator
from card import score_table
from dataset import ROOT, Page, label_pages, read_pages, read_seeds
from pitches import add_pitches

FOLDS = 5
VIEWS = ("html", "text", "extracted")
BINS = 15

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
        for view, figures in figures_of.items():
            for name, value in figures.items():
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
    training = [d for d in labelled if fold_of[d.group] != fold]
    fitted = fit([*add_pitches(training, settings.seed), *seeds], settings)
    separator = Separator(Classifier(Bundle(fitted.config, fitted.arrays, "")))
    test = [page for page in pages if fold_of[page.site] == fold]
    known = {_normal(b["text"]) for p in pages if fold_of[p.site] != fold for b in p.blocks}
    unique = [_without_known(page, known) for page in test]
    scores = {}
    for view in views:
        sources = [SOURCES[view](page) for page in test]
        tagged = list(separator.tag_many(sources))
        figures = score(test, tagged, view)
        figures |= strip_figures(test, separator, sources, tagged)
        figures["macro-F1, blocks with a text not in training"] = score(unique, tagged, view)[
            "macro-F1"
        ]
        scores[view] = figures
    return scores


def assign_folds(sites: Sequence[str], seed: int) -> dict[str, int]:
    """A fold for every site, at random but always the same."""
    names = sorted(set(sites))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return {name: int(place) % FOLDS for name, place in zip(names, shuffled, strict=True)}


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


def score(pages: list[Page], tagged: list[list[TaggedParagraph]], view: str) -> dict[str, float]:
    """The figures of METRICS.md for some pages."""
    arbiter = _arbiter()
    rows = []
    calibration = []
    for page, paragraphs in zip(pages, tagged, strict=True):
        texts = [block["text"] for block in page.blocks]
        numbered = [(p.text, (index, p.label.value)) for index, p in enumerate(paragraphs)]
        got = arbiter.align(texts, [(text, label) for text, (_, label) in numbered])
        holder = arbiter.align(texts, [(text, index) for text, (index, _) in numbered])
        for block, label, index in zip(page.blocks, got, holder, strict=True):
            if not block["label"] or (view == "extracted" and label is None):
                continue
            size = len(arbiter.words(block["text"]))
            rows.append((page.id, size, block["label"], label))
            if index is not None:
                calibration.append((page.id, size, block["label"], paragraphs[index]))
    figures = arbiter.figures(rows)
    out = {"macro-F1": figures["macro_f1"]}
    out |= {f"F1 {label}": figures[label]["f1"] for label in arbiter.LABELS}
    for policy in ("strip commerce", "strip commerce and boilerplate"):
        out |= {f"{policy}: {name}": value for name, value in figures[policy].items()}
    out["expected calibration error"] = calibration_error(calibration)
    return out


def calibration_error(rows: list[tuple[str, int, str, TaggedParagraph]]) -> float:
    """Expected calibration error per label, 15 bins of equal width, page-balanced; their mean."""
    weights = np.array([min(size, 60) + 1.0 for _, size, _, _ in rows])
    totals: dict[str, float] = {}
    for (page, *_), weight in zip(rows, weights, strict=True):
        totals[page] = totals.get(page, 0.0) + weight
    weights /= np.array([totals[page] for page, *_ in rows])
    errors = []
    for label in Label:
        said = np.array([paragraph.probabilities[label] for *_, paragraph in rows])
        true = np.array([gold == label for _, _, gold, _ in rows], float)
        bins = np.minimum((said * BINS).astype(int), BINS - 1)
        gaps = np.bincount(bins, weights * (said - true), BINS)
        errors.append(np.abs(gaps).sum() / weights.sum())
    return float(np.mean(errors))


def strip_figures(
    pages: list[Page],
    separator: Separator,
    sources: list[Document],
    tagged: list[list[TaggedParagraph]],
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
                outcome.append(replace(paragraph, label=Label.NEWS if kept else Label.COMMERCE))
            outcomes.append(outcome)
        figures = score(pages, outcomes, "html")
        name = "strip " + " and ".join(drop)
        for figure in ("content lost", "commerce leaked"):
            out[f"{name}, all rounds: {figure}"] = figures[f"strip commerce: {figure}"]
    return out


def _arbiter() -> ModuleType:
    """The scoring script of the shared folder, as a module; it stays the one source of figures."""
    path = ROOT.parent / "shared" / "tools" / "score.py"
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path}: the arbiter is needed for evaluation")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    args = parser.parse_args()
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {what}", file=sys.stderr)

    pages = read_pages(args.data)
    labelled = label_pages(pages, args.jobs)
    say(f"{len(pages)} pages cut and labelled")
    settings = Settings(seed=args.seed)
    scores = cross_validate(pages, labelled, read_seeds(), settings, args.jobs, say, args.views)
    print(score_table(scores))


if __name__ == "__main__":
    main()
