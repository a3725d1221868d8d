"""What a run has not kept of its inputs, so that nothing can bring it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adsift.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An input that did not come back whole.

    Attributes:
        input: how messages call it.
        reason: what is missing of it, and why.
    """

    input: str
    reason: str


@dataclass(slots=True)
class _Unkept:
    first: str
    count: int = 0


def unkept_records(rows: Iterable[bytes], files: frozenset[str] = frozenset()) -> dict[str, str]:
    """Which inputs lack records, by the file of rejects.

    Args:
        rows: the lines of that file, see :func:`.audit.encode_rejects`.
        files: inputs of single documents. Such a document may be without content because it could
            not be opened, and its size is not known then.

    Returns:
        How messages call the inputs, and what is missing of each.

    Raises:
        DocumentError: this is no file of rejects, or it is damaged.
    """
    found: dict[str, _Unkept] = {}
    for line in rows:
        try:
            row = json.loads(line)
            if _is_unkept(row, files):
                found.setdefault(row["input"], _Unkept(_first(row))).count += 1
        except (ValueError, KeyError, TypeError) as error:
            raise DocumentError("the file of rejects is damaged") from error
    return {
        name: f"lacks {one.count:,} record{'s' * (one.count != 1)} that the run has not kept; "
        f"the first, {one.first}"
        for name, one in found.items()
    }


def _is_unkept(row: Mapping[str, Any], files: frozenset[str]) -> bool:
    # A row without a number is of a whole input, of which the manifest tells.
    if row["record"] is None or row["raw"]:
        return False
    return row["size"] > 0 or row["input"] in files


def _first(row: Mapping[str, Any]) -> str:
    return f"{row['id'] or 'record ' + str(row['record'])}, {row['reason']}"
