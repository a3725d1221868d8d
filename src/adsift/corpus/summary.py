"""What a run adds up to: documents, paragraphs, words and bytes, by label, kind and site.

Every chunk has its :class:`Counts`, which the manifest keeps. They are merged in the order of the
chunks, so that the same run gives the same summary, however many workers made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Self

from adsift.corpus.site import site_of
from adsift.document import CommerceKind, Label, TaggedParagraph
from adsift.errors import DocumentError
from adsift.language import is_foreign

HEAVY = 0.8
"""A document that has lost more than this share of its words is worth a look."""

NAMES = 100
"""So many of these documents are named, the first ones."""

MAX_SITES = 100_000
"""More sites are never held."""

KEPT_SITES = 90_000
"""When there are more, so many of the largest stay. Fewer than may be held, so that not every
further site costs a sort."""

NO_SITE = "(no address)"
"""The site of documents without an address."""

OTHER_SITES = "(other sites)"
"""The row of the sites that were too many to hold."""

TOP_SITES = 50
"""So many sites are in the summary."""

_LONGEST_NAME = 500


@dataclass(slots=True)
class Tally:
    """Paragraphs of one label or kind, and how many of them were removed.

    Attributes:
        paragraphs, words, bytes: all that there were. Words are what white space parts, bytes are
            those of the text in UTF-8.
        removed_paragraphs, removed_words, removed_bytes: those that are gone.
    """

    paragraphs: int = 0
    words: int = 0
    bytes: int = 0
    removed_paragraphs: int = 0
    removed_words: int = 0
    removed_bytes: int = 0

    def count(self, words: int, size: int, removed: bool) -> None:
        """Take in one paragraph."""
        self.paragraphs += 1
        self.words += words
        self.bytes += size
        if removed:
            self.removed_paragraphs += 1
            self.removed_words += words
            self.removed_bytes += size

    def add(self, other: Tally) -> None:
        """Take in all that another has counted."""
        self.paragraphs += other.paragraphs
        self.words += other.words
        self.bytes += other.bytes
        self.removed_paragraphs += other.removed_paragraphs
        self.removed_words += other.removed_words
        self.removed_bytes += other.removed_bytes

    def as_json(self) -> dict[str, Any]:
        """By name, for a summary."""
        return {
            "paragraphs": self.paragraphs,
            "words": self.words,
            "bytes": self.bytes,
            "removed": {
                "paragraphs": self.removed_paragraphs,
                "words": self.removed_words,
                "bytes": self.removed_bytes,
            },
        }


@dataclass(slots=True)
class SiteTally:
    """Documents of one site.

    Attributes:
        documents: how many.
        words: in all their paragraphs.
        removed_words: of these, gone.
    """

    documents: int = 0
    words: int = 0
    removed_words: int = 0

    def add(self, other: SiteTally) -> None:
        """Take in all that another has counted."""
        self.documents += other.documents
        self.words += other.words
        self.removed_words += other.removed_words


@dataclass(slots=True)
class Noted:
    """Documents to look at.

    Attributes:
        documents: how many.
        names: the first :data:`NAMES` of them.
    """

    documents: int = 0
    names: list[str] = field(default_factory=list)

    def note(self, name: str) -> None:
        """Take in one."""
        self.documents += 1
        if len(self.names) < NAMES:
            self.names.append(name[:_LONGEST_NAME])

    def add(self, other: Noted) -> None:
        """Take in all that another has noted, as later ones."""
        self.documents += other.documents
        self.names = (self.names + other.names)[:NAMES]

    def as_json(self) -> dict[str, Any]:
        """By name, for a summary."""
        return {"documents": self.documents, "first": self.names}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What :meth:`as_json` gave."""
        return cls(int(value["documents"]), [str(name) for name in value["first"]])


def _tallies() -> dict[Label, Tally]:
    return {label: Tally() for label in Label}


def _kind_tallies() -> dict[CommerceKind, Tally]:
    return {kind: Tally() for kind in CommerceKind}


