"""Where adsift belongs beside a main-text extractor: before it, after it, or on both sides.

    python training/extractor_order.py --data ../shared/data --keep /tmp/kept --folds 0 1

The pages are those of some folds, each cleaned by a model that has seen no page of the fold's
sites; such a model takes some twenty minutes of CPU if ``--keep`` does not have it.

A labelled block counts as left if the output holds half of its three-word sequences, as in
METRICS.md; so content that the extractor itself drops is lost too, and commerce that it drops is
not leaked. Extractors that are not installed are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from adsift.decode import decode
from adsift.document import Document, Label, Paragraph, TaggedParagraph
from adsift.evaluation.judged import as_arrays, judge
from adsift.evaluation.metrics import figures, page_sums
from adsift.model.classifier import Classifier
from adsift.separator import Separator
from arguments import add_keep, script_parser, teller
from dataset import Page
from evaluate import Data, Told, assign_folds, fit_fold
from recipe import fast_settings

Extractor = Callable[[str], str]
"""From the HTML of a page to its main text, a paragraph a line."""

DROPS = (("commerce",), ("commerce", "boilerplate"))

AFTER_ALL = "strip commerce and boilerplate: "
"""The policy by which every block that is not in the output counts as gone."""

FIGURES = ("content lost", "commerce leaked", "boilerplate leaked")


def trafilatura_precise(page: str) -> str:
    import trafilatura

    return trafilatura.extract(page) or ""


def trafilatura_recall(page: str) -> str:
    import trafilatura

    return trafilatura.extract(page, favor_recall=True) or ""


def resiliparse_main(page: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(page, main_content=True)
    return text


def newspaper(page: str) -> str:
    import newspaper

    # It wants an address to resolve links by, and would fetch the pictures from there, whatever
    # its setting of that name says.
    article = newspaper.Article("https://page.example/", language="en")
    article.fetch_images = lambda: None
    article.download(input_html=page)
    try:
        article.parse()
    except newspaper.ArticleException:
        return ""
    text: str = article.text
    return text


EXTRACTORS: dict[str, tuple[str, Extractor]] = {
    "trafilatura": ("trafilatura", trafilatura_precise),
    "trafilatura, favor_recall": ("trafilatura", trafilatura_recall),
    "resiliparse, main_content": ("resiliparse", resiliparse_main),
    "newspaper4k": ("newspaper", newspaper),
}
"""Name, the package that it needs, and the function."""


def lines(text: str) -> list[str]:
    """The lines of an output that hold something."""
    return [line for line in text.splitlines() if line.strip()]


def left_and_lost(pages: list[Page], outputs: Sequence[Sequence[str]]) -> list[float]:
    """The three figures of :data:`FIGURES`, shares from 0 to 1.

    Args:
        pages: the labelled pages.
        outputs: for each, the paragraphs that are left of it.
    """
    told = Told([[_kept(text) for text in output] for output in outputs])
    gold = [page.gold for page in pages]
    rows = [rows for (rows,) in judge(gold, [page.source for page in pages], [told])]  # type: ignore[list-item]
    found = figures(page_sums(as_arrays(gold, rows)).total())
    return [float(found[AFTER_ALL + name]) for name in FIGURES]


def _kept(text: str) -> TaggedParagraph:
    """What is left counts as news, so that all else counts as dropped."""
    sure = {label: float(label == Label.NEWS) for label in Label}
    return TaggedParagraph(Paragraph(text), Label.NEWS, None, sure)


ORDERS = (
    "extractor alone",
    "extractor, then adsift",
    "adsift, then extractor",
    "adsift, extractor, adsift",
)


def orders(
    pages: list[Page], extract: Extractor, separator: Separator, drops: Sequence[Sequence[str]]
) -> list[list[list[list[str]]]]:
    """What is left of every page: by ``drops``, by :data:`ORDERS`, by page, its lines."""
    alone = [extract(decode(_bytes(page))) for page in pages]
    out = []
    for drop in drops:
        results = separator.strip_many([page.source for page in pages], drop)
        first = [extract(result.text) for result in results]
        out.append(
            [
                [lines(text) for text in alone],
                _stripped(alone, separator, drop),
                [lines(text) for text in first],
                _stripped(first, separator, drop),
            ]
        )
    return out


def without_extractor(
    pages: list[Page], separator: Separator, drops: Sequence[Sequence[str]]
) -> list[list[list[list[str]]]]:
    """As :func:`orders`, of adsift alone."""
    sources = [page.source for page in pages]
    return [
        [[[p.text for p in result.kept] for result in separator.strip_many(sources, drop)]]
        for drop in drops
    ]


def _stripped(texts: list[str], separator: Separator, drop: Sequence[str]) -> list[list[str]]:
    documents = [Document(text, format="text") for text in texts]
    return [lines(result.text) for result in separator.strip_many(documents, drop)]


def _bytes(page: Page) -> bytes:
    assert isinstance(page.source.source, bytes), "pages are read as they were fetched"
    return page.source.source


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--folds", type=int, nargs="+", default=[0])
    parser.add_argument(
        "--extractors", nargs="+", choices=EXTRACTORS, default=list(EXTRACTORS), metavar="NAME"
    )
    add_keep(parser)
    args = parser.parse_args()
    say = teller()
    data = Data.read(args.data, args.jobs)
    say("pages cut and labelled")
    fold_of = assign_folds([page.site for page in data.pages], args.seed)
    stages = data.stages(args.keep)
    folds = []
    for fold in args.folds:
        (bundle,) = fit_fold(data, fold_of, fast_settings(args.seed), stages, fold)
        say(f"a model without fold {fold}")
        held_out = [p for p in data.pages if fold_of[p.site] == fold and p.source.format == "html"]
        folds.append((Separator(Classifier(bundle)), held_out))
    test = [page for _, held_out in folds for page in held_out]
    print(f"{len(test)} HTML pages of {len({page.site for page in test})} sites\n")
    tables: list[list[str]] = [[] for _ in DROPS]
    chosen = [(name, EXTRACTORS[name]) for name in args.extractors]
    for name, (package, extract) in [("", ("", None)), *chosen]:
        if package and find_spec(package) is None:
            print(f"{name} is left out: {package} is not installed", file=sys.stderr)
            continue
        of_folds = [
            without_extractor(held_out, separator, DROPS)
            if extract is None
            else orders(held_out, extract, separator, DROPS)
            for separator, held_out in folds
        ]
        for place, table in enumerate(tables):
            for order, title in enumerate(ORDERS if extract else ["adsift alone"]):
                outputs = [output for fold in of_folds for output in fold[place][order]]
                row = _row(f"{name}: {title}".lstrip(": "), left_and_lost(test, outputs))
                say(f"dropping {' and '.join(DROPS[place])}: {row}")
                table.append(row)
    for drop, table in zip(DROPS, tables, strict=True):
        print(f"adsift drops {' and '.join(drop)}:\n")
        print("| | " + " | ".join(FIGURES) + " |\n" + "|---" * (len(FIGURES) + 1) + "|")
        print("\n".join(table) + "\n")


def _row(name: str, values: list[float]) -> str:
    return f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |"


if __name__ == "__main__":
    main()
