"""A document as the transformer reads it: windows of tokens, a mark in front of every paragraph.

A window is one sequence of at most :data:`WINDOW` tokens: the page's address and title, the last
heading, and then whole paragraphs, each behind a separator token. The separator's place is where
the transformer's opinion of the paragraph is read, so one pass judges all paragraphs of a window,
each in sight of the others. What step 1 takes for furniture beyond doubt is left out, except right
beside something else; that saves most of the cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Paragraph
from adsift.model.context import is_heading
from adsift.model.links import own_host, read_target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

WINDOW = 512
"""Tokens of a window at most."""

SURE = 0.95
"""Step 1's probability of boilerplate from which on a paragraph is not read."""

BOILERPLATE = 2
"""Column of boilerplate in the signals."""

FIRST, LAST = 44, 12
"""Tokens of a long paragraph that are read: so many from its start and from its end, which is
looked for among the first :data:`CHARACTERS`."""

CHARACTERS = 2000
"""Of a paragraph that are cut into tokens; the rest of a huge one costs nothing."""

BRIEF = 12
"""Tokens that are read of furniture beside something else."""

CLS, SEP = 0, 2
"""The tokens of MPNet's vocabulary that begin a sequence and part it."""

Encode = Callable[[list[str]], list[list[int]]]
"""Turns texts into token numbers, without special tokens."""

_WORD = re.compile(r"[A-Za-z]{2,}")


class Window(NamedTuple):
    """One sequence.

    Attributes:
        tokens: numbers of the vocabulary, shape (length,).
        places: where in ``tokens`` the paragraphs' separators stand.
        rows: the paragraphs' numbers in the document, as many as ``places``.
    """

    tokens: Integers
    places: Integers
    rows: Integers


def read_rows(signals: Floats) -> NDArray[np.bool_]:
    """Which paragraphs the transformer reads: all but sure furniture amid sure furniture."""
    unsure = signals[:, BOILERPLATE] < SURE
    beside = unsure.copy()
    beside[1:] |= unsure[:-1]
    beside[:-1] |= unsure[1:]
    return beside


def make_windows(
    paragraphs: Sequence[Paragraph], signals: Floats, url: str | None, encode: Encode
) -> list[Window]:
    """Cut a document into windows.

    Args:
        paragraphs: in reading order.
        signals: step 1's probabilities and the facts of each, see :mod:`adsift.model.context`.
        url: address of the page, if known.
        encode: the tokenizer.
    """
    rows: list[int] = np.flatnonzero(read_rows(signals)).tolist()
    if not rows:
        return []
    own = own_host(url, (link for paragraph in paragraphs for link in paragraph.links))
    hints = [_hints(paragraphs[row], own) for row in rows]
    headings = [row for row in rows if is_heading(paragraphs[row])]
    title = next(
        (row for row in headings if paragraphs[row].tag == "h1"), (headings or [rows[0]])[0]
    )
    encoded = encode([*(paragraphs[row].text[:CHARACTERS] for row in rows), *hints, _address(url)])
    texts, hint_tokens, address = encoded[: len(rows)], encoded[len(rows) : -1], encoded[-1]
    by_row = dict(zip(rows, texts, strict=True))
    header = [CLS, *address[:12], SEP, *by_row[title][:16]]
    pieces = []
    for row, text, hint in zip(rows, texts, hint_tokens, strict=True):
        if signals[row, BOILERPLATE] >= SURE:
            kept = text[:BRIEF]
        elif len(text) > FIRST + LAST:
            kept = text[:FIRST] + text[-LAST:]
        else:
            kept = text
        pieces.append([SEP, *hint[:10], *kept])
    return _fill(rows, pieces, header, {row: by_row[row][:10] for row in headings})


def _fill(
    rows: list[int], pieces: list[list[int]], header: list[int], headings: dict[int, list[int]]
) -> list[Window]:
    """Share the pieces out among windows of about the same length."""
    room = WINDOW - len(header) - 12
    total = sum(map(len, pieces))
    share = min(room, total / -(-total // room) + 30)
    windows = []
    heading: list[int] = []
    tokens, used = [*header], 0
    places: list[int] = []
    held: list[int] = []
    for row, piece in zip(rows, pieces, strict=True):
        if held and (used + len(piece) > room or used >= share):
            windows.append(_window(tokens, places, held))
            tokens, used = [*header, SEP, *heading], 0
            places, held = [], []
        places.append(len(tokens))
        held.append(row)
        tokens += piece
        used += len(piece)
        heading = headings.get(row, heading)
    windows.append(_window(tokens, places, held))
    return windows


def _window(tokens: list[int], places: list[int], rows: list[int]) -> Window:
    return Window(*(np.array(numbers, np.int64) for numbers in ([*tokens, SEP], places, rows)))


def _hints(paragraph: Paragraph, own: str) -> str:
    """The words of the innermost elements' names and classes, and the foreign hosts linked to."""
    words: list[str] = []
    for selector in paragraph.ancestors[-3:]:
        words += (word for word in _WORD.findall(selector) if word not in words and word != "div")
    hosts = dict.fromkeys(
        target.host for target in map(read_target, paragraph.links[:20]) if target.host
    )
    foreign = [host for host in hosts if host != own]
    return " ".join([*words[-4:], *foreign[:2]]).lower()[:120]


def _address(url: str | None) -> str:
    if not url:
        return ""
    target = read_target(url)
    path = url.partition(target.full_host)[2] if target.full_host else url
    return " ".join([target.host, *_WORD.findall(path)])[:200].lower()
