"""The compiled look at bytes says of them what decoding does."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.decode import is_utf8, utf8_text

pytestmark = pytest.mark.skipif(
    compiled("utf8") is None, reason="adsift.compiled.utf8 was not built, or is turned off"
)


def text_of(data: bytes) -> str | tuple[object, ...]:
    """The text, or what the error says."""
    try:
        return utf8_text(data)
    except UnicodeDecodeError as error:
        return error.args


def check(data: bytes) -> None:
    found = is_utf8(data), text_of(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adsift.decode._utf8", None)
        expected = is_utf8(data), text_of(data)
    assert found == expected
    assert sys.getsizeof(found[1]) == sys.getsizeof(expected[1])


class TestUtf8:
    # The bytes at which the rules change.
    EDGES = bytes.fromhex("007f808f909fa0bfc0c1c2dfe0e1ecedeeeff0f1f3f4f5ff")

    def test_all_short_runs_of_bytes_that_matter(self) -> None:
        for first, second in itertools.product(self.EDGES, repeat=2):
            for rest in (b"", b"\x80", b"\x80\x80", b"\xbf\x7f", b"\x7f", b"\x80\xc0"):
                check(bytes([first, second]) + rest)

    @given(st.lists(st.one_of(st.binary(max_size=5), st.text(max_size=20).map(str.encode))))
    def test_any_bytes(self, pieces: list[bytes]) -> None:
        check(b"".join(pieces))

    @given(st.text(), st.sampled_from([0, 60, 130]))
    def test_any_text(self, text: str, width: int) -> None:
        check(text.encode("utf-8", "replace"))
        check("".join(sign + "a" * width for sign in text).encode("utf-8", "replace"))

    @pytest.mark.parametrize("piece", [b"\xff", b"\x80", b"\xc3", "é".encode(), "\u20ac".encode()])
    def test_anything_far_into_a_text(self, piece: bytes) -> None:
        for before, after in itertools.product(range(140), (0, 1, 7, 63, 64, 130)):
            check(b"a" * before + piece + b"a" * after)

    @given(st.lists(st.sampled_from(["a", "é", "\ufffd", "\ufffc", "\uffbd", "\U0010ffbd"])))
    def test_of_what_is_not_declared_little_may_be_lost(self, characters: list[str]) -> None:
        text = "".join(characters)
        data, whole = text.encode(), text.replace("\ufffd", "")
        lost = len(text) - len(whole)
        little = lost == 0 or len(whole.encode()) - len(whole) > 2 * lost
        assert compiled("utf8").is_utf8(data)
        assert compiled("utf8").is_utf8(data, True) == little
        assert not compiled("utf8").is_utf8(data + b"\xff", True)
