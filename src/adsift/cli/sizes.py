"""Numbers of bytes as people write them."""

from __future__ import annotations

import re

from adsift.cli.exits import UsageError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE | re.ASCII)
_MOST = 2**63 - 1  # what fits into the counters of other software


def parse_size(text: str, option: str) -> int:
    """Bytes of ``50MB`` (a million each), ``2GiB`` (2**30 each) or ``1000``.

    Args:
        text: what the user wrote.
        option: where, for the message.

    Raises:
        UsageError: it is no size, or not at least one byte.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is not None:
        number, unit, binary = match.groups()
        units = _BINARY_UNITS if binary else _UNITS
        factor = units.get(unit.lower())
        if factor is not None and 1 <= (size := _times(number, factor)) <= _MOST:
            return size
    raise UsageError(
        f"{option} takes a number of bytes such as 50MB, 2GiB or 8000000, not {text!r}"
    )


def _times(number: str, factor: int) -> int:
    whole, _, fraction = number.partition(".")
    # In whole numbers: floats are not exact from 9 PB on.
    divisor: int = 10 ** len(fraction)
    return int(whole + fraction) * factor // divisor


def show_size(size: int) -> str:
    """A size as :func:`parse_size` reads it: ``50MB``."""
    for unit, factor in reversed(_UNITS.items()):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{unit.upper()}B" if unit else str(size)
    return str(size)
