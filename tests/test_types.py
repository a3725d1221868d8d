"""What a type checker tells the users of adsift."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adsift

api = pytest.importorskip("mypy.api")

SOURCE = Path(adsift.__file__).parents[1]
DOCS = SOURCE.parent / "docs"


def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> str:
    """What mypy says of some code, but nothing of adsift's own modules."""
    monkeypatch.setenv("MYPYPATH", str(SOURCE))
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    options = ["--strict", "--follow-imports=silent", "--ignore-missing-imports"]
    found, mistakes, _ = api.run([*options, f"--cache-dir={folder}", "--config-file=", str(script)])
    assert not mistakes
    return "\n".join(re.findall(r"script\.py:\d+: error: (.*)", found))


def test_names_options_and_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (DOCS / "evaluation.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.S)
    code = f"""{example}
from adsift.engines.arrow import StripBatch

form: adsift.Format = "html"
sift: adsift.Separator = adsift.load()
sift.tag("One.", format=form)
StripBatch(drop="commerce")
StripBatch(drop={{"commerce"}})
adsift.Separatr
"""
    found = checked(tmp_path, monkeypatch, code)
    assert found == 'Module has no attribute "Separatr"; maybe "Separator"?  [attr-defined]'
