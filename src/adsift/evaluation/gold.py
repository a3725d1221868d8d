"""Labelled pages to measure against, and how they are read.

Four layouts are known:

- a data folder: ``train.jsonl[.gz]``, one page a line with ``id``, ``site``, ``url``, ``format``
  and ``blocks`` (each ``text``, ``label``, ``kind``), and the pages as they were fetched in
  ``pages/ID.html[.gz]`` or ``pages/ID.md[.gz]``. The file alone will do, too.
- a JSON lines file of documents, one a line: ``text`` and ``spans`` (each ``start``, ``end``,
  ``label`` and perhaps ``kind``), with ``id``, ``site``, ``url`` and ``format`` if known.
- a folder of articles, ``NAME.txt``, ``NAME.md`` or ``NAME.html``, beside each its labels in
  ``NAME.labels.jsonl`` (a paragraph a line: ``text``, ``label``, ``kind``), as in ``seeds/``.
- any other file that ``adsift train`` reads (:mod:`adsift.labelled`): a paragraph a line or row, or
  an annotation tool's export. Its documents are measured as plain text.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from adsift.decode import decode
from adsift.document import CommerceKind, Document, Format, Label
from adsift.errors import DocumentError, LabelledDataError
from adsift.labelled import read_labelled
from adsift.segment import segment
from adsift.segment.detect import detect_format

MAX_LINE = 64_000_000
"""Bytes of the longest line that is read: a page is never that long, a file of no lines may be."""

_PAGE_FILES = ("train.jsonl.gz", "train.jsonl")
_LABELS = ".labels.jsonl"
_ARTICLES = (".txt", ".md", ".markdown", ".html", ".htm")
_ENDINGS: dict[str, tuple[str, ...]] = {
    "html": (".html.gz", ".html"),
    "markdown": (".md.gz", ".md"),
    "text": (".txt.gz", ".txt"),
}
_FORMATS = ("auto", "text", "markdown", "html")
_TABLES = (".csv", ".tsv", ".json")
_GZIP = b"\x1f\x8b"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GoldBlock:
    """One labelled block of a page.

    Attributes:
        text: its words as a reader sees them.
        label: what it is; ``None`` if nobody said, then it counts nowhere.
        kind: for commerce, what it sells, if that is known.
    """

    text: str
    label: Label | None
    kind: CommerceKind | None = None


@dataclass(frozen=True, slots=True)
class GoldPage:
    """One labelled page.

    Attributes:
        id: its name, of which there is only one in the data.
        site: where it comes from; empty if that is not known.
        source: the page as it was fetched, its format settled; of format ``text`` if there is
            no more than its text.
        blocks: in reading order.
    """

    id: str
    site: str
    source: Document
    blocks: list[GoldBlock]


def read_gold(path: str | Path, max_pages: int | None = None, seed: int = 0) -> list[GoldPage]:
    """Read labelled pages, in the order in which they stand.

    Args:
        path: one of the layouts above.
        max_pages: no more than so many, drawn at random.
        seed: of the draw.

    Raises:
        LabelledDataError: there is no such path, its layout is unknown, or a record is damaged
            or contradicts itself.
    """
    path = Path(path)
    makers = list(_makers(path))
    if max_pages is not None and max_pages < len(makers):
        drawn = sorted(random.Random(seed).sample(range(len(makers)), max_pages))
        makers = [makers[index] for index in drawn]
    pages = [make() for make in makers]
    _check_ids(path, pages)
    if not any(block.label for page in pages for block in page.blocks):
        raise LabelledDataError(f"{path} holds no labelled block: there is nothing to measure")
    return pages


def is_article_folder(path: str | Path) -> bool:
    """Whether this is a folder of articles with their labels beside them, as ``seeds/`` is."""
    return Path(path).is_dir() and _page_file(Path(path)) is None


def _makers(path: Path) -> Iterator[Callable[[], GoldPage]]:
    """For each page something that makes it: of a sample, only the drawn pages are decoded."""
    if not path.exists():
        raise LabelledDataError(f"there is no file or folder {str(path)!r}")
    if not path.is_dir():
        yield from _from_paragraphs(path) if _is_of_paragraphs(path) else _from_lines(path)
        return
    file = _page_file(path)
    if file is not None:
        yield from _from_lines(file)
        return
    labels = sorted(path.glob(f"*{_LABELS}"))
    if not labels:
        raise LabelledDataError(
            f"{path} holds no labelled pages: neither {' nor '.join(_PAGE_FILES)}, nor articles "
            f"with their NAME{_LABELS}"
        )
    for file in labels:
        yield partial(_article, file)


def _page_file(folder: Path) -> Path | None:
    return next((folder / name for name in _PAGE_FILES if (folder / name).is_file()), None)


def _check_ids(path: Path, pages: list[GoldPage]) -> None:
    seen: set[str] = set()
    for page in pages:
        if page.id in seen:
            raise LabelledDataError(f"{path} holds two pages of the id {page.id!r}: rename one")
        seen.add(page.id)


def _is_of_paragraphs(path: Path) -> bool:
    """Whether labels stand beside texts and not beside pages."""
    if path.name.removesuffix(".gz").endswith(_TABLES):
        return True
    try:
        _, record = next(_records(path), ("", {}))
    except LabelledDataError:
        return False  # which will be said when it is read
    return "label" in record or "answer" in record


def _from_paragraphs(path: Path) -> Iterator[Callable[[], GoldPage]]:
    for number, document in enumerate(read_labelled([path]).documents):
        blocks = [
            GoldBlock(paragraph.text, label, kind)
            for paragraph, label, kind in zip(
                document.paragraphs, document.labels, document.kinds, strict=True
            )
        ]
        joined = "\n\n".join(" ".join(block.text.split()) for block in blocks)
        source = Document(joined, format="text", id=str(number))
        yield partial(GoldPage, str(number), document.group, source, blocks)


def _from_lines(path: Path) -> Iterator[Callable[[], GoldPage]]:
    for where, record in _records(path):
        if "blocks" in record:
            yield partial(_page, where, record, path.parent / "pages")
        elif "spans" in record:
            yield partial(_document, where, record)
        else:
            raise LabelledDataError(
                f"{where}: has neither 'blocks' nor 'spans', so no labels that could be measured"
            )


def _page(where: str, record: Record, folder: Path) -> GoldPage:
    blocks = [
        _block(f"{where}, block {index}", block)
        for index, block in enumerate(_list(where, record, "blocks"))
    ]
    page_id = _id(where, record)
    source = None
    if folder.is_dir():
        source = _fetched(where, page_id, _format(where, record), _url(where, record), folder)
    if source is None:
        joined = "\n\n".join(" ".join(block.text.split()) for block in blocks)
        source = Document(joined, format="text", id=page_id)
    return GoldPage(page_id, _site(where, record), source, blocks)


def _fetched(
    where: str, page_id: str, form: Format, url: str | None, folder: Path
) -> Document | None:
    if Path(page_id).name != page_id:
        raise LabelledDataError(f"{where}: the id {page_id!r} cannot be the name of a file")
    endings = _ENDINGS.get(form, tuple(e for group in _ENDINGS.values() for e in group))
    for ending in endings:
        file = folder / f"{page_id}{ending}"
        if file.is_file():
            data = _read(file)
            if form == "auto":
                form = detect_format(decode(data), file.name)
            return Document(data, format=form, url=url, id=page_id)
    raise LabelledDataError(
        f"{where}: {folder} has no page {page_id}{endings[0]}: add it, or take the record out"
    )


def _document(where: str, record: Record) -> GoldPage:
    text = _text(where, record)
    form = _format(where, record)
    if form == "auto":
        form = detect_format(text)
    page_id = _id(where, record)
    source = Document(text, format=form, url=_url(where, record), id=page_id)
    blocks = []
    last = 0
    spans = [
        (*_span(where, index, span, len(text)), span)
        for index, span in enumerate(_list(where, record, "spans"))
    ]
    for start, end, span in sorted(spans, key=lambda entry: entry[:2]):
        if start < last:
            raise LabelledDataError(f"{where}: the span from {start} to {end} overlaps another")
        last = end
        here = f"{where}, span from {start}"
        try:
            shown = _visible(text[start:end], form)
        except DocumentError as error:
            raise LabelledDataError(f"{here}: {error}") from None
        blocks.append(GoldBlock(shown, *_label_and_kind(here, span)))
    return GoldPage(page_id, _site(where, record), source, blocks)


def _span(where: str, index: int, span: Any, size: int) -> tuple[int, int]:
    if not isinstance(span, dict):
        raise LabelledDataError(f"{where}: span {index} is no JSON object")
    start, end = span.get("start"), span.get("end")
    # In Python, true is an integer.
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= size:
        raise LabelledDataError(
            f"{where}: span {index} needs a start and an end within the text, which has "
            f"{size} characters"
        )
    return start, end


def _visible(text: str, form: Format) -> str:
    """The words of a piece of source without its markup."""
    if form == "text":
        return text
    return " ".join(p.text for p in segment(Document(text, format=form)).paragraphs)


def _article(labels_file: Path) -> GoldPage:
    name = labels_file.name.removesuffix(_LABELS)
    blocks = [_block(where, record) for where, record in _records(labels_file)]
    found = [labels_file.with_name(name + ending) for ending in _ARTICLES]
    article = next((file for file in found if file.is_file()), None)
    if article is None:
        raise LabelledDataError(
            f"{labels_file}: its article is missing: {name} with one of the endings "
            f"{', '.join(_ARTICLES)}"
        )
    data = _read(article)
    form = detect_format(decode(data), article.name)
    return GoldPage(name, "", Document(data, format=form, id=name, name=article.name), blocks)


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    """Each line that is not blank, with what messages call it."""
    try:
        with path.open("rb") as raw:
            zipped = raw.peek(2).startswith(_GZIP)
            stream = gzip.GzipFile(fileobj=raw) if zipped else raw
            number = 0
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > MAX_LINE:
                    raise LabelledDataError(
                        f"{where}: the line is longer than {MAX_LINE} bytes: is this JSON lines?"
                    )
                if line.strip():
                    yield where, _parse(where, line)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None


def _parse(where: str, line: bytes) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        detail = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise LabelledDataError(f"{where}: is not valid JSON ({detail})") from None
    if not isinstance(record, dict):
        raise LabelledDataError(f"{where}: is no JSON object")
    return record


def _read(file: Path) -> bytes:
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None


def _unreadable(path: Path, error: Exception) -> LabelledDataError:
    damaged = isinstance(error, (gzip.BadGzipFile, EOFError, zlib.error))
    why = "damaged gzip data" if damaged else getattr(error, "strerror", None) or str(error)
    return LabelledDataError(f"cannot read {path}: {why}")


def _block(where: str, record: Any) -> GoldBlock:
    if not isinstance(record, dict):
        raise LabelledDataError(f"{where}: is no JSON object")
    return GoldBlock(_text(where, record), *_label_and_kind(where, record))


def _label_and_kind(where: str, record: Record) -> tuple[Label | None, CommerceKind | None]:
    label, kind = record.get("label"), record.get("kind")
    if label is not None and label not in list(Label):
        raise LabelledDataError(
            f"{where}: unknown label {_shown(label)}: the labels are {', '.join(Label)}"
        )
    if kind is not None and kind not in list(CommerceKind):
        raise LabelledDataError(
            f"{where}: unknown kind {_shown(kind)}: the kinds are {', '.join(CommerceKind)}"
        )
    if kind is not None and label != Label.COMMERCE:
        raise LabelledDataError(f"{where}: only commerce has a kind, and this is {_shown(label)}")
    return (Label(label) if label else None, CommerceKind(kind) if kind else None)


def _list(where: str, record: Record, name: str) -> list[Any]:
    value = record[name]
    if not isinstance(value, list):
        raise LabelledDataError(f"{where}: {name!r} must be a list, not {_shown(value)}")
    return value


def _text(where: str, record: Record) -> str:
    value = record.get("text")
    if not isinstance(value, str):
        raise LabelledDataError(f"{where}: 'text' must be a string, not {_shown(value)}")
    return value


def _id(where: str, record: Record) -> str:
    value = record.get("id")
    if value is None or value == "":
        return where
    if type(value) is not int and not isinstance(value, str):
        raise LabelledDataError(f"{where}: 'id' must be a string or a number, not {_shown(value)}")
    return str(value)


def _format(where: str, record: Record) -> Format:
    value = record.get("format", "auto")
    if value not in _FORMATS:
        raise LabelledDataError(
            f"{where}: unknown format {_shown(value)}: use {', '.join(_FORMATS)}"
        )
    return cast(Format, value)


def _url(where: str, record: Record) -> str | None:
    value = record.get("url")
    if value is not None and not isinstance(value, str):
        raise LabelledDataError(f"{where}: 'url' must be a string, not {_shown(value)}")
    return value or None


def _site(where: str, record: Record) -> str:
    value = record.get("site")
    if isinstance(value, str):
        return value
    try:
        return urlsplit(_url(where, record) or "").hostname or ""
    except ValueError:
        return ""


def _shown(value: Any) -> str:
    """A wrong value in a message, which a huge one must not flood."""
    shown = repr(value) if isinstance(value, (str, int, float)) else type(value).__name__
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
