"""Sizes as users write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.cli.exits import UsageError
from adsift.cli.sizes import parse_size, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("8000000", 8_000_000),
        ("50MB", 50_000_000),
        ("50m", 50_000_000),
        (" 2 GiB ", 2 * 2**30),
        ("1.5kib", 1536),
        ("0.1KB", 100),
        ("100B", 100),
        ("3tb", 3 * 10**12),
    ],
)
def test_sizes_with_and_without_units(text: str, size: int) -> None:
    assert parse_size(text, "--chunk-bytes") == size


@pytest.mark.parametrize(
    "text", ["", "MB", "0", "0.1", "-5", "1e6", "5 parsecs", "1iB", "1.MB", "٣MB", "99999999TiB"]
)
def test_what_is_no_size_is_refused_with_the_options_name(text: str) -> None:
    with pytest.raises(UsageError, match="--chunk-bytes takes a number of bytes"):
        parse_size(text, "--chunk-bytes")


@settings(max_examples=50)
@given(st.integers(1, 10**15))
def test_a_size_is_read_as_it_is_shown(size: int) -> None:
    assert parse_size(show_size(size), "--chunk-bytes") == size
