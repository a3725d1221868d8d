"""All adapters behind one face, so that one test holds for each: an adapter more is a row more in
``ADAPTERS``."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import engine_steps as steps
import pyarrow as pa
import pytest

Texts = Sequence[str | bytes | None]
Errors = list[str | None]

URL = "https://news.example/bridge"
DROP = ("commerce", "boilerplate")


@dataclass(frozen=True, slots=True)
class Adapter:
    """How the tests call an engine.

    Attributes:
        name: of the engine.
        needs: modules without which its tests are skipped, or ``java``.
        strip: texts to stripped texts, all with the address ``URL``, dropping ``DROP``.
        tag: texts to the columns of tags.
        errors: texts or bytes to the column of errors of a strip, where the engine has one.
    """

    name: str
    needs: tuple[str, ...]
    strip: Callable[[Texts], list[Any]]
    tag: Callable[[Texts], list[Any]] | None = None
    errors: Callable[[Texts], Errors] | None = None


def require(*needs: str) -> None:
    """Skip a test where an engine is not installed."""
    for need in needs:
        if need == "java":
            if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
                without = pytest.fail if os.environ.get("ADSIFT_JAVA") else pytest.skip
                without("Spark needs Java: install a JDK, or set JAVA_HOME to one")
        elif importlib.util.find_spec(need) is None:
            pytest.skip(f"{need} is not installed")


def table(texts: Texts) -> pa.Table:
    type = pa.binary() if any(isinstance(text, bytes) for text in texts) else pa.string()
    return pa.table(
        {"id": range(len(texts)), "text": pa.array(texts, type), "url": [URL] * len(texts)}
    )


def _result(found: pa.Table, column: str) -> list[Any]:
    """A column in the order of the rows, whatever the engine has made of it."""
    assert {"id", "url"} < set(found.column_names)
    return found.sort_by("id")[column].to_pylist()


def adapter(
    name: str, needs: tuple[str, ...], strip: Callable[[pa.Table], Any], tag: Callable[..., Any]
) -> Adapter:
    """An engine that maps tables."""
    return Adapter(
        name,
        needs,
        lambda texts: _result(strip(table(texts)), "text"),
        lambda texts: _result(tag(table(texts)), "adsift"),
        lambda texts: _result(strip(table(texts)), "adsift_error"),
    )


def core(function: str) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        from adsift.engines.arrow import StripBatch, TagBatch

        return StripBatch(drop=DROP)(source) if function == "strip" else TagBatch()(source)

    return run


@cache
def start_ray() -> None:
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Two for the actors, and one for what reads and writes.
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level="error")
    ray.data.DataContext.get_current().enable_progress_bars = False


def on_ray(function: str) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        import ray

        from adsift.engines.ray import AdsiftStrip, AdsiftTag

        start_ray()
        strips = function == "strip"
        size = max(3, len(source) // 8)
        starts = range(0, len(source), size)
        blocks = ray.data.from_arrow([source.slice(start, size) for start in starts])
        mapped: Any = blocks.map_batches(
            AdsiftStrip if strips else AdsiftTag,
            fn_constructor_kwargs={"drop": DROP} if strips else {},
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=2),
        )
        return pa.concat_tables(ray.get(mapped.to_arrow_refs()))

    return run


@cache
def spark() -> Any:
    """A session with two workers, in which a task may fail."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "512m")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    return session


def on_spark(function: str) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        from adsift.engines import spark as engine

        frame = spark().createDataFrame(source).repartition(3)
        mapped = engine.strip(frame, drop=DROP) if function == "strip" else engine.tag(frame)
        found: pa.Table = mapped.toArrow()
        return found

    return run


def on_spark_columns(function: str) -> Callable[[Texts], list[Any]]:
    def run(texts: Texts) -> list[Any]:
        from adsift.engines import spark as engine

        mapped: Any = engine.strip_text(drop=DROP) if function == "strip" else engine.tag_text()
        frame = spark().createDataFrame(table(texts)).repartition(3)
        found: pa.Table = frame.select("id", mapped("text", "url").alias("result")).toArrow()
        return list(found.sort_by("id")["result"].to_pylist())

    return run


