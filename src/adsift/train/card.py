"""The card of a bundle that a user trained, written from what its configuration knows."""

from __future__ import annotations

import json
from typing import Any

from adsift.model.adapt import base_digest

Scores = dict[str, dict[str, float]]
"""Whose (``before``, ``after``), and the value of each figure."""

NOTHING_LEFT = (
    "nothing was left to measure, all validation data is in the training data too or weighs nothing"
)
"""Why there may be no figures in spite of validation data."""

_CARD = """\
# Model card

Labels each paragraph of an article as news, analysis, boilerplate or commerce. Made with adsift
{version} by `adsift train`, {origin}

## Data
{documents} documents of {groups} sites or other groups, {total} labelled paragraphs: {labels}.

## Figures
{figures}

## Settings
```json
{settings}
```
"""


def make_card(config: dict[str, Any]) -> str:
    """The card as Markdown.

    Args:
        config: the bundle's configuration, as :func:`.run.train` writes it.
    """
    data = config["trained"]["data"]
    if "adapted" in config:
        base = config["adapted"]["base"].get("name", "a bundle")
        origin = f"adapted from {base} (SHA-256 of its weights: `{base_digest(config)}`)."
        settings = {key: config["adapted"][key] for key in ("settings", "heads")}
    else:
        origin = "from scratch."
        settings = config["settings"]
    scores: Scores = config["trained"]["scores"]
    return _CARD.format(
        version=config["adsift"],
        origin=origin,
        documents=data["documents"],
        groups=data["groups"],
        total=sum(data["labels"].values()),
        labels=", ".join(f"{count} {label}" for label, count in data["labels"].items()),
        figures=_figures(scores, config["trained"].get("validation")),
        settings=json.dumps(settings, indent=1),
    )


def score_lines(scores: Scores) -> list[list[str]]:
    """A table: a row of names, then a row for each figure."""
    columns = [*scores]
    names = scores[columns[-1]]
    rows = [[name, *(f"{scores[column][name]:.3f}" for column in columns)] for name in names]
    return [["figure", *columns], *rows]


def _figures(scores: Scores, validation: dict[str, Any] | None) -> str:
    if validation is None:
        return "Not measured: no validation data was given."
    if not scores:
        return f"Not measured: {NOTHING_LEFT}."
    head, *rows = (f"| {' | '.join(cells)} |" for cells in score_lines(scores))
    ruler = "|---" * (len(scores) + 1) + "|"
    return "\n".join(
        [
            f"On {validation['documents']} documents for validation, page-balanced.",
            "",
            head,
            ruler,
            *rows,
        ]
    )
