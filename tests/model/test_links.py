from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.model.links import (
    AFFILIATE_KEYS,
    LONGEST,
    link_words,
    own_host,
    paid_for,
    read_target,
    registered_domain,
)

PIECES = [
    *("http", "https", "HTTP", "javascript", "mailto", "data", ":", "://", "//", "/", "\\", "#"),
    *("?", "&", ";", "=", "@", "[", "]", "[::1]", "%", "%zz", ".", "..", "www.", "co.uk", "a", "Z"),
    *("amzn.to", "tag", "ref_", "utm_source", "🧀", "\0", "\ud800", " ", "\n", "\t", "99999", "-"),
]
REASONS = {"affiliate", "advertising", "shop", "key", "redirect"}
ADDRESSES = st.text() | st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


class TestHostileAddresses:
    @given(ADDRESSES, ADDRESSES)
    def test_nothing_raises(self, address: str, page: str) -> None:
        own = own_host(page, [address])
        target = read_target(address)
        assert all(isinstance(word, str) for word in link_words(address, own))
        assert set(paid_for(address, own)) <= REASONS
        assert target.host == target.host.lower()
        assert not set(target.full_host) & set("/?#\\@")

    @pytest.mark.parametrize("address", ["http://[ccpa-preferences]", "http://", "//", "https:///"])
    def test_what_urllib_refuses(self, address: str) -> None:
        assert read_target(address).relation == "foreign"

    def test_the_end_of_a_very_long_one_is_not_kept(self) -> None:
        address = "https://example.com/?" + "x" * 10**6
        assert link_words(address, "") == link_words(address[:LONGEST], "")


class TestReadTarget:
    @pytest.mark.parametrize(
        ("address", "relation", "host", "full_host"),
        [
            ("https://www.Example.com/a", "foreign", "example.com", "example.com"),
            ("HTTP://shop.example.co.uk", "foreign", "example.co.uk", "shop.example.co.uk"),
            ("//cdn.example.org/x", "foreign", "example.org", "cdn.example.org"),
            ("https://me:pw@example.com:8080/a", "foreign", "example.com", "example.com"),
            ("https://example.com?x=//other.com", "foreign", "example.com", "example.com"),
            ("/news/today", "relative", "", ""),
            ("page.html", "relative", "", ""),
            ("", "relative", "", ""),
            ("#top", "fragment", "", ""),
            ("mailto:desk@example.com", "mailto", "", ""),
            ("javascript:void(0)", "javascript", "", ""),
            ("whatsapp://send?text=hello", "whatsapp", "", ""),
        ],
    )
    def test_where_it_leads(self, address: str, relation: str, host: str, full_host: str) -> None:
        target = read_target(address)
        assert (target.relation, target.host, target.full_host) == (relation, host, full_host)

    def test_words_and_keys(self) -> None:
        target = read_target("https://example.com/Best-Stoves/2025/b?Tag=x-20&utm_source=y#a")
        assert target.words == ("best", "stoves")
        assert target.keys == ("tag", "utm_source")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("news.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("shop.example.com.au", "example.com.au"),
        ("co.uk", "co.uk"),
        ("example.com.", "example.com"),
        ("localhost", "localhost"),
        ("", ""),
        ("...", ""),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


class TestOwnHost:
    def test_the_page_s_address_decides(self) -> None:
        assert own_host("https://www.post.example/a", ["https://shop.com"] * 9) == "post.example"

    def test_else_the_host_that_most_links_lead_to(self) -> None:
        links = ["https://a.com", "https://news.b.org/1", "https://b.org/2", "/c", "#d"]
        assert own_host(None, links) == "b.org"

    @pytest.mark.parametrize("url", ["", "post.html", "file:///tmp/post.html"])
    def test_an_address_without_a_host_tells_nothing(self, url: str) -> None:
        assert own_host(url, ["https://b.org"]) == "b.org"

    def test_a_tie_does_not_depend_on_the_order(self) -> None:
        links = ["https://a.com", "https://b.com"]
        assert own_host(None, links) == own_host(None, reversed(links))

    def test_no_links_no_host(self) -> None:
        assert own_host(None, ["/a", "#b"]) == ""


class TestPaidFor:
    @pytest.mark.parametrize(
        ("address", "names"),
        [
            ("https://amzn.to/3xYz", ("affiliate",)),
            ("https://track.linksynergy.com/x", ("affiliate",)),
            ("https://rover.ebay.com/x", ("affiliate", "shop")),
            ("https://ad.doubleclick.net/x", ("advertising",)),
            ("https://www.amazon.com/dp/B0?tag=post-20", ("shop", "key")),
            ("https://tiny-shop.example/lamp?ref=post", ("key",)),
            ("https://other.example/recommends/lamp", ("redirect",)),
            ("https://other.example/lamp?page=2", ()),
            ("/lamp", ()),
            ("mailto:desk@post.example", ()),
        ],
    )
    def test_why(self, address: str, names: tuple[str, ...]) -> None:
        assert paid_for(address, "post.example") == names

    @given(st.sampled_from(sorted(AFFILIATE_KEYS)))
    def test_every_key_is_known_in_any_case(self, key: str) -> None:
        assert "key" in paid_for(f"https://other.example/?{key.upper()}=1", "post.example")

    @pytest.mark.parametrize("host", ["amazon.com", "amzn.to", "doubleclick.net"])
    def test_nobody_pays_for_a_site_s_own_links(self, host: str) -> None:
        assert paid_for(f"https://{host}/x?tag=post-20", host) == ()

    def test_but_a_site_may_hide_where_its_own_link_leads(self) -> None:
        assert paid_for("https://post.example/recommends/lamp", "post.example") == ("redirect",)


class TestLinkWords:
    def test_own_links_tell_only_their_path(self) -> None:
        words = link_words("https://post.example/deals/a?tag=x", "post.example")
        assert words == ("to:own", "path:deals")

    def test_foreign_links_tell_who_pays(self) -> None:
        words = link_words("https://www.amazon.com/dp/B0?tag=post-20", "post.example")
        assert {"to:foreign", "host:amazon.com", "key:tag", "paid:shop", "paid:key"} <= {*words}
