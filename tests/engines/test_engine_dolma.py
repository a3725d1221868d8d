"""Dolma: its own commands, in the environment that ``make dolma`` makes, since it takes no NumPy 2.

``ADSIFT_DOLMA`` names another environment's folder.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from seed_articles import SEEDS

import adsift
from adsift.document import CommerceKind, Document, Label

ROOT = Path(__file__).parents[2]
URL = "https://news.example/a"
TEXTS = {seed.path.stem: seed.source for seed in SEEDS}


@pytest.fixture(scope="module")
def dolma() -> Path:
    """The command."""
    folder = Path(os.environ.get("ADSIFT_DOLMA", ROOT / ".venv-dolma"))
    command = folder / "bin" / "dolma"
    if not command.exists():
        pytest.skip(f"no Dolma toolkit in {folder}: make dolma installs it")
    return command


@pytest.fixture(scope="module")
def corpus(dolma: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``dolma tag`` has been."""
    folder = tmp_path_factory.mktemp("corpus")
    documents = folder / "documents"
    documents.mkdir()
    for part in range(2):
        rows = [
            {"id": name, "text": text, "source": "seeds", "metadata": {"url": URL}}
            for number, (name, text) in enumerate(TEXTS.items())
            if number % 2 == part
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (documents / f"{part}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    run(
        dolma,
        *("tag", "--documents", str(documents / "*.jsonl.gz"), "--taggers", "adsift"),
        *("--tagger_modules", "adsift.engines.dolma", "--processes", "2"),
    )
    return folder


def run(command: Path, *arguments: str) -> None:
    done = subprocess.run(
        [str(command), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rows(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def test_spans_are_those_of_the_separator(corpus: Path, shipped: adsift.Separator) -> None:
    found = {row["id"]: row["attributes"] for row in rows(corpus / "attributes" / "adsift")}
    assert {*found} == {*TEXTS}
    names = [*Label, *CommerceKind]
    for name, text in TEXTS.items():
        expected: dict[str, list[Any]] = {f"adsift__adsift__{name}": [] for name in names}
        for paragraph in shipped.tag(Document(text, url=URL)):
            if paragraph.start is not None:
                span = [paragraph.start, paragraph.end, pytest.approx(paragraph.probability, 1e-3)]
                for kept in filter(None, (paragraph.label, paragraph.kind)):
                    expected[f"adsift__adsift__{kept}"].append(span)
        assert found[name] == expected


def test_the_mixer_takes_them(corpus: Path, dolma: Path, shipped: adsift.Separator) -> None:
    span = {
        "span": "$.attributes.adsift__adsift__commerce",
        "min_score": 0.0,
        "replacement": "",
    }
    stream = {
        "name": "clean",
        "documents": [str(corpus / "documents" / "*.jsonl.gz")],
        "attributes": ["adsift"],
        "span_replacement": [span],
        "output": {"path": str(corpus / "mixed"), "max_size_in_bytes": 10**9},
    }
    config = corpus / "mixer.json"
    config.write_text(json.dumps({"streams": [stream], "processes": 1}))
    run(dolma, "-c", str(config), "mix")
    found = {row["id"]: row["text"] for row in rows(corpus / "mixed")}
    expected = {}
    for name, text in TEXTS.items():
        tagged = shipped.tag(Document(text, url=URL))
        for paragraph in reversed(tagged):
            if paragraph.label == "commerce" and paragraph.start is not None:
                text = text[: paragraph.start] + text[paragraph.end :]
        expected[name] = text
    assert found == expected
    assert found != TEXTS
