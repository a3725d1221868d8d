"""What recurs on a site: on how many pages of a host a paragraph was seen.

Paragraphs that many pages of a site share are furniture or house ads. A first pass over a corpus
counts them here, in bounded memory; in the second pass :mod:`adsift.corpus.remembering` gives the
counts to the model.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from adsift.corpus.extras import load_extra
from adsift.corpus.page_address import page_address
from adsift.corpus.site import site_of
from adsift.errors import AdsiftError

_PURPOSE = "the memory of what recurs on a site"
_MAGIC = b"adsift site memory 2\n"
_LENGTH = struct.Struct("<Q")
_DIGITS = re.compile(r"\d+")

LONG = 80
"""A paragraph with more characters is long: it is text rather than a link or a button."""

FEWEST_LONG = 2
"""Long paragraphs that a page must have to be known as a copy by them. A single one may as well be
the notice about cookies on a page of pictures."""

FURNITURE = 3
"""Pages from which on a long paragraph says nothing of whether a page is a copy."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much may be remembered. The defaults take about 85 MB, and the names of the sites.

    Attributes:
        buckets: in each row of the count-min sketch; a row takes 8 bytes a bucket.
        hashes: rows of the sketch.
        sites: that are counted, the first ones; others are not known.
        pages: of one site that are counted, the first ones. What recurs shows on some hundreds
            of pages as well as on all, and the sketch fills up less.
    """

    buckets: int = 2**21
    hashes: int = 4
    sites: int = 500_000
    pages: int = 500


class PageKeys(NamedTuple):
    """What the memory needs of one page; a few bytes a paragraph, for workers to hand over.

    Attributes:
        site: its host.
        page: hash of what all its addresses have in common.
        content: hash of all its paragraphs.
        paragraphs: hashes of the distinct ones, in ascending order.
        long: those of :data:`LONG` ones among them.
    """

    site: str
    page: int
    content: int
    paragraphs: tuple[int, ...]
    long: tuple[int, ...]


class SiteMemory:
    """Counts pages of a site that a paragraph stands on.

    Paragraphs are the same if their words are, upper and lower case, white space and numbers
    aside ("3 comments", "12 comments"). A page counts once, by its address and by its content: a
    page that was crawled twice must not make furniture of its article. A page counts as one that
    was seen if most of its long paragraphs were, those aside that are furniture already: so it is
    of a version to print at another path, or of a month's archive, whatever lists stand beside.
    The counts are estimates: too high only where the memory is too small, see :attr:`noise`.
    """

    def __init__(self, sizes: Sizes | None = None) -> None:
        """Start without any page.

        Raises:
            AdsiftError: the package datasketches is not installed.
        """
        self.sizes = sizes or Sizes()
        self._sites: dict[str, int] = {}
        self._seen = _sketch(self.sizes.hashes, max(self.sizes.buckets // 4, 3))
        self._counts = _sketch(self.sizes.hashes, self.sizes.buckets)

    def add_page(self, url: str | None, paragraphs: Iterable[str]) -> None:
        """Count a page; one without a host is passed over.

        Args:
            url: its address.
            paragraphs: their texts.
        """
        keys = page_keys(url, paragraphs)
        if keys is not None:
            self.add(keys)

    def add(self, keys: PageKeys) -> None:
        """Count a page by its keys. The first of a site count, so the order matters."""
        pages = self._sites.get(keys.site, 0)
        known = pages or len(self._sites) < self.sizes.sites
        if not known or pages >= self.sizes.pages or self._was_seen(keys) or self._is_copy(keys):
            return
        self._sites[keys.site] = pages + 1
        for key in keys.paragraphs:
            self._counts.update(key)

    def recurrences(self, url: str | None, paragraphs: Sequence[str]) -> tuple[list[int], int]:
        """On how many pages of its site each paragraph of a page was counted.

        Returns:
            Its count for each paragraph, and the number of pages of the site that were counted.
        """
        site = site_of(url)
        pages = self._sites.get(site, 0)
        if not pages:
            return [0] * len(paragraphs), 0
        noise = int(self.noise)
        return [
            min(pages, self._count(_key(site, text), noise)) if text else 0
            for text in map(_normal, paragraphs)
        ], pages

    @property
    def noise(self) -> float:
        """Pages by which a count is too high on average, about; they are taken off again. From 1
        on rare paragraphs and frequent ones are no longer told apart: give it more buckets."""
        return float(self._counts.total_weight) / self.sizes.buckets

    def merge(self, other: SiteMemory) -> None:
        """Take in what another has counted, as that of later pages.

        Pages that both have counted count twice, and so do copies.

        Raises:
            AdsiftError: it has other sizes.
        """
        if other.sizes != self.sizes:
            raise AdsiftError(
                f"site memories of different sizes cannot be merged: {self.sizes}, {other.sizes}"
            )
        # Sites for which there is no room stay unknown; their paragraphs are in the sketch, where
        # nobody asks for them.
        for site, pages in other._sites.items():
            if site in self._sites or len(self._sites) < self.sizes.sites:
                self._sites[site] = self._sites.get(site, 0) + pages
        self._seen.merge(other._seen)
        self._counts.merge(other._counts)

    def to_bytes(self) -> bytes:
        """All of it, compressed. The same pages in the same order give the same bytes."""
        import zstandard

        sizes = [self.sizes.buckets, self.sizes.hashes, self.sizes.sites, self.sizes.pages]
        head = json.dumps({"sizes": sizes, "sites": self._sites}).encode()
        parts = [head, self._seen.serialize(), self._counts.serialize()]
        packed = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
        return _MAGIC + zstandard.ZstdCompressor(level=1, write_checksum=True).compress(packed)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What :meth:`to_bytes` gave.

        Raises:
            AdsiftError: it is something else or damaged, or datasketches is not installed.
        """
        import zstandard

        sketches = load_extra("datasketches", _PURPOSE)
        try:
            if not data.startswith(_MAGIC):
                raise ValueError("it does not begin as one")
            packed = zstandard.ZstdDecompressor().decompress(data[len(_MAGIC) :])
            head, seen, counts = _parts(packed)
            found = json.loads(head)
            # Made without the constructor, which would take the memory for empty sketches first.
            memory = cls.__new__(cls)
            memory.sizes = Sizes(*found["sizes"])
            memory._sites = {str(site): int(pages) for site, pages in found["sites"].items()}
            memory._seen = sketches.count_min_sketch.deserialize(seen)
            memory._counts = sketches.count_min_sketch.deserialize(counts)
            if memory._counts.num_buckets != memory.sizes.buckets:
                raise ValueError("its sizes are not those of its sketch")
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            RuntimeError,
            struct.error,
            zstandard.ZstdError,
        ) as error:
            raise AdsiftError(
                f"the site memory is damaged ({error}): count the sites anew"
            ) from None
        return memory

    def _count(self, key: int, noise: int) -> int:
        return max(0, int(self._counts.get_estimate(key)) - noise)

    def _is_copy(self, keys: PageKeys) -> bool:
        noise = int(self.noise)
        counts = [self._count(key, noise) for key in keys.long]
        telling = [count for count in counts if count < FURNITURE]
        return len(telling) >= FEWEST_LONG and 2 * sum(map(bool, telling)) > len(telling)

    def _was_seen(self, keys: PageKeys) -> bool:
        # Asked for both and then noted for both, so that either tells a page that comes again.
        marks = [
            _key(keys.site, f"{what} {key}") for what, key in zip("pc", keys[1:3], strict=True)
        ]
        seen = any(self._seen.get_estimate(mark) > 0 for mark in marks)
        if not seen:
            for mark in marks:
                self._seen.update(mark)
        return seen