def on_polars(function: str, engine: Any) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        import polars

        from adsift.engines import polars as adapter

        frame: Any = polars.from_arrow(source)
        lazy = frame.lazy()
        mapped = adapter.strip(lazy, drop=DROP) if function == "strip" else adapter.tag(lazy)
        found: pa.Table = mapped.collect(engine=engine).to_arrow()
        return found

    return run


def on_dask(function: str) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        import dask.dataframe

        from adsift.engines import dask as engine

        # Else Dask makes strings of bytes.
        with dask.config.set({"dataframe.convert-string": source["text"].type != pa.binary()}):
            frame = dask.dataframe.from_pandas(source.to_pandas(), npartitions=3)
            mapped = engine.strip(frame, drop=DROP) if function == "strip" else engine.tag(frame)
            return pa.Table.from_pandas(mapped.compute(scheduler="threads"), preserve_index=False)

    return run


def on_datasets(function: str, streams: bool) -> Callable[[pa.Table], pa.Table]:
    def run(source: pa.Table) -> pa.Table:
        import datasets

        from adsift.engines import datasets as engine

        dataset: Any = datasets.Dataset(source)
        if streams:
            dataset = dataset.to_iterable_dataset(num_shards=2)
        mapped = (
            engine.strip(dataset, batch_size=3, drop=DROP)
            if function == "strip"
            else engine.tag(dataset, batch_size=3)
        )
        return pa.Table.from_pylist(list(mapped), schema=mapped.features.arrow_schema)

    return run


def on_duckdb(function: str) -> Callable[[Texts], list[Any]]:
    def run(texts: Texts) -> list[Any]:
        import duckdb

        from adsift.engines.duckdb import register

        connection = duckdb.connect()
        register(connection, drop=DROP)
        connection.register("pages", table(texts))
        query = f"SELECT adsift_{function}(text, url) FROM pages ORDER BY id"
        return [row[0] for row in connection.sql(query).fetchall()]

    return run


def as_filter(texts: Texts) -> list[Any]:
    """Each text through a process of its own."""

    def strip(text: str) -> str:
        options = ["--url", URL, "--drop", ",".join(DROP)]
        done = subprocess.run(
            [sys.executable, "-m", "adsift", "strip", "-", *options],
            input=text.encode(),
            capture_output=True,
            check=True,
        )
        return done.stdout.decode()

    return [None if text is None else strip(str(text)) for text in texts]


def step(name: str, needs: str, strip: steps.Strip) -> Adapter:
    """An engine that hands over documents one by one."""
    return Adapter(name, (needs,), steps.past_nulls(strip, URL, DROP))


ADAPTERS = [
    adapter("arrow", ("pyarrow",), core("strip"), core("tag")),
    adapter("ray", ("ray",), on_ray("strip"), on_ray("tag")),
    adapter("spark", ("pyspark", "java"), on_spark("strip"), on_spark("tag")),
    Adapter(
        "spark-columns", ("pyspark", "java"), on_spark_columns("strip"), on_spark_columns("tag")
    ),
    adapter("polars", ("polars",), on_polars("strip", "auto"), on_polars("tag", "auto")),
    adapter(
        "polars-streaming",
        ("polars",),
        on_polars("strip", "streaming"),
        on_polars("tag", "streaming"),
    ),
    adapter("dask", ("dask",), on_dask("strip"), on_dask("tag")),
    adapter("datasets", ("datasets",), on_datasets("strip", False), on_datasets("tag", False)),
    adapter(
        "datasets-streaming",
        ("datasets",),
        on_datasets("strip", True),
        on_datasets("tag", True),
    ),
    Adapter("duckdb", ("duckdb",), on_duckdb("strip"), on_duckdb("tag")),
    Adapter("filter", (), as_filter),
    step("datatrove", "datatrove", steps.on_datatrove),
    step("sklearn", "sklearn", steps.on_sklearn),
    step("scrapy", "scrapy", steps.on_scrapy),
    step("langchain", "langchain_core", steps.on_langchain),
    step("llama-index", "llama_index", steps.on_llama_index),
]
