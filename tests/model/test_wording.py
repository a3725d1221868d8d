from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_articles import SEEDS

from adsift.document import Paragraph
from adsift.model.features import FEATURE_NAMES, paragraph_words
from adsift.model.wording import readable
from adsift.segment import segment

LINKED = Paragraph(
    "The lamp, $39",
    tag="li",
    link_share=0.5,
    links=("https://amzn.to/x?tag=a", "/lamps"),
    rels=("sponsored",),
    ancestors=("html", "body", "div.related", "li"),
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("w=lamp", "word “lamp”"),
        ("p=$ 02", "pair “$ ‹2 digits›”"),
        ("f=01", "begins with “‹1 digit›”"),
        ("w==", "word “=”"),
        ("s=words 4", "8–15 words"),
        ("s=words 0", "0 words"),
        ("s=words 1", "1 words"),
        ("s=length 7 .", "64–127 characters, the last “.”"),
        ("s=length 7 a", "64–127 characters, the last a letter or digit"),
        ("s=digits 3", "15 % digits or a little more"),
        ("s=sentences 4", "4+ sentence ends inside"),
        ("s=begins A ends 0", "from a capital to a digit"),
        ("s=begins a ends :", "from a small letter to “:”"),
        ("s=name 2 4", "dash after 2 words, 8–15 words"),
        ("s=name 0 4", "no dash after a name, 8–15 words"),
        ("a=none", "no links"),
        ("a=count 2", "2–3 links"),
        ("a=to:own", "link to own"),
        ("a=host:post.example", "link to host post.example"),
        ("a=paid:affiliate", "paid link affiliate"),
        ("r=4", "about 4/8 of the text in links"),
        ("r=4 3", "about 4/8 of the text in links, 4–7 words"),
        ("h=li", "tag li"),
        ("h=li 3", "tag li, 4–7 words"),
        ("n=promo", "class word near promo"),
        ("e=div ul li", "tags around div ul li"),
        ("plain", "source without markup"),
    ],
)
def test_forms(word: str, expected: str) -> None:
    assert readable(word) == expected


def test_every_word_of_every_feature_is_put_into_english() -> None:
    paragraphs = [p for seed in SEEDS for p in segment(seed.document).paragraphs] + [LINKED]
    words = {word for p in paragraphs for word in paragraph_words(p, "post.example")}
    assert {word.split("=", 1)[0] for word in words} >= {*FEATURE_NAMES}
    assert [word for word in sorted(words) if readable(word) == word] == []


@given(st.sampled_from(["w", "p", "s", "a", "r", "h", "e", "?", ""]), st.text())
def test_what_is_not_known_stays_as_it_is(name: str, value: str) -> None:
    assert readable(f"{name}={value}")
    assert readable(f"?={value}") == f"?={value}"


@given(st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool))
def test_any_text(text: str) -> None:
    for word in paragraph_words(Paragraph(text, tag="p"), ""):
        assert readable(word) != word
