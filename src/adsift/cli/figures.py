"""The figures of an evaluation as tables to read."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adsift.cli.exits import one_line
from adsift.evaluation.breakdown import by_site
from adsift.evaluation.content import Run, counts
from adsift.evaluation.judged import KINDS, LABELS
from adsift.evaluation.measure import Evaluation, ViewResult
from adsift.evaluation.wording import HEADLINE, NOTHING, shown, signed, with_interval

WIDTH = 200
"""Line length where no terminal sets one: no cell is broken."""

WORST_SITES = 5
VIEW_WIDTH = 24
"""What a view's column takes with the intervals; they are left out where there is less room."""


def figure_tables(run: Run, evaluation: Evaluation, colour: bool) -> str:
    """The figures that come first, then for each view kinds, confusion and the worst sites."""
    width = shutil.get_terminal_size().columns if colour else WIDTH
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=colour, highlight=False)
    _headline(console, run, evaluation)
    for view, result in evaluation.items():
        if result.differences is not None:
            _comparison(console, run, view, result)
        _kinds(console, view, result)
        _confusion(console, view, result)
        _sites(console, view, result)
    # Rich fills the lines up with spaces, which nobody wants in a file.
    lines = page.getvalue().splitlines()
    return "\n".join(lines if colour else map(str.rstrip, lines)) + "\n"


def _headline(console: Console, run: Run, evaluation: Evaluation) -> None:
    room = console.width >= 2 * VIEW_WIDTH + len(evaluation) * VIEW_WIDTH
    title = f"{run.model} on {run.data}"
    _title(console, f"{title}, with 95 % intervals" if room else title)
    sizes = [counts(result.ours) for result in evaluation.values()]
    rows = [["pages", *(str(pages) for pages, _, _ in sizes)]]
    rows.append(["labelled blocks", *(str(blocks) for _, blocks, _ in sizes)])
    for name in HEADLINE:
        found = [result.figures[name] for result in evaluation.values()]
        rows.append([name, *(with_interval(*one) if room else shown(one.value) for one in found)])
    _table(console, ["figure", *evaluation], rows)


def _comparison(console: Console, run: Run, view: str, result: ViewResult) -> None:
    assert result.theirs is not None
    assert result.differences is not None
    _title(console, f"{view}: {run.model} less {run.other}")
    rows = []
    for name in HEADLINE:
        value, low, high, p = result.differences[name]
        rows.append(
            [
                name,
                shown(result.figures[name].value),
                shown(result.theirs.figures[name].value),
                signed(value),
                f"{signed(low)} to {signed(high)}",
                shown(p),
            ]
        )
    heads = ["figure", run.model, str(run.other), "difference", "95 % interval", "p"]
    _table(console, heads, rows)


def _kinds(console: Console, view: str, result: ViewResult) -> None:
    names = ("precision", "recall", "F1", "leaked")
    rows = [
        [kind, *(shown(result.figures[f"{name} {kind}"].value) for name in names)] for kind in KINDS
    ]
    if all(cell == NOTHING for row in rows for cell in row[1:]):
        return
    _title(console, f"{view}: commerce kinds")
    _table(console, ["kind", *names], rows)


def _confusion(console: Console, view: str, result: ViewResult) -> None:
    _title(console, f"{view}: confusion, weight in pages")
    confusion = result.ours.sums.total().confusion
    rows = [
        [label, *(f"{weight:.2f}" for weight in weights)]
        for label, weights in zip(LABELS, confusion, strict=True)
    ]
    _table(console, ["true \\ predicted", *LABELS], rows)


def _sites(console: Console, view: str, result: ViewResult) -> None:
    sites = by_site(result.ours.judged, result.ours.sums)
    if len(sites) < 2:
        return
    _title(console, f"{view}: sites with the most wrong weight")
    names = ("macro-F1", "strip commerce: content lost", "strip commerce: commerce leaked")
    rows = [
        [
            site.site,
            str(site.pages),
            shown(site.wrong),
            *(shown(site.figures[name]) for name in names),
        ]
        for site in sites[:WORST_SITES]
    ]
    heads = ["site", "pages", "wrong", "macro-F1", "content lost", "commerce leaked"]
    _table(console, heads, rows)


def _title(console: Console, text: str) -> None:
    console.print(Text(one_line(text), "bold"), soft_wrap=True)


def _table(console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(Text(one_line(head)), justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console.print(table)
    console.print()
