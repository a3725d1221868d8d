"""Pages written for this project, one a file in ``training/written/KIND/``, a label a paragraph.

What the labelled pages show too rarely: pages that sell as a whole, inserts of every sort in
reports, and what looks like either and is not. People, companies and publications are invented.
A file has lines of head (``form: markdown`` may be one), then regions and paragraphs::

    url: https://www.kettlelane.com/guides/kettles
    title: The kettles we would buy
    kind: buying guide
    @main
    N | # A paragraph of Markdown, behind the label's letter in the codebook
    Cp | [See it at the shop](https://…)

They are training documents of step 2 and of the readers, and never scored. Step 1 does not
learn from them: what they say of single words does not carry over (see EXPERIMENTS.md).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from markdown_it import MarkdownIt

from adsift.document import CommerceKind, Document, Label
from adsift.errors import LabelledDataError
from adsift.model.labelled_document import LabelledDocument
from dataset import Page, label_pages
from dressing import dress

WRITTEN = Path(__file__).parent / "written"

LETTERS: dict[str, tuple[Label, CommerceKind | None]] = {
    "N": (Label.NEWS, None),
    "A": (Label.ANALYSIS, None),
    "B": (Label.BOILERPLATE, None),
    "Cp": (Label.COMMERCE, CommerceKind.PRODUCT),
    "Cd": (Label.COMMERCE, CommerceKind.DISCLOSURE),
    "Cs": (Label.COMMERCE, CommerceKind.SPONSORED),
    "Cm": (Label.COMMERCE, CommerceKind.MEMBERSHIP),
}

REGIONS = ("header", "main", "aside", "ad", "card", "related", "comments", "footer")

HEAD = ("url", "title", "kind", "form")

_PARAGRAPH = re.compile(rf"({'|'.join(LETTERS)}) \| (\S.*)")
_BLOCK = re.compile(r"(#{1,6} |- |\d+\. |> )?(.*)")
_MARKDOWN = MarkdownIt()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a written page.

    Attributes:
        region: where it stands, one of :data:`REGIONS`.
        mark: Markdown's mark of a heading, list item or quotation, or empty.
        inline: its text as HTML, with links and emphasis.
        letter: its label, a key of :data:`LETTERS`.
        line: as written, Markdown.
    """

    region: str
    mark: str
    inline: str
    letter: str
    line: str

    @property
    def text(self) -> str:
        """What a reader sees."""
        return html.unescape(re.sub(r"<[^>]+>", "", self.inline))


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """A file of ``training/written``.

    Attributes:
        name: of the file and its folder, without the suffix.
        url, title: of the page.
        form: ``markdown`` or ``html`` if it is only to be that.
        blocks: its paragraphs in reading order.
    """

    name: str
    url: str
    title: str
    form: str | None
    blocks: list[Block]


def read_written_page(path: Path) -> WrittenPage:
    """Read and check one file.

    Raises:
        LabelledDataError: a line is neither head, region nor paragraph, or the head is incomplete.
    """
    head: dict[str, str] = {}
    blocks: list[Block] = []
    region = "main"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        if line[0] == "@" and line[1:].strip() in REGIONS:
            region = line[1:].strip()
        elif found := _PARAGRAPH.fullmatch(line.strip()):
            letter, text = found.groups()
            mark, inline = _BLOCK.fullmatch(text).groups()  # type: ignore[union-attr]
            blocks.append(Block(region, mark or "", _MARKDOWN.renderInline(inline), letter, text))
        elif not blocks and (key := line.partition(": ")[0]) in HEAD:
            head[key] = line.partition(": ")[2].strip()
        else:
            raise LabelledDataError(f"{path.name}, line {number}: not a paragraph: {line[:40]!r}")
    if not blocks or not head.keys() >= {"url", "title", "kind"}:
        raise LabelledDataError(f"{path.name}: url, title, kind and paragraphs are needed")
    name = f"{path.parent.name}/{path.stem}"
    return WrittenPage(name, head["url"], head["title"], head.get("form"), blocks)


MARKDOWN_SHARE = 0.3
"""Share of the pages that become Markdown where they do not say; the rest become HTML."""


def read_written(jobs: int = 1, folder: Path = WRITTEN) -> list[LabelledDocument]:
    """Every page as a document with markup and then every page as one of plain text.

    Args:
        jobs: processes.
        folder: of the files, which lie in folders of their kind.

    Raises:
        LabelledDataError: as :func:`read_written_page`.
    """
    pages = [_as_page(read_written_page(path)) for path in sorted(folder.glob("*/*.page"))]
    return [
        # Written for the project, so no sample of what there is to calibrate on.
        replace(document, made_up=frozenset(range(len(document.paragraphs))))
        for document in label_pages(pages, jobs)
    ]


def _as_page(written: WrittenPage) -> Page:
    rows = [
        {"text": block.text, "label": str(label), "kind": kind and str(kind), "mixed": False}
        for block in written.blocks
        for label, kind in [LETTERS[block.letter]]
    ]
    name = f"written/{written.name}"
    seed = crc32(written.name.encode())
    form = written.form or ("markdown" if seed % 1000 < MARKDOWN_SHARE * 1000 else "html")
    if form == "markdown":
        source = Document(_as_markdown(written.blocks), "markdown", url=written.url, id=name)
    else:
        regions = [(block.region, block.mark, block.inline) for block in written.blocks]
        page = dress(written.title, regions, seed)
        source = Document(page, "html", url=written.url, id=name)
    return Page(name, name, written.url, source, rows)


def _as_markdown(blocks: list[Block]) -> str:
    lines: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        listed = before is not None and bool(block.mark) and block.mark == before.mark == "- "
        lines += [block.line] if listed or before is None else ["", block.line]
    return "\n".join(lines) + "\n"
