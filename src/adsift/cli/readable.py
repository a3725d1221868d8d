"""Tagged paragraphs for people: label, probability and text in colours."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adsift.document import Label, TaggedParagraph

if TYPE_CHECKING:
    from rich.console import RenderableType

PIPE_WIDTH = 100
"""Line length where no terminal sets one."""

_STYLES = {
    Label.NEWS: "default",
    Label.ANALYSIS: "blue",
    Label.BOILERPLATE: "bright_black",
    Label.COMMERCE: "bold red",
}
# A document's escape sequences must not reach the terminal.
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")


def label_and_kind(paragraph: TaggedParagraph) -> str:
    """``news``, or ``commerce/product``."""
    return f"{paragraph.label}/{paragraph.kind}" if paragraph.kind else str(paragraph.label)


def paragraph_table(paragraphs: Sequence[TaggedParagraph]) -> RenderableType:
    """One row for each paragraph: label and kind, probability, text."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for no_wrap in (True, True, False):
        table.add_column(no_wrap=no_wrap, overflow="fold")
    for paragraph in paragraphs:
        style = _STYLES[paragraph.label]
        table.add_row(
            Text(label_and_kind(paragraph), style),
            Text(f"{paragraph.probability:.2f}", style),
            Text(paragraph.text.translate(_CONTROLS), style),
        )
    return table


def tagged_page(title: str, paragraphs: Sequence[TaggedParagraph], colour: bool) -> str:
    """A document's paragraphs under its name, as text or with the terminal's colours."""
    from rich.console import Console
    from rich.text import Text

    width = shutil.get_terminal_size().columns if colour else PIPE_WIDTH
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=colour, highlight=False)
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(paragraph_table(paragraphs))
    console.print()
    return page.getvalue()