@dataclass(slots=True)
class Counts:
    """What one chunk adds up to, or many together.

    Attributes:
        documents: that were cleaned or tagged, those without any paragraph among them.
        rejected: records that could not be.
        textless: documents without any paragraph: there was nothing to read, or all is hidden.
        foreign: documents that seem not to be in English.
        emptied: documents of which no word is left.
        heavy: documents that have lost more than :data:`HEAVY` of their words, the emptied ones
            among them.
        labels, kinds: paragraphs of each.
        sites: by host, at most :data:`MAX_SITES`.
        other_sites: those that were too many, in one; ``documents`` is 0 if there are none.
    """

    documents: int = 0
    rejected: int = 0
    textless: Noted = field(default_factory=Noted)
    foreign: Noted = field(default_factory=Noted)
    emptied: int = 0
    heavy: Noted = field(default_factory=Noted)
    labels: dict[Label, Tally] = field(default_factory=_tallies)
    kinds: dict[CommerceKind, Tally] = field(default_factory=_kind_tallies)
    sites: dict[str, SiteTally] = field(default_factory=dict)
    other_sites: SiteTally = field(default_factory=SiteTally)

    def add_document(
        self,
        name: str,
        url: str | None,
        paragraphs: Sequence[TaggedParagraph],
        removed: Sequence[bool],
    ) -> None:
        """Take in one document.

        Args:
            name: how the user finds it, if it is one to look at.
            url: its address, if known.
            paragraphs: all that it had.
            removed: of each, whether it is gone.
        """
        words = lost = 0
        for paragraph, gone in zip(paragraphs, removed, strict=True):
            text, kind = paragraph.text, paragraph.kind
            count = len(text.split())
            words += count
            lost += count if gone else 0
            # Half of a surrogate pair has no bytes in UTF-8, but must not stop a run.
            size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
            self.labels[paragraph.label].count(count, size, gone)
            if kind is not None:
                self.kinds[kind].count(count, size, gone)
        self.documents += 1
        if not paragraphs:
            self.textless.note(name)
        if is_foreign([paragraph.text for paragraph in paragraphs]):
            self.foreign.note(name)
        if lost > HEAVY * words:
            self.heavy.note(name)
            self.emptied += lost == words
        self._site(site_of(url) or NO_SITE).add(SiteTally(1, words, lost))
        self._bound_sites()

    def add_rejected(self, count: int = 1) -> None:
        """Take in records that could not be cleaned."""
        self.rejected += count

    def merge(self, other: Counts) -> None:
        """Take in all that another has counted, as that of later documents."""
        self.documents += other.documents
        self.rejected += other.rejected
        self.textless.add(other.textless)
        self.foreign.add(other.foreign)
        self.emptied += other.emptied
        self.heavy.add(other.heavy)
        for label, tally in other.labels.items():
            self.labels[label].add(tally)
        for kind, tally in other.kinds.items():
            self.kinds[kind].add(tally)
        for site, of_site in other.sites.items():
            self._site(site).add(of_site)
        self.other_sites.add(other.other_sites)
        self._bound_sites()

    @property
    def knows_sites(self) -> bool:
        """Whether any document has an address that names a site."""
        return bool(self.other_sites.documents or self.sites.keys() - {NO_SITE})

    @property
    def total(self) -> Tally:
        """All paragraphs together."""
        total = Tally()
        for tally in self.labels.values():
            total.add(tally)
        return total

    def to_json(self) -> dict[str, Any]:
        """In few bytes, for the manifest."""
        return {
            "documents": self.documents,
            "rejected": self.rejected,
            "textless": self.textless.as_json(),
            "foreign": self.foreign.as_json(),
            "emptied": self.emptied,
            "heavy": self.heavy.as_json(),
            "labels": {label.value: astuple(tally) for label, tally in self.labels.items()},
            "kinds": {
                kind.value: astuple(tally) for kind, tally in self.kinds.items() if tally.paragraphs
            },
            "sites": {site: astuple(tally) for site, tally in self.sites.items()},
            "other_sites": astuple(self.other_sites),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What :meth:`to_json` gave.

        Raises:
            DocumentError: it is something else.
        """
        try:
            counts = cls(
                documents=int(value["documents"]),
                rejected=int(value["rejected"]),
                textless=Noted.from_json(value["textless"]),
                foreign=Noted.from_json(value["foreign"]),
                emptied=int(value["emptied"]),
                heavy=Noted.from_json(value["heavy"]),
                sites={
                    str(site): SiteTally(*map(int, row)) for site, row in value["sites"].items()
                },
                other_sites=SiteTally(*map(int, value["other_sites"])),
            )
            counts.labels |= {
                Label(label): Tally(*map(int, row)) for label, row in value["labels"].items()
            }
            counts.kinds |= {
                CommerceKind(kind): Tally(*map(int, row)) for kind, row in value["kinds"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DocumentError(
                "the counts in the manifest are damaged, or of another version of adsift: "
                "start anew (--overwrite)"
            ) from None
        return counts

    def _site(self, site: str) -> SiteTally:
        return self.sites.setdefault(site, SiteTally())

    def _bound_sites(self) -> None:
        if len(self.sites) <= MAX_SITES:
            return
        by_size = sorted(self.sites, key=lambda site: (-self.sites[site].words, site))
        for site in by_size[KEPT_SITES:]:
            self.other_sites.add(self.sites.pop(site))


@dataclass(frozen=True, slots=True)
class Summary:
    """What a whole run did.

    Attributes:
        counts: of everything.
        notes: what the user should know beside the figures, a sentence each.
        peak_memory: bytes of the largest process and its workers together, if known.
    """

    counts: Counts
    notes: list[str] = field(default_factory=list)
    peak_memory: int | None = None

    @property
    def documents(self) -> int:
        """How many were cleaned or tagged."""
        return self.counts.documents

    @property
    def rejected(self) -> int:
        """How many records could not be."""
        return self.counts.rejected

    def as_json(self) -> dict[str, Any]:
        """All of it by name, with the sites that lost most words."""
        counts = self.counts
        return {
            "documents": counts.documents,
            "rejected": counts.rejected,
            "textless": counts.textless.as_json(),
            "foreign": counts.foreign.as_json(),
            "emptied": counts.emptied,
            "heavy": {"share": HEAVY, **counts.heavy.as_json()},
            "total": counts.total.as_json(),
            "labels": {label.value: tally.as_json() for label, tally in counts.labels.items()},
            "kinds": {kind.value: tally.as_json() for kind, tally in counts.kinds.items()},
            "sites": {
                "most_removed": [
                    {
                        "site": site,
                        "documents": tally.documents,
                        "words": tally.words,
                        "removed_words": tally.removed_words,
                    }
                    for site, tally in self.most_removed()
                ],
                "not_listed_singly": counts.other_sites.documents,
            },
            "notes": self.notes,
            "peak_memory_bytes": self.peak_memory,
        }

    def most_removed(self, count: int = TOP_SITES) -> list[tuple[str, SiteTally]]:
        """The sites that lost most words, the worst first; those that lost none are left out.

        Sites that were too many to hold singly are one row, in its place.
        """
        rows: Iterable[tuple[str, SiteTally]] = [
            *self.counts.sites.items(),
            (OTHER_SITES, self.counts.other_sites),
        ]
        worst = sorted(
            (row for row in rows if row[1].removed_words),
            key=lambda row: (-row[1].removed_words, row[0]),
        )
        return worst[:count]
