"""Decoding: what browsers would read, and never an exception."""

from __future__ import annotations

import codecs

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.decode import as_utf8, decode, is_utf8, looks_binary

RUSSIAN = (
    "Вчера вечером в городе прошёл сильный дождь, и река вышла из берегов. Жители нижних улиц "
    "провели ночь в школе, где им дали чай и одеяла. К утру вода начала отступать."
)
JAPANESE = (
    "昨日の夜、町に強い雨が降り、川の水が堤防を越えました。低い通りの住民は学校で一晩を過ごし、"
    "お茶と毛布を受け取りました。朝には水が引き始めました。"
)
FRENCH = (
    "Hier soir, une forte pluie est tombée sur la ville et la rivière a débordé. Les habitants "
    "des rues basses ont passé la nuit à l’école, où on leur a donné du thé et des couvertures. "
    "Dès le matin, l’eau a commencé à baisser, et les élèves ont été renvoyés chez eux."
)
POLISH = (
    "Wczoraj wieczorem w mieście spadł silny deszcz i rzeka wystąpiła z brzegów. Mieszkańcy "
    "niższych ulic spędzili noc w szkole, gdzie dostali herbatę i koce. Rano woda opadła."
)
HEAD = "<!doctype html><html><head><title>t</title></head><body><p>Rain fell on the town.</p>"


class TestOrder:
    @pytest.mark.parametrize(
        ("bom", "encoding"),
        [
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ],
    )
    def test_a_byte_order_mark_comes_first(self, bom: bytes, encoding: str) -> None:
        text = "<meta charset=koi8-r>é漢"
        assert decode(bom + text.encode(encoding), "windows-1251") == text

    def test_then_the_http_header(self) -> None:
        text = "<meta charset=utf-8>дождь"
        assert decode(text.encode("windows-1251"), "Windows-1251") == text

    def test_then_the_declaration(self) -> None:
        text = "<meta charset=koi8-r>дождь"
        assert decode(text.encode("koi8-r"), "no-such-charset") == text

    def test_then_utf8(self) -> None:
        assert decode("é漢\U0001f600".encode()) == "é漢\U0001f600"

    def test_then_a_late_declaration(self) -> None:
        text = "<head>" + "<!-- -->" * 1000 + "<meta charset=koi8-r>дождь"
        assert decode(text.encode("koi8-r")) == text
        assert decode(text.encode()) == text

    def test_no_bytes_are_no_text(self) -> None:
        assert decode(b"") == ""


class TestDeclarations:
    @pytest.mark.parametrize(
        "declaration",
        [
            "<meta charset=windows-1251>",
            "<META CharSet = 'windows-1251' />",
            '<meta name=x charset="\twindows-1251 ">',
            "<meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>",
            '<meta content="text/html;charset = windows-1251;x" http-equiv=content-type>',
            "<!-- <meta charset=utf-8> --><meta charset=windows-1251>",
            "<meta charset=windows-1251><meta charset=utf-8>",
            "<?xml version='1.0' encoding='windows-1251'?>",
            "<?xml version='1.0' encoding='utf-8'?><meta charset=windows-1251>",
            "<title>t</title><meta charset=x-cp1251>",
        ],
    )
    def test_forms(self, declaration: str) -> None:
        text = f"{declaration}дождь"
        assert decode(text.encode("windows-1251")) == text

    @pytest.mark.parametrize(
        "other",
        [
            "<meta charset=no-such-charset>",
            "<meta charset>",
            "<meta charset=''>",
            "<meta name=description content='charset=windows-1251'>",
            "<meta name='charset=windows-1251'>",
            "<metadata charset=windows-1251>",
            "<!-- <meta charset=windows-1251> -->",
            "<!-- <meta charset=windows-1251>",
            "<meta charset=utf-16>",
            "<?xml version='1.0'?>",
        ],
    )
    def test_what_declares_nothing(self, other: str) -> None:
        text = f"{other}дождь"
        assert decode(text.encode()) == text

    @pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "x-user-defined"])
    def test_latin_1_means_windows_1252(self, label: str) -> None:
        text = f"<meta charset={label}>“é” – €"
        assert decode(text.encode("windows-1252")) == text

    def test_what_has_no_meaning_becomes_the_replacement_character(self) -> None:
        assert decode(b"a\xffb", "utf-8") == "a\ufffdb"
        assert decode(b"a\x81b", "windows-1252") == "a\ufffdb"
        assert decode(b"\xff\xfea\0b") == "a\ufffd"


