"""A run's summary as tables to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adsift.corpus.summary import HEAVY, Noted, Summary, Tally

if TYPE_CHECKING:
    from rich.console import Console

SITES = 10
"""So many sites are shown; the JSON has more."""

NAMES = 10
"""So many documents to look at are named; the JSON has more."""

_NAME = 16
"""Characters of a name that are not broken on a narrow terminal."""

_TALLY_HEADS = ("paragraphs", "words", "removed paragraphs", "removed words", "share of words")


def print_table(summary: Summary, console: Console) -> None:
    """Print what a run did: labels, kinds, the sites that lost most, documents to look at.

    Args:
        summary: of the run.
        console: where to; it knows the width and whether there are colours.
    """
    counts = summary.counts
    _labels(summary, console)
    if any(tally.paragraphs for tally in counts.kinds.values()):
        rows = [_tally_row(kind.value, tally) for kind, tally in counts.kinds.items()]
        _table(console, "Commerce by kind", ("kind", *_TALLY_HEADS), rows)
    _sites(summary, console)
    emptied = f" ({counts.emptied:,} lost all)" if counts.emptied else ""
    lost = f"Documents that lost over {HEAVY:.0%} of their words"
    _noted(console, lost, counts.heavy, emptied)
    _noted(console, "Documents without visible text", counts.textless)
    _noted(
        console,
        "Documents that seem not to be in English, which alone our models know",
        counts.foreign,
    )
    if summary.peak_memory is not None:
        _line(console, f"Peak memory: {summary.peak_memory / 1e6:,.0f} MB")
    for note in summary.notes:
        _line(console, note)


def _labels(summary: Summary, console: Console) -> None:
    counts = summary.counts
    rows = [_tally_row(label.value, tally) for label, tally in counts.labels.items()]
    rows.append(_tally_row("all", counts.total))
    title = f"{counts.documents:,} documents, {counts.rejected:,} rejected"
    _table(console, title, ("label", *_TALLY_HEADS), rows)


def _sites(summary: Summary, console: Console) -> None:
    worst = summary.most_removed(SITES)
    if not worst:
        return
    rows = [
        [
            site,
            f"{tally.documents:,}",
            f"{tally.words:,}",
            f"{tally.removed_words:,}",
            _share(tally.removed_words, tally.words),
        ]
        for site, tally in worst
    ]
    heads = ("site", "documents", "words", "removed words", "share of words")
    _table(console, "Sites that lost most", heads, rows)


def _noted(console: Console, what: str, noted: Noted, more: str = "") -> None:
    if not noted.documents:
        return
    _line(console, f"{what}: {noted.documents:,}{more}")
    for name in noted.names[:NAMES]:
        _line(console, f"  {name}")
    if noted.documents > NAMES:
        _line(console, f"  … and {noted.documents - NAMES:,} more")


def _tally_row(name: str, tally: Tally) -> list[str]:
    return [
        name,
        f"{tally.paragraphs:,}",
        f"{tally.words:,}",
        f"{tally.removed_paragraphs:,}",
        f"{tally.removed_words:,}",
        _share(tally.removed_words, tally.words),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _table(
    console: Console, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    from rich.table import Table
    from rich.text import Text

    _line(console, title, "bold")
    table = Table(box=None, pad_edge=False)
    rows = [*rows]
    names = max((len(row[0]) for row in rows), default=0)
    table.add_column(heads[0], overflow="fold", min_width=min(names, _NAME))
    for column, head in enumerate(heads[1:], 1):
        # Where room is short heads are broken, at blanks. A figure without its end is another one.
        whole = max(map(len, [*head.split(), *(row[column] for row in rows)]))
        table.add_column(head, justify="right", min_width=whole)
    for row in rows:
        # As Text, since a host in brackets would be read as markup.
        table.add_row(*(Text(_printable(cell)) for cell in row))
    console.print(table, crop=False)
    console.print()


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(_printable(text), style), soft_wrap=True)


def _printable(text: str) -> str:
    # Names and hosts come from the corpus: nothing in them may steer a terminal.
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
