"""XML that is no HTML is not taken for HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift import Document
from adsift.errors import DocumentError
from adsift.segment import segment
from adsift.segment.detect import settle_format
from adsift.segment.xml import begins_like_xml, is_xml

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
XML = [
    '<doc title="Rain"><main><p>Rain <hi>fell</hi>.</p><list><item>a</item></list></main></doc>\n',
    f"{DECLARATION}<doc><p>Rain fell.</p><graphic/><p>The sun came.</p></doc>",
    f'{DECLARATION}<TEI xmlns="http://a.example/tei"><text><body><p>Rain.</p></body></text>',
    f"{DECLARATION}<?xml-stylesheet href='a.xsl'?>\n<!-- a -->\n<rss version='2.0'><channel>",
    f"{DECLARATION}<svg><text>Rain</text></svg>",
    "<!DOCTYPE article [<!ENTITY a 'b'>]>\n<article><body><p>Rain fell.</p></body></article>",
    "\ufeff \n<!-- a --><feed xmlns='http://a.example/atom'><entry>Rain",
    "<rdf:RDF xmlns:rdf='http://a.example/rdf'><item>Rain</item>",
    "<entry><day>Monday</day><sky>Rain fell.</sky></entry>",
]
OTHERS = [
    "<answer>\nRain fell.\n</answer>",
    "<ann> rain again\n<ben> again\n<ann> bye </ann>",
    "<!DOCTYPE PUBLIC 'a'>\n<title>Rain</title><p>Rain fell.",
    "<!DOCTYPE HTML5><div>Rain fell.</div>",
    "<layer><p>Rain fell.</p></layer>",
    f"{DECLARATION}<weather-box>Rain fell.</weather-box>",
    f"{DECLARATION}<x:html xmlns:x='http://a.example/xhtml'><x:p>Rain fell.</x:p></x:html>",
    f"{DECLARATION}<!DOCTYPE html PUBLIC 'a' 'b'>\n<html xmlns='http://a.example/xhtml'><p>Rain",
    f"{DECLARATION}<html xmlns='http://a.example/xhtml'><body><p>Rain fell.</p></body></html>",
    f"{DECLARATION}<div><p>Rain fell.</p></div>",
    "<!DOCTYPE PUBLIC 'a'><html><p>Rain fell.</p></html>",
    "<!doctype html><weather><p>Rain fell.</p></weather>",
    "<p>Rain fell.</p><p>The sun came.</p>",
    "<svg xmlns='http://a.example/svg'></svg><p>Rain fell.</p>",
    "<weather-box><p>Rain fell.</p></weather-box>",
    "<o:p>Rain fell.</o:p>",
    "<center><font size=2>Rain fell.</font></center>",
    "<text id=a><p>Rain <a href='/b'>fell</a>.<br></p></text>",
    "<weather><p>Rain fell.</p></weather><p>The sun came.</p>",
    "<john> Did the rain fall?\n<ellen> It did.\n",
    "<Enter> the hall, and you hear the rain.",
    "1 < 2",
    "<",
    "",
]


class TestIsXml:
    @pytest.mark.parametrize("source", XML)
    def test_xml(self, source: str) -> None:
        assert is_xml(source)
        assert begins_like_xml(source)

    @pytest.mark.parametrize("source", OTHERS)
    def test_others(self, source: str) -> None:
        assert not is_xml(source)

    @pytest.mark.parametrize(
        "source",
        [
            *("<!--" * 9000, "<!-- a -->" * 9000, "<?a?>" * 9000, "<!doctype a [" * 9000),
            *("<a:" * 9000, "<!doctype " + "a" * 1_000_000, "<!doctype" + " " * 1_000_000),
        ],
        ids=lambda source: source[:14],
    )
    def test_hostile_repetition(self, source: str) -> None:
        assert not is_xml(source)

    @given(
        st.lists(st.sampled_from([*"<>/?! :-ab", "<?xml ", "<!--", "-->", "xmlns"])).map("".join)
    )
    def test_any_text(self, source: str) -> None:
        assert begins_like_xml(source) or not is_xml(source)


class TestReading:
    @pytest.mark.parametrize("source", XML)
    def test_xml_is_refused_unless_its_format_is_named(self, source: str) -> None:
        for given_as in (source, source.encode()):
            with pytest.raises(DocumentError, match=r"^is XML, not HTML: .* format html"):
                segment(Document(given_as))
            assert segment(Document(given_as, format="html")) is not None
            assert segment(Document(given_as, format="text")).paragraphs
            assert segment(Document(given_as, name="a.xhtml")) is not None

    @pytest.mark.parametrize("source", OTHERS)
    def test_others_are_read(self, source: str) -> None:
        assert segment(Document(source)).render() is not None
        assert segment(Document(source.encode())).render() is not None

    def test_markdown_within_an_element_is_markdown(self) -> None:
        source = "<Layout>\n\n# Rain\n\nIt **fell**. See [this](/a).\n\n</Layout>\n"
        assert settle_format(source) == "markdown"
