from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import pytest

import evaluate
from adsift.document import Label, Paragraph
from adsift.model.labelled_document import LabelledDocument
from evaluate import Data, fit_fold
from recipe import fast_settings
from stages import Stages


def documents(text: str = "The bridge reopened on Monday.") -> list[LabelledDocument]:
    return [LabelledDocument([Paragraph(text)], [Label.NEWS], [None], "site")]


class Counter:
    """Something to make, and how often it was."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        return self.made


def test_a_run_that_is_started_again_takes_what_was_made(tmp_path: Path) -> None:
    make, folder = Counter(), tmp_path / "kept"
    assert Stages(folder, documents()).get("fold-0", {"seed": 1}, make) == 1
    assert Stages(folder, documents()).get("fold-0", {"seed": 1}, make) == 1
    assert make.made == 1


@pytest.mark.parametrize(
    ("stage", "settings", "text"),
    [
        ("fold-1", {"seed": 1}, "The bridge reopened on Monday."),
        ("fold-0", {"seed": 2}, "The bridge reopened on Monday."),
        ("fold-0", {"seed": 1}, "The bridge reopened on Tuesday."),
    ],
)
def test_another_stage_and_other_settings_or_documents_are_made_anew(
    tmp_path: Path, stage: str, settings: object, text: str
) -> None:
    make = Counter()
    Stages(tmp_path, documents()).get("fold-0", {"seed": 1}, make)
    assert Stages(tmp_path, documents(text)).get(stage, settings, make) == 2
    assert Stages(tmp_path, documents()).get("fold-0", {"seed": 1}, make) == 1


@pytest.mark.parametrize(
    ("place", "file", "anew"),
    [
        ("SCRIPTS", "fast.py", True),
        ("SCRIPTS", "accurate/graph.py", True),
        ("SCRIPTS", "EXPERIMENTS.md", False),
        ("PACKAGE", "model/tagger.py", True),
        ("PACKAGE", "compiled/tagger.pyx", True),
        ("PACKAGE", "compiled/tagger.cpython-311-x86_64-linux-gnu.so", True),
    ],
)
def test_what_other_code_made_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, file: str, anew: bool
) -> None:
    path = tmp_path / "code" / file
    path.parent.mkdir(parents=True)
    path.write_text("before")
    monkeypatch.setattr(f"stages.{place}", tmp_path / "code")
    make = Counter()
    Stages(tmp_path, documents()).get("fold-0", 1, make)
    path.write_text("after")
    assert Stages(tmp_path, documents()).get("fold-0", 1, make) == (2 if anew else 1)


def test_what_was_made_while_the_code_changed_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.SCRIPTS", tmp_path / "code")
    path = tmp_path / "code" / "fast.py"
    path.parent.mkdir()
    path.write_text("before")

    def make() -> str:
        path.write_text("after")
        return "by the old code, or by the new"

    assert Stages(tmp_path, documents()).get("fold-0", 1, make) == "by the old code, or by the new"
    for text in ("before", "after"):
        path.write_text(text)
        assert Stages(tmp_path, documents()).get("fold-0", 1, lambda: "anew") == "anew"
        path.write_text("between")


def test_a_run_that_is_stopped_while_it_writes_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: object, file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    make = Counter()
    with monkeypatch.context() as patch:
        patch.setattr("joblib.dump", stopped)
        with pytest.raises(KeyboardInterrupt):
            Stages(tmp_path, documents()).get("fold-0", 1, make)
    assert not list(tmp_path.iterdir())
    assert Stages(tmp_path, documents()).get("fold-0", 1, make) == 2


def test_without_a_folder_nothing_is_kept() -> None:
    make = Counter()
    stages = Stages(None, documents())
    assert [stages.get("fold-0", 1, make), stages.get("fold-0", 1, make)] == [1, 2]


def test_each_fold_and_each_seed_has_a_model_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[list[str]] = []

    def fit_fast(labelled: list[LabelledDocument], *_: object) -> Any:
        trained.append([document.group for document in labelled])
        return len(trained)

    monkeypatch.setattr(evaluate, "fit_fast", fit_fast)
    labelled = [
        LabelledDocument([Paragraph(site)], [Label.NEWS], [None], site) for site in ("a", "b")
    ]
    data = Data([], labelled, [], [])
    fold_of = {"a": 0, "b": 1}

    def fit(seed: int, fold: int) -> Any:
        return fit_fold(data, fold_of, fast_settings(seed), data.stages(tmp_path), fold)

    assert [fit(1, 0), fit(1, 1), fit(2, 0), fit(1, 0)] == [[1], [2], [3], [1]]
    assert trained == [["b"], ["a"], ["b"]]
