"""What a link's address tells: whose page it leads to, and whether somebody is paid for the click.

Addresses are hostile input (``http://[ccpa-preferences]``), so nothing here parses them by the
book: strings are split at the marks that RFC 3986 gives, and what is left over is ignored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

AFFILIATE_HOSTS = frozenset(
    """
    amzn.to amzlink.to a.co shareasale.com shareasale-analytics.com skimresources.com
    redirectingat.com awin1.com anrdoezrs.net dpbolvw.net jdoqocy.com kqzyfj.com tkqlhce.com
    linksynergy.com rstyle.me shopstyle.it shop-links.co prf.hn pntra.com pntrac.com pntrs.com
    pjtra.com pjatr.com gopjn.com sjv.io pxf.io evyy.net ojrq.net 7eer.net avantlink.com
    flexlinkspro.com flexoffers.com clickbank.net rover.ebay.com ebay.us howl.me howl.link
    narrativ.com bam-x.com viglink.com sovrn.co fave.co ltk.app liketk.it zdcs.link wild.link
    geni.us commission-junction.com emjcd.com partnerize.com tradedoubler.com webgains.com
    admitad.com digistore24.com jvz1.com jvzoo.com shrsl.com go2cloud.org hasoffers.com
    """.split()
)
"""Affiliate networks and their redirectors, by registered domain or full host."""

ADVERTISING_HOSTS = frozenset(
    """
    doubleclick.net googleadservices.com googlesyndication.com taboola.com outbrain.com
    revcontent.com zergnet.com mgid.com adnxs.com content.ad adblade.com nativo.com sharethrough.com
    triplelift.com teads.tv dianomi.com plista.com adsrvr.org carbonads.net carbonads.com
    buysellads.com srv.buysellads.com adzerk.net adroll.com criteo.com
    """.split()
)
"""Advertising exchanges and recommendation ("chumbox") networks."""

SHOP_HOSTS = frozenset(
    """
    amazon.com amazon.co.uk amazon.ca amazon.de ebay.com etsy.com walmart.com target.com
    bestbuy.com newegg.com bhphotovideo.com homedepot.com lowes.com wayfair.com rei.com costco.com
    macys.com nordstrom.com sephora.com ulta.com kohls.com chewy.com petco.com overstock.com
    aliexpress.com alibaba.com banggood.com shopify.com myshopify.com gumroad.com udemy.com
    skillshare.com bookshop.org barnesandnoble.com ticketmaster.com stubhub.com seatgeek.com
    eventbrite.com booking.com expedia.com viator.com getyourguide.com nordvpn.com
    expressvpn.com bluehost.com squarespace.com kickstarter.com indiegogo.com patreon.com
    ko-fi.com buymeacoffee.com teespring.com redbubble.com zazzle.com
    """.split()
)
"""Retailers, booking and ticket sites, and places to pay a maker."""

AFFILIATE_KEYS = frozenset(
    """
    tag aff affid aff_id affiliate affiliate_id affiliateid afftrack a_aid aid ascsubtag subid
    sub_id subid1 sid clickid click_id clickref irclickid irgwc cjevent campid linkcode associatetag
    awinmid awinaffid ranmid raneaid ransiteid partner partnerid partner_id offer_id pubref
    publisherid refid ref ref_ referral coupon discount promo promocode
    """.split()
)
"""Keys of a query string by which shops know whom to pay."""

LONGEST = 2000
"""Characters of an address that are read; the rest of a ``data:`` picture need not be kept."""

SOCIAL_HOSTS = frozenset(
    """
    facebook.com twitter.com x.com instagram.com youtube.com youtu.be linkedin.com pinterest.com
    reddit.com tiktok.com whatsapp.com wa.me t.me telegram.me threads.net bsky.app flipboard.com
    google.com apple.com github.com wikipedia.org wordpress.org
    """.split()
)
"""Hosts that everybody links to."""

EVERYBODYS = AFFILIATE_HOSTS | ADVERTISING_HOSTS | SHOP_HOSTS | SOCIAL_HOSTS
"""Hosts that a page may link to most without being theirs."""

REDIRECTS = ("out", "recommends", "refer", "goto", "deal", "buy")
"""First words of the paths behind which sites hide where a link leads."""

SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu", "ltd", "plc"))
_SCHEME = re.compile(r"\s*(?:([a-z][a-z0-9+.-]*):)?(//)?", re.I)
_KEY = re.compile(r"[?&;]([A-Za-z_][\w.-]{0,30})=")
_PATH_WORD = re.compile(r"[a-z]{3,20}")


class Target(NamedTuple):
    """What an address says of itself.

    Attributes:
        relation: ``foreign``, ``relative``, ``fragment``, or the scheme if it is not of the web.
        host: registered domain in lower case, empty for a relative address.
        full_host: the whole host name.
        words: the first words of the path.
        keys: the query's keys in lower case.
    """

    relation: str
    host: str
    full_host: str
    words: tuple[str, ...]
    keys: tuple[str, ...]


def read_target(address: str) -> Target:
    """Take an address apart; never fails."""
    return _read_target(address[:LONGEST])


@lru_cache(maxsize=65_536)
def _read_target(address: str) -> Target:
    scheme, slashes = _SCHEME.match(address).groups()  # type: ignore[union-attr]
    scheme = (scheme or "").lower()
    if scheme and (not slashes or scheme not in ("http", "https")):
        return Target(scheme[:12], "", "", (), ())
    if not slashes:
        if address.startswith("#"):
            return Target("fragment", "", "", (), ())
        return Target("relative", "", "", _path_words(address), _query_keys(address))
    rest = address.split("//", 1)[1]
    full_host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    path = rest[len(full_host) :]
    full_host = full_host.rsplit("@", 1)[-1].split(":", 1)[0].lower().removeprefix("www.")
    return Target(
        "foreign", registered_domain(full_host), full_host, _path_words(path), _query_keys(path)
    )


def registered_domain(host: str) -> str:
    """The part of a host name that one owner holds, by the usual second-level names."""
    labels = host.strip(".").split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def own_host(url: str | None, addresses: Iterable[str]) -> str:
    """Registered domain of the page itself: by its url, else the host that it links to most,
    shops, networks and social media aside."""
    if url and (host := read_target(url).host):
        return host
    hosts = Counter(
        target.host
        for target in map(read_target, addresses)
        if target.host and target.host not in EVERYBODYS
    )
    return max(hosts, key=lambda host: (hosts[host], host)) if hosts else ""


def link_words(address: str, own: str) -> tuple[str, ...]:
    """The words by which the model knows a link, seen from a page of the host ``own``."""
    return _link_words(address[:LONGEST], own)


@lru_cache(maxsize=65_536)
def _link_words(address: str, own: str) -> tuple[str, ...]:
    target = read_target(address)
    words = [f"path:{word}" for word in target.words]
    if target.relation != "foreign":
        return (f"to:{target.relation}", *words)
    if target.host == own:
        return ("to:own", *words)
    words += ["to:foreign", f"host:{target.host}"]
    words += [f"key:{key}" for key in target.keys]
    words += [f"paid:{name}" for name in paid_for(address, own)]
    return tuple(words)


def paid_for(address: str, own: str) -> tuple[str, ...]:
    """Why a click on a link may be paid for: any of ``affiliate``, ``advertising``, ``shop``,
    ``key``, ``redirect``. A page's own links are paid only as ``redirect``: sites hide where
    ``/recommends/stove`` leads."""
    return _paid_for(address[:LONGEST], own)


@lru_cache(maxsize=65_536)
def _paid_for(address: str, own: str) -> tuple[str, ...]:
    target = read_target(address)
    names = []
    hosts = (target.host, target.full_host)
    for name, known in (
        ("affiliate", AFFILIATE_HOSTS),
        ("advertising", ADVERTISING_HOSTS),
        ("shop", SHOP_HOSTS),
    ):
        if target.host != own and (hosts[0] in known or hosts[1] in known):
            names.append(name)
    if target.host != own and any(key in AFFILIATE_KEYS for key in target.keys):
        names.append("key")
    if target.words and target.words[0] in REDIRECTS:
        names.append("redirect")
    return tuple(names)


def _path_words(path: str) -> tuple[str, ...]:
    return tuple(_PATH_WORD.findall(path[:120].lower().split("?", 1)[0])[:6])


def _query_keys(path: str) -> tuple[str, ...]:
    return tuple(key.lower() for key in _KEY.findall(path)[:12])
