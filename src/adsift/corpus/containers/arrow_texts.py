"""The column of texts in an Arrow table, and those of ids and addresses."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any

from adsift.corpus.containers.arrow import (
    ColumnPath,
    bytes_of,
    column,
    find_column,
    is_text,
    text_type,
)
from adsift.corpus.extras import load_extra
from adsift.corpus.record import Fields
from adsift.decode import decode, encode, not_text
from adsift.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Texts:
    """The column of texts.

    Attributes:
        path: where it is.
        strings: whether it holds strings, not bytes.
        values: of each row.
    """

    path: ColumnPath
    strings: bool
    values: list[bytes | None]

    @classmethod
    def of(cls, table: Any, fields: Fields) -> Texts:
        """The column that holds the texts of a table.

        Raises:
            DocumentError: there is none by that name, or it holds something else.
        """
        path = find_column(table.schema, fields.text)
        if path is None:
            names = ", ".join(table.schema.names)[:300]
            raise DocumentError(
                f"there is no column {fields.text!r} (name another by --text-field): the columns "
                f"are {names}"
            )
        type = text_type(table.schema, path)
        if type is None:
            found = column(table.slice(0, 0), path).type
            raise DocumentError(
                f"the column {fields.text!r} holds {found}, not text (name another by --text-field)"
            )
        return cls(path, is_text(type), bytes_of(column(table, path)))

    def source(self, row: int) -> str | bytes:
        """The text of a row that has one; bytes are for the document to decode.

        Raises:
            DocumentError: it is not valid UTF-8, or no text at all.
        """
        value = self.values[row]
        assert value is not None
        if self.strings:
            try:
                return value.decode()
            except UnicodeDecodeError as error:
                raise DocumentError(f"the text is not UTF-8 (at byte {error.start})") from None
        if kind := not_text(value):
            raise DocumentError(f"the text is {kind}, not text")
        return value

    def same(self, row: int, text: str) -> bool:
        """Whether a text is what the row has already."""
        value = self.values[row]
        if value is None:
            return False
        return value == text.encode("utf-8", "replace") if self.strings else decode(value) == text

    def encoded(self, row: int, text: str) -> bytes:
        """A new text for a row. Bytes get a byte order mark if they had one, or if they declare
        another charset, which the mark overrules."""
        if self.strings:
            return text.encode("utf-8", "replace")
        return encode(text, (self.values[row] or b"").startswith(codecs.BOM_UTF8))


def names_of(table: Any, name: str) -> list[str | None]:
    """A column of ids or addresses, if there is one: strings, numbers or UUIDs."""
    arrow = load_extra("pyarrow", "Parquet")
    path = find_column(table.schema, name)
    if path is None:
        return [None] * len(table)
    array = column(table, path)
    if is_text(array.type):
        return [
            None if value is None else value.decode("utf-8", "replace") for value in bytes_of(array)
        ]
    if arrow.types.is_integer(array.type) or isinstance(array.type, arrow.UuidType):
        return [None if value is None else str(value) for value in array.to_pylist()]
    return [None] * len(table)
