"""The header of a WARC record or an HTTP message, changed field by field: what is not changed keeps
its bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHARSET = re.compile(rb""";\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.I)


@dataclass(slots=True)
class Head:
    """A header.

    Attributes:
        start: its first line, and what is before it.
        fields: with their line ends; a field that goes on in the next line is one all the same.
        end: the blank line.
    """

    start: bytes
    fields: list[bytes]
    end: bytes

    @classmethod
    def read(cls, raw: bytes) -> Head:
        """Take a header apart.

        Args:
            raw: from the first line to the blank line.
        """
        lead = len(raw) - len(raw.lstrip(b"\r\n"))
        first, *lines = raw[lead:].splitlines(keepends=True)
        end = lines.pop() if lines and not lines[-1].strip() else b""
        fields: list[bytes] = []
        for line in lines:
            if fields and line[:1] in (b" ", b"\t"):
                fields[-1] += line
            else:
                fields.append(line)
        return cls(raw[:lead] + first, fields, end)

    def __bytes__(self) -> bytes:
        return b"".join((self.start, *self.fields, self.end))

    def get(self, name: str) -> bytes | None:
        """The value of the first field of that name."""
        return next((_value(field) for field in self.fields if _is(field, name)), None)

    def set(self, name: str, value: bytes) -> None:
        """Give a field another value in its place, or add it behind the others."""
        fields: list[bytes] = []
        key = name.encode()
        place = None
        for field in self.fields:
            if not _is(field, name):
                fields.append(field)
            elif place is None:
                key, place = field.partition(b":")[0], len(fields)
        line = key + b": " + value + self._line_end()
        fields.insert(len(fields) if place is None else place, line)
        self.fields = fields

    def drop(self, *names: str) -> None:
        """Leave out all fields of these names."""
        self.fields = [
            field for field in self.fields if not any(_is(field, name) for name in names)
        ]

    def _line_end(self) -> bytes:
        return b"\r\n" if self.start.endswith(b"\r\n") else b"\n"


def with_utf8(content_type: bytes) -> bytes:
    """A ``Content-Type`` whose charset is UTF-8."""
    return _CHARSET.sub(b"", content_type).strip().rstrip(b";") + b"; charset=utf-8"


def _is(field: bytes, name: str) -> bool:
    return field.partition(b":")[0].strip().lower() == name.lower().encode()


def _value(field: bytes) -> bytes:
    return b" ".join(field.partition(b":")[2].split())
