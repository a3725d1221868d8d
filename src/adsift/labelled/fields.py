"""Typed access to the fields of a record that anybody may have written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from adsift.errors import LabelledDataError

Fields = Mapping[str, Any]


def get_text(fields: Fields, name: str, place: str) -> str:
    """A text that must be there.

    Raises:
        LabelledDataError: it is missing or no text.
    """
    value = fields.get(name)
    if not isinstance(value, str):
        problem = "is missing" if value is None else f"is {type(value).__name__}, not text"
        raise LabelledDataError(f"{place}: the field {name!r} {problem}")
    return value


def get_name(fields: Fields, name: str, place: str) -> str | None:
    """An id, a site or an address, if there is one; numbers are ids too.

    Raises:
        LabelledDataError: it is something else.
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise LabelledDataError(
            f"{place}: the field {name!r} is {type(value).__name__}, not text or a number"
        )
    return str(value)


def get_list(fields: Fields, name: str, place: str) -> list[Any]:
    """A list, empty if the field is missing.

    Raises:
        LabelledDataError: it is something else.
    """
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise LabelledDataError(
            f"{place}: the field {name!r} is {type(value).__name__}, not a list"
        )
    return value


def get_number(fields: Fields, name: str, place: str, high: float) -> float | None:
    """A number from 0 up to a bound, if there is one; in a table it is text.

    Raises:
        LabelledDataError: it is something else.
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= high:
        raise LabelledDataError(f"{place}: the field {name!r} must be a number from 0 to {high:g}")
    return number


def get_object(value: object, what: str, place: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        LabelledDataError: it is something else.
    """
    if not isinstance(value, dict):
        raise LabelledDataError(f"{place}: {what} must be an object, not {type(value).__name__}")
    return value


def get_offset(value: object, place: str) -> int:
    """A character offset; some exports write it as text.

    Raises:
        LabelledDataError: it is something else.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise LabelledDataError(
            f"{place}: a span's start and end must be whole numbers, not {str(value)[:40]!r}"
        )
    return value
