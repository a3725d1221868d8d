from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.corpus.page_address import page_address


@pytest.mark.parametrize(
    "other",
    [
        "http://harbour.example/news/market?id=7",
        "https://www.harbour.example:443/news/market?id=7",
        "//harbour.example./news/market/?id=7",
        "https://harbour.example/news/market?id=7#comments",
        "https://harbour.example/news/market?utm_source=mail&id=7&utm_medium=x",
        "https://harbour.example/news/market?fbclid=Ab-1&id=7&gclid=x",
        "https://harbour.example/news/market?id=7&mc_cid=1&amp;mc_eid=2",
        "https://harbour.example/news/market?print&id=7",
        "https://harbour.example/news/market?id=7&Print=1",
        "https://harbour.example/news/market?id=7&output=amp",
        "https://harbour.example/news/market?amp=1;id=7",
        "https://harbour.example/news/market?id=7&replytocom=31",
        "https://harbour.example/news/market;jsessionid=A1B2?id=7&",
        "https://harbour.example/news/mar%6Bet?id=7",
    ],
)
def test_addresses_of_one_page(other: str) -> None:
    assert page_address(other) == page_address("https://harbour.example/news/market?id=7")


@pytest.mark.parametrize(
    "other",
    [
        "https://harbour.example/news/market",
        "https://harbour.example/news/market?id=8",
        "https://harbour.example/news/market?id=7&page=2",
        "https://harbour.example/news/Market?id=7",
        "https://harbour.example/news?id=7",
        "https://harbour.example/news/market?id=7&output=tides",
    ],
)
def test_addresses_of_other_pages(other: str) -> None:
    assert page_address(other) != page_address("https://harbour.example/news/market?id=7")


def test_the_order_of_parameters_does_not_matter() -> None:
    assert page_address("https://a.example/?b=1&c=2") == page_address("https://a.example/?c=2&b=1")


@given(st.text())
def test_no_address_is_too_odd(text: str) -> None:
    for url in (text, f"https://a.example/{text}", f"https://{text}"):
        assert isinstance(page_address(url), str)
