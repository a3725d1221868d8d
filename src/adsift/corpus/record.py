"""What passes between the parts of a corpus run: chunks of an input, the records in them, and what
became of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from adsift.corpus.choices import check_choice, check_count
from adsift.document import CommerceKind, Document, Format, Label, Paragraph, TaggedParagraph


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the records of a table or of JSON lines have what a document needs.

    Attributes:
        text, id, url: names; in JSON lines dots reach inside (``content.text``). A missing text
            is an error of the record, a missing id or address is not.
        format: what the texts are, as for :class:`adsift.Document`.
        tags: where a run that tags puts its tags, and where one that applies them finds them.

    Raises:
        CorpusStartError: there is no such format.
    """

    text: str = "text"
    id: str = "id"
    url: str = "url"
    format: str = "auto"
    tags: str = "adsift"

    def __post_init__(self) -> None:
        """See that documents can be of this format."""
        check_choice("format", self.format, Format)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be.

    Attributes:
        chunk_bytes: a chunk ends with the record that reaches so many bytes, decompressed.
        chunk_records: or with this many records.
        document_bytes: a larger record is never held in memory; it is rejected.

    Raises:
        PolicyError: one of these is no whole number, or less than 1.
    """

    chunk_bytes: int = 8_000_000
    chunk_records: int = 1_000
    document_bytes: int = 50_000_000

    def __post_init__(self) -> None:
        """See that a chunk can hold something."""
        check_count("chunk_bytes", self.chunk_bytes, 1)
        check_count("chunk_records", self.chunk_records, 1)
        check_count("document_bytes", self.document_bytes, 1)


@dataclass(frozen=True, slots=True)
class Tag:
    """One paragraph's label, as it is stored.

    Attributes:
        index: of the paragraph in its document, from 0.
        start, end: its span in characters of the source; ``None`` in HTML.
        label, kind: see :class:`adsift.TaggedParagraph`.
        probability: of the label, 0 to 1.
        digest: of the paragraph's text, see :func:`text_digest`: it tells whether the text is still
            the one that was tagged. ``None`` in tags that an earlier version has stored.
    """

    index: int
    start: int | None
    end: int | None
    label: Label
    kind: CommerceKind | None
    probability: float
    digest: str | None = None

    @classmethod
    def of(cls, index: int, tagged: TaggedParagraph) -> Tag:
        """The tag of a paragraph."""
        return cls(
            index,
            tagged.start,
            tagged.end,
            tagged.label,
            tagged.kind,
            round(tagged.probability, 6),
            text_digest(tagged.text),
        )

    def fits(self, paragraph: Paragraph) -> bool:
        """Whether this can be the tag of a paragraph: its span is the same, and its text."""
        if (self.start, self.end) != (paragraph.start, paragraph.end):
            return False
        return self.digest is None or self.digest == text_digest(paragraph.text)

    def tagged(self, paragraph: Paragraph) -> TaggedParagraph:
        """The paragraph with this tag; of the probabilities only the label's own is known."""
        return TaggedParagraph(paragraph, self.label, self.kind, {self.label: self.probability})


def text_digest(text: str) -> str:
    """A short digest of a paragraph's text, 8 hexadecimal digits."""
    # Half of a surrogate pair becomes a question mark in tables; that is no change of the text.
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


class Span(NamedTuple):
    """A part of a record as it lies in the input, where a value stands.

    Attributes:
        start, end: characters.
        string: what the value says, if it is a string that has been read.
    """

    start: int
    end: int
    string: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record that holds a document.

    Attributes:
        number: of the record in its input, from 0; with the input's name it finds the document.
        document: its ``source`` is ``str`` or ``bytes``; ``id``, ``url`` where known.
        tags: what is stored in the record, if anything.
        places: of the values of its own members, by their names, where the container has noted
            them for the writing.
        occupied: whether something that is no tags stands where these would be stored.
    """

    number: int
    document: Document
    tags: tuple[Tag, ...] | None = None
    places: Mapping[str, Span] | None = None
    occupied: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be cleaned. It is left out of the output.

    Attributes:
        number: as of a :class:`Record`; ``None`` for a whole input.
        reason: what is wrong with it, and what to do.
        raw: the record as it lies in the input, decompressed; of one that could be read, the text
            of its document; empty if it is too large to hold.
        size: bytes of the record.
        id: the document's own, where it could be read.
    """

    number: int | None
    reason: str
    raw: bytes
    size: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of an input's records. Picklable; all that a worker needs beside the container.

    Attributes:
        first: number of its first record.
        count: how many records it spans, those too large and those without a document among them.
        data: the records as they lie in the input, decompressed (a table: one Arrow IPC stream).
            All chunks' data one after another are the input, but for what is in ``oversize``.
        head: what each chunk of this input needs to be read (the line with a table's column
            names …), whether or not it is part of ``data`` too.
        oversize: records that were passed over because of their size.
        position: how much of the input had been read when the chunk was complete, 0 to 1;
            ``None`` where that is not known.
    """

    first: int
    count: int
    data: bytes
    head: bytes = b""
    oversize: tuple[Rejected, ...] = ()
    position: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chunk's records become.

    Attributes:
        texts: record numbers and the text that each has now. A record that is not named, or whose
            text is what it was, is written as it lies in the input, to the byte.
        tags: record numbers and the tags to store in the record.
        rejected: numbers of the records that are left out.
        tagging: whether the run stores tags in the records. A table then gets its column in every
            chunk, also in one of whose records none has tags.
        plain: whether the texts are plain text, whatever the documents were. A format that says
            what its documents are then says so.
        untag: whether the tags that are stored in the records are left out, since their spans are
            not those of the new texts. Not together with ``tagging``.
        records: as they were read, by their numbers, where they are at hand: what reading has found
            need not be looked for again.
    """

    texts: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, tuple[Tag, ...]] = field(default_factory=dict)
    rejected: frozenset[int] = frozenset()
    tagging: bool = False
    plain: bool = False
    untag: bool = False
    records: Mapping[int, Record] = field(default_factory=dict)
