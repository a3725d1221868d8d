"""``adsift train`` as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from seed_articles import SEEDS
from typer.testing import Result

from adsift.cli.progress import TimeLeft
from adsift.model import fit_settings
from adsift.model.bundle import find_bundle, read_bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Settings
from adsift.train import run as train_run

Run = Callable[..., Result]
FILES = ("README.md", "bundle.json", "weights.safetensors")
TINY = {"width": 2**12, "networks": 1, "hidden": 8, "epochs": 2, "iterations": 5}


def write_rows(name: str, seeds: slice) -> None:
    rows = [
        {"document": seed.path.name, "text": text, "label": label, "kind": kind}
        for seed in [seed for seed in SEEDS if seed.format == "text"][seeds]
        for text, label, kind in zip(seed.texts, seed.labels, seed.kinds, strict=True)
    ]
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def data(here: Path) -> Path:
    """Two files of labelled paragraphs in the working folder."""
    write_rows("train.jsonl", slice(0, 6))
    write_rows("held.jsonl", slice(6, 8))
    return here


class TestAdapting:
    def test_two_runs_give_the_same_bytes(self, data: Path, run: Run, bundle_folder: Path) -> None:
        for name in ("one", "two"):
            result = run("train", "train.jsonl", "-o", name, "--base", bundle_folder)
            assert result.exit_code == 0, result.stderr
            assert result.stdout == ""
        for name in FILES:
            assert (data / "one" / name).read_bytes() == (data / "two" / name).read_bytes()

    def test_the_bundle_works_and_tells_where_it_comes_from(
        self, data: Path, run: Run, bundle_folder: Path
    ) -> None:
        result = run(
            *("train", "train.jsonl", "-o", "out/deep", "--base", bundle_folder, "--seed", "7"),
            *("--validation", "held.jsonl", "--allow-duplicates"),
        )
        assert result.exit_code == 0, result.stderr
        head, macro, *labels = result.stdout.splitlines()
        assert head.split() == ["figure", "before", "after"]
        assert macro.split()[0] == "macro-F1"
        assert [line[:16].rstrip() for line in labels] == [
            "F1 news",
            "F1 analysis",
            "F1 boilerplate",
            "F1 commerce",
            "content lost",
            "commerce leaked",
        ]
        bundle = read_bundle(find_bundle(data / "out" / "deep"))
        Classifier(bundle)
        assert bundle.config["adapted"]["settings"]["seed"] == 7
        weights = read_bundle(bundle_folder).config["files"]["weights.safetensors"]
        assert weights in bundle.card
        assert f"| macro-F1 | {' | '.join(macro.split()[1:])} |" in bundle.card
        assert "6 documents" in result.stderr

    def test_shared_pages_are_not_measured(self, data: Path, run: Run, bundle_folder: Path) -> None:
        measure = ("train", "train.jsonl", "--base", bundle_folder, "--allow-duplicates")
        files = ("--validation", "held.jsonl", "--validation", "train.jsonl")
        both = run(*measure, "-o", "both", *files)
        alone = run(*measure, "-o", "alone", *files[:2])
        assert both.stdout == alone.stdout
        assert "On 2 documents for validation" in (data / "both" / "README.md").read_text()

    def test_there_may_be_nothing_left_to_measure(
        self, data: Path, run: Run, bundle_folder: Path
    ) -> None:
        result = run(
            *("train", "train.jsonl", "-o", "out", "--base", bundle_folder, "--allow-duplicates"),
            *("--validation", "train.jsonl"),
        )
        assert result.exit_code == 0, result.stderr
        assert "nothing was left to measure" in result.stdout
        assert "macro-F1" not in result.stdout
        assert "Not measured: nothing was left" in (data / "out" / "README.md").read_text()

    def test_quiet(self, data: Path, run: Run, bundle_folder: Path) -> None:
        assert data
        result = run("train", "train.jsonl", "-o", "out", "--base", bundle_folder, "--quiet")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


class TestFromScratch:
    @pytest.fixture(autouse=True)
    def tiny(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Settings with which training takes a second."""
        assert train_run.Settings is Settings  # it would take what it found at its first import
        monkeypatch.setattr(fit_settings, "Settings", partial(Settings, **TINY))

    def test_two_runs_give_the_same_bytes(self, data: Path, run: Run) -> None:
        for name, jobs in (("one", 1), ("two", 2)):
            result = run("train", "train.jsonl", "-o", name, "--jobs", jobs)
            assert result.exit_code == 0, result.stderr
            assert "no document has markup" in result.stderr
        for name in FILES:
            assert (data / "one" / name).read_bytes() == (data / "two" / name).read_bytes()
        Classifier(read_bundle(data / "one"))
        assert "from scratch" in (data / "one" / "README.md").read_text()


