from __future__ import annotations

from pathlib import Path

import pytest

from adsift.document import Label, Paragraph
from adsift.model.fit import LabelledDocument
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


def test_other_code_makes_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Counter()
    Stages(tmp_path, documents()).get("fold-0", 1, make)
    monkeypatch.setattr("stages._code", lambda: "another")
    assert Stages(tmp_path, documents()).get("fold-0", 1, make) == 2


def test_a_run_that_is_stopped_while_it_writes_leaves_no_half_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    make = Counter()
    with monkeypatch.context() as patch:
        patch.setattr("joblib.dump", stopped)
        with pytest.raises(KeyboardInterrupt):
            Stages(tmp_path, documents()).get("fold-0", 1, make)
    assert Stages(tmp_path, documents()).get("fold-0", 1, make) == 2


def test_without_a_folder_nothing_is_kept() -> None:
    make = Counter()
    stages = Stages(None, documents())
    assert [stages.get("fold-0", 1, make), stages.get("fold-0", 1, make)] == [1, 2]
