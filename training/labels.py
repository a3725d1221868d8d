"""The labels without text: where each labelled page is public, and what its blocks are.

``labels.jsonl.gz`` holds one page a line. A block is known by the hash of its text alone, so that
the file says nothing that its pages' authors have written.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from adsift.document import CommerceKind, Label
from adsift.errors import LabelledDataError

LABELS = Path(__file__).parent / "labels.jsonl.gz"

SUFFIXES = {"html": ".html.gz", "markdown": ".md.gz"}

# What becomes part of a file's name or of an address must not lead anywhere else.
_FORMS = {
    "id": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "format": re.compile("|".join(SUFFIXES)),
    "repository": re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII),
    "commit": re.compile(r"[0-9a-f]{40}"),
    "path": re.compile(r"(?!/)(?!(?:.*/)?\.\.?(?:/|$)).+"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "lang": re.compile(r".+"),
    "site": re.compile(r".+"),
}
_HASH = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class BlockLabel:
    """A gold block without its text.

    Attributes:
        hash: see :func:`blocks.block_hash`.
        label, kind: as in the codebook.
        mixed: whether the block holds words of another label too.
    """

    hash: str
    label: Label
    kind: CommerceKind | None
    mixed: bool


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page, where it is public, and the labels of its blocks in reading order.

    Attributes:
        id, site, lang: as in the data; ``lang`` is a two-letter code for nearly all.
        url: the page's own address, if it is known.
        format: ``html`` or ``markdown``.
        repository, commit, path: where the file is, as ``owner/name``, hash, and path in it.
        sha256: of the page's bytes (not compressed) in hexadecimal digits.
        blocks: in reading order.
    """

    id: str
    site: str
    lang: str
    url: str | None
    format: Literal["html", "markdown"]
    repository: str
    commit: str
    path: str
    sha256: str
    blocks: tuple[BlockLabel, ...]

    @property
    def file_name(self) -> str:
        """Name of the page's file in a folder of pages."""
        return self.id + SUFFIXES[self.format]


def read_labels(path: Path = LABELS) -> list[LabelledPage]:
    """All labelled pages, in the order of the file.

    Raises:
        LabelledDataError: the file cannot be read, or a line is not what it should be.
    """
    pages = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    pages.append(_page(json.loads(line)))
                except (ValueError, RecursionError) as error:
                    raise LabelledDataError(f"{path}, line {number}: {error}") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise LabelledDataError(f"{path}: the labels cannot be read: {error}") from None
    if not pages:
        raise LabelledDataError(f"{path}: there is no page in it")
    if len({page.id for page in pages}) != len(pages):
        raise LabelledDataError(f"{path}: two pages have the same id")
    return pages


def _page(row: Any) -> LabelledPage:
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    for field, form in _FORMS.items():
        value = row.get(field)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ValueError(f"{field} is {json.dumps(value)[:80]}, which cannot be")
    url, labels = row.get("url"), row.get("labels")
    if not (url is None or isinstance(url, str)):
        raise ValueError("url is neither text nor null")
    if not isinstance(labels, list):
        raise ValueError("labels is no list")
    fields = {field: row[field] for field in _FORMS}
    return LabelledPage(**fields, url=url or None, blocks=tuple(_blocks(labels)))


def _blocks(rows: list[Any]) -> Iterator[BlockLabel]:
    for row in rows:
        match row:
            case [str(hash), str(label), str() | None as kind, bool(mixed)] if _HASH.fullmatch(
                hash
            ):
                yield BlockLabel(hash, Label(label), CommerceKind(kind) if kind else None, mixed)
            case _:
                raise ValueError(f"a block is not [hash, label, kind, mixed]: {str(row)[:80]}")
