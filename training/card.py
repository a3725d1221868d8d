"""The model cards, written from what the bundles' configurations know."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

from adsift.model.heads import SHORT
from adsift.model.transformer.tokens import LONGEST

_INTENDED = """
## Intended use
Cleaning scraped articles before they are counted, indexed or trained on. Not a judge of whether a
publisher discloses its advertising as the law demands.
"""
_LABELS = """\
**The labels were assigned by a large language model** that read each whole page with the project's
codebook (version {codebook}); people have not checked them. Two readings of the same pages agree
with Cohen’s κ 0.93 to 0.99 (analysis: 0.91): that is consistency, not truth. Near ties between news
and analysis are the main noise. The pages' texts are not part of the bundle.
"""
_FAILURES = """
## Known failures
- Pages that sell as a whole (buying guides, brochures, deal posts): paragraphs that read like
  reporting are often taken for news. This is most of the commerce that leaks.
- Analysis is often taken for news, and the reverse, as careful readers do too.
- Chumbox items that look like headlines, and one-word offers, pass for boilerplate.
- Offers to sign up for free, and teasers of the site's own deal posts, pass for commerce.
- Languages other than English: not measured, not trained.
"""
_READING = """\
- *html*: the document as fetched (601 of the 900 are HTML, 299 Markdown); *text*: its blocks
  without markup; *extracted*: what trafilatura makes of the HTML, and of Markdown the blocks line
  by line. Blocks that the extractor dropped do not count there, so what is lost and leaked is not
  comparable with the other columns.
- "Content lost" is the share of news and analysis that a strip removes, "leaked" the share of
  commerce or boilerplate that it leaves. They count the labels of one reading, as the arbiter
  script does.
- "Expected calibration error": 15 bins, mean over labels.
"""
_FAST = """\
# Model card: adsift {name}

Labels each paragraph of an English article as news, analysis, boilerplate or commerce, and
says what kind of commerce it is (product, disclosure, sponsored, membership). Made with
adsift {adsift}; `bundle.json` holds the settings, the scores of every fold and the checksums.

## How it works
Step 1 is a multinomial logistic regression over {width:,} columns of hashed words: the
paragraph's words and word pairs, its shape, its links, and for HTML the words in the classes and
ids around it. One head serves HTML and Markdown, another plain text.

Step 2 is a convolutional tagger of {tagger[units]} units. It reads step 1's scores in the
paragraph's neighbourhood, section and document, and what the paragraph's words mean: a vector of
{tagger[vector]} numbers and {tagger[weights]} weights for each of the word pieces of the published
`all-MiniLM-L6-v2` (Apache-2.0), made by a small network from that encoder's embeddings, and pooled
by weighted means and maximum. A vector of the page and two convolutions over its paragraphs let it
see the rest. Menus and the like, of which step 1 is sure amid their like, it does not read.
It learned from the labels and, as much, from the mean opinion of {tagger[teachers]}
taggers that differ in their seeds.
Documents of fewer than 8 paragraphs are no pages as it was trained on: {networks} networks of
{hidden} hidden units judge these, by step 1's scores alone.

Probabilities are calibrated by temperature, and the bound on lost content by learn-then-test, both
on documents that the judging model had not seen (of five, each trained without a fifth of the
sites). The label is the one with the least expected cost. To miss news, analysis, boilerplate or
commerce costs {costs_markup} with markup and {costs_plain} without; this was chosen with the folds
of the figures below in view, which flatters them a little.

## Training data
{pages} English documents of {sites} sites and repositories ({blocks:,} labelled blocks), each used
as it was fetched and once more as plain text; {seeds} articles written for this project. Step 2
also learned from {written:,} pages that were written for this project with the codebook by a large
language model, as it labelled the others.
"""
_FIGURES = """
## Figures
Cross-validation by site, {count} of 5 folds, page-balanced; mean ± standard deviation over folds.

"""
_MORE = """\
Where the table has them:
- "All rounds" is what `strip` really leaves: it judges the rest anew until nothing more goes.
- "Blocks with a text not in training" leaves out every block whose text also stands on a page of
  the training side (menu entries, stock phrases).

"""
_ACCURATE = """\
# Model card: adsift {name}

The accurate tier: behind the fast bundle `{base[name]}` an encoder reads every paragraph that is no
furniture beyond doubt, and readers judge it in its document. Same labels, same interface.
Made with adsift {adsift}; `bundle.json` holds the settings, the scores and the checksums.

