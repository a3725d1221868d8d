"""Whether the compiled core runs, and what is said where it does not."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import adsift.compiled as package
from adsift.cli.app import app
from adsift.compiled import compiled, why_pure


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], None]:
    """Puts a module beside the compiled ones."""
    monkeypatch.delenv("ADSIFT_PURE", raising=False)
    monkeypatch.setattr(package, "__path__", [str(tmp_path)])

    def put(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")

    return put


def test_a_module_that_was_built(module: Callable[[str, str], None]) -> None:
    module("built_for_a_test", "ANSWER = 42")
    assert compiled("built_for_a_test").ANSWER == 42


def test_one_that_was_not_is_passed_over_in_silence(module: Callable[[str, str], None]) -> None:
    del module
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled("never_built") is None


@pytest.mark.parametrize(
    "code", ["raise ImportError('of another Python')", "import a_module_that_is_not_there"]
)
def test_one_that_cannot_be_loaded_is_not(module: Callable[[str, str], None], code: str) -> None:
    module("damaged_for_a_test", code)
    with pytest.warns(RuntimeWarning, match="damaged_for_a_test cannot be loaded.*install adsift"):
        assert compiled("damaged_for_a_test") is None


def test_why_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch, module: Callable[[str, str], None]
) -> None:
    monkeypatch.delitem(sys.modules, "adsift.compiled.objects", raising=False)
    assert "without its compiled core" in why_pure()
    module("objects", "")
    assert why_pure() == ""
    monkeypatch.setenv("ADSIFT_PURE", "1")
    assert "ADSIFT_PURE" in why_pure()


def test_the_command_says_so_beside_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADSIFT_PURE", "1")
    result = CliRunner().invoke(app, ["--version"])
    assert result.stdout.splitlines()[0].startswith("adsift ")
    assert len(result.stdout.splitlines()) == 1
    assert "ADSIFT_PURE turns the compiled core off" in result.stderr


def test_and_so_does_a_run_over_a_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADSIFT_PURE", "1")
    (tmp_path / "a.txt").write_text("One.\n\nTwo.\n", encoding="utf-8")
    arguments = ["clean", str(tmp_path / "a.txt"), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "many times slower" in result.stderr
    quiet = CliRunner().invoke(app, [*arguments, "--overwrite", "-q"])
    assert (quiet.exit_code, quiet.stderr) == (0, "")
