"""An explanation on the command line: which paragraph is meant, and how the answer looks."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from adsift.cli.exits import RunError, UsageError, one_line
from adsift.cli.inputs import Input, find_inputs
from adsift.cli.readable import PIPE_WIDTH, label_and_kind, paragraph_table
from adsift.cli.reading import Failure, Item, ReadOptions, read_inputs
from adsift.document import TaggedParagraph
from adsift.errors import ExplanationError, reason
from adsift.records import Record, dump_line, paragraph_fields

if TYPE_CHECKING:
    from rich.console import RenderableType

    from adsift.model.explanation import Explanation, ParagraphPart, ViewPart
    from adsift.separator import Separator

BAR = 10
"""Length of the longest bar to either side."""

SHOWN = 70
"""Characters that are shown of a paragraph, which then fits on a line of :data:`PIPE_WIDTH`."""


def read_document(path: str, options: ReadOptions) -> Item:
    """The one document that is asked about.

    Raises:
        UsageError: the path may stand for several.
        RunError: it cannot be read.
    """
    found = find_inputs([path])
    if found.several or any(source.jsonl for source in found.inputs):
        raise UsageError(f"explain takes a single document, and {path} may hold several")
    for argument, problem in found.problems:
        raise RunError(f"{argument}: {problem}")
    (event,) = (x for x in read_inputs(found.inputs, options) if isinstance(x, (Item, Failure)))
    if isinstance(event, Failure):
        raise RunError(f"{event.where}: {event.reason}")
    return event


def explain_document(
    sift: Separator, item: Item, paragraph: int | None, find: str | None, label: str | None
) -> Explanation:
    """Explain the paragraph of that number, or the one that holds the text ``find``.

    Raises:
        UsageError: there is no such paragraph, or there are several.
        RunError: the document fails the model.
    """
    try:
        if paragraph is None:
            paragraph = _holding(find or "", sift.tag(item.document))
        return sift.explain(item.document, paragraph, label)
    except ExplanationError as error:
        raise UsageError(f"{item.where}: {error}") from None
    except Exception as error:
        raise RunError(f"{item.where}: {reason(error)}") from None


def _holding(text: str, tagged: Sequence[TaggedParagraph]) -> int:
    wanted = " ".join(text.split()).casefold()
    found = [index for index, p in enumerate(tagged) if wanted in p.text.casefold()]
    if not found:
        raise ExplanationError(f"none of its {len(tagged)} paragraphs holds {text!r}")
    if len(found) > 1:
        places = ", ".join(map(str, found[:10])) + ", …" * (len(found) > 10)
        raise ExplanationError(
            f"{len(found)} paragraphs hold {text!r}; choose by --paragraph one of {places}"
        )
    return found[0]


# -------------------------------------------------------------------------------------- as JSON


def explanation_line(source: Input, explanation: Explanation) -> bytes:
    """All of an explanation as one line of JSON."""
    context, fast = explanation.in_context, explanation.paragraph
    record: Record = {
        "document": source.shown,
        "index": explanation.index,
        **paragraph_fields(explanation.decided or fast),
    }
    if explanation.decided:
        record["fast"] = {
            "label": fast.label,
            "kind": fast.kind,
            "probabilities": fast.probabilities,
        }
    record |= {
        "explained": explanation.label,
        "alone": asdict(explanation.alone),
        "in_context": {
            "score": context.score,
            "baseline": context.baseline,
            "views": [asdict(view) for view in context.views],
            "unclaimed": context.unclaimed,
            "paragraphs": [_paragraph_record(part) for part in context.paragraphs],
        },
    }
    return dump_line(record)


def _paragraph_record(part: ParagraphPart) -> Record:
    return {
        "index": part.index,
        "text": part.paragraph.text,
        "label": part.paragraph.label,
        "contribution": part.contribution,
        "views": part.views,
    }


# ----------------------------------------------------------------------------------- for people


class _Row(NamedTuple):
    amount: float
    what: str
    bar: bool = True


def explanation_page(source: Input, explanation: Explanation, top: int, colour: bool) -> str:
    """An explanation as tables of signed bars, each of which adds up to its last line.

    Args:
        source: where the document is from.
        explanation: what to show.
        top: lines of a table; what is smaller is summed up in one.
        colour: whether it is for a terminal.
    """
    from rich.console import Console
    from rich.text import Text

    width = shutil.get_terminal_size().columns if colour else PIPE_WIDTH
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=colour, highlight=False)
    console.print(
        Text(f"{one_line(source.shown)}, paragraph {explanation.index}", "bold"), soft_wrap=True
    )
    console.print(paragraph_table([explanation.decided or explanation.paragraph]))
    if explanation.decided:
        fast = explanation.paragraph
        console.print()
        console.print(
            "The accurate tier decided that. Explained is the fast model behind it, which says "
            f"{label_and_kind(fast)} {fast.probability:.2f}."
        )
    for title, rows in _tables(explanation, top):
        console.print()
        console.print(Text(title, "bold"))
        console.print(_table(rows))
    return page.getvalue()


def _tables(explanation: Explanation, top: int) -> Iterator[tuple[str, list[_Row]]]:
    context, alone, label = explanation.in_context, explanation.alone, explanation.label
    probability = explanation.paragraph.probabilities[label]
    score = _Row(
        context.score, f"log-odds of {label} against the rest: probability {probability:.2f}", False
    )
    average = _Row(context.baseline, "the average paragraph of the training data", False)
    views = [_Row(view.contribution, _view(view)) for view in context.views]
    yield (
        f"Why {label}, by what the model looks at",
        [average, *_largest(views, top, "views"), score],
    )
    paragraphs = [
        _Row(part.contribution, _paragraph(part, explanation.index)) for part in context.paragraphs
    ]
    rest = _Row(context.unclaimed, "no paragraph: length and place, nothing before or after")
    yield (
        f"Why {label}, by paragraph",
        [average, *_largest(paragraphs, top, "paragraphs"), rest, score],
    )
    yield from _meaning(context.views, top)
    first = alone.probabilities[label]
    words = [_Row(part.contribution, ", or ".join(part.readable)) for part in alone.words]
    yield (
        f"What the paragraph's own words say of {label}, before its context is looked at",
        [
            _Row(alone.bias, "bias", False),
            *_largest(words, top, "features"),
            _Row(
                alone.score, f"score of {label}: {first:.2f} beside the other labels' scores", False
            ),
        ],
    )


def _meaning(views: Iterable[ViewPart], top: int) -> Iterator[tuple[str, list[_Row]]]:
    """What the words mean, where the model reads that."""
    from adsift.model.explanation import MEANING

    for view in views:
        if view.name == MEANING and view.features:
            words = [_Row(part.contribution, f"“{part.name[:SHOWN]}”") for part in view.features]
            whole = _Row(view.contribution, f"{view.name}, as above", False)
            yield "What the meaning of its words adds", [*_largest(words, top, "words"), whole]


def _largest(rows: Iterable[_Row], top: int, noun: str) -> list[_Row]:
    ordered = sorted(rows, key=lambda row: -abs(row.amount))
    # One line is better spent on the thing itself than on a sum of one.
    if len(ordered) <= top + 1:
        return ordered
    rest = ordered[top:]
    return [*ordered[:top], _Row(sum(row.amount for row in rest), f"{len(rest)} other {noun}")]


def _view(view: ViewPart) -> str:
    from adsift.model.explanation import MEANING

    if not view.features:
        return view.name
    main = max(view.features, key=lambda part: abs(part.contribution))
    if view.name == MEANING:
        return f"{view.name}: mostly “{main.name[:SHOWN]}”"
    return f"{view.name}: mostly {main.name} {main.value:.2f} (average {main.average:.2f})"


def _paragraph(part: ParagraphPart, index: int) -> str:
    place = f"{index}, itself" if part.index == index else f"{part.index}"
    shown = f"{place} ({label_and_kind(part.paragraph)}) {part.paragraph.text}"
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def _table(rows: Sequence[_Row]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    longest = max((abs(row.amount) for row in rows if row.bar), default=0) or 1
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        style = ("red" if row.amount < 0 else "green") if row.bar else "bold"
        bar = _bar(row.amount / longest) if row.bar else ""
        table.add_row(Text(f"{row.amount:+.2f}", style), Text(bar, style), Text(one_line(row.what)))
    return table


def _bar(share: float) -> str:
    size = "█" * round(abs(share) * BAR)
    left, right = (size, "") if share < 0 else ("", size)
    return f"{left:>{BAR}}│{right:<{BAR}}"
