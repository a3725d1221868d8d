"""DuckDB: functions for SQL.

>>> from adsift.engines.duckdb import register
>>> register(connection)
>>> connection.sql("SELECT adsift_strip(text, url) FROM pages")
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adsift.document import Format
from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.extras import need
from adsift.policy import CONFIDENCE

duckdb = need("duckdb", "duckdb")
functional = need("duckdb.func", "duckdb")
arrow = need("pyarrow", "duckdb")

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TAGS = (
    '"index" INTEGER, "start" BIGINT, "end" BIGINT, "label" VARCHAR, "kind" VARCHAR, '
    '"probability" DOUBLE, "digest" VARCHAR'
)


def register(
    connection: DuckDBPyConnection,
    drop: tuple[str, ...] = ("commerce",),
    min_probability: float = 0.0,
    max_content_loss: float | None = None,
    confidence: float = CONFIDENCE,
    format: Format = "auto",
    model: str | None = None,
) -> None:
    """Add two functions to a connection: ``adsift_strip(text, url)`` gives the stripped text, and
    ``adsift_tag(text, url)`` its tags, a list of structs (see :mod:`adsift.engines.arrow`).

    The address may be NULL. A bad document stays as it is, and its tags are NULL.

    Args:
        connection: gets the functions; what it has by these names is replaced.
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: of the texts.
        model: as for :func:`adsift.load`.

    Raises:
        AdsiftError: an option makes no sense.
    """
    strip = StripBatch(
        url_column="url",
        format=format,
        model=model,
        drop=drop,
        min_probability=min_probability,
        max_content_loss=max_content_loss,
        confidence=confidence,
    )
    tag = TagBatch(url_column="url", format=format, model=model)
    for name, function, type in (
        ("adsift_strip", _Columns(strip, "text"), "VARCHAR"),
        ("adsift_tag", _Columns(tag, "adsift"), f"STRUCT({TAGS})[]"),
    ):
        with suppress(duckdb.InvalidInputException):  # there was none
            connection.remove_function(name)
        connection.create_function(
            name,
            function,
            ["VARCHAR", "VARCHAR"],
            type,
            type=functional.ARROW,
            # A text whose address is NULL is still a text.
            null_handling=functional.SPECIAL,
        )


@dataclass(frozen=True, slots=True)
class _Columns:
    function: StripBatch | TagBatch
    result: str

    def __call__(self, texts: Any, urls: Any) -> Any:
        table = arrow.Table.from_arrays([texts, urls], names=["text", "url"])
        return self.function(table)[self.result]