class TestMistakes:
    @pytest.fixture(autouse=True)
    def base(self, bundle_folder: Path) -> None:
        self.base = bundle_folder

    def fails(self, run: Run, *arguments: object, code: int = 3) -> str:
        result = run("train", *arguments)
        assert result.exit_code == code
        assert result.stdout == ""
        return result.stderr

    def test_the_line_of_the_data_is_named(self, here: Path, run: Run) -> None:
        Path("a.csv").write_text("text,label\nOne.,news\nTwo.,advert\n")
        said = self.fails(run, "a.csv", "-o", "out", "--base", self.base)
        assert "a.csv:3: unknown labels 'advert' (1); allowed are news, analysis" in said
        assert not (here / "out").exists()

    @pytest.mark.parametrize("validation", [(), ("--validation", "none.jsonl")])
    def test_a_missing_file(self, data: Path, run: Run, validation: tuple[str, ...]) -> None:
        assert data
        trained_on = "train.jsonl" if validation else "none.jsonl"
        said = self.fails(run, trained_on, "-o", "out", "--base", self.base, *validation)
        assert "cannot read none.jsonl: No such file" in said

    def test_labels_can_be_mapped(self, here: Path, run: Run) -> None:
        rows = "".join(f"Text {n}.,{['report', 'advert'][n % 2]}\n" for n in range(12))
        Path("a.csv").write_text(f"text,label\n{rows}")
        names = "report=news,ADVERT=commerce/product"
        result = run("train", "a.csv", "-o", "out", "--base", self.base, "--label-map", names)
        assert result.exit_code == 0, result.stderr
        assert "6 news" in (here / "out" / "README.md").read_text()
        bad = ("-o", "out", "--base", self.base, "--label-map", "report=nonsense")
        assert "--label-map" in self.fails(run, "a.csv", *bad, code=2)

    def test_one_label(self, here: Path, run: Run) -> None:
        assert here
        Path("a.csv").write_text("text,label\nOne.,news\nTwo.,news\n")
        assert "examples of at least two labels" in self.fails(
            run, "a.csv", "-o", "out", "--base", self.base
        )

    def test_too_few_documents_to_start_from_scratch(self, here: Path, run: Run) -> None:
        assert here
        Path("a.csv").write_text("text,label\nOne.,news\nTwo.,commerce\n")
        said = self.fails(run, "a.csv", "-o", "out")
        assert "too few documents to train from scratch: 2 with labels, at least 4" in said

    def test_duplicates_across_the_split(self, data: Path, run: Run) -> None:
        assert data
        said = self.fails(
            run, "train.jsonl", "-o", "out", "--base", self.base, "--validation", "train.jsonl"
        )
        assert "train.jsonl:1 as in train.jsonl:1" in said
        assert "allow duplicates" in said

    def test_contradictions_are_a_note(self, here: Path, run: Run) -> None:
        assert here
        rows = "".join(f"Text {n}.,{['news', 'commerce'][n % 2]}\n" for n in range(12))
        Path("a.csv").write_text(f"text,label\n{rows}Text 3.,news\n")
        result = run("train", "a.csv", "-o", "out", "--base", self.base)
        assert result.exit_code == 0
        assert (
            "1 texts have several labels (a.csv:5 commerce, a.csv:14 news 'Text 3.')"
            in result.stderr
        )

    def test_paragraphs_without_a_label_are_a_note(self, here: Path, run: Run) -> None:
        assert here
        rows = "".join(f"Text {n}.,{['news', 'commerce', ''][n % 3]}\n" for n in range(12))
        Path("a.csv").write_text(f"text,label\n{rows}")
        result = run("train", "a.csv", "-o", "out", "--base", self.base)
        assert result.exit_code == 0
        assert "4 paragraphs have no label" in result.stderr

    def test_the_output_must_be_a_folder_for_a_bundle(self, data: Path, run: Run) -> None:
        (data / "notes").mkdir()
        (data / "notes" / "a.txt").write_text("mine")
        base = ("--base", self.base)
        assert "holds other things" in self.fails(run, "train.jsonl", "-o", "notes", *base, code=2)
        assert "is a file" in self.fails(run, "train.jsonl", "-o", "train.jsonl", *base, code=2)
        assert "the base itself" in self.fails(run, "train.jsonl", "-o", self.base, *base, code=2)
        assert [path.name for path in (data / "notes").iterdir()] == ["a.txt"]

    @pytest.mark.parametrize(
        "left", [{".weights.safetensors.tmp"}, {"weights.safetensors", "README.md"}]
    )
    def test_what_a_kill_has_left_of_a_bundle_is_written_over(
        self, data: Path, run: Run, left: set[str]
    ) -> None:
        (data / "out").mkdir()
        for name in (*left, ".bundle.json.tmp"):
            (data / "out" / name).write_text("half of it")
        result = run("train", "train.jsonl", "-o", "out", "--base", self.base)
        assert result.exit_code == 0, result.stderr
        assert sorted(path.name for path in (data / "out").iterdir()) == sorted(FILES)

    def test_a_readme_without_weights_is_not_written_over(self, data: Path, run: Run) -> None:
        (data / "out").mkdir()
        (data / "out" / "README.md").write_text("mine")
        base = ("--base", self.base)
        assert "holds other things" in self.fails(run, "train.jsonl", "-o", "out", *base, code=2)

    @pytest.mark.parametrize("output", ["train.jsonl/model", "m" * 300, "gone"])
    def test_an_output_that_cannot_be_is_refused_before_the_training(
        self, data: Path, run: Run, output: str
    ) -> None:
        (data / "gone").symlink_to("nowhere")
        said = self.fails(run, "train.jsonl", "-o", output, "--base", self.base)
        assert said.startswith(f"adsift: cannot write {output}: ")
        assert "documents with" not in said

    def test_a_missing_base(self, data: Path, run: Run) -> None:
        assert data
        said = self.fails(run, "train.jsonl", "-o", "out", "--base", "none")
        assert "cannot load the base model" in said


