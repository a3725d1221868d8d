"""DuckDB: functions for SQL.

>>> from adsift.engines.duckdb import register
>>> register(connection)
>>> connection.sql("SELECT adsift_strip(text, url) FROM pages")
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adsift.document import Format
from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.extras import need
from adsift.errors import AdsiftError
from adsift.policy import CONFIDENCE

duckdb = need("duckdb", "duckdb")
functional = need("duckdb.func", "duckdb")  # from 1.4.1 on
arrow = need("pyarrow", "duckdb")

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TAGS = (
    '"index" INTEGER, "start" BIGINT, "end" BIGINT, "label" VARCHAR, "kind" VARCHAR, '
    '"probability" DOUBLE, "digest" VARCHAR'
)


@dataclass(frozen=True, slots=True)
class _Columns:
    function: StripBatch | TagBatch
    result: str

    def __call__(self, texts: Any, urls: Any) -> Any:
        table = arrow.Table.from_arrays([texts, urls], names=["text", "url"])
        return self.function(table)[self.result]


_registered: list[_Columns] = []
"""All that were registered. DuckDB lets go of a function's object when it is removed; if that is
rolled back, the function is there again, and its object must be too."""


def register(
    connection: DuckDBPyConnection,
    drop: str | Iterable[str] = ("commerce",),
    min_probability: float = 0.0,
    max_content_loss: float | None = None,
    confidence: float = CONFIDENCE,
    format: Format = "auto",
    model: str | None = None,
) -> None:
    """Add two functions to a connection: ``adsift_strip(text, url)`` gives the stripped text, and
    ``adsift_tag(text, url)`` its tags, a list of structs (see :mod:`adsift.engines.arrow`).

    The address may be NULL. A bad document stays as it is, and its tags are NULL.

    All connections to a database share the functions, cursors too. Only the one that has added them
    can replace them.

    Args:
        connection: gets the functions; what it has by these names is replaced.
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: of the texts.
        model: as for :func:`adsift.load`.

    Raises:
        AdsiftError: an option makes no sense, or another connection to this database has the
            functions.
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
        _registered.append(function)
        with suppress(duckdb.Error):  # there was none
            connection.remove_function(name)
        try:
            connection.create_function(
                name,
                function,
                ["VARCHAR", "VARCHAR"],
                type,
                type=functional.ARROW,
                # A text whose address is NULL is still a text.
                null_handling=functional.SPECIAL,
            )
        except duckdb.Error as error:
            raise AdsiftError(
                f"DuckDB cannot add {name}: {error}. If a result of this connection is not read to "
                "its end, read or close it first. If another connection to this database has added "
                "the function, it is there in all of them, and that one alone replaces it; one "
                "that was added in a transaction that was rolled back needs a new connection"
            ) from error
