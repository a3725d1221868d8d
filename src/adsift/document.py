"""The data classes: what goes in, what segmenting makes of it, what classifying adds.

Every other module knows its neighbours through these classes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

Format = Literal["auto", "text", "markdown", "html"]
DOCUMENT_FORMATS: tuple[Format, ...] = get_args(Format)


class Label(StrEnum):
    """What a paragraph is. A ``str`` too, so ``paragraph.label == "commerce"`` holds."""

    NEWS = "news"
    ANALYSIS = "analysis"
    BOILERPLATE = "boilerplate"
    COMMERCE = "commerce"


CONTENT = (Label.NEWS, Label.ANALYSIS)
"""What a document is read for; to lose it is the worse mistake."""


class CommerceKind(StrEnum):
    """What a commerce paragraph sells, and for whom."""

    PRODUCT = "product"
    DISCLOSURE = "disclosure"
    SPONSORED = "sponsored"
    MEMBERSHIP = "membership"


@dataclass(frozen=True, slots=True)
class Document:
    """One text, Markdown file or HTML page.

    Attributes:
        source: the document itself; bytes are decoded as a browser would.
        format: ``text``, ``markdown``, ``html``, or ``auto`` to tell by name and content.
        url: address of the page; tells own links from foreign ones.
        id: the caller's own name for the document. It changes no label and no result holds it:
            results come in the order of their documents. :meth:`adsift.Separator.tag_many` names
            the document by it that it cannot read.
        name: file name, if there is one; helps ``auto``.
        charset: what the HTTP header said about the encoding of ``bytes``, if anything.
    """

    source: str | bytes | BeautifulSoup
    format: Format = "auto"
    url: str | None = None
    id: str | None = None
    name: str | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of a document, in reading order.

    Attributes:
        text: the words as a reader sees them, runs of white space made one space.
        start, end: character span in the source (text and Markdown), else ``None``.
        tag: HTML tag that the block comes from (Markdown: the tag it would become),
            empty for plain text.
        link_share: share of the text's characters, white space aside, that stand inside links,
            0 to 1.
        links: targets of the links, in order, as written in the source.
        rels: the distinct ``rel`` words of those links, sorted (``nofollow``, ``sponsored`` …).
        ancestors: the elements around the block from the outside in, the block's own
            element last, each as a selector such as ``div.related-posts#more``; HTML only.
    """

    text: str
    start: int | None = None
    end: int | None = None
    tag: str = ""
    link_share: float = 0.0
    links: tuple[str, ...] = ()
    rels: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaggedParagraph:
    """A paragraph with its label.

    Attributes:
        paragraph: the paragraph itself; its fields can be read on this object too.
        label: the label with the least expected cost; where the model's bundle states no costs,
            the most probable one.
        kind: for commerce, what it sells; else ``None``.
        probabilities: one number for each label; they sum to 1.
    """

    paragraph: Paragraph
    label: Label
    kind: CommerceKind | None
    probabilities: dict[Label, float] = field(hash=False)

    @property
    def text(self) -> str:
        """The words as a reader sees them."""
        return self.paragraph.text

    @property
    def start(self) -> int | None:
        """Where it starts in the source; ``None`` in HTML."""
        return self.paragraph.start

    @property
    def end(self) -> int | None:
        """Where it ends in the source; ``None`` in HTML."""
        return self.paragraph.end

    @property
    def tag(self) -> str:
        """The HTML tag it comes from; empty for plain text."""
        return self.paragraph.tag

    @property
    def link_share(self) -> float:
        """The share of its characters that stand inside links, 0 to 1."""
        return self.paragraph.link_share

    @property
    def links(self) -> tuple[str, ...]:
        """The targets of its links."""
        return self.paragraph.links

    @property
    def rels(self) -> tuple[str, ...]:
        """The distinct ``rel`` words of its links, sorted."""
        return self.paragraph.rels

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The elements around it from the outside in, its own last; HTML only."""
        return self.paragraph.ancestors

    @property
    def probability(self) -> float:
        """How sure the model is of the label, 0 to 1."""
        return self.probabilities[self.label]


def plain_text(paragraphs: Iterable[TaggedParagraph]) -> str:
    """The words alone, with a blank line between two paragraphs."""
    return "\n\n".join(paragraph.text for paragraph in paragraphs)
