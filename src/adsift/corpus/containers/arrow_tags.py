"""Tags as a column of an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adsift.corpus.containers.stored_tags import parse_tag, tag_fields
from adsift.corpus.extras import load_extra
from adsift.corpus.record import Tag
from adsift.errors import DocumentError

# The last is not in columns that an earlier version has written.
_NAMES = ("index", "start", "end", "label", "kind", "probability", "digest")


def tags_type() -> Any:
    """The column's type: a list of structs, one a paragraph."""
    arrow = load_extra("pyarrow", "Parquet")
    numbers, words = (arrow.int64(), arrow.string())
    types = (arrow.int32(), numbers, numbers, words, words, arrow.float64(), words)
    return arrow.list_(arrow.struct(list(zip(_NAMES, types, strict=True))))


def tags_array(rows: Iterable[tuple[Tag, ...] | None]) -> Any:
    """The column; rows without a document are null."""
    cells = [None if tags is None else [tag_fields(tag) for tag in tags] for tags in rows]
    return load_extra("pyarrow", "Parquet").array(cells, tags_type())


def holds_tags(type: Any) -> bool:
    """Whether a column is one of tags, as this or another Arrow library writes it."""
    types = load_extra("pyarrow", "Parquet").types
    if not (types.is_list(type) or types.is_large_list(type)):
        return False
    inner = type.value_type
    return types.is_struct(inner) and {field.name for field in inner} >= set(_NAMES[:-1])


def read_tags(cell: Any) -> tuple[Tag, ...] | None:
    """The tags in a row.

    Raises:
        DocumentError: they are not what a run has written.
    """
    if cell is None:
        return None
    try:
        return tuple(map(parse_tag, cell))
    except (KeyError, TypeError, ValueError) as error:
        raise DocumentError(f"the stored tags are damaged: {error}") from None
