"""Spark: a worker that dies, and a job that brings what it needs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_adapters import DROP, require, spark

import adsift

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
SOURCES = Path(__file__).parents[2] / "src"

CLUSTER_JOB = """
import sys
from pyspark.sql import SparkSession
from adsift.engines.spark import strip

code, model, text = sys.argv[1:]
session = (
    SparkSession.builder.master("local-cluster[2,1,768]")
    .config("spark.ui.enabled", "false")
    .config("spark.executor.memory", "768m")
    .getOrCreate()
)
session.addArtifacts(code, pyfile=True)
session.addArtifacts(model + "#models", archive=True)
frame = session.createDataFrame([(n, text) for n in range(8)], "id int, text string")


def with_place(batches):
    import adsift, pyarrow
    for batch in batches:
        yield batch.append_column("place", pyarrow.array([adsift.__file__] * len(batch)))


found = strip(frame.repartition(2), drop=("commerce", "boilerplate"), model="models/small")
found = found.select("id", "text").mapInArrow(with_place, "id int, text string, place string")
rows = found.collect()
print("TEXTS", {row.text for row in rows}, len(rows))
print("PLACES", {row.place for row in rows})
session.stop()
"""


def test_a_worker_that_is_killed(tmp_path: Path, shipped: adsift.Separator) -> None:
    require("pyspark", "java")
    from adsift.engines.spark import strip

    flag = tmp_path / "killed"
    texts = [f"{NEWS} Part {number}.\n\n{PITCH}\n" for number in range(40)]

    def deadly(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            if 23 in batch["id"].to_pylist() and not flag.exists():
                flag.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    rows = list(enumerate(texts))
    frame = spark().createDataFrame(rows, "id int, text string").repartition(4)
    found = strip(frame.mapInArrow(deadly, frame.schema), drop=DROP).select("id", "text").collect()
    assert int(flag.read_text()) != os.getpid()
    expected = [shipped.strip(text, DROP).text for text in texts]
    assert [row.text for row in sorted(found)] == expected


def test_a_job_brings_code_and_model(tmp_path: Path, bundle_folder: Path) -> None:
    require("pyspark", "java")
    code = tmp_path / "code"
    shutil.copytree(
        SOURCES, code, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd", "models")
    )
    archive = shutil.make_archive(str(tmp_path / "adsift"), "zip", code)
    models = shutil.make_archive(
        str(tmp_path / "models"), "zip", bundle_folder.parent, bundle_folder.name
    )
    text = f"{NEWS}\n\n{PITCH}\n"
    done = subprocess.run(
        [sys.executable, "-c", CLUSTER_JOB, archive, models, text],
        env={
            **os.environ,
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(tmp_path / "work"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    expected = adsift.load(bundle_folder).strip(text, DROP).text
    assert f"TEXTS { ({expected}) } 8" in done.stdout
    places = done.stdout.partition("PLACES")[2]
    assert "adsift.zip" in places
    assert str(SOURCES) not in places


def test_columns_that_adsift_does_not_read_keep_their_types() -> None:
    require("pyspark", "java")
    from adsift.engines.spark import strip, tag

    frame = spark().sql(
        f"select '{NEWS}\\n\\n{PITCH}' text, timestamp'2020-01-01' at, "
        "interval '3' day wait, named_struct('t', timestamp'2021-01-01') nested, "
        "cast(null as void) nothing"
    )
    found = strip(tag(frame))
    assert [field for field in found.schema if field.name in frame.columns] == [*frame.schema]
    (row,), (before,) = found.collect(), frame.collect()
    assert row.text.strip() == NEWS
    assert len(row.adsift) == 2
    assert (row.at, row.wait, row.nested) == (before.at, before.wait, before.nested)


def test_functions_of_columns_give_strings_of_bytes(shipped: adsift.Separator) -> None:
    require("pyspark", "java")
    from pyspark.sql import functions

    from adsift.engines.spark import strip_text

    page = f"<meta charset=iso-8859-1><p>Caf\xe9: {NEWS}</p>"
    pages = [page, f"{page}<p>{PITCH.replace('–', '-')}</p>"]
    rows = [(n, text.encode("latin-1")) for n, text in enumerate(pages)]
    frame = spark().createDataFrame(
        [*rows, (2, b"%PDF-1.7 \x00\xff"), (3, None)], "id int, t binary"
    )
    mapped = strip_text(drop=DROP)("t", functions.lit(None)).alias("text")
    found = [row.text for row in sorted(frame.select("id", mapped).collect())]
    assert found[:2] == [shipped.strip(text, DROP).text for text in pages]
    assert found[2].startswith("%PDF-1.7")
    assert found[3] is None


def test_mistakes() -> None:
    require("pyspark", "java")
    from adsift.engines.spark import strip, strip_text, tag_text

    for function, name in (
        (strip_text, "text_column"),
        (strip_text, "url_column"),
        (tag_text, "tags_column"),
    ):
        with pytest.raises(adsift.AdsiftError, match=name):
            function(**{name: "x"})
    with pytest.raises(adsift.AdsiftError, match="takes a Spark DataFrame"):
        strip({"text": [NEWS]})  # type: ignore[arg-type]
    frame = spark().createDataFrame([(NEWS, 1)], "text string, ADSIFT_Removed int")
    with pytest.raises(adsift.AdsiftError, match="'ADSIFT_Removed' is there already"):
        strip(frame)
