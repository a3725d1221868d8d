"""Decoding: what browsers would read, and never an exception."""

from __future__ import annotations

import bz2
import codecs

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.decode import as_utf8, decode, encode, is_utf8, looks_binary, not_text

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


class TestWrongDeclarations:
    """What is valid UTF-8 is not read as a charset of single bytes because it says so itself."""

    @pytest.mark.parametrize("label", ["windows-1251", "iso-8859-1", "koi8-r", "x-user-defined"])
    @pytest.mark.parametrize("text", ["дождь", "naïve", "é漢\U0001f600", "“rain”"])
    def test_of_a_page(self, label: str, text: str) -> None:
        for page in (
            f"<meta charset={label}>{text}",
            f"\n<?xml version='1.0' encoding='{label}'?><p>{text}",
            f"{HEAD}<meta http-equiv=content-type content='text/html; charset={label}'>{text}",
        ):
            assert decode(page.encode()) == page
            assert decode(page.encode(), label) != page  # but the HTTP header is obeyed

    @pytest.mark.parametrize("label", ["gbk", "shift_jis", "big5", "euc-kr"])
    def test_others_may_be_valid_by_chance(self, label: str) -> None:
        page = f"<meta charset={label}>漢字"
        assert decode(page.encode(label)) == page
        assert decode(page.encode()) != page

    @pytest.mark.parametrize("label", ["windows-1251", "shift_jis", "utf-8"])
    @pytest.mark.parametrize(
        "text",
        [
            "# On `<meta charset={}>`\n\nA naïve page.",
            "Write <meta charset='{}'>: дождь, 漢字, “é”",
        ],
    )
    def test_text_that_mentions_one_declares_none(self, label: str, text: str) -> None:
        text = text.format(label)
        assert decode(text.encode()) == text
        assert encode(text, marked=False) == text.encode()

    def test_nor_does_text_in_another_charset(self) -> None:
        text = f"Write <meta charset=koi8-r>. {RUSSIAN}"
        assert decode(text.encode("windows-1251")) == text

    @pytest.mark.parametrize(
        ("text", "charset"),
        [
            ("NESTLÉ® WINS", "windows-1252"),
            ("BEYONCÉ’S TOUR", "windows-1252"),
            ("МІ", "windows-1251"),
            ("แผน", "tis-620"),
        ],
    )
    def test_two_letters_that_are_one_in_utf8_are_no_utf8(self, text: str, charset: str) -> None:
        page = f"<meta charset={charset}><p>{text}"
        assert decode(page.encode(charset)) == page

    @pytest.mark.parametrize("before", ["1f4a\r\n", "\0", "Warning: no such file.\n", "&nbsp;"])
    def test_a_declaration_counts_behind_what_is_no_page(self, before: str) -> None:
        page = f"{before}<html><head><meta charset=gbk></head>今天的新闻"
        assert decode(page.encode("gbk")) == page

    def test_browsers_get_a_mark(self) -> None:
        page = "<meta charset=windows-1251>дождь"
        assert encode(page, marked=False) == codecs.BOM_UTF8 + page.encode()
        for harmless in ("<meta charset=windows-1251>rain", "<meta charset=utf-8>дождь"):
            assert encode(harmless, marked=False) == harmless.encode()


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
            "<meta http-equiv=content-type content=text/html>",
            "<meta http-equiv=content-type>",
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
            st.text(max_size=9).map(
                lambda text: f"<meta charset=koi8-r>{text}".encode("utf-8", "replace")
            ),
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

    @pytest.mark.skipif(compiled("utf8") is None, reason="adsift.compiled.utf8 was not built")
    def test_nor_do_those_that_declare_something_else(self) -> None:
        for text in (
            "<meta charset=koi8-r>rain",
            "<meta charset=koi8-r>é漢",
            "On <meta charset=big5>é",
        ):
            assert as_utf8(text.encode()) == text.encode()
        assert as_utf8("<meta charset=koi8-r>дождь".encode("koi8-r")) is None
        assert as_utf8("<meta charset=big5>漢".encode()) is None

    @pytest.mark.parametrize("data", [b"\xff", b"a" * 9 + b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
    def test_what_is_no_utf8(self, data: bytes) -> None:
        assert not is_utf8(data)
        assert not is_utf8(data + b"a" * 9)


class TestNotText:
    @pytest.mark.parametrize("level", [1, 9])
    def test_bzip2(self, level: int) -> None:
        assert not_text(bz2.compress(b"Rain fell.", level)) == "a bzip2 archive"

    @pytest.mark.parametrize("order", ["le", "be"])
    def test_utf32(self, order: str) -> None:
        data = "\ufeffRain fell.".encode(f"utf-32-{order}")
        assert not_text(data) == "a file in UTF-32"

    def test_letters_are_text(self) -> None:
        assert not_text(b"BZh is how such a file begins.") is None


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
