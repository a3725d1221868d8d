"""What is imported when: ``import adsift`` is quick, and using a model needs no training code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import adsift
from adsift.compiled import compiled

HEAVY = {"bs4", "joblib", "numpy", "pandas", "pyarrow", "scipy", "selectolax", "sklearn", "typer"}
TRAINING = {"joblib", "pandas", "pyarrow", "sklearn"}
PAGES = {"bs4", "charset_normalizer", "lxml", "pyromark", "selectolax"}

compiled_core = pytest.mark.skipif(
    compiled("alone") is None, reason="in pure Python step 1 is a product of SciPy's matrices"
)


def modules_after(code: str, *arguments: str) -> set[str]:
    """Top-level modules that a new process has loaded after running some code."""
    script = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", script, *arguments]
    return {*subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()}


def test_importing_adsift_loads_nothing_heavy() -> None:
    assert modules_after("import adsift") & HEAVY == set()


def test_nor_do_the_data_classes() -> None:
    code = "import adsift; adsift.Document('x'); adsift.Label('news'); adsift.PolicyError"
    assert modules_after(code) & HEAVY == set()


@pytest.mark.parametrize("source", ["One.\\n\\nTwo.", "# One\\n\\n- [two](x)", "<p>One<p>Two"])
def test_tagging_loads_no_training_code(bundle_folder: Path, source: str) -> None:
    code = f"import adsift; assert adsift.load(sys.argv[1]).tag('{source}')"
    assert modules_after(code, str(bundle_folder)) & (TRAINING | {"bs4"}) == set()


def test_stripping_loads_no_training_code(bundle_folder: Path) -> None:
    code = (
        "import adsift; adsift.load(sys.argv[1]).strip('One.\\n\\nTwo.', drop=tuple(adsift.Label))"
    )
    assert modules_after(code, str(bundle_folder)) & (TRAINING | {"bs4"}) == set()


@compiled_core
def test_stripping_text_loads_nothing_that_pages_need(bundle_folder: Path) -> None:
    code = "import adsift; adsift.load(sys.argv[1]).strip('One.\\n\\nTwo.')"
    assert (
        modules_after(code, str(bundle_folder)) & (TRAINING | PAGES | {"scipy", "typer"}) == set()
    )


@compiled_core
def test_nor_does_the_command(bundle_folder: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("One.\n\nTwo.\n", encoding="utf-8")
    code = "import adsift.cli.app; adsift.cli.app.app(standalone_mode=False)"
    loaded = modules_after(code, "strip", str(article), "--model", str(bundle_folder))
    assert "typer" in loaded
    assert loaded & (TRAINING | PAGES | {"rich", "scipy"}) == set()


def test_the_version_is_told_without_loading_the_commands() -> None:
    loaded = modules_after("from adsift.cli import main; main()", "--version")
    assert adsift.__version__ in loaded
    assert loaded & (HEAVY | {"rich"}) == set()


def test_all_names_can_be_imported() -> None:
    code = "from adsift import *; import adsift; assert {*adsift.__all__} <= {*globals()}"
    assert "adsift" in modules_after(code)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        adsift.nonsense  # noqa: B018


def test_names_are_shown_before_they_are_loaded() -> None:
    code = "import adsift; assert {*adsift.__all__} <= {*dir(adsift)}"
    assert modules_after(code) & HEAVY == set()


def test_names_of_corpora_are_shown_before_they_are_loaded() -> None:
    code = "import adsift.corpus as it; assert {*it.__all__} <= {*dir(it)}"
    assert modules_after(code) & HEAVY == set()
