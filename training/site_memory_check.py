"""What it is worth to know what recurs on a site: ``python training/site_memory_check.py``.

The pages of sites of which there are several are labelled by models that have seen no page of their
site, then again with the shift of ``adsift.corpus.remembering``. Its strength is fitted on the
other folds. So that this takes minutes and not an hour, the models are small ones: one network
and half of the solver's steps. With ``--shipped`` the shipped model labels them instead; it was
trained on these very pages, so its probabilities are better than they will be elsewhere.

Pages are joined to a site by the data's ``site``. A count is how many of the site's labelled pages
have the paragraph, so it is lower than in a crawl, where a site has more pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from adsift.corpus.remembering import FEWEST, MOST, adjust, retag
from adsift.corpus.site_memory import SiteMemory
from adsift.document import CommerceKind, Label, TaggedParagraph
from adsift.evaluation.bootstrap import Difference
from adsift.evaluation.measure import evaluate
from adsift.evaluation.wording import HEADLINE
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.decisions import read_costs
from adsift.model.examples import counted_words
from adsift.model.fit import fit
from adsift.model.fit_settings import Settings
from adsift.model.labelled_document import LabelledDocument
from adsift.model.load import load_model
from adsift.model.probabilities import LABELS
from arguments import script_parser, teller
from dataset import Page, label_pages, read_pages, read_seeds
from evaluate import Told, assign_folds
from recipe import COSTS, fast_settings

FOLDS = 3
FORMATS = ("html", "markdown")
FEW_PAGES = (2, 3)
"""Sites with at least so many pages are looked at."""

Floats = NDArray[np.float64]
Say = Callable[[str], None]


class Seen(NamedTuple):
    """A page of a site with several.

    Attributes:
        page: the page.
        labels, kinds: of its paragraphs, where known.
        weights: of its paragraphs in the score; they sum to 1.
        tagged: its paragraphs as a model labels them.
        counts: on how many pages of its site each stands.
        pages: how many the site has.
        fold: that its site is in.
    """

    page: Page
    labels: list[Label | None]
    kinds: list[CommerceKind | None]
    weights: Floats
    tagged: list[TaggedParagraph]
    counts: list[int]
    pages: int
    fold: int


def small_settings(seed: int) -> Settings:
    """Of models that are trained in a minute."""
    return Settings(networks=1, parts=2, iterations=20, costs=COSTS, seed=seed)


def remember(pages: Sequence[Page], labelled: Sequence[LabelledDocument]) -> SiteMemory:
    """What recurs on the sites of the pages."""
    memory = SiteMemory()
    for page, document in zip(pages, labelled, strict=True):
        memory.add_page(address(page), (paragraph.text for paragraph in document.paragraphs))
    return memory


def address(page: Page) -> str:
    """An address of the page on the site that the data name; not all pages have their own."""
    return f"http://{page.site.replace('/', '.')}/{page.id}"


def label_all(
    pages: Sequence[Page],
    labelled: Sequence[LabelledDocument],
    fold_of: dict[str, int],
    shipped: bool,
    seed: int,
    say: Say,
) -> dict[str, list[TaggedParagraph]]:
    """The pages of sites with several, labelled, by id."""
    sizes = Counter(page.site for page in pages)
    out: dict[str, list[TaggedParagraph]] = {}
    for fold in range(FOLDS):
        if shipped:
            model: Any = load_model()
        else:
            training = [d for d in labelled if fold_of[d.group] != fold]
            fitted = fit([*training, *read_seeds()], small_settings(seed))
            model = Classifier(Bundle(fitted.config, fitted.arrays, ""))
        chosen = [
            (page, document)
            for page, document in zip(pages, labelled, strict=True)
            if fold_of[page.site] == fold and sizes[page.site] > 1
        ]
        tagged = model.classify([d.paragraphs for _, d in chosen], [p.url for p, _ in chosen])
        out |= {page.id: found for (page, _), found in zip(chosen, tagged, strict=True)}
        say(f"fold {fold + 1} of {FOLDS}: {len(chosen)} pages labelled")
    return out


def look(
    pages: Sequence[Page],
    labelled: Sequence[LabelledDocument],
    tagged: dict[str, list[TaggedParagraph]],
    fold_of: dict[str, int],
) -> list[Seen]:
    """The pages that were labelled, with what the site memory knows of them."""
    memory = remember(pages, labelled)
    out = []
    for page, document in zip(pages, labelled, strict=True):
        if page.id not in tagged:
            continue
        counts, size = memory.recurrences(address(page), [p.text for p in document.paragraphs])
        counted = counted_words(document.paragraphs).astype(float)
        out.append(
            Seen(
                page,
                document.labels,
                document.kinds,
                counted / counted.sum(),
                tagged[page.id],
                counts,
                size,
                fold_of[page.site],
            )
        )
    return out


def label_rows(seen: Sequence[Seen]) -> Iterator[list[str]]:
    """For each format and count, what the paragraphs are, and how many are taken for content."""
    content = (Label.NEWS, Label.ANALYSIS)
    for form in FORMATS:
        found: dict[int, Counter[str]] = {count: Counter() for count in range(1, MOST + 1)}
        for one in seen:
            if one.page.source.format != form or one.pages < max(FEW_PAGES):
                continue
            for label, paragraph, count in zip(one.labels, one.tagged, one.counts, strict=True):
                if label is None or not count:
                    continue
                row = found[min(count, MOST)]
                row[label] += 1
                is_content, said = label in content, paragraph.label in content
                row["kept furniture"] += said and not is_content
                row["lost content"] += is_content and not said
        for count, row in found.items():
            total = sum(row[label] for label in LABELS)
            if total:
                shares = [f"{row[label] / total:.3f}" for label in LABELS]
                errors = [str(row["kept furniture"]), str(row["lost content"])]
                yield [form, str(count), str(total), *shares, *errors]


def commerce_kinds(seen: Sequence[Seen]) -> Counter[str]:
    """Kinds of the commerce paragraphs that recur on three pages or more."""
    return Counter(
        str(kind)
        for one in seen
        for kind, count in zip(one.kinds, one.counts, strict=True)
        if kind is not None and count >= FEWEST
    )


def fit_strength(seen: Sequence[Seen]) -> float:
    """The strength with the least log loss, as the score weighs paragraphs."""
    known = [[label is not None for label in one.labels] for one in seen]
    probabilities = [
        np.array([[p.probabilities[label] for label in LABELS] for p in one.tagged]) for one in seen
    ]
    truth = [
        np.array([LABELS.index(label) for label in one.labels if label is not None]) for one in seen
    ]

    def loss(strength: float) -> float:
        total = weight = 0.0
        for one, mask, before, labels in zip(seen, known, probabilities, truth, strict=True):
            after = adjust(before, np.array(one.counts), one.pages, strength)[mask]
            own = np.maximum(after[np.arange(len(labels)), labels], 1e-6)
            total -= float((np.log(own) * one.weights[mask]).sum())
            weight += float(one.weights[mask].sum())
        return total / weight

    return float(minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded").x)


def remembered(
    seen: Sequence[Seen], strengths: dict[int, float], costs: dict[str, Any]
) -> list[list[TaggedParagraph]]:
    """The pages' paragraphs once their recurrence is known."""
    return [retag(one.tagged, one.counts, one.pages, costs, strengths[one.fold]) for one in seen]


