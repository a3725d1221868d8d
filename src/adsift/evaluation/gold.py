"""Labelled pages to measure against, and how they are read.

Two layouts are its own, and files of labelled data are read as ``adsift train`` reads them:

- a data folder: ``train.jsonl``, one page a line with ``id``, ``site``, ``url``, ``format``
  and ``blocks`` (each ``text``, ``label``, ``kind``), and the pages as they were fetched in
  ``pages/ID.html`` or ``pages/ID.md``, each perhaps compressed. The file alone will do, too.
- a folder of articles, ``NAME.txt``, ``NAME.md`` or ``NAME.html``, beside each its labels in
  ``NAME.labels.jsonl`` (a paragraph a line: ``text``, ``label``, ``kind``), as in ``seeds/``.
- any file that :mod:`adsift.labelled` knows. Of ``documents`` the spans are the blocks, also in
  HTML, and the page is measured as it stands there; of a paragraph a line or row, or an annotation
  tool's export, the paragraphs are, as plain text. What has the weight 0 is left out, as there.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adsift.compression import PACKED, decompress, open_decompressed
from adsift.decode import decode, not_text
from adsift.document import DOCUMENT_FORMATS, CommerceKind, Document, Format, Label
from adsift.errors import DocumentError, LabelledDataError
from adsift.labelled.data import LabelledData
from adsift.labelled.documents import read_document
from adsift.labelled.fields import get_list, get_name, get_number, get_object, get_text
from adsift.labelled.files import Record, parse_record
from adsift.labelled.formats import require_one_format
from adsift.labelled.labels import LabelMap, Vocabulary
from adsift.labelled.read import add_records, read_records
from adsift.labelled.rows import HEAVIEST
from adsift.labelled.text import Span, group_of, label_text, spans_apart
from adsift.model.labelled_document import LabelledDocument
from adsift.paths import DOCUMENTS, LABELS_SUFFIX
from adsift.segment import segment
from adsift.segment.detect import detect_format

MAX_LINE = 64_000_000
"""Bytes of the longest line that is read: a page is never that long, a file of no lines may be."""

_PAGE_FILE = "train.jsonl"
_ENDINGS = {"html": ".html", "markdown": ".md", "text": ".txt"}


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


def read_gold(
    path: str | Path,
    max_pages: int | None = None,
    seed: int = 0,
    format: str = "auto",
    label_map: LabelMap | None = None,
) -> list[GoldPage]:
    """Read labelled pages, in the order in which they stand.

    Args:
        path: one of the layouts above.
        max_pages: no more than so many, drawn at random.
        seed: of the draw.
        format: of a file of labelled data, one of :data:`adsift.labelled.FORMATS`.
        label_map: other names for labels, see :func:`adsift.labelled.read_label_map`.

    Raises:
        LabelledDataError: there is no such path, its layout is unknown, or a record is damaged
            or contradicts itself.
    """
    path = Path(path)
    names = Vocabulary(label_map)
    makers = list(_makers(path, format, names))
    if max_pages is not None and max_pages < len(makers):
        drawn = sorted(random.Random(seed).sample(range(len(makers)), max_pages))
        makers = [makers[index] for index in drawn]
    pages = [make() for make in makers]
    names.check()
    _check_ids(path, pages)
    if not any(block.label for page in pages for block in page.blocks):
        raise LabelledDataError(f"{path} holds no labelled block: there is nothing to measure")
    return pages


def is_article_folder(path: str | Path) -> bool:
    """Whether this is a folder of articles with their labels beside them, as ``seeds/`` is."""
    return Path(path).is_dir() and _page_file(Path(path)) is None


def _makers(path: Path, format: str, names: Vocabulary) -> Iterator[Callable[[], GoldPage]]:
    """For each page something that makes it: of a sample, only the drawn pages are decoded."""
    if not path.exists():
        raise LabelledDataError(f"there is no file or folder {str(path)!r}")
    file = _page_file(path) if path.is_dir() else path
    if file is None and format == "auto":
        yield from _from_articles(path, names)
        return
    file = file or path
    data = _read_once(file)
    if format == "auto" and _holds_blocks(file, data):
        for record in _records(file, data):
            yield partial(_page, record, file.parent / "pages", names)
    else:
        yield from _from_labelled(file, data, format, names)


def _read_once(path: Path) -> bytes | None:
    """What a pipe holds, which cannot be opened again at its beginning; ``None`` for a file."""
    # On some systems what is opened under /dev goes on where it was left, even if it is a file.
    if path.is_dir() or (path.is_file() and path.parts[:2] != ("/", "dev")):
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _page_file(folder: Path) -> Path | None:
    return _find(folder, _PAGE_FILE)


def _find(folder: Path, name: str) -> Path | None:
    """The file of this name, compressed or not."""
    found = (folder / f"{name}{packed}" for packed in (*PACKED, ""))
    return next((file for file in found if file.is_file()), None)


def _check_ids(path: Path, pages: list[GoldPage]) -> None:
    seen: set[str] = set()
    for page in pages:
        if page.id in seen:
            raise LabelledDataError(f"{path} holds two pages of the id {page.id!r}: rename one")
        seen.add(page.id)


def _holds_blocks(path: Path, data: bytes | None) -> bool:
    """Whether the lines of a file are those of a data folder."""
    try:
        first = next(_records(path, data), None)
    except LabelledDataError:
        return False  # which will be said when it is read
    return first is not None and "blocks" in first.fields


def _from_articles(folder: Path, names: Vocabulary) -> Iterator[Callable[[], GoldPage]]:
    files = sorted(folder.glob(f"*{LABELS_SUFFIX}"))
    if not files:
        raise LabelledDataError(
            f"{folder} holds no labelled pages: neither {_PAGE_FILE} nor articles with "
            f"their NAME{LABELS_SUFFIX}"
        )
    for file in files:
        yield partial(_article, file, names)


def _from_labelled(
    path: Path, content: bytes | None, format: str, names: Vocabulary
) -> Iterator[Callable[[], GoldPage]]:
    found, records = read_records(path, format, content)
    if format == "auto":
        if records and _has_spans(records[0]):
            found = "documents"
        require_one_format(found, records)
    if found == "documents":
        for record in records:
            if get_number(record.fields, "weight", record.place, HEAVIEST) != 0:
                yield partial(_document, record, names)
        return
    data = LabelledData()
    add_records(data, path, found, records, names)
    for page_id, document in zip(_ids(path, data), data.documents, strict=True):
        if document.weight == 0:
            continue
        blocks = _blocks_of(document)
        source = Document(_joined(blocks), format="text", id=page_id)
        yield partial(GoldPage, page_id, document.site, source, blocks)


def _ids(path: Path, data: LabelledData) -> Iterator[str]:
    """What the documents are called, or else where they stand. In exports that were put together
    several may have the same name by chance."""
    known = Counter(document.id for document in data.documents)
    for number, (document, places) in enumerate(zip(data.documents, data.places, strict=True), 1):
        place = places[0] if places else f"{path}: document {number}"
        yield document.id if document.id and known[document.id] == 1 else place


def _has_spans(record: Record) -> bool:
    """Whether it is a document, whatever fields it has that an annotation tool has too."""
    fields = record.fields
    marked = isinstance(fields.get("text"), str) and isinstance(fields.get("spans"), list)
    return marked and not {"label", "answer"} & fields.keys()


def _blocks_of(document: LabelledDocument) -> list[GoldBlock]:
    return [
        GoldBlock(paragraph.text, label, kind)
        for paragraph, label, kind in zip(
            document.paragraphs, document.labels, document.kinds, strict=True
        )
    ]


def _joined(blocks: Sequence[GoldBlock]) -> str:
    return "\n\n".join(" ".join(block.text.split()) for block in blocks)


def _page(record: Record, folder: Path, names: Vocabulary) -> GoldPage:
    where, fields = record
    if "blocks" not in fields:
        raise LabelledDataError(f"{where}: has no 'blocks', and the first line has")
    blocks = [
        _block(f"{where}, block {index}", block, names)
        for index, block in enumerate(get_list(fields, "blocks", where))
    ]
    page_id = get_name(fields, "id", where) or where
    url = get_name(fields, "url", where)
    source = None
    if folder.is_dir():
        form = _format(where, get_name(fields, "format", where))
        source = _fetched(where, page_id, form, url, folder)
    if source is None:
        source = Document(_joined(blocks), format="text", id=page_id)
    site = group_of(get_name(fields, "site", where), url) or ""
    return GoldPage(page_id, site, source, blocks)


def _fetched(
    where: str, page_id: str, form: Format, url: str | None, folder: Path
) -> Document | None:
    if Path(page_id).name != page_id:
        raise LabelledDataError(f"{where}: the id {page_id!r} cannot be the name of a file")
    endings = [_ENDINGS[form]] if form in _ENDINGS else list(_ENDINGS.values())
    for ending in endings:
        if file := _find(folder, f"{page_id}{ending}"):
            data = _read(file)
            if form == "auto":
                form = detect_format(decode(data), file.name)
            return Document(data, format=form, url=url, id=page_id)
    raise LabelledDataError(
        f"{where}: {folder} has no page {page_id}{endings[0]}: add it, or take the record out"
    )


def _document(record: Record, names: Vocabulary) -> GoldPage:
    (annotated,) = read_document(record, names)
    where, text = annotated.place, annotated.text
    form = _format(where, annotated.format)
    if form == "auto":
        form = detect_format(text)
    if annotated.paragraphs:
        labelled, _ = label_text(annotated)
        blocks = _blocks_of(labelled)
    else:
        blocks = [_span_block(where, text, span, form) for span in spans_apart(annotated)]
    page_id = get_name(record.fields, "id", where) or where
    source = Document(text, format=form, url=annotated.url, id=page_id)
    return GoldPage(page_id, group_of(annotated.site, annotated.url) or "", source, blocks)


def _span_block(where: str, text: str, span: Span, form: Format) -> GoldBlock:
    try:
        shown = _visible(text[span.start : span.end], form)
    except DocumentError as error:
        raise LabelledDataError(f"{where}, span from {span.start}: {error}") from None
    return GoldBlock(shown, *span.mark)


def _visible(text: str, form: Format) -> str:
    """The words of a piece of source without its markup."""
    if form == "text":
        return text
    return " ".join(p.text for p in segment(Document(text, format=form)).paragraphs)


def _article(labels_file: Path, names: Vocabulary) -> GoldPage:
    name = labels_file.name.removesuffix(LABELS_SUFFIX)
    blocks = [_block(where, fields, names) for where, fields in _records(labels_file)]
    found = (_find(labels_file.parent, name + ending) for ending in DOCUMENTS)
    article = next((file for file in found if file), None)
    if article is None:
        raise LabelledDataError(
            f"{labels_file}: its article is missing: {name} with one of the endings "
            f"{', '.join(DOCUMENTS)}"
        )
    data = _read(article)
    form = detect_format(decode(data), article.name)
    return GoldPage(name, "", Document(data, format=form, id=name, name=article.name), blocks)


def _records(path: Path, data: bytes | None = None) -> Iterator[Record]:
    """Each line that is not blank, of a file or of what was read of it before."""
    try:
        with path.open("rb") if data is None else io.BytesIO(data) as raw:
            stream, _ = open_decompressed(raw)
            number = 0
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > MAX_LINE:
                    raise LabelledDataError(
                        f"{where}: the line is longer than {MAX_LINE} bytes: is this JSON lines?"
                    )
                if line.strip():
                    yield parse_record(where, line)
    except (OSError, DocumentError) as error:
        raise _unreadable(path, error) from None


def _read(file: Path) -> bytes:
    try:
        data = decompress(file.read_bytes())
    except (OSError, DocumentError) as error:
        raise _unreadable(file, error) from None
    if kind := not_text(data):
        raise LabelledDataError(f"cannot read {file}: is {kind}, not text")
    return data


def _unreadable(path: Path, error: Exception) -> LabelledDataError:
    why = getattr(error, "strerror", None) or str(error)
    return LabelledDataError(f"cannot read {path}: {why}")


def _block(where: str, block: object, names: Vocabulary) -> GoldBlock:
    fields = get_object(block, "a block", where)
    mark = names.read(fields.get("label"), where, fields.get("kind"))
    return GoldBlock(get_text(fields, "text", where), *mark)


def _format(where: str, name: str | None) -> Format:
    if name is not None and name not in DOCUMENT_FORMATS:
        raise LabelledDataError(
            f"{where}: unknown format {name[:40]!r}: use {', '.join(DOCUMENT_FORMATS)}"
        )
    return name or "auto"
