"""An item pipeline for Scrapy: ``ITEM_PIPELINES = {"adsift.engines.scrapy.AdsiftPipeline": 300}``.

Settings, all of which can be left out:

=========================== ======================================================================
``ADSIFT_FIELD``            the item's field that holds the document, ``text``
``ADSIFT_URL_FIELD``        the one that holds its address, ``url``
``ADSIFT_REMOVED_FIELD``    the one that gets the texts of what was removed; by default none does
``ADSIFT_DROP``             labels to take out, ``["commerce"]`` (or ``commerce,boilerplate``)
``ADSIFT_MIN_PROBABILITY``  as for :meth:`adsift.Separator.strip`, as the next two
``ADSIFT_MAX_CONTENT_LOSS``
``ADSIFT_CONFIDENCE``
``ADSIFT_FORMAT``           ``text``, ``markdown``, ``html`` or ``auto``
``ADSIFT_MODEL``            as for :func:`adsift.load`
=========================== ======================================================================

Scrapy's statistics get ``adsift/documents``, ``adsift/failed``, ``adsift/removed`` (paragraphs) and
``adsift/removed/LABEL``.
"""

from __future__ import annotations

import logging
from typing import Any

from adsift.decode import encode, is_marked
from adsift.document import Document
from adsift.engines.documents import (
    Failed,
    Stripping,
    known_address,
    known_format,
    separator,
    strip_documents,
)
from adsift.engines.extras import need
from adsift.policy import CONFIDENCE

need("scrapy", "scrapy")

from itemadapter import ItemAdapter  # noqa: E402
from scrapy.crawler import Crawler  # noqa: E402

logger = logging.getLogger(__name__)


class AdsiftPipeline:
    """Strips the text of each item. One that cannot be read stays as it is, with a warning."""

    def __init__(self, crawler: Crawler) -> None:
        settings, stats = crawler.settings, crawler.stats
        loss = settings.get("ADSIFT_MAX_CONTENT_LOSS")
        self.stripping = Stripping(
            tuple(settings.getlist("ADSIFT_DROP", ["commerce"])),
            settings.getfloat("ADSIFT_MIN_PROBABILITY", 0.0),
            None if loss is None else float(loss),
            settings.getfloat("ADSIFT_CONFIDENCE", CONFIDENCE),
        )
        self.format = known_format(settings.get("ADSIFT_FORMAT", "auto"))
        self.model: str | None = settings.get("ADSIFT_MODEL")
        self.field: str = settings.get("ADSIFT_FIELD", "text")
        self.url_field: str = settings.get("ADSIFT_URL_FIELD", "url")
        self.removed_field: str | None = settings.get("ADSIFT_REMOVED_FIELD")
        assert stats is not None, "a crawler that makes pipelines has statistics"
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AdsiftPipeline:
        """Made by Scrapy, with its settings.

        Raises:
            DocumentError: the format is unknown.
            PolicyError: the settings make no sense.
        """
        return cls(crawler)

    def open_spider(self) -> None:
        """Load the model before the first page comes.

        Raises:
            BundleError: it cannot be loaded.
        """
        separator(self.model)

    def process_item(self, item: Any) -> Any:
        """Strip one item; called by Scrapy. Items without a document pass unchanged."""
        fields = ItemAdapter(item)
        source = _single(fields.get(self.field))
        if not source:
            return item
        url = known_address(_single(fields.get(self.url_field)))
        document = Document(source, self.format, url)
        (result,) = strip_documents([document], self.stripping, self.model)
        self.stats.inc_value("adsift/documents")
        if isinstance(result, Failed):
            self.stats.inc_value("adsift/failed")
            logger.warning("adsift cannot read %s: %s", document.url, result.reason)
            return item
        if result.removed:
            text: str | bytes = result.text
            if isinstance(source, bytes):
                text = encode(result.text, is_marked(source))
            fields[self.field] = [text] if isinstance(fields[self.field], list) else text
        for paragraph in result.removed:
            self.stats.inc_value("adsift/removed")
            self.stats.inc_value(f"adsift/removed/{paragraph.label}")
        if self.removed_field is not None:
            fields[self.removed_field] = [paragraph.text for paragraph in result.removed]
        return item


def _single(value: Any) -> Any:
    """A field's value; item loaders make lists of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