class TestDetection:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            (RUSSIAN, "windows-1251"),
            (RUSSIAN, "koi8-r"),
            (JAPANESE, "shift_jis"),
            (JAPANESE, "euc-jp"),
            (FRENCH, "windows-1252"),
            (POLISH, "windows-1250"),
            ("caf\xe9 au lait", "windows-1252"),
            ("It’s £5 or €6 for the “cheap” one, said the man who sold it.", "windows-1252"),
        ],
    )
    def test_of_what_is_undeclared(self, text: str, encoding: str) -> None:
        assert decode(text.encode(encoding)) == text
        page = f"{HEAD}<p>{text}</p>\n"
        assert decode(page.encode(encoding)) == page

    @pytest.mark.parametrize("encoding", ["windows-1251", "shift_jis"])
    def test_looks_beyond_a_long_start_in_ascii(self, encoding: str) -> None:
        text = f"{HEAD}\n" * 1000 + (RUSSIAN if encoding == "windows-1251" else JAPANESE)
        assert decode(text.encode(encoding)) == text

    def test_of_a_long_document(self) -> None:
        text = JAPANESE * 200
        assert decode(text.encode("shift_jis")) == text

    @pytest.mark.parametrize("text", ["“Rain” fell", RUSSIAN, JAPANESE, f"{HEAD}\n" * 1000 + "é漢"])
    def test_one_broken_byte_leaves_the_rest_in_utf8(self, text: str) -> None:
        assert decode(text.encode() + b" \xff") == text + " \ufffd"
        assert decode(b"\x80 " + text.encode()) == "\ufffd " + text

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf16_without_a_mark(self, encoding: str) -> None:
        text = f"{HEAD}<meta charset=utf-16><p>é漢</p>"
        assert decode(text.encode(encoding)) == text
        assert not looks_binary(text.encode(encoding))


class TestAnyBytes:
    @given(st.binary(), st.none() | st.sampled_from(sorted(webencodings.LABELS)) | st.text())
    def test_never_fail(self, data: bytes, charset: str | None) -> None:
        decode(data, charset).encode("utf-8")

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_utf8_stays_what_it_is(self, text: str) -> None:
        assert decode(codecs.BOM_UTF8 + text.encode()) == text
        assert decode(text.encode(), "utf-8") == text.removeprefix("\ufeff")

    def test_many_stray_marks_of_comments_and_quotes(self) -> None:
        for data in (b"<!--" * 100_000, b"<meta '\"" * 100_000, b"<meta x=" * 100_000 + b"\xff"):
            assert len(decode(data)) == len(data)


class TestUtf8:
    @given(
        st.one_of(
            st.binary(max_size=40),
            st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
            st.text(max_size=40).map(
                lambda text: b"\xef\xbb\xbf" + text.encode("utf-8", "replace")
            ),
            st.binary(max_size=9).map(lambda data: b"<meta charset=utf-8>" * 9 + data),
        ),
        st.sampled_from([None, "utf-8", "latin1", "?"]),
    )
    def test_bytes_that_are_kept_read_as_they_decode(
        self, data: bytes, charset: str | None
    ) -> None:
        kept = as_utf8(data, charset)
        if kept is not None:
            assert kept.decode() == decode(data, charset)

    @pytest.mark.skipif(compiled("utf8") is None, reason="adsift.compiled.utf8 was not built")
    @pytest.mark.parametrize("text", ["rain", "é漢\U0001f600", "<meta charset=utf-8>é"])
    def test_most_pages_need_no_decoding(self, text: str) -> None:
        assert as_utf8(text.encode()) == text.encode()
        assert as_utf8(codecs.BOM_UTF8 + text.encode()) == text.encode()
        assert as_utf8(text.encode(), "latin1") is None
        assert as_utf8(text.encode() + b"\xff") is None

    @pytest.mark.skipif(compiled("utf8") is None, reason="adsift.compiled.utf8 was not built")
    @pytest.mark.parametrize(
        "text", ["\ufffd é é é", "\ufffd \ufffd é é é é", "\ufffd", "\ufffd é"]
    )
    def test_a_few_lost_letters_make_no_difference(self, text: str) -> None:
        read = text if text.count("é") > 2 * text.count("\ufffd") else None
        assert as_utf8(text.encode()) == (read and read.encode())
        assert (decode(text.encode()) == text) == (read is not None)

    @pytest.mark.parametrize("data", [b"\xff", b"a" * 9 + b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
    def test_what_is_no_utf8(self, data: bytes) -> None:
        assert not is_utf8(data)
        assert not is_utf8(data + b"a" * 9)


class TestLooksBinary:
    @pytest.mark.parametrize(
        "data",
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0\0\0\x08\0", b"\0\1\2abc" * 99],
    )
    def test_what_has_nul_bytes_is(self, data: bytes) -> None:
        assert looks_binary(data)

    @pytest.mark.parametrize(
        "data",
        [b"", b"a", b"a stray\0" + b"x" * 50, b"\xff\xfe\x80", "\ufeffab".encode("utf-16-be")],
    )
    def test_text_is_not(self, data: bytes) -> None:
        assert not looks_binary(data)
