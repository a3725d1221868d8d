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
from adsift.errors import PolicyError
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
            tuple(name.strip() for name in settings.getlist("ADSIFT_DROP", ["commerce"])),
            _number(settings, "ADSIFT_MIN_PROBABILITY", 0.0),
            None if loss is None else _number(settings, "ADSIFT_MAX_CONTENT_LOSS", 0.0),
            _number(settings, "ADSIFT_CONFIDENCE", CONFIDENCE),
        )
        self.format = known_format(settings.get("ADSIFT_FORMAT", "auto"))
        self.model: str | None = settings.get("ADSIFT_MODEL")
        self.field: str = settings.get("ADSIFT_FIELD", "text")
        self.url_field: str = settings.get("ADSIFT_URL_FIELD", "url")
        self.removed_field: str | None = settings.get("ADSIFT_REMOVED_FIELD")
        assert stats is not None, "a crawler that makes pipelines has statistics"
        self.stats = stats
        self._warned = False

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
            self._keep(fields, self.removed_field, [part.text for part in result.removed])
        return item

    def _keep(self, fields: ItemAdapter, name: str, texts: list[str]) -> None:
        """An item that has no such field goes on without: it is not to be lost for that."""
        try:
            fields[name] = texts
        except (KeyError, AttributeError) as error:
            if not self._warned:
                logger.warning("adsift cannot set ADSIFT_REMOVED_FIELD: %s", error)
            self._warned = True


def _number(settings: Any, name: str, default: float) -> float:
    try:
        return float(settings.getfloat(name, default))
    except (TypeError, ValueError):
        raise PolicyError(f"{name} must be a number, not {settings.get(name)!r}") from None


def _single(value: Any) -> Any:
    """A field's value; item loaders make lists of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
