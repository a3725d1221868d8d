"""What an extractor loses of the news, and what commerce it leaves: the metric of adsift's own
evaluation, applied to main-text extractors.

An extractor has two labels, so to speak: what it emits is kept, what it does not emit is dropped. A
labelled block is kept if a line of the extract holds its words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from adsift.document import Document, Label, Paragraph, TaggedParagraph
from adsift.evaluation.bootstrap import RESAMPLES, estimates
from adsift.evaluation.gold import GoldPage
from adsift.evaluation.judged import as_arrays, judge
from adsift.evaluation.metrics import page_sums
from adsift.segment import segment
from contenders import EXTRACTORS, Extract, Extractor
from pages import ROOT
from processes import Job, run_apart
from speed import Say, pack, unpack

POLICY = "strip commerce and boilerplate"
"""What an extractor does, compared with adsift's policies."""

FIGURES = ("content lost", "commerce leaked", "boilerplate leaked")
BUNDLE = ROOT / "models" / "default" / "bundle.json"


def measure_quality(
    pages: Sequence[GoldPage],
    extractors: Sequence[Extractor],
    work: Path,
    say: Say,
    resamples: int = RESAMPLES,
) -> Job:
    """Measure extractors on labelled pages.

    Args:
        pages: labelled HTML pages.
        extractors: those that are installed are measured.
        work: folder for the pages.
        say: told of the progress.
        resamples: of the bootstrap over pages, which the intervals are of.

    Returns:
        ``pages``, and for each extractor the figures as ``[value, low, high]``.
    """
    packed = pack([*pages], work / "labelled.pickle")
    found = {}
    for extractor in extractors:
        if not extractor.contender().installed:
            found[extractor.name] = {"failed": "not installed"}
            continue
        job = {"extractor": extractor.name, "pages": str(packed), "resamples": resamples}
        found[extractor.name] = run_apart("quality:extract_pages", job, core=None)
        say(f"{extractor.name}: {_brief(found[extractor.name])}")
    return {"pages": len(pages), "extractors": found}


def extract_pages(job: Job) -> Job:
    """In its own process: one extractor on all pages."""
    (extractor,) = [one for one in EXTRACTORS if one.name == job["extractor"]]
    pages: list[GoldPage] = unpack(Path(job["pages"]))
    return measure_extractor(pages, extractor.load(), extractor.gives_html, job["resamples"])


def measure_extractor(
    pages: Sequence[GoldPage], extract: Extract, gives_html: bool, resamples: int = RESAMPLES
) -> Job:
    """The figures of one extractor.

    Args:
        pages: labelled pages whose sources are bytes or text.
        extract: the extractor.
        gives_html: whether its result is HTML, of which the paragraphs are then taken.
        resamples: of the bootstrap.
    """
    keeper = _Keeper(extract, gives_html)
    documents = [page.source for page in pages]
    # The keeper stands in for a separator: all that is asked of it is to tag.
    judged: Iterator[Any] = judge(pages, documents, [keeper])  # type: ignore[list-item]
    sums = page_sums(as_arrays(pages, [rows[0] for rows in judged]))
    named = estimates(sums, resamples=resamples)
    out: Job = {"errors": keeper.errors}
    for figure in FIGURES:
        estimate = named[f"{POLICY}: {figure}"]
        out[figure] = [_number(value) for value in (estimate.value, estimate.low, estimate.high)]
    return out


class _Keeper:
    """Tags every line of an extract as news, as if a separator had kept it."""

    def __init__(self, extract: Extract, gives_html: bool) -> None:
        self.extract, self.gives_html = extract, gives_html
        self.errors = 0

    def tag_many(self, documents: Iterable[Document]) -> Iterator[list[TaggedParagraph]]:
        for document in documents:
            source: Any = document.source
            data = source if isinstance(source, bytes) else str(source).encode("utf-8", "replace")
            yield [
                TaggedParagraph(Paragraph(line), Label.NEWS, None, _CERTAIN)
                for line in self._lines(data)
            ]

    def _lines(self, data: bytes) -> list[str]:
        try:
            text = self.extract(data) or ""
        except Exception:  # an extractor's own; the page is then lost
            self.errors += 1
            return []
        if self.gives_html:
            found = segment(Document(text, format="html")).paragraphs
            return [paragraph.text for paragraph in found]
        return [line for line in text.splitlines() if line.strip()]


_CERTAIN = {label: float(label == Label.NEWS) for label in Label}


def cross_validated(bundle: Path = BUNDLE) -> dict[str, dict[str, Any]]:
    """adsift's own figures, of folds that the judging models were not trained on.

    The shipped model was trained on the labelled pages, so measuring it on them would flatter it;
    these are the figures of its model card.

    Returns:
        For each policy, each figure as ``[mean, standard deviation over folds]``.
    """
    scores = json.loads(bundle.read_text(encoding="utf-8"))["scores"]["html"]
    return {
        policy: {
            figure: [mean(folds), stdev(folds)]
            for figure in FIGURES
            if (folds := scores[f"{policy}: {figure}"])
        }
        for policy in ("strip commerce", POLICY)
    }


def _number(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def _brief(found: Job) -> str:
    if "failed" in found:
        return str(found["failed"])
    lost, leaked = (found[name][0] for name in FIGURES[:2])
    return f"content lost {lost}, commerce leaked {leaked}, {found['errors']} errors"
