"""Which site a page is of."""

from __future__ import annotations

from adsift.model.links import read_target

_LONGEST_HOST = 253
"""Characters that a host name may have; a longer one is no host, and would cost memory."""


def site_of(url: str | None) -> str:
    """The host of an address, in lower case and without ``www.`` and port.

    The whole host and not the registered domain, since ``anna.blogspot.com`` and
    ``bert.blogspot.com`` are sites of their own.

    Returns:
        The host; empty where there is no address or it names none.
    """
    return read_target(url.strip()).full_host[:_LONGEST_HOST] if url else ""
