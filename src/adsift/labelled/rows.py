"""One paragraph a row: JSON lines, tables, and what ``adsift tag`` writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adsift.document import Paragraph
from adsift.errors import LabelledDataError
from adsift.labelled.data import LabelledData
from adsift.labelled.fields import Fields, get_name, get_number, get_text
from adsift.labelled.files import Record
from adsift.labelled.labels import Mark, Vocabulary
from adsift.labelled.text import group_of
from adsift.model.labelled_document import LabelledDocument
from adsift.segment.whitespace import collapse

HEAVIEST = 1e6
"""Largest weight that a document may have."""

_REQUIRED = ("text", "label")
_READ = (
    *(*_REQUIRED, "kind", "document", "site", "url", "weight"),
    *("tag", "links", "link_share", "rels", "ancestors"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled paragraph.

    Attributes:
        place: file and line.
        paragraph, mark: what it is.
        document: id of its document; a row without one is a document of its own.
        site, url, weight: of the document; the first row that has them counts.
    """

    place: str
    paragraph: Paragraph
    mark: Mark
    document: str | None
    site: str | None
    url: str | None
    weight: float | None


def read_row(record: Record, names: Vocabulary) -> Row:
    """A record with ``text`` and ``label`` and, if known, ``kind``, ``document``, ``site``,
    ``url``, ``weight``, ``tag``, ``links``, ``link_share``, ``rels`` and ``ancestors``.

    Raises:
        LabelledDataError: a field has the wrong type, or the text is empty.
    """
    place, fields = record
    text = collapse(get_text(fields, "text", place))
    if not text:
        raise LabelledDataError(f"{place}: the text is empty")
    return Row(
        place,
        Paragraph(
            text,
            tag=(get_name(fields, "tag", place) or "").lower(),
            link_share=get_number(fields, "link_share", place, 1.0) or 0.0,
            links=_words(fields, "links", place),
            rels=_words(fields, "rels", place),
            ancestors=_words(fields, "ancestors", place),
        ),
        names.read(fields.get("label"), place, fields.get("kind")),
        get_name(fields, "document", place),
        get_name(fields, "site", place),
        get_name(fields, "url", place),
        get_number(fields, "weight", place, HEAVIEST),
    )


def _words(fields: Fields, name: str, place: str) -> tuple[str, ...]:
    """A list of strings; in a table they stand in one cell with spaces between."""
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(value.split())
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise LabelledDataError(f"{place}: the field {name!r} must be a list of texts")
    return tuple(value)


def add_rows(data: LabelledData, path: Path, rows: Iterable[Row]) -> None:
    """Put the rows of a file together to documents, and add these to the data."""
    documents: dict[str, list[Row]] = {}
    for row in rows:
        # The place of a row is its own, and no id looks like it by chance.
        key = row.place if row.document is None else f"{path}#{row.document}"
        documents.setdefault(key, []).append(row)
    for key, found in documents.items():
        url = next((row.url for row in found if row.url), None)
        site = group_of(next((row.site for row in found if row.site), None), url) or ""
        weight = next((row.weight for row in found if row.weight is not None), 1.0)
        data.add(
            LabelledDocument(
                [row.paragraph for row in found],
                [row.mark.label for row in found],
                [row.mark.kind for row in found],
                site or key,
                url,
                weight,
                id=found[0].document or "",
                site=site,
            ),
            [row.place for row in found],
        )


