from __future__ import annotations

import re

import pytest

from adsift.cli.exits import one_line
from adsift.cli.progress import SECONDS
from adsift.cli.readable import tagged_page
from adsift.cli.report import Report
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.errors import DocumentError, reason


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_comes_as_lines_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Report(3, progress=True, clock=clock) as report:
        report.document_done(5)
        report.file_done()
        assert capsys.readouterr().err == ""
        clock.now = SECONDS
        report.document_done(5)
        report.file_done()
    assert capsys.readouterr().err == "adsift: 1 of 3 files, 2 documents\n"


def test_quiet_says_only_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Report(3, quiet=True, progress=True, clock=clock) as report:
        clock.now = 100
        report.note("by the way")
        report.document_done(5)
        report.failure("a.txt", "is gone")
        report.summary()
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "adsift: a.txt: is gone\n"


def test_a_terminal_gets_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with Report(7, progress=True) as report:
        report.document_done(5)
        report.file_done()
        report.failure("a[red].txt", "is gone")
    output = capsys.readouterr()
    assert output.out == ""
    assert "/7" in output.err
    assert "adsift: a[red].txt: is gone" in output.err


def test_the_summary_counts(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(2)
    report.document_done(10, removed=2)
    report.document_done(1)
    report.failure("a.txt", "is gone")
    capsys.readouterr()
    report.summary()
    assert capsys.readouterr().err == "adsift: 2 documents, removed 2 of 11 paragraphs, 1 failed\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DocumentError("is odd"), "is odd"),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "No such file or directory"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_errors_in_a_few_words(error: Exception, words: str) -> None:
    assert reason(error) == words


def test_messages_are_one_line_and_steer_no_terminal() -> None:
    assert one_line("naïve\n\x1b[31m\udc80 中") == "naïve\\n\\x1b[31m\\udc80 中"


def paragraph(text: str) -> TaggedParagraph:
    probabilities = dict.fromkeys(Label, 0.01)
    probabilities[Label.COMMERCE] = 0.97
    return TaggedParagraph(Paragraph(text), Label.COMMERCE, CommerceKind.PRODUCT, probabilities)


def test_a_page_for_reading() -> None:
    page = tagged_page("a.txt", [paragraph("Buy [red]shoes[/red] :smile: now")], colour=False)
    assert page.split() == "a.txt commerce/product 0.97 Buy [red]shoes[/red] :smile: now".split()


def test_colours_only_where_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    hostile = paragraph("Buy \x1b]0;title\x07shoes")
    assert "\x1b" not in tagged_page("a.txt", [hostile], colour=False)
    coloured = tagged_page("a.txt", [hostile], colour=True)
    assert "\x1b[" in coloured
    assert "\x1b" not in re.sub(r"\x1b\[[\d;]*m", "", coloured)
