"""From a file to its text and its records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from adsift.compression import decompress
from adsift.decode import not_text
from adsift.errors import DocumentError, LabelledDataError

_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Record(NamedTuple):
    """One JSON object and where it stands."""

    place: str
    fields: dict[str, Any]


def read_text(path: Path, data: bytes | None = None) -> str:
    """A file's text: UTF-8, or UTF-16 with a byte order mark; gzip, Zstandard, bzip2 and xz
    are undone.

    Args:
        path: the file.
        data: what it holds, if that was read before.

    Raises:
        LabelledDataError: the file cannot be read, is empty, or is not in that encoding.
    """
    try:
        data = path.read_bytes() if data is None else data
    except IsADirectoryError:
        raise LabelledDataError(f"{path} is a folder: give the files in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise LabelledDataError(f"cannot read {path}: {reason}") from None
    try:
        data = decompress(data)
    except DocumentError as error:
        raise LabelledDataError(f"{path}: {error}") from None
    if data.startswith(_ZIP):
        # What doccano hands out is one, and so is what Excel writes.
        raise LabelledDataError(
            f"{path} is a zip archive or a workbook: unpack it and give the files in it, or save "
            "the table as CSV"
        )
    if kind := not_text(data):
        raise LabelledDataError(f"{path} is {kind}, not text")
    try:
        text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LabelledDataError(
            f"{path}:{line}: not {error.encoding.upper()}, save the file as UTF-8"
        ) from None
    if not text.strip():
        raise LabelledDataError(f"{path} is empty")
    return text


def json_records(path: Path, text: str) -> list[Record]:
    """The objects of a file: one a line, or an array of them, or a single one.

    Raises:
        LabelledDataError: naming the first line that is no JSON object.
    """
    if text.lstrip().startswith("["):
        array = _parse(text, str(path))
        return [_record(f"{path}: record {n}", item) for n, item in enumerate(array, 1)]
    try:
        return list(_lines(path, text))
    except LabelledDataError:
        # Pretty-printed, a single object fills many lines.
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError):
            whole = None
        if whole is None:
            raise
        return [_record(f"{path}: record 1", whole)]


def parse_record(place: str, line: str | bytes) -> Record:
    """The object of a line.

    Args:
        place: the file and the line, for messages.
        line: what stands there.

    Raises:
        LabelledDataError: it is no JSON object.
    """
    return _record(place, _parse(line, place))


def _lines(path: Path, text: str) -> Iterator[Record]:
    # Not splitlines: JSON allows U+2028 and its like inside strings.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield parse_record(f"{path}:{number}", line)


def _parse(text: str | bytes, place: str) -> Any:
    try:
        return json.loads(text)
    except UnicodeDecodeError:
        raise LabelledDataError(f"{place}: not UTF-8, save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        detail = type(error).__name__
        if isinstance(error, json.JSONDecodeError):
            detail = f"{error.msg}, line {error.lineno} column {error.colno}"
        raise LabelledDataError(f"{place}: not valid JSON ({detail})") from None


def _record(place: str, value: object) -> Record:
    if not isinstance(value, dict):
        raise LabelledDataError(f"{place}: expected a JSON object, not {type(value).__name__}")
    return Record(place, value)
