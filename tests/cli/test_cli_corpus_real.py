"""``adsift clean``, ``apply`` and ``restore`` with a real model on real files, from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from seed_articles import SEEDS
from typer.testing import CliRunner, Result

from adsift.cli.app import app

Adsift = Callable[..., Result]
TEXTS = [seed.source for seed in SEEDS if seed.format == "text"][:6]
LINES = b"".join(
    json.dumps({"id": str(n), "text": text, "n": n}).encode() + b"\n"
    for n, text in enumerate(TEXTS)
)


@pytest.fixture
def adsift(here: Path, bundle_folder: Path) -> Adsift:
    """The command line in an empty folder that holds ``a.jsonl`` and two ``pages``."""
    (here / "a.jsonl").write_bytes(LINES)
    (here / "pages").mkdir()
    for number in (0, 1):
        (here / "pages" / f"{number}.txt").write_text(TEXTS[number])

    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        model = ["--model", str(bundle_folder)] if arguments[0] == "clean" else []
        given = [*map(str, arguments), *model]
        result = CliRunner().invoke(app, given, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_there_and_back(adsift: Adsift, here: Path) -> None:
    result = adsift("clean", "a.jsonl", "pages", "-o", "clean")
    assert (result.exit_code, result.stdout) == (0, "")
    assert rows((here / "clean/a.jsonl").read_text()) != rows(LINES.decode())
    result = adsift("restore", "clean", "-o", "back", "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    for name in ("a.jsonl", "pages/0.txt", "pages/1.txt"):
        assert (here / "back" / name).read_bytes() == (here / name).read_bytes()


def test_tags_are_applied(adsift: Adsift, here: Path) -> None:
    assert adsift("clean", "a.jsonl", "-o", "tagged", "--mode", "tag").exit_code == 0
    assert adsift("apply", "tagged", "-o", "applied").exit_code == 0
    assert {"id", "text", "n"} == rows((here / "applied/a.jsonl").read_text())[0].keys()
    assert adsift("clean", "pages", "-o", "beside", "--mode", "tag").exit_code == 0
    result = adsift("apply", "pages", "-o", "cut", "--tags-from", "beside", "--tags-in", "auto")
    assert result.exit_code == 0, result.stderr
    assert (here / "cut/0.txt").exists()
    assert adsift("restore", "tagged", "-o", "untagged").exit_code == 0
    assert (here / "untagged/a.jsonl").read_bytes() == LINES
    assert "only tagged" in adsift("restore", "beside", "-o", "no").stderr


def test_standard_streams(adsift: Adsift) -> None:
    result = adsift("clean", "-", "-o", "-", "-q", stdin=LINES)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [row["n"] for row in rows(result.stdout)] == list(range(len(TEXTS)))
    for arguments, words in [
        (["pages"], "2 documents in one stream"),
        (["pages/0.txt", "--mode", "tag"], "the tags of pages/0.txt"),
        (["none.jsonl"], "there is nothing to clean: none.jsonl: No such file"),
    ]:
        result = adsift("clean", *arguments, "-o", "-")
        assert (result.exit_code, result.stdout) == (3, "")
        assert words in result.stderr
    assert adsift("apply", "none.jsonl", "-o", "-").exit_code == 3
    result = adsift("clean", "pages", "-o", "-", "-q", "--output-format", "jsonl")
    assert [row["id"] for row in rows(result.stdout)] == ["0.txt", "1.txt"]


def test_mistyped_inputs_leave_no_run(adsift: Adsift, here: Path) -> None:
    result = adsift("clean", "aa.jsonl", "page", "-o", "clean")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "aa.jsonl: No such file or directory; page: No such" in result.stderr
    assert not (here / "clean").exists()
    result = adsift("clean", "a.jsonl", "-o", "clean.jsonl")
    assert result.exit_code == 2
    assert not (here / "clean.jsonl").exists()


def test_a_restore_says_what_is_missing(adsift: Adsift, here: Path) -> None:
    huge = json.dumps({"text": "x" * 300_000}).encode() + b"\n"
    (here / "a.jsonl").write_bytes(LINES + huge)
    result = adsift("clean", "a.jsonl", "-o", "clean", "--max-document-bytes", "200kB")
    assert result.exit_code == 1
    result = adsift("restore", "clean", "-o", ".")
    assert (result.exit_code, (here / "a.jsonl").read_bytes()) == (3, LINES + huge)
    assert ". is not empty" in result.stderr
    result = adsift("restore", "clean", "-o", "back", "-q")
    assert (result.exit_code, (here / "back/a.jsonl").read_bytes()) == (1, LINES)
    assert result.stderr.startswith("adsift: a.jsonl lacks 1 record that the run has not kept; ")
    assert result.stderr.count("\n") == 1