def page_keys(url: str | None, paragraphs: Iterable[str]) -> PageKeys | None:
    """What :meth:`SiteMemory.add` needs of a page; ``None`` if its address names no host.

    Args:
        url: its address.
        paragraphs: their texts.
    """
    site = site_of(url)
    if not site or url is None:
        return None
    texts = [text for text in map(_normal, paragraphs) if text]
    by_text = {text: _key(site, text) for text in texts}
    return PageKeys(
        site,
        _key(site, page_address(url)),
        _key(site, "\n".join(texts)),
        tuple(sorted(by_text.values())),
        tuple(sorted(key for text, key in by_text.items() if len(text) > LONG)),
    )


def _normal(text: str) -> str:
    return " ".join(_DIGITS.sub("0", text.casefold()).split())


def _key(site: str, text: str) -> int:
    data = f"{site}\n{text}".encode("utf-8", "surrogatepass")
    # 63 bits are a number that every integer type of the sketch holds.
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little") >> 1


def _sketch(hashes: int, buckets: int) -> Any:
    return load_extra("datasketches", _PURPOSE).count_min_sketch(hashes, buckets)


def _parts(packed: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(packed):
        (length,) = _LENGTH.unpack_from(packed, place)
        place += _LENGTH.size
        yield packed[place : place + length]
        place += length
