"""``adsift explain`` as a user types it, with a small model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import adsift
from adsift.cli.app import app
from adsift.document import Label, Paragraph, TaggedParagraph
from adsift.model.classifier import Classifier

ARTICLE = (
    "The ferry will run again on Monday, the harbour office said.\n\n"
    "Buy our storm-proof deck shoes, now only $39.99 – free shipping this week!\n\n"
    "Related: Ferry timetable\n"
)

Run = Callable[..., Result]


OPINION = dict(zip(Label, (0.91, 0.02, 0.03, 0.04), strict=True))


class Contrary:
    """Stands for the accurate tier: takes everything for news."""

    def __init__(self, fast: Classifier) -> None:
        self.bundle, self.fast = fast.bundle, fast

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del urls, memories
        return [
            [TaggedParagraph(paragraph, Label.NEWS, None, OPINION) for paragraph in document]
            for document in documents
        ]


@pytest.fixture
def explain(here: Path, bundle_folder: Path) -> Run:
    """Runs ``adsift explain`` in a folder with an article."""
    (here / "a.txt").write_text(ARTICLE, encoding="utf-8")

    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        line = ["explain", *map(str, arguments), "--model", str(bundle_folder)]
        result = CliRunner().invoke(app, line, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.stderr
        return result

    return invoke


def tables(text: str) -> list[list[float]]:
    """The numbers of each table: its lines' contributions, and the score at the end."""
    blocks = text.split("\n\n")[1:]
    return [[float(x) for x in re.findall(r"^ *([+-]\d+\.\d\d) ", b, re.M)] for b in blocks]


class TestText:
    @pytest.mark.parametrize("top", [1, 5, 1000])
    def test_every_table_adds_up(self, explain: Run, top: int) -> None:
        result = explain("a.txt", "--paragraph", 1, "--top", top)
        assert (result.exit_code, result.stderr) == (0, "")
        found = tables(result.stdout)
        assert len(found) == 3
        for *parts, score in found:
            # Every line is rounded to a hundredth.
            assert sum(parts) == pytest.approx(score, abs=0.005 * (len(parts) + 1))

    def test_it_says_what_is_explained(self, explain: Run, sift: adsift.Separator) -> None:
        tagged = sift.tag(ARTICLE)[1]
        lines = explain("a.txt", "-p", 1).stdout.splitlines()
        assert lines[0] == "a.txt, paragraph 1"
        assert lines[1].split()[1:3] == [f"{tagged.probability:.2f}", "Buy"]
        assert lines[1].startswith(tagged.label)
        assert f"Why {tagged.label}, by paragraph" in lines

    def test_another_label(self, explain: Run) -> None:
        assert "Why news, by paragraph" in explain("a.txt", "-p", 1, "--label", "news").stdout

    def test_top_bounds_the_lines(self, explain: Run) -> None:
        short, long = (explain("a.txt", "-p", 1, "--top", top).stdout for top in (2, 1000))
        assert "other features" in short
        assert "other features" not in long
        assert [len(table) for table in tables(short)] == [5, 6, 5]

    def test_no_escape_sequence_reaches_the_terminal(self, explain: Run, here: Path) -> None:
        page = '<p>Red \x1b[31m text <a href="https://\x1b[31m.example/">here</a></p>' * 2
        (here / "a.html").write_text(page, encoding="utf-8")
        result = explain("a.html", "-p", 1, "--top", 1000)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout


class TestJson:
    def fields(self, result: Result) -> dict[str, Any]:
        assert (result.exit_code, result.stderr) == (0, "")
        (line,) = result.stdout.splitlines()
        record: dict[str, Any] = json.loads(line)
        return record

    def test_it_has_everything(self, explain: Run, sift: adsift.Separator) -> None:
        record = self.fields(explain("a.txt", "-p", 1, "--output-format", "json"))
        expected = sift.explain(ARTICLE, 1)
        assert (record["document"], record["index"]) == ("a.txt", 1)
        assert record["label"] == record["explained"] == expected.label
        assert "fast" not in record
        assert record["alone"]["score"] == expected.alone.score
        assert len(record["alone"]["words"]) == len(expected.alone.words)
        context = record["in_context"]
        assert context["score"] == expected.in_context.score
        views = {view["name"]: view["contribution"] for view in context["views"]}
        assert views == {view.name: view.contribution for view in expected.in_context.views}
        parts = sum(part["contribution"] for part in context["paragraphs"])
        total = context["baseline"] + context["unclaimed"] + parts
        assert total == pytest.approx(context["score"], abs=1e-6)

    def test_from_standard_input(self, explain: Run) -> None:
        result = explain("-", "-p", 0, "--output-format", "json", stdin=ARTICLE.encode())
        assert self.fields(result)["document"] == "-"

    def test_find_chooses_the_paragraph(self, explain: Run) -> None:
        result = explain("a.txt", "--find", "DECK  shoes", "--output-format", "json")
        assert self.fields(result)["index"] == 1