def table_delimiter(text: str) -> str | None:
    """What parts the columns of a table that has ``text`` and ``label`` in its first line."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    for delimiter in "\t,;":
        if {*_REQUIRED} <= {*_columns(head.split(delimiter))}:
            return delimiter
    return None


def _columns(head: Iterable[str]) -> list[str]:
    return [name.strip().strip('"').strip().lower() for name in head]


def read_table(path: Path, text: str, delimiter: str) -> Iterator[Record]:
    """The rows of a table with a header; an empty cell counts as missing, and so do cells left out
    at the end of a row, after its text and its label.

    Raises:
        LabelledDataError: the header has no column ``text`` or ``label``, or has a column twice
            that is read; a row has more cells than the header, or none for its text or its label;
            a quotation mark is never closed or takes in other rows, or the table cannot be read at
            all.
    """
    header: list[str] = []
    rows: list[tuple[str, list[str]]] = []
    for place, cells in _rows(path, text, delimiter):
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            _check_cells(len(cells), header, place)
            rows.append((place, cells))
        else:
            header = _columns(cells)
            _check_header(header, place)
    _check_rows_apart(rows, header, delimiter)
    for place, cells in rows:
        filled = {n: c for n, c in zip(header, cells, strict=False) if c.strip()}
        yield Record(place, {"text": "", **filled})


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """The cells of each row, and where it begins."""
    # The empty line makes a cell that is open at the end of the file one of several lines, too.
    lines = [*io.StringIO(text, newline=""), "\n"]
    reader = csv.reader(lines, delimiter=delimiter)
    start = 0
    try:
        for cells in reader:
            if reader.line_num - start > 1:
                # Within a line stray quotation marks do no harm; over several, all rows between
                # two of them would become one cell.
                row = lines[start : reader.line_num]
                cells = next(csv.reader(row, delimiter=delimiter, strict=True))
            yield f"{path}:{start + 1}", cells
            start = reader.line_num
    except csv.Error as error:
        raise _unreadable(f"{path}:{start + 1}", str(error)) from None


def _unreadable(place: str, problem: str) -> LabelledDataError:
    return LabelledDataError(
        f"{place}: the row that begins here cannot be read ({problem}); a cell that "
        "begins with a quotation mark must end with one directly before the delimiter, have "
        f"those inside it doubled, and be no longer than {csv.field_size_limit()} characters"
    )


def _check_rows_apart(
    rows: Sequence[tuple[str, list[str]]], header: list[str], delimiter: str
) -> None:
    """See that no cell has rows in it, as it has in a table without quoting where one text begins
    with a quotation mark, and a later one ends with one.

    Texts may hold the delimiter too, so that a line counts as a row if its label is one that the
    table has; where commas part the cells, written as it is there.
    """
    if not rows:
        return
    column, text = header.index("label"), header.index("text")
    # Texts have commas, and hardly ever tabs.
    written = str.lower if delimiter == "\t" else str
    labels = {written(cells[column]) for _, cells in rows if cells[column].strip()}
    for place, cells in rows:
        for inner in _inner_rows(cells, delimiter, column):
            if len(inner) == len(header) and written(inner[column]) in labels:
                raise _unreadable(
                    place,
                    f"the row of {inner[text][:40]!r} is in it; if that is what the text says, "
                    "give the data as JSON lines",
                )


def _inner_rows(cells: list[str], delimiter: str, column: int) -> Iterator[list[str]]:
    """What the lines of each cell would be as rows, but for the last, which goes on behind it;
    the first only if the label is behind it."""
    for index, cell in enumerate(cells):
        for number, line in enumerate(cell.splitlines()[:-1]):
            parsed = next(csv.reader([line], delimiter=delimiter), [])
            if number:
                yield parsed
            elif index < column:
                yield cells[:index] + parsed


def _check_header(header: list[str], place: str) -> None:
    if not {*_REQUIRED} <= {*header}:
        raise LabelledDataError(
            f"{place}: the first line must name the columns, text and label among them; it names "
            f"{', '.join(header)[:200]}"
        )
    twice = [name for name in _READ if header.count(name) > 1]
    if twice:
        raise LabelledDataError(
            f"{place}: several columns are called {twice[0]}; rename all but the one that counts"
        )


def _check_cells(count: int, header: list[str], place: str) -> None:
    if count > len(header):
        raise LabelledDataError(
            f"{place}: {count} cells under {len(header)} columns; put texts that hold the "
            "delimiter between quotes"
        )
    for name in _REQUIRED:
        if count <= header.index(name):
            raise LabelledDataError(
                f"{place}: {count} cells under {len(header)} columns, and none for the {name}; "
                "where nobody has labelled, leave the cell empty, but with its delimiter"
            )
