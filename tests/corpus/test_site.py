from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.corpus.site import site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.harbour.example/a?b#c", "harbour.example"),
        ("  HTTP://Reader:Secret@Harbour.Example:8080/a", "harbour.example"),
        ("//harbour.example", "harbour.example"),
        ("https://anna.blog.example/", "anna.blog.example"),
        ("https://harbour.example./a", "harbour.example"),
        ("https://www.com/", "www.com"),
        ("https://www.co.uk/", "www.co.uk"),
        ("https://www.www.com/", "www.com"),
        ("https://[2001:DB8::1]:8080/a", "[2001:db8::1]"),
        ("https://[2001:db8::2]/a", "[2001:db8::2]"),
        ("https://[not an address].example:80/a", "[not an address].example"),
        ("https://[not closed/a", "[not closed"),
        ("https://192.0.2.7:80/", "192.0.2.7"),
        ("https://bücher.example/a", "xn--bcher-kva.example"),
        ("https://www.BÜCHER.example./", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example:443/b", "xn--bcher-kva.example"),
        ("https:///a", ""),
        ("harbour.example/a", ""),
        ("mailto:anna@harbour.example", ""),
        ("/a", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_site_is_a_host_however_it_is_written(url: str | None, site: str) -> None:
    assert site_of(url) == site


def test_what_is_too_long_for_a_host_takes_no_more_memory_than_one() -> None:
    for letter in "aü":
        assert len(site_of(f"https://{letter * 1000}.example/")) == 253


@given(st.text())
def test_no_address_is_too_odd(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/a"):
        assert isinstance(site_of(url), str)
