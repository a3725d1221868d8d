"""Progress of a corpus run, with a clock that stands still until it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adsift.cli.corpus_progress import CorpusProgress
from adsift.corpus.options import Status

MEGA = 1_000_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """The lines that have come to stderr since the last call."""
    return lambda: capsys.readouterr().err.splitlines()


def status(documents: int, size: int, share: float | None, **more: object) -> Status:
    fields = {"inputs_done": 0, "inputs": 1, "rejected": 0, "phase": "cleaning", **more}
    return Status("a.jsonl", documents=documents, bytes=size, share=share, **fields)  # type: ignore[arg-type]


def test_a_line_every_few_seconds(clock: Clock, told: Callable[[], list[str]]) -> None:
    with CorpusProgress(clock=clock) as progress:
        assert not progress.started
        progress(status(10, MEGA, 0.0))
        assert progress.started
        clock.now = 4.0
        progress(status(1_000, 9 * MEGA, 0.1))
        assert told() == []
        clock.now = 10.0
        progress(status(2_500, 21 * MEGA, 0.25, rejected=3))
        clock.now = 12.0
        progress(status(2_600, 22 * MEGA, 0.26, rejected=3))
    assert told() == [
        "adsift: 25% done, 2,500 documents, 2.0 MB/s, 3 rejected, about 30 s left",
    ]


def test_a_run_that_goes_on_is_as_fast_as_it_is_now(
    clock: Clock, told: Callable[[], list[str]]
) -> None:
    with CorpusProgress(clock=clock) as progress:
        progress(status(90_000, 900 * MEGA, 0.90))
        clock.now = 10.0
        progress(status(91_000, 910 * MEGA, 0.91))
    assert told() == [
        "adsift: 91% done, 91,000 documents, 1.0 MB/s, 0 rejected, about 90 s left",
    ]


def test_without_a_known_size_there_is_no_time_left(
    clock: Clock, told: Callable[[], list[str]]
) -> None:
    with CorpusProgress(clock=clock) as progress:
        progress(status(1, 0, None))
        clock.now = 5.0
        progress(status(50, 5 * MEGA, None))
    assert told() == ["adsift: 50 documents, 1.0 MB/s, 0 rejected"]


def test_hours_are_told_as_hours(clock: Clock, told: Callable[[], list[str]]) -> None:
    with CorpusProgress(clock=clock) as progress:
        progress(status(0, 0, 0.0, inputs=4))
        clock.now = 600.0
        progress(status(7, 6 * MEGA, 0.05, inputs=4, inputs_done=1))
    (line,) = told()
    assert "5% done, 1 of 4 inputs, 7 documents" in line
    assert line.endswith("about 3 h 10 min left")


def test_the_first_pass_is_called_one(clock: Clock, told: Callable[[], list[str]]) -> None:
    with CorpusProgress(clock=clock) as progress:
        progress(status(0, 0, 0.0, phase="counting"))
        clock.now = 5.0
        progress(status(40, 10 * MEGA, 0.5, phase="counting"))
        clock.now = 10.0
        # The second pass counts bytes and documents from nothing.
        progress(status(1, 1 * MEGA, 0.5))
        clock.now = 20.0
        progress(status(5, 6 * MEGA, 0.75))
    first, second, third = told()
    assert first.startswith("adsift: 50% done, first pass, for --site-memory, 40 documents, 2.0 MB")
    assert second == "adsift: 50% done, 1 document, 0 rejected"
    assert third == "adsift: 75% done, 5 documents, 0.5 MB/s, 0 rejected, about 10 s left"


def test_restoring_counts_inputs(clock: Clock, told: Callable[[], list[str]]) -> None:
    with CorpusProgress(clock=clock) as progress:
        progress(status(0, 0, 0.0, inputs=3, phase="restoring"))
        clock.now = 5.0
        progress(status(0, 0, 1 / 3, inputs=3, inputs_done=1, phase="restoring"))
    assert told() == ["adsift: 33% done, 1 of 3 inputs, about 10 s left"]


def test_not_shown(clock: Clock, told: Callable[[], list[str]]) -> None:
    with CorpusProgress(shown=False, clock=clock) as progress:
        progress(status(0, 0, 0.0))
        clock.now = 60.0
        progress(status(5, MEGA, 0.5))
    assert progress.started
    assert told() == []


@pytest.mark.parametrize("share", [0.25, None])
def test_a_terminal_gets_a_bar(
    share: float | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with CorpusProgress() as progress:
        progress(status(1_500, MEGA, share, rejected=2, inputs=2))
    output = capsys.readouterr()
    assert output.out == ""
    assert "0 of 2 inputs, 1,500 documents, 2 rejected" in output.err
    assert "adsift:" not in output.err
