"""``adsift evaluate`` as a user types it, with a model of a few words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result
from word_model import ARTICLE, SEEDS, word_separator

import adsift
from adsift.errors import BundleError

Run = Callable[..., Result]

LABELS = ("news", "commerce", "boilerplate", "news")


def documents(name: str = "d.jsonl", count: int = 3, **more: Any) -> Path:
    """Articles of which the model knows every paragraph."""
    spans = []
    start = 0
    for text, label in zip(ARTICLE.strip().split("\n\n"), LABELS, strict=True):
        spans.append({"start": start, "end": start + len(text), "label": label})
        start += len(text) + 2
    records = [
        {"id": f"d{i}", "site": f"s{i}.example", "text": ARTICLE, "spans": spans, **more}
        for i in range(count)
    ]
    path = Path(name)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def row(output: str, name: str) -> list[str]:
    (line,) = [line for line in output.splitlines() if line.startswith(name + "  ")]
    return line.removeprefix(name).split()


def test_figures_of_documents_with_spans(run: Run) -> None:
    result = run("evaluate", documents())
    assert result.exit_code == 0
    assert row(result.stdout, "figure") == ["text"]
    assert row(result.stdout, "pages") == ["3"]
    assert row(result.stdout, "labelled blocks") == ["12"]
    assert row(result.stdout, "macro-F1")[0] == "1.000"
    assert row(result.stdout, "F1 analysis") == ["–"]
    assert "the view html is left out: the data holds only text" in result.stderr


def test_the_seeds_are_no_measure_and_it_says_so(run: Run) -> None:
    result = run("evaluate", SEEDS, "--views", "html,text", "--max-pages", 9)
    assert result.exit_code == 0
    assert row(result.stdout, "figure") == ["html", "text"]
    assert row(result.stdout, "pages")[1] == "9"
    assert "seeds are part of the shipped model's training data" in result.stderr


def test_reports(run: Run) -> None:
    result = run("evaluate", documents(), "--report", "r.html", "--json", "r.json", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert Path("r.html").read_text().startswith("<!DOCTYPE html>")
    report = json.loads(Path("r.json").read_text())
    assert report["views"]["text"]["figures"]["macro-F1"]["value"] == 1
    again = run("evaluate", "d.jsonl", "--report", "s.html", "--json", "s.json", "-q")
    assert again.stdout == result.stdout
    assert Path("s.html").read_bytes() == Path("r.html").read_bytes()
    assert Path("s.json").read_bytes() == Path("r.json").read_bytes()


def test_a_table_with_names_of_its_own(run: Run) -> None:
    texts = ARTICLE.strip().split("\n\n")
    rows = [f'"{text}",{label.upper()}!,a\n' for text, label in zip(texts, LABELS, strict=True)]
    Path("labels.dat").write_text("text,label,document\n" + "".join(rows))
    names = ",".join(f"{label}!={label}" for label in {*LABELS})
    result = run("evaluate", "labels.dat", "--format", "csv", "--label-map", names)
    assert result.exit_code == 0
    assert row(result.stdout, "labelled blocks") == ["4"]
    assert row(result.stdout, "macro-F1")[0] == "1.000"


def test_compare(run: Run) -> None:
    result = run("evaluate", documents(), "--compare", "other")
    assert result.exit_code == 0
    assert "text: default less other" in result.stdout
    *_, p = [line for line in result.stdout.splitlines() if line.startswith("macro-F1")]
    assert p.split()[1:] == ["1.000", "1.000", "+0.000", "+0.000", "to", "+0.000", "1.000"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gone.jsonl"], 3, "there is no file or folder 'gone.jsonl'"),
        (["d.jsonl", "--views", "html"], 3, "the pages have none of these views"),
        (["d.jsonl", "--views", "pdf,html"], 2, "no such view: pdf; the views are html, text"),
        (["d.jsonl", "--views", ","], 2, "--views names no view"),
        (["d.jsonl", "--report", "x", "--json", "./x"], 2, "they need a file each"),
        (["d.jsonl", "--json", "d.jsonl"], 2, "d.jsonl is the data"),
        (["d.jsonl", "--report", "no/such/r.html"], 3, "cannot write no/such/r.html"),
        (["d.jsonl", "--max-pages", "0"], 2, "--max-pages"),
        (["d.jsonl", "--format", "csv"], 3, "d.jsonl:1: the first line must name the columns"),
        (["d.jsonl", "--format", "pdf"], 2, "--format"),
        (["d.jsonl", "--label-map", "ad=advert"], 2, "--label-map: the label map: ad stands for"),
        ([], 2, "DATA"),
        ([""], 2, "DATA names no file"),
    ],
)
def test_mistakes(run: Run, arguments: list[str], code: int, message: str) -> None:
    before = documents().read_bytes()
    result = run("evaluate", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
    assert Path("d.jsonl").read_bytes() == before


def test_damaged_data_leaves_an_old_report(run: Run) -> None:
    Path("d.jsonl").write_text('{"text": "Ferry", "spans": [{"start": 0}]}\n')
    Path("r.html").write_text("old")
    result = run("evaluate", "d.jsonl", "--report", "r.html")
    assert result.exit_code == 3
    assert "adsift: d.jsonl:1: a span's start and end must be whole numbers" in result.stderr
    assert Path("r.html").read_text() == "old"
    assert [path.name for path in Path().iterdir() if path.suffix == ".tmp"] == []


def test_a_missing_model(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(model: str | None = None) -> adsift.Separator:
        if model == "gone":
            raise BundleError("there is no model bundle 'gone'")
        return word_separator()

    monkeypatch.setattr(adsift, "load", load)
    for option in ("--model", "--compare"):
        result = run("evaluate", documents(), option, "gone")
        assert result.exit_code == 3
        assert "cannot load the model: there is no model bundle 'gone'" in result.stderr


def test_a_site_cannot_steer_the_terminal(run: Run) -> None:
    path = documents(count=1, site="\x1b[31mred")
    path.write_text(path.read_text() + documents("e.jsonl", 2).read_text().splitlines()[1] + "\n")
    result = run("evaluate", path)
    assert result.exit_code == 0
    assert "\\x1b[31mred" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="needs /dev/stdin")
def test_standard_input(here: Path, bundle_folder: Path) -> None:
    data = documents(count=20).read_bytes()
    (here / "d.jsonl").unlink()
    command = [sys.executable, "-m", "adsift", "evaluate", "-", "--model", str(bundle_folder)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert row(done.stdout.decode(), "pages") == ["20"]
