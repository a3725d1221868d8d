from __future__ import annotations

import pytest

from adsift.service.media import STRIPPED, acceptable, parse_type
from adsift.service.refusal import RefusalError

JSON, HTML, MARKDOWN, TEXT, XHTML = STRIPPED


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", [JSON, HTML, MARKDOWN, TEXT, XHTML]),
        ("*/*", [JSON, HTML, MARKDOWN, TEXT, XHTML]),
        ("text/html", [HTML]),
        ("application/xhtml+xml", [XHTML]),
        ("text/*", [HTML, MARKDOWN, TEXT]),
        ("TEXT/Plain; q=0.5, text/html", [HTML, TEXT]),
        ("text/html,application/xhtml+xml,*/*;q=0.8", [HTML, XHTML, JSON, MARKDOWN, TEXT]),
        ("text/*, text/html;q=0", [MARKDOWN, TEXT]),
        ("image/png, text/plain", [TEXT]),
    ],
)
def test_what_is_wanted_most_comes_first(header: str, wanted: list[str]) -> None:
    assert acceptable(header, STRIPPED) == wanted


@pytest.mark.parametrize("header", ["image/png", "*/*;q=0", "text/html;q=high"])
def test_nothing_acceptable_is_refused(header: str) -> None:
    with pytest.raises(RefusalError, match="application/json") as caught:
        acceptable(header, STRIPPED)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("header", "parsed"),
    [
        ("text/html", ("text/html", None)),
        ('Text/HTML; Charset="Windows-1252"', ("text/html", "Windows-1252")),
        ("text/html; charset=", ("text/html", None)),
        ("", ("", None)),
    ],
)
def test_content_types(header: str, parsed: tuple[str, str | None]) -> None:
    assert parse_type(header) == parsed
