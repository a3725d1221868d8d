"""What only a process of its own can show: exit codes, pipes, signals, what is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import word_model
from word_model import ARTICLE, SEEDS, STRIPPED

import adsift

STAND_IN = word_model.__file__
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(adsift.__file__).parents[1])}
HEAVY = ("sklearn", "scipy", "numpy", "pandas", "pyarrow", "joblib")


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, STAND_IN, *map(str, arguments)],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        **options,
    )


def adsift_process(
    *arguments: object, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, STAND_IN, *map(str, arguments)],
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def test_bytes_in_bytes_out() -> None:
    windows = ARTICLE.replace("\n", "\r\n").encode()
    done = adsift_process("strip", "-", stdin=windows)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == STRIPPED.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["strip", "gone.txt"], 1),
        (["tag", "no*match"], 1),
        (["strip"], 2),
        (["strip", "a.txt", "--drop", "adverts"], 2),
        (["strip", "a.txt", "-o", "no/such/folder/b.txt"], 3),
    ],
)
def test_mistakes_have_a_code_and_no_traceback(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = adsift_process(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_names_come_back_whatever_the_locale_says(tmp_path: Path) -> None:
    # The name is the same in bytes, of which this locale knows no letter.
    (tmp_path / "in").mkdir()
    (tmp_path / "in/caf\u00e9.txt").write_text(ARTICLE)
    (tmp_path / "in/b.txt").write_text(ARTICLE)
    everything = ["--drop", "news,analysis,boilerplate,commerce"]
    done = subprocess.run(
        [sys.executable, "-m", "adsift", "clean", "in", "-o", "out", "-q", *everything],
        env={**ENVIRONMENT, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out/caf\u00e9.txt").is_file()
    back = adsift_process("restore", "out", "-o", "back", "-q", cwd=tmp_path)
    assert (back.returncode, back.stderr) == (0, b"")
    assert (tmp_path / "back/caf\u00e9.txt").read_text() == ARTICLE


def test_a_missing_bundle_is_code_3(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = subprocess.run(
        [sys.executable, "-m", "adsift", "strip", "a.txt", "--model", "no/bundle"],
        env=ENVIRONMENT,
        capture_output=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"adsift: cannot load the model: ")
    assert done.stderr.count(b"\n") == 1


def test_a_reader_that_goes_away_gives_no_traceback() -> None:
    process = start("tag", SEEDS, "-q", stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["index"] == 0
    process.stdout.close()
    told = process.stderr.read()
    assert process.wait(timeout=120) == 141
    assert told == b""


@pytest.mark.parametrize(
    "arguments", [["strip", "a.txt", "-o", "b.txt", "--show-removed"], ["clean", ".", "-o", "out"]]
)
def test_a_reader_of_stderr_that_goes_away_is_no_failed_input(
    tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "adsift", *arguments],
        env=ENVIRONMENT,
        stderr=writing,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 141


@pytest.mark.skipif(os.name != "posix", reason="pipes elsewhere take other amounts")
@pytest.mark.parametrize("command", ["strip", "tag", "apply"])
def test_without_a_buffer_a_reader_that_goes_away_is_seen_too(command: str, tmp_path: Path) -> None:
    """The system takes a part of what is written then, and only says how much."""
    text = "It rained all day. " * 50
    tag = {"index": 0, "start": 0, "end": len(text.strip()), "label": "news"}
    tag |= {"kind": None, "probability": 1.0}
    record = {"text": text.strip(), "adsift": [tag]}
    if command == "apply":
        path = tmp_path / "a.jsonl"
        path.write_text((json.dumps(record) + "\n") * 900)
        arguments = [command, path, "-o", "-", "-q"]
    else:
        path = tmp_path / "a.txt"
        path.write_text((text + "\n\n") * 900)
        arguments = [command, path]
    process = subprocess.Popen(
        [sys.executable, STAND_IN, *map(str, arguments)],
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert os.read(process.stdout.fileno(), 1)
    process.stdout.close()
    told = process.stderr.read()
    assert (process.wait(timeout=120), told) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    with Path("/dev/full").open("wb") as full:
        process = start("strip", tmp_path / "a.txt", stdout=full)
        assert process.stderr is not None
        told = process.stderr.read()
    assert process.wait(timeout=120) == 1
    assert told == b"adsift: cannot write the output: No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="closes the output as a shell does by >&-")
@pytest.mark.parametrize("arguments", [["clean", "in", "-o", "-"], ["strip", "in/a.txt"]])
def test_without_standard_output_it_says_so(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("It rained.\n")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "adsift", *arguments, "-q"],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.stderr == b"adsift: there is no standard output; choose -o\n"
    assert done.returncode == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are always Unicode")
def test_a_locale_without_letters_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "\u00e9.txt").write_text("It rained.\n")

    def clean(*more: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "adsift", "clean", "in", "-o", "out", "-q", *more],
            env={**ENVIRONMENT, **variables},
            capture_output=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )

    assert clean(PYTHONUTF8="1").returncode == 0
    # What that run has written has a name that there is none for here.
    done = clean("--overwrite", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), done.stderr
    assert b"set PYTHONUTF8=1" in done.stderr


@pytest.mark.parametrize("output", [[], ["-o", "out.jsonl"]])
def test_an_interrupt_leaves_no_half_file(tmp_path: Path, output: list[str]) -> None:
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = start("tag", "-", "--input-format", "jsonl", *output, cwd=tmp_path, **pipe)
    assert process.stdin is not None
    assert process.stderr is not None
    line = json.dumps({"id": 1}).encode() + b"\n"
    process.stdin.write(line * 64)
    process.stdin.flush()
    # Once it complains about the lines it is at work, and the output is open.
    assert b"no field 'text'" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    told = process.stderr.read()
    process.stdin.close()
    assert process.wait(timeout=120) == 130
    assert told.endswith(b"adsift: interrupted\n")
    assert b"Traceback" not in told
    assert list(tmp_path.iterdir()) == []


QUESTIONS = [["--version"], ["--help"], ["strip", "--help"]]


@pytest.mark.parametrize("arguments", QUESTIONS)
def test_an_answer_that_nobody_reads_gives_no_traceback(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start(*arguments, stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", QUESTIONS)
def test_an_answer_to_a_full_disk_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start(*arguments, stdout=full)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert told == b"adsift: cannot write the output: No space left on device\n"


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["strip", "--help"], ["clean", "--help"]]
)
def test_questions_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, adsift.cli\n"
        f"sys.argv = ['adsift', *{arguments!r}]\n"
        "try:\n    adsift.cli.main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print('loaded', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, timeout=120, check=True
    )
    assert done.stdout.decode().splitlines()[-1] == "loaded []"


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "strip"]])
def test_the_version_tells_of_pure_python(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adsift", *arguments],
        env={**ENVIRONMENT, "ADSIFT_PURE": "1"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.decode() == f"adsift {adsift.__version__}\n"
    assert done.stderr.startswith(b"adsift: ADSIFT_PURE turns the compiled core off")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_knows_the_commands(shell: str) -> None:
    # What the shell's completion function runs.
    question = {"_ADSIFT_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "adsift st"}
    words = {
        "COMP_WORDS": "adsift st",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [sys.executable, "-m", "adsift"],
        env={**ENVIRONMENT, **question, **words},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"strip" in done.stdout
