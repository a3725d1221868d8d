"""The model card, written from what the bundle's configuration knows."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

_HEAD = """\
# Model card: adsift {name}

Labels each paragraph of an English article as news, analysis, boilerplate or commerce, and
says what kind of commerce it is (product, disclosure, sponsored, membership). Made with
adsift {adsift}; `bundle.json` holds the settings, the scores of every fold and the checksums.

## How it works
Step 1 is a multinomial logistic regression over {width:,} columns of hashed words: the
paragraph's words and word pairs, its shape, its links, and for HTML the words in the classes and
ids around it. Step 2 averages {networks} networks of {hidden} hidden units over step 1's scores in
the paragraph's neighbourhood, section and document. One head serves HTML and Markdown, another
plain text. Probabilities are calibrated by temperature on a quarter of the sites, held out for it.

## Training data
{pages} English documents of {sites} sites and repositories ({blocks:,} labelled blocks), each used
as it was fetched and once more as plain text; {seeds} articles written for this project.
**The labels were assigned by a large language model** that read each whole page with the project's
codebook; people have not checked them. Two readings of the same pages agree with Cohen’s κ 0.93 to
0.99 (analysis: 0.91): that is consistency, not truth. Near ties between news and analysis are the
main noise. The pages' texts are not part of the bundle beyond the hashed weights.

## Figures
Cross-validation over 5 folds parted by site, page-balanced; mean ± standard deviation over folds.

- *html*: the document as fetched (601 of the 900 are HTML, 299 Markdown); *text*: its blocks
  without markup.
- "Content lost" is the share of news and analysis that a strip removes, "leaked" the share of
  commerce or boilerplate that it leaves. They count the labels of one reading, as the arbiter
  script does; "all rounds" is what `strip` really leaves: it judges the rest anew until nothing
  more goes.
- "Expected calibration error": 15 bins, mean over labels.
- "Blocks with a text not in training" leaves out every block whose text also stands on a page of
  the training side (menu entries, stock phrases).

"""
_FOOT = """

Made by `make train`; the table alone by `make evaluate`.

## Known failures
- Pages that sell as a whole (buying guides, brochures, deal posts): paragraphs that read like
  reporting are often taken for news. This is most of the commerce that leaks.
- Analysis is often taken for news, and the reverse, as careful readers do too.
- Chumbox items that look like headlines, and one-word offers, pass for boilerplate.
- Offers to sign up for free, and teasers of the site's own deal posts, pass for commerce.
- Languages other than English: not measured, not trained.

## Intended use
Cleaning scraped articles before they are counted, indexed or trained on. Not a judge of whether a
publisher discloses its advertising as the law demands.
"""


def make_card(config: dict[str, Any]) -> str:
    """The card as Markdown.

    Args:
        config: the bundle's configuration, with ``scores`` and ``data`` as ``train.py`` adds them.
    """
    facts = {**config["settings"], **config["data"], **config}
    return _HEAD.format(**facts) + score_table(config["scores"]) + _FOOT


def score_table(scores: dict[str, dict[str, list[float]]]) -> str:
    """Figures of all folds as a Markdown table: mean and standard deviation."""
    views = list(scores)
    if not views:
        return "Not measured."
    lines = ["| figure | " + " | ".join(views) + " |", "|---|" + "---|" * len(views)]
    for name in scores[views[0]]:
        cells = [f"{mean(scores[v][name]):.3f} ± {stdev(scores[v][name]):.3f}" for v in views]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
