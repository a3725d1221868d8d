from __future__ import annotations

import pytest
from hashing import check
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model.links import own_host

pytestmark = pytest.mark.skipif(compiled("alone") is None, reason="the compiled core was not built")

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
    found = compiled("links").own_host(url, page)
    assert found == own_host(url, (link for some in links for link in some))


@pytest.mark.parametrize("scheme", ["foreign", "FOREIGN", "relative", "fragment", "own"])
@pytest.mark.parametrize("url", [None, "https://post.example/a"])
def test_schemes_named_like_relations(scheme: str, url: str | None) -> None:
    check([[Paragraph("x", tag="p", links=(f"{scheme}:y", f"{scheme}:", scheme))]], [url])
