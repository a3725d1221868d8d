"""Which site a page is of."""

from __future__ import annotations

import re
import unicodedata

from adsift.model.links import LONGEST, registered_domain

_LONGEST_HOST = 253
"""Characters that a host name may have; a longer one is no host, and would cost memory."""

_BEFORE_PATH = re.compile(r"\s*(?:https?:)?//([^/?#\\]*)", re.I)


def site_of(url: str | None) -> str:
    """The host of an address, in lower case and in ASCII, without ``www.``, port and last dot.

    The whole host and not the registered domain, since ``anna.blogspot.com`` and
    ``bert.blogspot.com`` are sites of their own.

    Returns:
        The host; empty where there is no address or it names none.
    """
    return split_site(url)[0]


def split_site(url: str | None) -> tuple[str, str]:
    """The site of an address, and what is behind the host; both empty where it names none."""
    found = _BEFORE_PATH.match(url[:LONGEST]) if url else None
    if found is None:
        return "", ""
    host = _host(found[1])
    return (host, found.string[found.end() :]) if host else ("", "")


def _host(authority: str) -> str:
    text = authority.rsplit("@", 1)[-1].strip().lower()
    # An IPv6 address, in brackets, has colons of its own.
    brackets, closing, rest = text.rpartition("]")
    text = brackets + closing + rest.split(":", 1)[0]
    host = _in_ascii(text[:_LONGEST_HOST]).rstrip(".")
    # "www.com" is a domain that somebody holds, and not the top level's own page.
    return host if registered_domain(host) == host else host.removeprefix("www.")


def _in_ascii(host: str) -> str:
    """The name as it is asked for: "müller.example" and "xn--mller-kva.example" are one host."""
    if host.isascii():
        return host
    labels = unicodedata.normalize("NFKC", host).lower().split(".")
    coded = [
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
        for label in labels
    ]
    return ".".join(coded)[:_LONGEST_HOST]
