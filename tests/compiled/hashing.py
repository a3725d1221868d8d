"""Hostile paragraphs, and the feature words of paragraphs compared with those that Python makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import alone

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


def check(pages: list[list[Paragraph]], urls: list[str | None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alone, "_compiled", None)
        expected, facts = alone.hash_documents(pages, urls, WIDTH)
        scores, _ = alone.Alone(WEIGHTS, BIAS).score(pages, urls)
    owns = alone.own_hosts(pages, urls)
    columns, ends, known = compiled("alone").hash_documents(pages, owns, WIDTH)
    assert np.array_equal(known, facts)
    assert np.array_equal(ends, expected.indptr)
    assert np.array_equal(columns, expected.indices)
    found, known = alone.Alone(WEIGHTS, BIAS).score(pages, urls)
    assert np.array_equal(found, scores)
    assert np.array_equal(known, facts)
