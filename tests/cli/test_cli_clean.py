"""``adsift clean``, ``apply`` and ``restore`` as a user types them. What they do with a corpus is
tested with :mod:`adsift.corpus`; a stand-in for it shows what it is asked, and fails on demand."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import Result

import adsift.corpus
from adsift.cli import progress
from adsift.corpus.losses import Incomplete
from adsift.corpus.options import CleanOptions, OnStatus, RunOptions, Status
from adsift.corpus.record import Fields, Limits
from adsift.corpus.restoring import Restored
from adsift.errors import (
    AdsiftError,
    BundleError,
    CorpusError,
    CorpusStartError,
    DocumentError,
    PolicyError,
)

Run = Callable[..., Result]

HALF = Status("a.jsonl", 0, 1, 500, 2, 10_000_000, 0.5)


@dataclass
class StandIn:
    """Stands in for :mod:`adsift.corpus`.

    Attributes:
        asked: what it was called with.
        rejected: documents that it says were.
        incomplete: inputs that it says are not whole.
        error: what it raises.
        at_work: whether it has done something by then.
    """

    asked: list[Any] = field(default_factory=list)
    rejected: int = 0
    incomplete: tuple[Incomplete, ...] = ()
    error: BaseException | None = None
    at_work: bool = True

    def clean(
        self,
        inputs: Sequence[str],
        output: str,
        options: CleanOptions,
        run: RunOptions,
        on_status: OnStatus | None = None,
    ) -> object:
        self.asked = [list(inputs), output, options, run]
        self._work(on_status)
        return SimpleNamespace(rejected=self.rejected, documents=500, notes=[])

    def restore(self, output: str, target: str, on_status: OnStatus | None = None) -> Restored:
        self.asked = [output, target]
        self._work(on_status)
        return Restored(3, self.incomplete)

    def print_table(self, summary: Any, console: Any) -> None:
        console.print(f"table of {summary.documents} documents")

    @property
    def options(self) -> CleanOptions:
        options = self.asked[2]
        assert isinstance(options, CleanOptions)
        return options

    def _work(self, on_status: OnStatus | None) -> None:
        assert on_status is not None
        if self.at_work:
            on_status(HALF)
        if self.error is not None:
            raise self.error


@pytest.fixture
def corpus(here: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    assert here
    stand_in = StandIn()
    monkeypatch.setattr(adsift.corpus, "clean", stand_in.clean, raising=False)
    monkeypatch.setattr(adsift.corpus, "restore", stand_in.restore, raising=False)
    monkeypatch.setitem(sys.modules, "adsift.corpus.summary_table", stand_in)  # type: ignore[arg-type]
    return stand_in


class TestWhatIsAsked:
    def test_the_defaults_are_those_of_the_api(self, run: Run, corpus: StandIn) -> None:
        result = run("clean", "a.jsonl", "b.parquet", "-o", "out")
        assert (result.exit_code, result.stdout) == (0, "")
        assert corpus.asked == [["a.jsonl", "b.parquet"], "out", CleanOptions(), RunOptions()]

    def test_every_option_of_clean_reaches_the_api(self, run: Run, corpus: StandIn) -> None:
        result = run(
            *("clean", "-", "-o", "out", "--drop", "commerce, boilerplate"),
            *("--max-content-loss", 0.01, "--confidence", 0.9, "--model", "my-model"),
            *("--format", "html", "--text-field", "content.text", "--id-field", "key"),
            *("--url-field", "source", "--input-format", "wet", "--output-format", "parquet"),
            *("--text-form", "text", "--removed-format", "parquet", "--no-patches"),
            *("--site-memory", "-j", 0, "--chunk-bytes", "1MiB", "--max-document-bytes", "2GB"),
            *("--overwrite", "--strict", "--work-dir", "work"),
        )
        assert result.exit_code == 0, result.stderr
        assert corpus.options == CleanOptions(
            drop=("commerce", "boilerplate"),
            max_content_loss=0.01,
            confidence=0.9,
            model="my-model",
            fields=Fields("content.text", "key", "source", "html"),
            limits=Limits(chunk_bytes=2**20, document_bytes=2 * 10**9),
            input_format="wet",
            output_format="parquet",
            text_form="text",
            removed_format="parquet",
            keep_patches=False,
            site_memory=True,
        )
        assert corpus.asked[3] == RunOptions(0, False, True, True, "work")

    def test_tagging(self, run: Run, corpus: StandIn) -> None:
        arguments = ("--mode", "tag", "--tags-in", "column", "--tags-field", "labels", "--resume")
        result = run("clean", "a.parquet", "-o", "out", *arguments)
        assert result.exit_code == 0, result.stderr
        assert corpus.options == CleanOptions(
            mode="tag", tags_in="column", fields=Fields(tags="labels")
        )
        assert corpus.asked[3] == RunOptions(resume=True)

    def test_a_folder_may_be_called_like_a_file_on_purpose(
        self, run: Run, corpus: StandIn, here: Path
    ) -> None:
        (here / "there.jsonl").mkdir()
        for name in ("there.jsonl", "new.jsonl/"):
            assert run("clean", "a.jsonl", "-o", name).exit_code == 0
            assert corpus.asked[1] == name

    def test_applying(self, run: Run, corpus: StandIn) -> None:
        result = run("apply", "tagged", "-o", "out", "--min-probability", 0.8, "--drop", "news")
        assert result.exit_code == 0, result.stderr
        assert corpus.options == CleanOptions(mode="apply", drop=("news",), min_probability=0.8)
        result = run("apply", "a.warc.gz", "-o", "out", "--tags-from", "tagged", "-j", 2)
        assert result.exit_code == 0, result.stderr
        assert corpus.options == CleanOptions(mode="apply", tags_from="tagged")
        assert corpus.asked[3] == RunOptions(workers=2)

    def test_restoring(self, run: Run, corpus: StandIn) -> None:
        result = run("restore", "out", "-o", "again")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == "adsift: restored 3 inputs to again\n"
        assert corpus.asked == ["out", "again"]


class TestWrongUsage:
    @pytest.fixture(autouse=True)
    def refuses(self, run: Run, corpus: StandIn) -> None:
        def refused(*arguments: object) -> str:
            result = run(*arguments)
            assert (result.exit_code, result.stdout) == (2, "")
            assert corpus.asked == []
            return result.stderr

        self.refused = refused

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--drop", "adverts"], "no such label"),
            (["--drop", ","], "--drop names no label"),
            (["--confidence", "0.9"], "--max-content-loss, which is missing"),
            (["--max-content-loss", "0.01", "--min-probability", "0.5"], "cannot be used together"),
            (["--max-content-loss", "7"], "must be between 0 and 1"),
            (["--max-document-bytes", "huge"], "--max-document-bytes takes a number of bytes"),
            (["--chunk-bytes", "0"], "--chunk-bytes takes a number of bytes"),
            (["--resume", "--overwrite"], "choose one"),
            (["--mode", "tag", "--drop", "news"], "--mode tag removes nothing"),
            (["--mode", "tag", "--min-probability", "0.5"], "--min-probability is for what"),
            (["--mode", "tag", "--max-content-loss", "0.5"], "--max-content-loss is for what"),
            (["--mode", "tag", "--text-form", "text"], "--text-form is for what"),
            (["--mode", "tag", "--removed-format", "parquet"], "--removed-format is for what"),
            (["--tags-in", "column"], "choose --mode tag"),
            (["--tags-field", "labels"], "choose --mode tag"),
            (["--mode", "tag", "--tags-in", "attributes", "--tags-field", "x"], "uses none"),
            (["--mode", "tag", "--tags-field", "text"], "--tags-field text is where text is"),
            (["--mode", "tag", "--tags-field", "url"], "--tags-field url is where url is"),
            (
                ["--mode", "tag", "--id-field", "meta.id", "--tags-field", "meta"],
                "--tags-field meta is where meta.id is",
            ),
            (
                ["--mode", "tag", "--tags-in", "attributes", "--output-format", "jsonl"],
                "--output-format makes a column of tags",
            ),
        ],
    )
    def test_options_that_make_no_sense(self, arguments: list[str], words: str) -> None:
        said = self.refused("clean", "a.jsonl", "-o", "out", *arguments)
        assert said.startswith("adsift: ")
        assert words in said
        assert said.count("\n") == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["clean", "a.jsonl"],
            ["clean", "-o", "out"],
            ["clean", "a.jsonl", "-o", "out", "--workers", "-1"],
            ["clean", "a.jsonl", "-o", "out", "--workers", "1000000"],
            ["clean", "a.jsonl", "-o", "out", "--input-format", "docx"],
            ["clean", "a.jsonl", "-o", "out", "--mode", "apply"],
            ["apply", "a.jsonl", "-o", "out", "--model", "default"],
            ["restore", "out"],
        ],
    )
    def test_what_the_commands_do_not_take(self, arguments: list[str]) -> None:
        assert self.refused(*arguments)

    def test_tags_are_in_one_place(self) -> None:
        said = self.refused("apply", "a", "-o", "b", "--tags-in", "column", "--tags-from", "c")
        assert "--tags-from is for attributes" in said

    def test_attributes_lie_somewhere(self) -> None:
        said = self.refused("apply", "a", "-o", "b", "--tags-in", "attributes")
        assert "needs --tags-from" in said

    @pytest.mark.parametrize("name", ["clean.jsonl", "a/b.CSV.zst", "s3://b/c.parquet", "a.gz"])
    def test_a_folder_is_not_called_like_a_file(self, name: str) -> None:
        assert f"-o - > {name}" in self.refused("clean", "x.jsonl", "-o", name)
        assert "called like a file" in self.refused("restore", "x", "-o", name)

    def test_standard_output_takes_one_input_and_keeps_no_run(self) -> None:
        assert "only a single input" in self.refused("clean", "a.jsonl", "b.jsonl", "-o", "-")
        assert "keeps no run" in self.refused("clean", "a.jsonl", "-o", "-", "--resume")

    def test_standard_input_cannot_be_read_again(self) -> None:
        assert "cannot be read again" in self.refused("clean", "-", "-o", "out", "--resume")

    def test_an_input_is_not_overwritten(self, here: Path) -> None:
        (here / "pages").mkdir()
        (here / "pages" / "a.jsonl").write_text("{}\n")
        for name in ("pages", "pages/../pages/", "pages/a.jsonl"):
            assert "would be overwritten" in self.refused("clean", name, "-o", "pages")
        assert "would be overwritten" in self.refused("clean", "s3://b/c/", "-o", "s3://b/c")
        assert "choose another -o" in self.refused("restore", "pages", "-o", "pages/")
        assert "standard streams" in self.refused("restore", "pages", "-o", "-")

    def test_an_empty_name_is_not_this_folder(self) -> None:
        assert "-o names no folder" in self.refused("clean", "a.jsonl", "-o", "")
        assert "-o names no folder" in self.refused("restore", "out", "-o", "")
        assert "OUT names no folder" in self.refused("restore", "", "-o", "again")


class TestEnds:
    def test_the_table_comes_last_on_stderr(self, run: Run, corpus: StandIn) -> None:
        result = run("clean", "a.jsonl", "-o", "out")
        assert result.exit_code == 0
        assert result.stderr.splitlines()[-1] == "table of 500 documents"
        assert corpus.asked

    def test_progress_lines_come_before(
        self, run: Run, corpus: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "SECONDS", 0.0)
        result = run("clean", "a.jsonl", "-o", "out")
        assert result.stderr.splitlines() == [
            "adsift: 50% done, 500 documents, 2 rejected",
            "table of 500 documents",
        ]
        assert run("clean", "a.jsonl", "-o", "out", "--quiet").stderr == ""
        assert corpus.asked

    @pytest.mark.parametrize("quiet", [[], ["--quiet"]])
    def test_rejects_are_code_1_and_say_where(
        self, run: Run, corpus: StandIn, quiet: list[str]
    ) -> None:
        corpus.rejected = 1234
        result = run("clean", "a.jsonl", "-o", "out/", *quiet)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.splitlines()[-1] == (
            "adsift: 1,234 rejected, each with its reason in out/_adsift/rejects.jsonl"
        )

    def test_standard_output_has_no_file_of_rejects(self, run: Run, corpus: StandIn) -> None:
        corpus.rejected = 1
        result = run("clean", "a.jsonl", "-o", "-", "-q")
        assert (result.exit_code, result.stderr) == (1, "adsift: 1 rejected\n")

    @pytest.mark.parametrize(
        ("error", "code", "words"),
        [
            (CorpusStartError("out holds another run"), 3, "out holds another run"),
            (BundleError("no bundle"), 3, "cannot load the model: no bundle"),
            (PolicyError("no such label"), 2, "no such label"),
            (AdsiftError("pip install '.[corpus]'"), 3, "pip install '.[corpus]'"),
            (OSError(errno.EROFS, "Read-only file system", "out"), 3, "out: Read-only file system"),
        ],
    )
    def test_what_cannot_start(
        self, run: Run, corpus: StandIn, error: Exception, code: int, words: str
    ) -> None:
        corpus.error, corpus.at_work = error, False
        result = run("clean", "a.jsonl", "-o", "out")
        assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"adsift: {words}\n")

    @pytest.mark.parametrize(
        "error",
        [
            CorpusError("a.jsonl:7: not valid JSON"),
            OSError(errno.ENOSPC, "No space left on device", "out/_adsift/parts/1"),
        ],
    )
    def test_what_breaks_off_can_go_on(self, run: Run, corpus: StandIn, error: Exception) -> None:
        corpus.error = error
        result = run("clean", "a.jsonl", "-o", "out", "-q")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.count("\n") == 1
        assert result.stderr.endswith("the same command with --resume goes on\n")
        again = run("clean", "a.jsonl", "-o", "out", "-q", "--overwrite")
        assert again.stderr.endswith("with --resume in place of --overwrite goes on\n")

    def test_advice_is_not_given_twice(self, run: Run, corpus: StandIn) -> None:
        corpus.error = CorpusError("the disk is full; free some space and go on with --resume")
        assert run("clean", "a.jsonl", "-o", "out").stderr.count("--resume") == 1

    def test_an_interrupt_says_how_to_go_on(self, run: Run, corpus: StandIn) -> None:
        corpus.error = KeyboardInterrupt()
        result = run("clean", "a.jsonl", "-o", "out", "-q")
        assert result.exit_code == 130
        assert result.stderr == (
            "adsift: interrupted; what is done is kept: the same command with --resume goes on\n"
        )
        assert run("clean", "a.jsonl", "-o", "-", "-q").stderr == "adsift: interrupted\n"
        assert run("clean", "-", "-o", "out", "-q").stderr == "adsift: interrupted\n"

    def test_a_reader_that_goes_away(self, run: Run, corpus: StandIn) -> None:
        corpus.error = BrokenPipeError()
        result = run("clean", "a.jsonl", "-o", "-")
        assert (result.exit_code, result.stderr) == (141, "")

    def test_a_restore_that_fails(self, run: Run, corpus: StandIn) -> None:
        corpus.error = CorpusStartError("out holds no run")
        result = run("restore", "out", "-o", "again")
        assert (result.exit_code, result.stderr) == (3, "adsift: out holds no run\n")
        corpus.error = DocumentError("out/a.jsonl is not what the run wrote")
        result = run("restore", "out", "-o", "again")
        assert result.exit_code == 1
        assert result.stderr.startswith("adsift: out/a.jsonl is not what the run wrote; ")

    def test_a_restore_that_lacks_something(self, run: Run, corpus: StandIn) -> None:
        corpus.incomplete = (Incomplete("a.jsonl", "lacks 1 record"), Incomplete("b", "is gone"))
        result = run("restore", "out", "-o", "again", "-q")
        said = "adsift: a.jsonl lacks 1 record\nadsift: b is gone\n"
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", said)
        assert run("restore", "out", "-o", "again").stderr == (
            said + "adsift: restored 3 inputs to again\n"
        )

    def test_quiet_restoring(self, run: Run, corpus: StandIn) -> None:
        result = run("restore", "out", "-o", "again", "-q")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
        assert corpus.asked


@pytest.mark.parametrize("command", ["clean", "apply", "restore"])
def test_help_has_examples_and_exit_codes(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples" in result.stdout
    assert "Exit codes" in result.stdout
