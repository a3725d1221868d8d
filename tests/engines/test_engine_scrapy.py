"""Scrapy: a crawl of a web server on this machine."""

from __future__ import annotations

from typing import Any

import pytest
from engine_steps import crawl
from seed_articles import SEEDS

import adsift
from adsift.document import Document
from adsift.errors import DocumentError, PolicyError

pytest.importorskip("scrapy", reason="Scrapy is not installed")

from scrapy import Field, Item, Spider
from scrapy.utils.test import get_crawler

from adsift.engines.scrapy import AdsiftPipeline

URL = "https://news.example/a"
PAGES = [seed.source for seed in SEEDS if seed.format == "html"]


def pipeline(**settings: Any) -> AdsiftPipeline:
    return AdsiftPipeline.from_crawler(get_crawler(Spider, settings))


def test_a_crawl(shipped: adsift.Separator) -> None:
    items, stats = crawl(PAGES, URL, {"ADSIFT_REMOVED_FIELD": "removed"})
    results = [shipped.strip(Document(page, url=URL)) for page in PAGES]
    assert [item["text"] for item in items] == [result.text for result in results]
    removed = [[paragraph.text for paragraph in result.removed] for result in results]
    assert [item["removed"] for item in items] == removed
    count = sum(map(len, removed))
    assert count
    assert stats == {
        "adsift/documents": len(PAGES),
        "adsift/removed": count,
        "adsift/removed/commerce": count,
    }


def test_settings(shipped: adsift.Separator) -> None:
    step = pipeline(
        ADSIFT_FIELD="body",
        ADSIFT_DROP="commerce,boilerplate",
        ADSIFT_MIN_PROBABILITY="0.6",
        ADSIFT_FORMAT="html",
    )
    step.open_spider()
    found = step.process_item({"body": PAGES[0], "text": PAGES[0]})
    expected = shipped.strip(PAGES[0], ("commerce", "boilerplate"), 0.6, "html")
    assert found == {"body": expected.text, "text": PAGES[0]}


class Article(Item):
    text = Field()


def test_items_of_every_kind() -> None:
    step = pipeline()
    step.process_item(article := Article(text=PAGES[0]))
    assert article["text"] != PAGES[0]
    for item in ({}, {"text": None}, {"text": ""}):
        assert step.process_item({**item}) == item


def test_a_bad_document_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def strip_many(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    step = pipeline()
    assert step.process_item({"text": "poison", "url": URL}) == {"text": "poison", "url": URL}
    assert step.stats.get_value("adsift/failed") == 1
    assert f"adsift cannot read {URL}: RuntimeError: no" in caplog.text


def test_an_item_without_the_field_for_what_went(
    caplog: pytest.LogCaptureFixture, shipped: adsift.Separator
) -> None:
    step = pipeline(ADSIFT_REMOVED_FIELD="removed")
    for _ in range(2):
        article = step.process_item(Article(text=PAGES[0]))
        assert dict(article) == {"text": shipped.strip(PAGES[0]).text}
    assert caplog.text.count("ADSIFT_REMOVED_FIELD") == 1


def test_labels_with_spaces_between() -> None:
    assert pipeline(ADSIFT_DROP="commerce, boilerplate").stripping.drop == (
        "boilerplate",
        "commerce",
    )


def test_mistakes() -> None:
    for name in ("ADSIFT_MIN_PROBABILITY", "ADSIFT_MAX_CONTENT_LOSS", "ADSIFT_CONFIDENCE"):
        with pytest.raises(PolicyError, match=f"{name} must be a number, not 'much'"):
            pipeline(**{name: "much"})
    with pytest.raises(PolicyError, match="no such label"):
        pipeline(ADSIFT_DROP="adverts")
    with pytest.raises(DocumentError, match="unknown format"):
        pipeline(ADSIFT_FORMAT="pdf")


def test_bytes_stay_bytes() -> None:
    step = pipeline(ADSIFT_DROP="commerce")
    page = "<html><body><p>The bridge is open.</p><p>Gloves – buy now for only $19!</p>"
    assert step.process_item({"text": b"%PDF-1.7 \x00\x01\xff"}) == {
        "text": b"%PDF-1.7 \x00\x01\xff"
    }
    assert step.stats.get_value("adsift/failed") == 1
    plain = {"text": b"The bridge is open again."}
    assert step.process_item({**plain}) == plain
    stripped = step.process_item({"text": page.encode()})["text"]
    assert isinstance(stripped, bytes)
    assert b"Gloves" not in stripped


def test_fields_as_item_loaders_make_them(shipped: adsift.Separator) -> None:
    found = pipeline().process_item({"text": [PAGES[0]], "url": [URL]})
    assert found["text"] == [shipped.strip(Document(PAGES[0], url=URL)).text]
