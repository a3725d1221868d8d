"""What the tests of all byte formats do."""

from __future__ import annotations

import io
from collections.abc import Sequence

from adsift.corpus.containers.base import Container, Kept
from adsift.corpus.patch import make_patch
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.document import CommerceKind, Label

FIELDS = Fields()

TAGS = (
    Tag(0, 0, 10, Label.NEWS, None, 0.75),
    Tag(1, 12, 30, Label.COMMERCE, CommerceKind.PRODUCT, 1.0, "0a1b2c3d"),
    Tag(2, None, None, Label.BOILERPLATE, None, 0.5),
)


def cut(container: Container, data: bytes, limits: Limits | None = None) -> list[Chunk]:
    """All chunks of an input."""
    return list(container.chunks(io.BytesIO(data), limits or Limits()))


def parse(container: Container, data: bytes, fields: Fields = FIELDS) -> list[Record | Rejected]:
    """All records of a small input."""
    return [record for chunk in cut(container, data) for record in container.parse(chunk, fields)]


def texts(records: Sequence[Record | Rejected]) -> dict[int, object]:
    """The texts by record number."""
    return {r.number: r.document.source for r in records if isinstance(r, Record)}


def reasons(records: Sequence[Record | Rejected]) -> dict[int, str]:
    """The reasons of what was rejected by record number."""
    return {r.number: r.reason for r in records if isinstance(r, Rejected)}


def rendered(container: Container, data: bytes, outcome: Outcome, fields: Fields = FIELDS) -> bytes:
    """A whole input with one outcome."""
    return b"".join(
        piece
        for chunk in cut(container, data)
        for piece in container.render(chunk, fields, outcome)
    )


def round_trip(container: Container, data: bytes, limits: Limits, outcome: Outcome) -> bytes:
    """What restoring gives of an input after a run with an outcome."""
    parts: list[bytes] = []
    kept: list[Kept] = []
    for chunk in container.chunks(io.BytesIO(data), limits):
        pieces = container.render(chunk, FIELDS, outcome)
        size, now = container.basis(pieces, FIELDS)
        kept.append(Kept(size, make_patch(container.original(chunk, FIELDS), now)))
        parts.append(b"".join(pieces))
    output, restored = io.BytesIO(), io.BytesIO()
    container.join(map(io.BytesIO, parts), output)
    output.seek(0)
    container.restore(output, kept, FIELDS, restored)
    return restored.getvalue()
