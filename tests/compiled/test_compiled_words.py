from __future__ import annotations

import gzip
import itertools
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Document, Paragraph
from adsift.model import alone
from adsift.model.links import own_host
from adsift.segment import segment

words = compiled("words")
pytestmark = pytest.mark.skipif(words is None, reason="the compiled core was not built")

WIDTH = 2**12
WEIGHTS = np.random.default_rng(0).normal(size=(WIDTH, 8)).astype(np.float32)
BIAS = np.arange(8, dtype=np.float32)

PIECES = [
    *("Tactical", "gloves", "–", "—", "-", "don't", "l’été", "''", "a'b'c", "Straße", "İstanbul"),
    *("ΣΟΦΟΣ", "²", "½", "٣٤", "x²", "Ⅷ", "12", "$", "$ 5", "5 % off", "50%\toff", "9€", "3 uſd"),
    *("7 Eur", "1gbp", "5 %", "€", "£4", "…", ". ", ".", "!", "”", "•", "™", "_", "#@", "\ud800"),
    *("🧀", "\0", "\u200b", "\x1c", " ", "\n", "ß", "K", "日本語", "word " * 90, "1 " * 200),
]
ADDRESSES = [
    *("http", "https", "HTTP", "mailto", ":", "://", "//", "/", "\\", "#", "?", "&", ";", "="),
    *("@", ":8080", "[", "..", ".", "www.", "co.uk", "org.uk", "example", "com", "amzn.to", "tag"),
    *("amazon.com", "awin1.com", "rover.ebay.com", "doubleclick.net", "facebook.com", "ref_"),
    *("foreign:", "relative:", "fragment:", "own:", "foreign", "relative"),
    *("out", "deal", "x-1.y_z", "a" * 50, "é", "ſ", "K", "\ud800", " ", "\n", "\x1f", "\0", "%20"),
]
SELECTORS = [
    *("div", "p", "h2", "h7", "h1é", "h1_", "ah1", ".relatedPosts", "#more-1", ".HTMLPage", ".aB"),
    *(
        ".é",
        ".日本",
        "-ad_",
        ".x",
        "A",
        "AA",
        ".\ud800",
        ".",
        "#",
        " ",
        "".join(map(chr, range(33, 127))),
    ),
]


