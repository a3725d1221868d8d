"""The examples of ``docs/engines.md`` and ``docs/extractors.md`` run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from engine_adapters import require

DOCS = Path(__file__).parents[2] / "docs"
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
VOTE = "Mayor Ines Halloran said on Wednesday that the work would start in the spring."
PAGE = (
    "<html><head><title>Bridge to be repaired</title></head><body><article>"
    f"<h1>Bridge to be repaired</h1><p>{NEWS}</p><p>{VOTE}</p><p>{PITCH}</p>"
    "</article></body></html>"
)

BAD = "<div>" * 66_000  # so nested that it is not parsed; it stops no pipeline

SECTIONS = [
    section
    for name in ("engines.md", "extractors.md")
    for section in (DOCS / name).read_text(encoding="utf-8").split("\n## ")[1:]
]
EXAMPLES = [
    pytest.param(language, code, id=section.partition("\n")[0])
    for section in SECTIONS
    for language, code in re.findall(r"^```(python|sh)\n(.*?)^```", section, re.M | re.S)
]


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_example(language: str, code: str, tmp_path: Path) -> None:
    for module in re.findall(r"^(?:import|from) (\w+)", code, re.M):
        require(module, *(["java"] if module == "pyspark" else []))
    rows = {
        "id": ["a", "b", "c", "d"],
        "url": ["https://news.example/a", "https://news.example/b", None, None],
        "text": [PAGE, f"{NEWS}\n\n{PITCH}\n", None, BAD],
    }
    parquet.write_table(pa.table(rows), tmp_path / "pages.parquet")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [sys.executable, "-c", code] if language == "python" else ["sh", "-ec", code],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "RAY_USAGE_STATS_ENABLED": "0",
            "HF_HOME": str(tmp_path / "hub"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,  # an engine that waits for itself is not to stop all tests
    )
    assert done.returncode == 0, done.stderr[-3000:]
    written = [path for path in tmp_path.rglob("clean*") if path.is_file()]
    written += tmp_path.glob("clean/*.parquet")
    for path in written:
        if path.suffix == ".parquet":
            texts = parquet.ParquetFile(path).read()["text"].to_pylist()
            assert not any("Gloves" in text for text in texts if text)
        elif path.suffix in (".html", ".txt"):
            assert "Gloves" not in path.read_text(encoding="utf-8")
            assert NEWS in path.read_text(encoding="utf-8")