class TestTheAccurateTier:
    """Of one that contradicts the small model behind it."""

    @pytest.fixture(autouse=True)
    def accurate(self, monkeypatch: pytest.MonkeyPatch, sift: adsift.Separator) -> None:
        model = Contrary(sift.classifier.fast)
        monkeypatch.setattr(adsift, "load", lambda _: adsift.Separator(model))

    def test_the_page_says_what_each_model_says(self, explain: Run, sift: adsift.Separator) -> None:
        fast = sift.tag(ARTICLE)[1]
        assert fast.label != "news"
        result = explain("a.txt", "-p", 1)
        assert (result.exit_code, result.stderr) == (0, "")
        lines = result.stdout.splitlines()
        assert lines[1].split()[:3] == ["news", "0.91", "Buy"]
        said = f"the fast model behind it, which says {fast.label} {fast.probability:.2f}."
        assert said in result.stdout
        assert "Why news, by paragraph" in lines
        assert f"probability {fast.probabilities[Label.NEWS]:.2f}" in result.stdout

    def test_so_does_the_json(self, explain: Run, sift: adsift.Separator) -> None:
        fast = sift.tag(ARTICLE)[1]
        record = json.loads(explain("a.txt", "-p", 1, "--output-format", "json").stdout)
        assert record["label"] == record["explained"] == "news"
        assert record["probabilities"] == OPINION
        assert record["fast"] == {
            "label": fast.label,
            "kind": fast.kind,
            "probabilities": fast.probabilities,
        }
        score = sift.explain(ARTICLE, 1, "news").in_context.score
        assert record["in_context"]["score"] == score


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "code", "message"),
        [
            (("a.txt",), 2, "choose the paragraph by --paragraph or by --find"),
            (("a.txt", "-p", 1, "--find", "x"), 2, "choose the paragraph by"),
            (
                ("a.txt", "-p", 3),
                2,
                "a.txt: there is no paragraph 3: the document has 3 paragraphs",
            ),
            (("a.txt", "--find", "bus"), 2, "a.txt: none of its 3 paragraphs holds 'bus'"),
            (("a.txt", "--find", "ferry"), 2, "a.txt: 2 paragraphs hold 'ferry'; choose by"),
            ((".", "-p", 0), 2, "explain takes a single document"),
            (("*.txt", "-p", 0), 2, "explain takes a single document"),
            (("b.jsonl", "-p", 0), 2, "explain takes a single document"),
            (("b.txt", "-p", 0), 1, "b.txt: No such file or directory"),
        ],
    )
    def test_end_in_one_line(
        self, explain: Run, arguments: tuple[object, ...], code: int, message: str
    ) -> None:
        result = explain(*arguments)
        assert (result.exit_code, result.stdout) == (code, "")
        assert result.stderr.startswith(f"adsift: {message}")
        assert result.stderr.count("\n") == 1

    def test_a_missing_model(self, here: Path) -> None:
        (here / "a.txt").write_text(ARTICLE, encoding="utf-8")
        result = CliRunner().invoke(app, ["explain", "a.txt", "-p", "0", "--model", "nowhere"])
        assert result.exit_code == 3
        assert result.stderr.startswith("adsift: cannot load the model: there is no model bundle")

    def test_wrong_values(self, explain: Run) -> None:
        assert explain("a.txt", "-p", "-1").exit_code == 2
        assert explain("a.txt", "-p", 0, "--label", "advert").exit_code == 2
        assert explain("a.txt", "-p", 0, "--top", 0).exit_code == 2
