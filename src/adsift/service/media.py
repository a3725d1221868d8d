"""Media types: what a body is, and what a client wants to have back."""

from __future__ import annotations

from adsift.document import Format
from adsift.service.refusal import RefusalError

JSON = "application/json"
LINES = "application/x-ndjson"
FORMATS: dict[str, Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/plain": "text",
}
"""The bodies that are a document themselves, and the format of each."""

STRIPPED = (JSON, "text/html", "text/markdown", "text/plain", "application/xhtml+xml")
"""What the answer to a strip can be."""


def parse_type(header: str) -> tuple[str, str | None]:
    """The media type of a ``Content-Type`` in lower case, and its charset if it has one."""
    kind, *parameters = header.split(";")
    charset = None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or None
    return kind.strip().lower(), charset


def acceptable(header: str, offered: tuple[str, ...]) -> list[str]:
    """The offered types that an ``Accept`` asks for, the most wanted first.

    Of those that are wanted equally, the ones that are named go before those that a ``*`` stands
    for, and then the order of the offer counts.

    Raises:
        RefusalError: there is none.
    """
    ranges = [_range(part) for part in header.split(",") if part.strip()] or [("*/*", 1.0)]
    ranked = []
    for place, kind in enumerate(offered):
        precision, quality = max(
            ((_precision(pattern, kind), quality) for pattern, quality in ranges),
            key=lambda pair: pair[0],
        )
        if precision and quality > 0:
            ranked.append((-quality, -precision, place, kind))
    if not ranked:
        raise RefusalError(406, "not_acceptable", f"the answer can be {', '.join(offered)}")
    return [kind for *_, kind in sorted(ranked)]


def _range(part: str) -> tuple[str, float]:
    pattern, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return pattern.strip().lower(), quality


def _precision(pattern: str, kind: str) -> int:
    if pattern == kind:
        return 3
    if pattern == kind.partition("/")[0] + "/*":
        return 2
    return 1 if pattern == "*/*" else 0
