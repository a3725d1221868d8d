"""Who is measured on HTML: adsift in its ways, main-text extractors, and lexbor's parser alone.

All start from the bytes of a page. What takes only ``str`` gets them as UTF-8, which is part of its
time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Literal

Extract = Callable[[bytes], str]
"""A page to its main text; extractors whose result is HTML give that."""

Run = Callable[[Sequence[bytes]], int]
"""Reads all pages; how many of them were not read for an error."""

Group = Literal["adsift", "peer", "floor"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to read a page.

    Attributes:
        name: in the results.
        group: what it is.
        module, package: what must be importable, and what it is called where it is installed from.
        load: imports and loads everything, and gives what runs.
        environment: variables of its process.
    """

    name: str
    group: Group
    module: str
    package: str
    load: Callable[[], Run]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """The installed version, empty if there is none."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""


@dataclass(frozen=True, slots=True)
class Extractor:
    """A main-text extractor; its fields are those of :class:`Contender`.

    Attributes:
        gives_html: whether its result is HTML.
    """

    name: str
    module: str
    package: str
    load: Callable[[], Extract]
    gives_html: bool = False

    def contender(self) -> Contender:
        """The extractor as one who reads many pages."""
        return Contender(
            self.name, "peer", self.module, self.package, lambda: one_by_one(self.load())
        )


def one_by_one(read: Callable[[bytes], Any]) -> Run:
    """A page a call; an extractor's exception costs the page and not the run."""

    def run(pages: Sequence[bytes]) -> int:
        errors = 0
        for page in pages:
            try:
                read(page)
            except Exception:
                errors += 1
        return errors

    return run


def _batch(read: Callable[[Sequence[bytes]], Iterable[Any]]) -> Run:
    def run(pages: Sequence[bytes]) -> int:
        # Each result is let go at once, as by one who writes it out.
        return len(pages) - sum(1 for _ in read(pages))

    return run


def _load_adsift() -> Any:
    import adsift

    return adsift.load()


def _tag() -> Run:
    return one_by_one(_load_adsift().tag)


def _tag_many() -> Run:
    return _batch(_load_adsift().tag_many)


def _strip(*drop: str) -> Callable[[], Run]:
    def load() -> Run:
        sift = _load_adsift()
        return one_by_one(lambda page: sift.strip(page, drop))

    return load


def _strip_many(*drop: str) -> Callable[[], Run]:
    def load() -> Run:
        sift = _load_adsift()
        return _batch(lambda pages: sift.strip_many(pages, drop))

    return load


def _trafilatura(**options: Any) -> Callable[[], Extract]:
    def load() -> Extract:
        import trafilatura

        logging.disable(logging.CRITICAL)
        return lambda page: trafilatura.extract(page, **options) or ""

    return load


def _justext() -> Extract:
    import justext

    words = justext.get_stoplist("English")

    def extract(page: bytes) -> str:
        paragraphs = justext.justext(page, words)
        return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)

    return extract


def _resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: extract_plain_text(_text(page), main_content=True)


def _readability() -> Extract:
    from readability import Document

    logging.disable(logging.CRITICAL)
    return lambda page: Document(_text(page)).summary()


def _boilerpy3() -> Extract:
    from boilerpy3.extractors import ArticleExtractor

    logging.disable(logging.CRITICAL)
    extractor = ArticleExtractor()
    return lambda page: extractor.get_content(_text(page))


def _newspaper() -> Extract:
    from newspaper import Article

    logging.disable(logging.CRITICAL)

    def extract(page: bytes) -> str:
        # It asks for an address, and would fetch the pictures from there.
        article = Article("https://news.example/", language="en", fetch_images=False)
        article.download(input_html=_text(page))
        article.parse()
        return str(article.text)

    return extract


def _goose() -> Extract:
    from goose3 import Goose

    logging.disable(logging.CRITICAL)
    goose = Goose({"enable_image_fetching": False})
    return lambda page: str(goose.extract(raw_html=_text(page)).cleaned_text)


def _lexbor() -> Run:
    from selectolax.lexbor import LexborHTMLParser

    return one_by_one(LexborHTMLParser)


def _text(page: bytes) -> str:
    return page.decode("utf-8", "replace")


REFERENCE = "trafilatura"
FAST_REFERENCE = "resiliparse, main content"

EXTRACTORS = (
    Extractor(REFERENCE, "trafilatura", "trafilatura", _trafilatura()),
    Extractor("trafilatura, fast", "trafilatura", "trafilatura", _trafilatura(fast=True)),
    Extractor(
        "trafilatura, favor_precision",
        "trafilatura",
        "trafilatura",
        _trafilatura(favor_precision=True),
    ),
    Extractor(
        "trafilatura, favor_recall", "trafilatura", "trafilatura", _trafilatura(favor_recall=True)
    ),
    Extractor("jusText", "justext", "jusText", _justext),
    Extractor(FAST_REFERENCE, "resiliparse", "resiliparse", _resiliparse),
    Extractor("readability-lxml", "readability", "readability-lxml", _readability, gives_html=True),
    Extractor("boilerpy3", "boilerpy3", "boilerpy3", _boilerpy3),
    Extractor("newspaper4k", "newspaper", "newspaper4k", _newspaper),
    Extractor("goose3", "goose3", "goose3", _goose),
)

_BOTH = ("commerce", "boilerplate")
_PURE = {"ADSIFT_PURE": "1"}

TAG = "adsift tag"
STRIP = "adsift strip commerce, boilerplate"


def _ours(name: str, load: Callable[[], Run], pure: bool = False) -> Contender:
    return Contender(name, "adsift", "adsift", "adsift", load, _PURE if pure else {})


CONTENDERS = (
    _ours(TAG, _tag_many),
    _ours("adsift tag, a page a call", _tag),
    _ours("adsift strip commerce", _strip_many("commerce")),
    _ours("adsift strip commerce, a page a call", _strip("commerce")),
    _ours(STRIP, _strip_many(*_BOTH)),
    _ours("adsift strip commerce, boilerplate, a page a call", _strip(*_BOTH)),
    _ours("adsift tag, pure Python", _tag_many, pure=True),
    _ours("adsift strip commerce, boilerplate, pure Python", _strip_many(*_BOTH), pure=True),
    *(extractor.contender() for extractor in EXTRACTORS),
    Contender("lexbor parse", "floor", "selectolax", "selectolax", _lexbor),
)