def joined(pieces: list[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=most).map("".join)


texts = st.one_of(joined(PIECES, 30), st.text(min_size=1)).filter(bool)
addresses = st.one_of(joined(ADDRESSES, 12), st.text(max_size=20))
selectors = st.one_of(joined(SELECTORS, 8), st.text(max_size=20))
paragraphs = st.builds(
    Paragraph,
    texts,
    tag=st.sampled_from(["", "p", "li", "h2", "td", "é", "\ud800"]),
    link_share=st.floats(-1, 1),
    links=st.lists(addresses, max_size=24).map(tuple),
    rels=st.lists(st.sampled_from(["nofollow", "sponsored", "é"]), max_size=12).map(tuple),
    ancestors=st.lists(selectors, max_size=26).map(tuple),
)
documents = st.lists(st.lists(paragraphs, max_size=4), max_size=3)


# Few, so that one comes again: beside each other, and with another between.
HOSTS = st.sampled_from(
    [
        *("https://own.example/a", "//www.own.example", "http://other.example/", "/path", "#", ""),
        *("https://amazon.com/x", "https://facebook.com/own", "https://é.example/", "own.example"),
        *("http://[ccpa-preferences]", "https://own.example:8080/", "https://OTHER.example"),
    ]
)


@given(
    st.lists(st.lists(HOSTS, max_size=6), max_size=6), st.sampled_from([None, "", "http://a.b/"])
)
def test_the_page_s_own_host(links: list[list[str]], url: str | None) -> None:
    page = [Paragraph("word", tag="p", links=tuple(some)) for some in links]
    assert words.own_host(url, page) == own_host(url, (link for some in links for link in some))


def check(pages: list[list[Paragraph]], urls: list[str | None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alone, "_words", None)
        expected, facts = alone.hash_documents(pages, urls, WIDTH)
        scores, _ = alone.Alone(WEIGHTS, BIAS).score(pages, urls)
    owns = alone.own_hosts(pages, urls)
    columns, ends, known = words.hash_documents(pages, owns, WIDTH)
    assert np.array_equal(known, facts)
    assert np.array_equal(ends, expected.indptr)
    assert np.array_equal(columns, expected.indices)
    found, known = alone.Alone(WEIGHTS, BIAS).score(pages, urls)
    assert np.array_equal(found, scores)
    assert np.array_equal(known, facts)


@settings(max_examples=300)
@given(documents, st.none() | addresses)
@example([[Paragraph("a", ancestors=("div",) * 70, tag="p")]], None)
@example([[]], None)
@example([], None)
def test_as_in_python(pages: list[list[Paragraph]], url: str | None) -> None:
    check(pages, [url] * len(pages))


@pytest.mark.parametrize("size", [3_999, 4_000, 4_001, 1_000_000])
@pytest.mark.parametrize("piece", ["ab ", "é1", "İ ", "5 % off", "a'", "🧀x "])
def test_long_paragraphs(piece: str, size: int) -> None:
    text = (piece * (size // len(piece) + 1))[:size]
    check([[Paragraph(text), Paragraph(text, tag="p", links=(text,), ancestors=(text,))]], [text])


@pytest.mark.parametrize("scheme", ["foreign", "FOREIGN", "relative", "fragment", "own"])
@pytest.mark.parametrize("url", [None, "https://post.example/a"])
def test_schemes_named_like_relations(scheme: str, url: str | None) -> None:
    check([[Paragraph("x", tag="p", links=(f"{scheme}:y", f"{scheme}:", scheme))]], [url])


def test_every_letter_and_mark() -> None:
    templates = ("{}", "a{}b", "5{}", "{}5", "5 {}SD", "5 U{}D", "5 %{}off", "a'{}", "{}-")
    texts = [template.format(chr(sign)) for sign in range(0x3000) for template in templates[:3]]
    texts += [template.format(chr(sign)) for sign in range(0x250) for template in templates[3:]]
    check([[Paragraph(text) for text in texts]], [None])


def test_strings_of_other_classes_are_read_as_strings() -> None:
    class Own(str):
        __slots__ = ()

    page = [
        Paragraph(
            Own(text),
            tag=Own("p"),
            links=(Own("https://shop.example/a"), Own("/é")),
            rels=(Own("nofollow"),),
            ancestors=(Own("div.more"), Own("p")),
        )
        for text in ("Five lamps", "Fünf Lampen")
    ]
    check([page], [Own("https://post.example/a")])


class Dying(str):
    """Lets Python run when it is forgotten."""

    __slots__ = ("last_words",)
    last_words: Callable[[], object]

    def __del__(self) -> None:
        self.last_words()


def test_what_dies_with_a_row_may_read_another() -> None:
    rows = [("html", "body.foo", "div.beta alpha", "p.gamma commerce")[:n] for n in (4, 3) * 3]
    page = [Paragraph("x", tag="p", ancestors=row) for row in rows]
    other = [Paragraph("y", tag="p", ancestors=("html", "nav", "div.beta gamma commerce alpha"))]
    first, second = (alone.Alone(WEIGHTS, BIAS) for _ in range(2))
    expected = second.score([page], [None])[0]
    dying = Dying("div.zeta")
    dying.last_words = lambda: second.score([other], [None])
    first.score([[Paragraph("x", tag="p", ancestors=("html", "body.foo", dying))]], [None])
    del dying
    assert np.array_equal(first.score([page], [None])[0], expected)
    assert np.array_equal(first.score([page], [None])[0], expected)


def test_overlong_selectors_do_not_change_what_is_read_later() -> None:
    usual = [Paragraph("x", tag="p", ancestors=(f"div.name{n}", "p.more")) for n in range(3)]
    overlong = Paragraph("x", tag="p", ancestors=("div.more", "a" * 5_000 + ".more-b"))
    check([[*usual, overlong, *usual, overlong]], [None])


@pytest.mark.parametrize(
    ("rows", "outputs", "biases"), [(0, 8, 8), (4, 8, 7), (4, 8, 0), (4, 0, 8)]
)
def test_weights_of_the_wrong_shape_are_refused(rows: int, outputs: int, biases: int) -> None:
    weights = np.zeros((rows, outputs), np.float32)
    with pytest.raises(ValueError, match="weights"):
        words.Scorer(weights, np.zeros(biases, np.float32))


def test_threads_share_a_scorer() -> None:
    # Addresses that are not ASCII are read in Python, where another thread may come in between.
    links = [(f"https://a.example/é{n}", f"https://b.example/é{n}") for n in range(100)]
    page = [Paragraph("x", tag="p", links=pair, ancestors=("div", "p")) for pair in links]
    urls = [f"https://{host}.example/" for host in "abab" * 4]
    expected = [alone.Alone(WEIGHTS, BIAS).score([page], [url])[0] for url in urls]
    shared, before = alone.Alone(WEIGHTS, BIAS), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda url: shared.score([page], [url])[0], urls))
    finally:
        sys.setswitchinterval(before)
    found += [shared.score([page], [url])[0] for url in urls]
    assert all(map(np.array_equal, found, expected * 2))


def test_no_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="column"):
        words.hash_documents([[Paragraph("x")]], [""], 0)


def test_an_empty_paragraph_is_refused_as_in_python() -> None:
    with pytest.raises(IndexError):
        words.Scorer(WEIGHTS, BIAS).score([[Paragraph("")]], [""])


def test_more_class_words_than_are_kept() -> None:
    names = ["".join(letters) for letters in itertools.product("abcdefghij", repeat=4)]
    rows = [("div.first", f"ul.{name}", f"li.of-{name}#é") for name in names]
    again = rows[:10]
    check([[Paragraph("x", tag="p", ancestors=row) for row in (*rows, *again)]], [None])


def test_real_pages(shared: Path) -> None:
    for path in sorted((shared / "data" / "pages").glob("*.gz"))[::30]:
        page = segment(Document(gzip.decompress(path.read_bytes()), name=path.stem))
        check([page.paragraphs], [None])
