"""Dask: columns of categories, and two steps after one another."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("dask.dataframe", reason="Dask is not installed")

import dask.dataframe as dd
import pandas as pd

from adsift.engines.dask import strip, tag
from adsift.errors import AdsiftError

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
SOLD = f"{NEWS}\n\n{PITCH}\n"
STRIPPED = f"{NEWS}\n"


def frame(texts: Any) -> Any:
    return dd.from_pandas(pd.DataFrame({"text": texts}), npartitions=1)


def test_a_column_of_categories() -> None:
    found = strip(frame(pd.Categorical([SOLD, None, NEWS])))
    computed = found.compute()
    assert computed["text"].iloc[[0, 2]].tolist() == [STRIPPED, NEWS]
    assert computed["text"].isna().tolist() == [False, True, False]
    assert computed["adsift_removed"].tolist() == [1, 0, 0]
    assert found.dtypes["text"] == computed.dtypes["text"]


def test_tagged_and_then_stripped() -> None:
    found = strip(tag(frame([SOLD, NEWS]))).compute()
    assert found["text"].tolist() == [STRIPPED, NEWS]
    assert found["adsift_error"].isna().all()
    assert [len(tags) for tags in found["adsift"]] == [2, 1]


def test_names_that_are_no_strings() -> None:
    source = dd.from_pandas(pd.DataFrame({"text": [SOLD], 0: [1], ("a", "b"): [2]}), npartitions=1)
    found = strip(source).compute()
    assert found["text"].tolist() == [STRIPPED]
    assert [found[0].tolist(), found[("a", "b")].tolist()] == [[1], [2]]


def test_what_is_no_frame_of_dask() -> None:
    with pytest.raises(AdsiftError, match=r"takes a dask\.dataframe\.DataFrame, not DataFrame"):
        strip(pd.DataFrame({"text": [SOLD]}))
