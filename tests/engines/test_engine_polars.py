"""Polars: columns that Arrow cannot hold, and columns of categories."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("polars", reason="Polars is not installed")

import polars as pl

from adsift.engines.polars import strip, tag
from adsift.errors import AdsiftError

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
SOLD = f"{NEWS}\n\n{PITCH}\n"
STRIPPED = f"{NEWS}\n"


@pytest.mark.parametrize("type", [pl.Enum([SOLD, NEWS]), pl.Categorical()])
def test_a_column_of_categories(type: pl.DataType) -> None:
    frame = pl.DataFrame({"text": pl.Series([SOLD, None, NEWS], dtype=type)})
    found = strip(frame.lazy()).collect()
    assert found["text"].cast(str).to_list() == [STRIPPED, None, NEWS]
    assert found["adsift_removed"].to_list() == [1, 0, 0]


def test_other_columns_stay_as_they_are() -> None:
    things = [{"a": 1}, None]
    frame = pl.DataFrame(
        {
            "text": [SOLD, NEWS],
            "thing": pl.Series(things, dtype=pl.Object),
            "huge": pl.Series([2**100, None], dtype=pl.Int128),
        }
    )
    found = strip(frame.lazy()).collect()
    assert found["text"].to_list() == [STRIPPED, NEWS]
    assert found["thing"].to_list() == things
    assert found["huge"].to_list() == [2**100, None]
    assert found.columns[:3] == frame.columns


def test_tagged_and_then_stripped() -> None:
    frame = pl.DataFrame({"text": [SOLD, NEWS]})
    found = strip(tag(frame.lazy())).collect()
    assert found["text"].to_list() == [STRIPPED, NEWS]
    assert found.schema["adsift_error"] == pl.String
    assert [len(tags) for tags in found["adsift"]] == [2, 1]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_what_follows_a_strip_does_not_go_before_it(engine: Any) -> None:
    lazy = strip(pl.DataFrame({"id": [1, 2], "text": [SOLD, NEWS]}).lazy())

    def rows(frame: pl.LazyFrame) -> list[Any]:
        return frame.collect(engine=engine).rows()

    assert rows(lazy.filter(~pl.col("text").str.contains("Gloves")).select("id")) == [(1,), (2,)]
    assert rows(lazy.filter(pl.col("adsift_removed") > 0).select("text")) == [(STRIPPED,)]
    assert rows(lazy.select("adsift_removed")) == [(1,), (0,)]
    assert rows(lazy.select("id")) == [(1,), (2,)]
    assert rows(lazy.slice(1, 1).select("id", "text")) == [(2, NEWS)]


def test_a_frame_that_is_not_lazy() -> None:
    with pytest.raises(AdsiftError, match="takes a LazyFrame, not DataFrame"):
        strip(pl.DataFrame({"text": [SOLD]}))  # type: ignore[arg-type]
