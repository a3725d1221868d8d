"""Files of labelled data in, documents out; the format is told by the content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from adsift.errors import LabelledDataError
from adsift.labelled.annotators import add_annotated
from adsift.labelled.data import LabelledData
from adsift.labelled.doccano import read_doccano
from adsift.labelled.documents import read_document
from adsift.labelled.files import Record, json_records, read_text
from adsift.labelled.formats import format_of, require_one_format
from adsift.labelled.label_studio import choice_fields, read_label_studio
from adsift.labelled.labels import LabelMap, Vocabulary
from adsift.labelled.prodigy import read_prodigy
from adsift.labelled.rows import add_rows, read_row, read_table, table_delimiter
from adsift.labelled.text import AnnotatedText

FORMATS = ("auto", "documents", "paragraphs", "csv", "tsv", "label-studio", "doccano", "prodigy")

_Reader = Callable[[Record, Vocabulary], list[AnnotatedText]]
_READERS: dict[str, _Reader] = {
    "documents": read_document,
    "doccano": read_doccano,
    "prodigy": read_prodigy,
}
_DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_labelled(
    paths: Sequence[Path], format: str = "auto", label_map: LabelMap | None = None
) -> LabelledData:
    """Read files of labelled data.

    Args:
        paths: files, also with gzip, Zstandard, bzip2 or xz; each may have another format. One
            that is named twice, in whatever spelling, is read once.
        format: one of :data:`FORMATS`, of all files.
        label_map: other names for labels, see :func:`.labels.read_label_map`.

    Returns:
        The documents of all files; at least one paragraph of each file has a label.

    Raises:
        LabelledDataError: with the file and the line: it cannot be read, is no such format,
            has unknown labels, spans that contradict each other or the text, or records of
            several formats.
    """
    data = LabelledData()
    for path in _apart(paths):
        first = len(data.documents)
        names = Vocabulary(label_map)
        found, records = read_records(path, format)
        if format == "auto":
            require_one_format(found, records)
        add_records(data, path, found, records, names)
        names.check()
        if not any(any(document.labels) for document in data.documents[first:]):
            raise LabelledDataError(f"{path}: no paragraph has a label")
    return data


def _apart(paths: Sequence[Path]) -> Iterable[Path]:
    """The files, each by the first of its names."""
    found: dict[str, Path] = {}
    for path in paths:
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):  # what is wrong with it will be said when it is read
            real = str(path)
        found.setdefault(real, path)
    return found.values()


def read_records(
    path: Path, format: str = "auto", data: bytes | None = None
) -> tuple[str, Sequence[Record]]:
    """What a file is, and its records; a table has those of ``paragraphs``.

    Args:
        path: the file.
        format: one of :data:`FORMATS`.
        data: what the file holds, if that was read before.

    Raises:
        LabelledDataError: it cannot be read, or is no such format.
    """
    if format not in FORMATS:
        raise LabelledDataError(f"unknown format {format!r}: use {', '.join(FORMATS)}")
    text = read_text(path, data)
    if format in _DELIMITERS or (format == "auto" and text.lstrip()[0] not in "[{"):
        delimiter = table_delimiter(text) or _DELIMITERS.get(format)
        if delimiter is None:
            raise LabelledDataError(
                f"{path}: neither JSON nor a table whose first line names the columns text and "
                "label; an article without labels is no labelled data"
            )
        return "paragraphs", [*read_table(path, text, delimiter)]
    found = json_records(path, text)
    return (_detect(path, found) if format == "auto" else format), found


def add_records(
    data: LabelledData, path: Path, format: str, records: Sequence[Record], names: Vocabulary
) -> None:
    """Make documents of a file's records, and add them to the data.

    Args:
        data: what they are added to.
        path: the file.
        format, records: as :func:`read_records` gives them.
        names: reads the labels; whether it knew all of them is for the caller to check.

    Raises:
        LabelledDataError: as for :func:`read_labelled`.
    """
    if format == "paragraphs":
        add_rows(data, path, (read_row(record, names) for record in records))
        return
    reader = _reader(format, records, names)
    annotations = [reader(record, names) for record in records]
    data.skipped += annotations.count([])
    add_annotated(data, chain.from_iterable(annotations))


def _reader(format: str, records: Sequence[Record], names: Vocabulary) -> _Reader:
    if format == "label-studio":
        return partial(read_label_studio, choices=choice_fields(records, names))
    return _READERS[format]


def _detect(path: Path, records: Sequence[Record]) -> str:
    for record in records:
        format = format_of(record.fields)
        if format is not None:
            return format
    fields = ", ".join(map(str, records[0].fields))[:200] if records else "nothing"
    raise LabelledDataError(
        f"{path}: cannot tell what labelled data this is (the first record has {fields}); name it "
        f"by a format: {', '.join(FORMATS[1:])}"
    )