def in_a_process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "adsift", "train", *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, check=False, **options)


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="needs /dev/stdin")
def test_standard_input(data: Path, bundle_folder: Path) -> None:
    lines = (data / "train.jsonl").read_bytes()
    done = in_a_process("-", "-o", "out", "--base", bundle_folder, input=lines)
    assert done.returncode == 0, done.stderr
    assert b"6 documents with" in done.stderr
    assert (data / "out" / "bundle.json").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_figures_that_cannot_be_written_are_one_line(data: Path, bundle_folder: Path) -> None:
    arguments = ("--base", bundle_folder, "-q", "--allow-duplicates")
    with Path("/dev/full").open("wb") as full:
        done = in_a_process(
            "train.jsonl", "-o", "out", "--validation", "held.jsonl", *arguments, stdout=full
        )
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "adsift: cannot write the figures: No space left on device; the model is in out\n"
    )
    assert (data / "out" / "bundle.json").is_file()


class TestTimeLeft:
    def test_lines_now_and_then(self, capsys: pytest.CaptureFixture[str]) -> None:
        now = [0.0]
        with TimeLeft(clock=lambda: now[0]) as progress:
            progress(0.1, "a")
            now[0] = 10.0
            progress(0.25, "b")
            now[0] = 11.0
            progress(0.5, "c")
        assert capsys.readouterr().err == "adsift: 25% done, b, about 30 s left\n"

    def test_quiet(self, capsys: pytest.CaptureFixture[str]) -> None:
        now = [0.0]
        with TimeLeft(quiet=True, clock=lambda: now[0]) as progress:
            now[0] = 10.0
            progress(0.25, "b")
        assert capsys.readouterr().err == ""