## How it works
The encoder is the lower {encoder[layers]} layers of `{encoder[name]}` as published (Apache License
2.0; MPNet, Song et al. 2020), its matrices and its vocabulary rounded to four bits, in blocks of 64
numbers with a scale. It reads each paragraph alone, up to {longest} tokens; what it makes of it are
the means of the tokens' states after layers {averaged}. ONNX Runtime evaluates it on one thread,
with bytes in place of the four bits, and rounds what it multiplies them with to bytes too.

{markup} readers judge documents with markup; they learned from documents with and without. Those
without are judged by {plain}: the same, and others that learned from such documents alone, among
them what trafilatura makes of the HTML pages. Apart from that the readers differ in their seeds
alone; their opinions are averaged. Each makes {settings[own]} units of the encoder's numbers,
{settings[units]} of these and of the fast model's scores around the paragraph, adds the page's mean
and maximum, and sees the neighbours by two convolutions, {settings[width]} wide. The opinions are
pooled logarithmically with the fast model's, which also judges documents of fewer than {short}
paragraphs alone, and the label is the one with the least expected cost:

| documents | shares in the pool | costs of missing news, analysis, boilerplate, commerce |
|---|---|---|
{pool}

The encoder reads {rejudged} of the paragraphs.

## Training data
The {pages} documents of {sites} sites and repositories of the fast bundle, each as it was fetched
and as plain text, and the HTML ones as trafilatura extracts them; the project's own articles, and
{written:,} pages that were written for it with the codebook, by a large language model too.
"""
_ACCURATE_FIGURES = """
## Figures
Cross-validation by site, {count} of 5 folds, page-balanced; mean ± standard deviation over folds.
Shares, costs and the kinds of readers were chosen on them, which flatters them a little.

"""


def make_card(config: dict[str, Any]) -> str:
    """The card of a fast bundle as Markdown.

    Args:
        config: the bundle's configuration, with ``scores`` and ``data`` as ``train.py`` adds them.
    """
    facts = {**config["settings"], **config["data"], **config}
    for head, costs in config["costs"].items():
        facts[f"costs_{head}"] = ", ".join(f"{cost:g}" for cost in costs)
    facts["count"] = _folds(config["scores"])
    text = _FAST + _LABELS + _FIGURES + _READING + _MORE
    made = "\n\nMade by `make train`; the table alone by `make evaluate`.\n"
    return text.format(**facts) + score_table(config["scores"]) + made + _FAILURES + _INTENDED


def make_accurate_card(config: dict[str, Any]) -> str:
    """The card of an accurate bundle as Markdown.

    Args:
        config: the bundle's configuration, as ``train_accurate.py`` makes it.
    """
    facts = {**config["settings"], **config["data"], **config}
    facts["rejudged"] = ", ".join(
        f"{share:.0%} ({view})" for view, share in config["rejudged"].items()
    )
    facts["pool"] = "\n".join(
        f"| {head} | {', '.join(f'{model} {share:g}' for model, share in shares.items())} "
        f"| {', '.join(f'{cost:g}' for cost in config['costs'][head])} |"
        for head, shares in config["shares"].items()
    )
    facts |= {head: len(numbers) for head, numbers in config["readers"].items()}
    facts["averaged"] = " and ".join(map(str, config["encoder"]["averaged"]))
    facts |= {"longest": LONGEST, "short": SHORT, "count": _folds(config["scores"])}
    text = _ACCURATE + _LABELS + _ACCURATE_FIGURES + _READING + "\n"
    made = "\n\nMade by `make accurate`.\n"
    return text.format(**facts) + score_table(config["scores"]) + made + _FAILURES + _INTENDED


def _folds(scores: dict[str, dict[str, list[float]]]) -> int:
    values = [found for view in scores.values() for found in view.values()]
    return max(map(len, values), default=0)


def score_table(scores: dict[str, dict[str, list[float]]]) -> str:
    """Figures of all folds as a Markdown table: mean and standard deviation."""
    views = list(scores)
    if not views:
        return "Not measured."
    lines = ["| figure | " + " | ".join(views) + " |", "|---|" + "---|" * len(views)]
    rows = [[name, *(_cell(scores[view][name]) for view in views)] for name in scores[views[0]]]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _cell(values: list[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"