def compare(seen: Sequence[Seen], after: list[list[TaggedParagraph]]) -> dict[str, Any]:
    """The figures with the memory, without it, and the difference, by name."""
    pages = [one.page for one in seen]
    told_after: Any = Told(after)
    told_before: Any = Told([one.tagged for one in seen])
    result = evaluate([page.gold for page in pages], told_after, told_before, ("html",))["html"]
    assert result.theirs is not None
    assert result.differences is not None
    return {
        name: (result.theirs.figures[name].value, result.figures[name].value, difference)
        for name, difference in result.differences.items()
    }


def comparison_rows(
    seen: Sequence[Seen], after: list[list[TaggedParagraph]]
) -> Iterator[list[str]]:
    """For each format, what the memory changes."""
    for form in FORMATS:
        chosen = [
            (one, paragraphs)
            for one, paragraphs in zip(seen, after, strict=True)
            if one.page.source.format == form and one.pages >= max(FEW_PAGES)
        ]
        figures = compare([one for one, _ in chosen], [found for _, found in chosen])
        for name in HEADLINE:
            before, now, difference = figures[name]
            yield [form, name, f"{before:.4f}", f"{now:.4f}", _difference(difference)]


def _difference(found: Difference) -> str:
    return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"


def print_table(titles: Sequence[str], rows: Iterator[list[str]]) -> None:
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--shipped", action="store_true", help="take the shipped model")
    args = parser.parse_args()
    say = teller()
    pages = read_pages(args.data)
    labelled = label_pages(pages, args.jobs)[: len(pages)]  # the second half is the text view
    say(f"{len(pages)} pages cut and labelled")
    fold_of = assign_folds([page.site for page in pages], args.seed, FOLDS)
    tagged = label_all(pages, labelled, fold_of, args.shipped, args.seed, say)
    seen = look(pages, labelled, tagged, fold_of)
    for form in FORMATS:
        for fewest in FEW_PAGES:
            chosen = [s for s in seen if s.page.source.format == form and s.pages >= fewest]
            sites = len({one.page.site for one in chosen})
            print(f"{form}: {sites} sites with {fewest} pages or more, {len(chosen)} pages")
    print("\nkinds of what recurs:", dict(commerce_kinds(seen)), "\n")
    heads = ["format", "on pages", "paragraphs", *LABELS, "kept furniture", "lost content"]
    print_table(heads, label_rows(seen))
    strengths = {
        fold: fit_strength([one for one in seen if one.fold != fold]) for fold in range(FOLDS)
    }
    shown = ", ".join(f"{value:.2f}" for value in strengths.values())
    print(f"strength, fitted on the other folds: {shown}; on all: {fit_strength(seen):.2f}\n")
    costs = read_costs(load_model().bundle)
    after = remembered(seen, strengths, costs)
    heads = ["format", "figure", "without", "with", "difference (95 % interval)"]
    print_table(heads, comparison_rows(seen, after))


if __name__ == "__main__":
    main()
