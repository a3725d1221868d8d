"""The commands as a user types them, with a model of a few words."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from calibration import bundle_of, certain_down_to
from typer.testing import Result
from word_model import ARTICLE, PAGE, SEEDS, STRIPPED, word_separator

import adsift
from adsift import Separator
from adsift.cli.app import app
from adsift.compression import Codec, compress
from adsift.errors import BundleError
from adsift.model.bundle import Bundle

Run = Callable[..., Result]


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def write(name: str, content: str | bytes = ARTICLE) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_lines(name: str, *records: object) -> Path:
    return write(name, "".join(json.dumps(record) + "\n" for record in records))


class TestStripOneDocument:
    def test_text_loses_its_commerce_and_nothing_else(self, run: Run) -> None:
        write("a.txt")
        result = run("strip", "a.txt")
        assert (result.exit_code, result.stdout, result.stderr) == (0, STRIPPED, "")

    def test_drop_takes_several_labels(self, run: Run) -> None:
        write("a.txt")
        result = run("strip", "a.txt", "--drop", "commerce, boilerplate")
        assert result.stdout == STRIPPED.replace("Related: Ferry timetable\n\n", "")

    def test_min_probability_spares_the_doubtful(self, run: Run) -> None:
        write("a.txt")
        assert run("strip", "a.txt", "--min-probability", "0.71").stdout == ARTICLE

    def test_line_ends_and_odd_characters_stay(self, run: Run) -> None:
        content = "Ferry\u2028news\r\n\r\nBuy shoes $3\r\n\r\nNaïve\tend 🛳"
        write("a.txt", content)
        result = run("strip", "a.txt")
        assert result.stdout_bytes.decode() == content.replace("Buy shoes $3\r\n\r\n", "")

    def test_bytes_from_standard_input(self, run: Run) -> None:
        latin = ARTICLE.replace("Monday", "Dimanche à Genève, c’est sûr").encode("cp1252")
        result = run("strip", "-", stdin=latin)
        assert result.exit_code == 0
        assert "à Genève, c’est sûr" in result.stdout
        assert "$39" not in result.stdout

    def test_a_byte_order_mark_stays(self, run: Run) -> None:
        write("a.txt", b"\xef\xbb\xbf" + ARTICLE.encode())
        assert run("strip", "a.txt").stdout_bytes == b"\xef\xbb\xbf" + STRIPPED.encode()

    def test_a_page_in_another_charset_stays_readable(self, run: Run) -> None:
        page = PAGE.replace("<head>", '<head><meta charset="windows-1252">')
        write("a.html", page.replace("Monday", "Mañana").encode("cp1252"))
        once = run("strip", "a.html").stdout_bytes
        assert "Mañana" in once.decode()
        write("b.html", once)
        assert run("strip", "b.html").stdout_bytes == once

    def test_compressed_input(self, run: Run) -> None:
        for codec in Codec:
            packed = compress(ARTICLE.encode(), codec)
            write(f"a.txt{codec.suffix}", packed)
            assert run("strip", f"a.txt{codec.suffix}").stdout == STRIPPED
            assert run("strip", "-", stdin=packed).stdout == STRIPPED

    def test_show_removed_is_for_reading(self, run: Run) -> None:
        write("a.txt")
        result = run("strip", "a.txt", "--show-removed")
        assert result.stdout == STRIPPED
        assert "a.txt: removed 1 of 4 paragraphs" in result.stderr
        shown = " ".join(result.stderr.split())
        assert shown.endswith("commerce/product 0.70 Buy our deck shoes, only $39.")

    def test_paragraphs_are_counted_as_they_were_found(self, run: Run) -> None:
        # Without the offer each line is a paragraph, though a blank line stays.
        poem = "The ferry\nWill run\nAgain\nOn Monday.\n"
        write("a.txt", f"{poem}\nBuy deck shoes, only $39.\n")
        result = run("strip", "a.txt", "--show-removed")
        assert result.stdout == poem
        assert "a.txt: removed 1 of 2 paragraphs" in result.stderr
        write("b.txt")
        result = run("strip", "a.txt", "b.txt", "-o", "clean/")
        assert "2 documents, removed 2 of 6 paragraphs" in result.stderr

    def test_removed_paragraphs_go_to_a_file(self, run: Run) -> None:
        write("a.txt")
        run("strip", "a.txt", "--removed", "gone.jsonl")
        (line,) = lines(Path("gone.jsonl").read_text())
        assert line["document"] == "a.txt"
        assert (
            ARTICLE[line["start"] : line["end"]] == line["text"] == "Buy our deck shoes, only $39."
        )
        assert (line["label"], line["kind"]) == ("commerce", "product")
        assert line["probabilities"]["commerce"] == 0.7

    def test_removed_paragraphs_go_to_standard_output(self, run: Run) -> None:
        write("n/a.txt")
        write("n/b.txt")
        result = run("strip", "n", "-o", "clean/", "--removed", "-")
        assert [line["document"] for line in lines(result.stdout)] == ["n/a.txt", "n/b.txt"]
        assert Path("clean/b.txt").read_text() == STRIPPED
        assert not Path("-").exists()

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["-o", "clean/", "--removed", "n/gone.jsonl"], "choose another --removed"),
            (["-o", "n/all.jsonl"], "choose another -o"),
            (["-o", "clean/", "--removed", "n/gone.log"], None),
            (["-o", "clean/", "--removed", "n/.gone.jsonl"], None),
            (["-o", "clean/", "--removed", "gone.jsonl"], None),
            (["-o", "n/clean/", "--removed", "n/clean/gone.jsonl"], None),
        ],
    )
    def test_results_that_the_next_run_would_read_are_told(
        self, run: Run, arguments: list[str], told: str | None
    ) -> None:
        write("n/a.txt")
        result = run("strip", "n", *arguments)
        assert result.exit_code == 0
        assert ("would read it as an input" in result.stderr) == (told is not None)
        assert (told or "") in result.stderr

    def test_nothing_removed_makes_an_empty_file(self, run: Run) -> None:
        write("a.txt", "Ferry news.\n")
        run("strip", "a.txt", "--removed", "gone.jsonl")
        assert Path("gone.jsonl").read_bytes() == b""

    def test_the_url_reaches_the_model(self, run: Run) -> None:
        write("a.txt", "Ferry news.\n")
        assert run("strip", "a.txt", "--url", "https://shop.example/").stdout.strip() == ""

    @pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
    def test_an_empty_document_comes_back(self, run: Run, content: bytes) -> None:
        write("a.txt", content)
        result = run("strip", "a.txt")
        assert (result.exit_code, result.stdout_bytes) == (0, content)
        assert result.stderr == "adsift: a.txt: is empty\n"
        assert run("strip", "a.txt", "--quiet").stderr == ""

    @pytest.mark.parametrize("command", ["strip", "tag"])
    def test_a_document_of_which_nothing_is_seen_is_no_error_but_said(
        self, run: Run, command: str
    ) -> None:
        hidden = PAGE.replace("<body>", '<body style="display:none">')
        write("n/a.html", hidden)
        result = run(command, "n/a.html", "--output-format", "text")
        assert result.exit_code == 0
        assert result.stderr == "adsift: n/a.html: has no visible text\n"
        write("n/b.html", PAGE)
        write_lines("n/c.jsonl", {"text": hidden}, {"text": ""})
        result = run(command, "n", "-o", "out/")
        assert result.exit_code == 0
        assert result.stderr.count("has no visible text") == 1
        assert "3 without visible text" in result.stderr.splitlines()[-1]
        assert run(command, "n", "-o", "out/", "--quiet").stderr == ""

    @pytest.mark.parametrize("command", ["strip", "tag"])
    def test_a_document_in_another_language_is_said(self, run: Run, command: str) -> None:
        text = "Die Fähre fuhr am Mittag, und der Regen hörte erst am Abend auf. " * 5
        write("n/a.txt", text)
        said = "seems not to be in English, the only language that adsift's models have learned"
        result = run(command, "n/a.txt", "--output-format", "text")
        assert (result.exit_code, result.stderr) == (0, f"adsift: n/a.txt: {said}\n")
        write_lines("n/b.jsonl", {"text": text}, {"text": "The rain fell, and they went home."})
        result = run(command, "n", "-o", "out/")
        assert result.stderr.count(said) == 1
        assert "3 documents" in result.stderr.splitlines()[-1]
        assert "2 seem not to be in English" in result.stderr.splitlines()[-1]


class TestStripWithABound:
    """Bounds for documents without markup; those with markup have too few calibration pages."""

    @pytest.fixture(autouse=True)
    def bundle(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> Bundle:
        del run  # it loads another model
        bundle = bundle_of(certain_down_to(0.6, pages=20), certain_down_to(0.6))

        def load(model: str | None) -> Separator:
            sift = word_separator(model)
            sift.classifier.bundle = bundle
            return sift

        monkeypatch.setattr(adsift, "load", load)
        return bundle

    def test_takes_what_it_allows_and_says_what_that_is(self, run: Run) -> None:
        write("a.txt")
        result = run("strip", "a.txt", "--max-content-loss", "0.02", "--confidence", "0.9")
        assert (result.exit_code, result.stdout) == (0, STRIPPED)
        with_markup, without = result.stderr.splitlines()
        assert "nothing is removed from documents with markup: from 20 calibration" in with_markup
        assert "with confidence 0.9 " in with_markup
        assert "the smallest bound that can be is 0." in with_markup
        assert "from documents without markup goes what is commerce with probability 0.6" in without
        assert "of 1000 calibration pages that took 0.00% of the news and analysis" in without
        assert "left 25% of the commerce" in without

    def test_takes_nothing_where_nothing_can_be_certified(self, run: Run) -> None:
        write("a.html", PAGE)
        result = run("strip", "a.html", "--max-content-loss", "0.02", "--quiet")
        assert (result.exit_code, result.stdout, result.stderr) == (0, PAGE, "")

    def test_without_calibration_there_is_no_start(self, run: Run, bundle: Bundle) -> None:
        write("a.txt")
        bundle.arrays.clear()
        result = run("strip", "a.txt", "-o", "b.txt", "--max-content-loss", "0.02")
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == (
            "adsift: the bundle has no calibration for a bound: train it anew\n"
        )
        assert not Path("b.txt").exists()

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ("--max-content-loss 0", "must be between 0 and 1, not 0.0"),
            ("--max-content-loss nan", "must be between 0 and 1, not nan"),
            ("--max-content-loss 0.1 --confidence 95", "confidence must be between 0 and 1"),
            ("--max-content-loss 0.1 --drop news", "commerce, boilerplate or both, not news"),
            ("--max-content-loss 0.1 --min-probability 0.5", "cannot be used together"),
            ("--confidence 0.9", "--max-content-loss, which is missing"),
        ],
    )
    def test_what_makes_no_sense_is_wrong_usage(self, run: Run, options: str, words: str) -> None:
        write("a.txt")
        result = run("strip", "a.txt", *options.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


class TestStripForms:
    def test_text(self, run: Run) -> None:
        write("a.html", PAGE)
        result = run("strip", "a.html", "--output-format", "text")
        assert result.stdout == "The ferry will run again on Monday.\n"

    def test_html(self, run: Run) -> None:
        write("a.html", PAGE)
        result = run("strip", "a.html", "--output-format", "html")
        assert "<p>The ferry" in result.stdout
        assert "$39" not in result.stdout

    def test_html_only_from_html(self, run: Run) -> None:
        write("a.md", "# Ferry\n\nIt runs.\n")
        result = run("strip", "a.md", "--output-format", "html")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "adsift: a.md: is markdown, which cannot be written as html\n"

    def test_format_overrules_the_name(self, run: Run) -> None:
        write("a.txt", PAGE)
        assert run("strip", "a.txt", "--format", "html", "--output-format", "html").exit_code == 0

    def test_jsonl(self, run: Run) -> None:
        write("a.txt")
        (record,) = lines(run("strip", "a.txt", "--output-format", "jsonl").stdout)
        assert record["document"] == "a.txt"
        assert record["format"] == "text"
        assert record["text"] == STRIPPED
        assert [len(record["kept"]), len(record["removed"])] == [3, 1]
        assert record["removed"][0]["text"] == "Buy our deck shoes, only $39."


class TestStripSeveral:
    def test_several_to_standard_output_are_json_lines(self, run: Run) -> None:
        write("a.txt")
        write("b.html", PAGE)
        result = run("strip", "a.txt", "b.html")
        assert [record["document"] for record in lines(result.stdout)] == ["a.txt", "b.html"]
        assert "writing JSON lines" in result.stderr
        assert "2 documents, removed 2 of 6 paragraphs" in result.stderr

    def test_texts_can_be_run_together(self, run: Run) -> None:
        write("n/a.txt", "One.\n")
        write("n/b.txt", "Two.\n\nThree.\n")
        result = run("strip", "n", "--output-format", "text")
        assert result.stdout == "One.\n\nTwo.\n\nThree.\n"

    def test_a_folder_is_mirrored(self, run: Run) -> None:
        write("n/a.txt")
        write("n/x/b.html", PAGE)
        write("n/x/c.txt.gz", gzip.compress(ARTICLE.encode()))
        write_lines("n/d.jsonl", {"text": ARTICLE, "n": 1})
        result = run("strip", "n", "-o", "clean/deep")
        assert (result.exit_code, result.stdout) == (0, "")
        out = Path("clean/deep")
        assert (out / "a.txt").read_bytes() == STRIPPED.encode()
        assert "$39" not in (out / "x/b.html").read_text()
        assert gzip.decompress((out / "x/c.txt.gz").read_bytes()).decode() == STRIPPED
        assert lines((out / "d.jsonl").read_text()) == [{"text": STRIPPED, "n": 1}]
        assert not [path for path in out.rglob("*") if path.name.startswith(".")]

    def test_the_output_may_lie_in_the_input(self, run: Run) -> None:
        write("n/a.txt")
        for _ in range(2):
            assert run("strip", "n", "-o", "n/clean").exit_code == 0
        assert sorted(map(str, Path("n").rglob("*.txt"))) == ["n/a.txt", "n/clean/a.txt"]

    def test_one_jsonl_file_for_all(self, run: Run) -> None:
        write("n/a.txt")
        write("n/b.txt")
        run("strip", "n", "-o", "all.jsonl.gz")
        with gzip.open("all.jsonl.gz") as stream:
            assert [json.loads(line)["text"] for line in stream] == [STRIPPED, STRIPPED]

    def test_a_pattern_in_quotes(self, run: Run) -> None:
        write("n/x/a.md")
        write("n/b.md")
        run("strip", "n/**/*.md", "-o", "clean", "--output-format", "text")
        assert Path("clean/x/a.md.txt").exists()
        assert Path("clean/b.md.txt").exists()

    def test_a_file_into_a_folder(self, run: Run) -> None:
        write("n/a.txt")
        run("strip", "n/a.txt", "-o", "clean/")
        assert Path("clean/a.txt").read_text() == STRIPPED


class TestJsonLines:
    def test_only_the_text_changes(self, run: Run) -> None:
        record = {"z": [1, {"y": None}], "content": {"text": ARTICLE, "lang": "en"}, "id": 7}
        write_lines("a.jsonl", record)
        result = run("strip", "a.jsonl", "--text-field", "content.text")
        expected = {**record, "content": {"text": STRIPPED, "lang": "en"}}
        assert result.stdout == json.dumps(expected, ensure_ascii=False) + "\n"

    def test_bad_lines_are_named_and_the_others_done(self, run: Run) -> None:
        good = json.dumps({"text": ARTICLE})
        write("a.jsonl", f'{good}\n{{"text": \n\n[1]\n{{"body": ""}}\n{{"text": 5}}\n{good}')
        result = run("strip", "a.jsonl")
        assert result.exit_code == 1
        assert [record["text"] for record in lines(result.stdout)] == [STRIPPED] * 2
        told = result.stderr.splitlines()
        assert told[0].startswith("adsift: a.jsonl:2: not valid JSON")
        assert told[1] == "adsift: a.jsonl:4: not a JSON object"
        assert told[2].startswith("adsift: a.jsonl:5: no field 'text'")
        assert told[3].startswith("adsift: a.jsonl:6: no text in field 'text'")
        assert told[4] == "adsift: 2 documents, removed 2 of 8 paragraphs, 4 failed"

    def test_xml_is_named_and_the_others_done(self, run: Run) -> None:
        write_lines(
            "a.jsonl", {"text": "<doc n='1'><p>Ferry <hi>news</hi></p></doc>"}, {"text": ARTICLE}
        )
        result = run("strip", "a.jsonl")
        assert result.exit_code == 1
        assert [record["text"] for record in lines(result.stdout)] == [STRIPPED]
        assert result.stderr.startswith("adsift: a.jsonl:1: is XML, not HTML")
        assert run("strip", "a.jsonl", "--format", "html").exit_code == 0

    def test_from_standard_input(self, run: Run) -> None:
        data = json.dumps({"text": ARTICLE}).encode()
        result = run("strip", "-", "--input-format", "jsonl", "-q", stdin=data)
        assert lines(result.stdout) == [{"text": STRIPPED}]

    def test_tag_adds_the_paragraphs(self, run: Run) -> None:
        write_lines("a.jsonl", {"text": ARTICLE, "n": 1})
        (record,) = lines(run("tag", "a.jsonl").stdout)
        assert list(record) == ["text", "n", "paragraphs"]
        assert [paragraph["label"] for paragraph in record["paragraphs"]] == [
            "news",
            "commerce",
            "boilerplate",
            "news",
        ]
        for span in record["paragraphs"]:
            assert record["text"][span["start"] : span["end"]] == span["text"]

    def test_id_and_url_fields(self, run: Run) -> None:
        write_lines(
            "a.jsonl",
            {"text": "Ferry news.", "meta": {"key": "f-1", "page": "https://shop.example/"}},
            {"text": "Ferry news $3.", "id": "unused"},
        )
        options = ["--id-field", "meta.key", "--url-field", "meta.page", "--removed", "gone.jsonl"]
        run("strip", "a.jsonl", *options)
        gone = lines(Path("gone.jsonl").read_text())
        assert [line["document"] for line in gone] == ["f-1", "a.jsonl:2"]

    def test_text_form_is_put_into_the_field(self, run: Run) -> None:
        write_lines("a.jsonl", {"text": PAGE, "n": 1})
        (record,) = lines(run("strip", "a.jsonl", "--output-format", "text").stdout)
        assert record == {"text": "The ferry will run again on Monday.", "n": 1}

    def test_no_line_is_no_error(self, run: Run) -> None:
        write("a.jsonl", b"")
        assert run("strip", "a.jsonl", "-o", "b.jsonl").exit_code == 0
        assert Path("b.jsonl").read_bytes() == b""

    def test_a_cut_off_archive_gives_what_it_has(self, run: Run) -> None:
        record = {"text": ARTICLE}
        whole = b"".join(
            json.dumps({**record, "n": os.urandom(40).hex()}).encode() + b"\n" for _ in range(500)
        )
        write("a.jsonl.gz", gzip.compress(whole)[:-200])
        result = run("strip", "a.jsonl.gz", "-q")
        assert result.exit_code == 1
        assert len(lines(result.stdout)) > 100
        assert result.stderr.splitlines()[-1].startswith(
            "adsift: a.jsonl.gz: the gzip data is cut off after "
        )


class TestTag:
    def test_one_line_a_paragraph(self, run: Run) -> None:
        write("a.txt")
        records = lines(run("tag", "a.txt").stdout)
        assert [record["index"] for record in records] == [0, 1, 2, 3]
        assert records[1] == {
            "document": "a.txt",
            "index": 1,
            "text": "Buy our deck shoes, only $39.",
            "start": 37,
            "end": 66,
            "tag": "",
            "links": [],
            "label": "commerce",
            "kind": "product",
            "probabilities": {"news": 0.1, "analysis": 0.1, "boilerplate": 0.1, "commerce": 0.7},
        }

    def test_html_has_tags_and_links_and_no_spans(self, run: Run) -> None:
        write("a.html", '<html><body><p>See <a href="/x">the ferry</a></p></body></html>')
        (record,) = lines(run("tag", "a.html").stdout)
        assert (record["tag"], record["links"], record["start"]) == ("p", ["/x"], None)

    def test_text_is_for_reading(self, run: Run) -> None:
        write("a.txt")
        page = run("tag", "a.txt", "--output-format", "text").stdout
        assert page.startswith("a.txt\n")
        assert "commerce/product  0.70  Buy our deck shoes, only $39." in page
        assert "\x1b" not in page

    def test_into_a_folder(self, run: Run) -> None:
        write("n/a.txt")
        write("n/b.html", PAGE)
        run("tag", "n", "-o", "tags")
        assert len(lines(Path("tags/a.txt.jsonl").read_text())) == 4
        assert Path("tags/b.html.jsonl").exists()

    def test_an_empty_document_has_no_lines(self, run: Run) -> None:
        write("a.txt", b"")
        result = run("tag", "a.txt")
        assert (result.exit_code, result.stdout) == (0, "")


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["strip", "a.txt", "--drop", "adverts"], "no such label to drop: adverts"),
            (["strip", "a.txt", "--drop", " , "], "--drop names no label"),
            (["strip", "a.txt", "b.txt", "--url", "https://x.example"], "--url"),
            (["strip", "n", "-o", "a.txt"], "need a folder"),
            (["strip", "n", "-o", "o.jsonl", "--output-format", "text"], "takes JSON lines"),
            (["strip", "a.txt", "-o", "a.txt"], "will not be overwritten"),
            (["strip", "n", "-o", "n"], "will not be overwritten"),
            (["tag", "a.txt", "-o", "./n/../a.txt"], "will not be overwritten"),
            (["strip", "a.txt", "--removed", "a.txt"], "will not be overwritten"),
            (
                ["strip", "a.txt", "-o", "o.txt", "--removed", "o.txt"],
                "--removed and -o would both be written to o.txt",
            ),
            (
                ["strip", "n", "-o", "o/", "--removed", "o/b.txt"],
                "--removed and n/b.txt would both be written to o/b.txt",
            ),
            (["strip", "n", "-o", "o/", "--removed", "n/b.txt"], "choose another --removed"),
            (["strip", "a.txt", "-o", ""], "-o names no file"),
            (["tag", "n", "-o", ""], "-o names no file"),
            (["strip", "a.txt", "--removed", "-"], "both go to standard output"),
        ],
    )
    def test_wrong_usage_is_one_line(self, run: Run, arguments: list[str], words: str) -> None:
        write("a.txt")
        write("n/b.txt")
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
        assert Path("a.txt").read_text() == ARTICLE
        assert Path("n/b.txt").read_text() == ARTICLE

    @pytest.mark.parametrize("command", [["strip"], ["tag"], ["explain", "--paragraph", "0"]])
    def test_an_empty_argument_is_not_this_folder(self, run: Run, command: list[str]) -> None:
        write("a.txt")
        result = run(*command, "")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("adsift: '': is empty")

    @pytest.mark.parametrize("command", [["strip"], ["tag"], ["explain", "--paragraph", "0"]])
    def test_an_address_is_no_file(self, run: Run, command: list[str]) -> None:
        result = run(*command, "https://ferry.example/a?b=1&c=2")
        assert result.exit_code == 1
        told = "adsift: https://ferry.example/a?b=1&c=2: is an address"
        assert result.stderr.startswith(told)
        assert "| adsift strip - --url 'https://ferry.example/a?b=1&c=2'\n" in result.stderr
        assert "adsift clean" in run(*command, "s3://harbour/a.txt").stderr

    @pytest.mark.parametrize(
        "arguments",
        [["strip"], ["strip", "a", "--min-probability", "2"], ["tag", "a", "--format", "pdf"]],
    )
    def test_wrong_options(self, run: Run, arguments: list[str]) -> None:
        assert run(*arguments).exit_code == 2

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\x89PNG\r\n\x1a\n", "is a PNG image, not text"),
            (b"%PDF-1.7\nwords", "is a PDF file, not text"),
            (b"PK\x03\x04words", "is a ZIP archive or an office document, not text"),
            (b"words\0words", "is binary, not text"),
            (
                gzip.compress(b"words" * 9, mtime=0)[:-5],
                "the gzip data is cut off after 45 bytes (decompressed): fetch the file again",
            ),
            (gzip.compress(b"words\0words", mtime=0), "is binary, not text"),
            (b"\x1f\x8bwords", "is a gzip archive, not text"),
        ],
    )
    def test_what_is_no_text(self, run: Run, content: bytes, words: str) -> None:
        write("a.txt", content)
        result = run("strip", "a.txt", "-o", "out.txt")
        assert (result.exit_code, result.stderr) == (1, f"adsift: a.txt: {words}\n")
        assert not Path("out.txt").exists()

    def test_the_others_are_done(self, run: Run) -> None:
        write("n/a.txt")
        write("n/b.txt", b"\0")
        write("n/c.txt", "EXPLODE")
        write("n/d.txt")
        Path("n/e.txt").symlink_to("nowhere")
        result = run("strip", "n", "gone.txt", "*.nothing", "-o", "clean")
        assert result.exit_code == 1
        told = result.stderr.splitlines()
        assert "adsift: *.nothing: matches no file" in told
        assert "adsift: gone.txt: No such file or directory" in told
        assert "adsift: n/b.txt: is binary, not text" in told
        assert "adsift: n/e.txt: No such file or directory" in told
        exploded = "ZeroDivisionError: a document\\nthat the model cannot bear"
        assert f"adsift: n/c.txt: {exploded}" in told
        assert told[-1].endswith("5 failed")
        assert sorted(map(str, Path("clean").rglob("*.*"))) == ["clean/n/a.txt", "clean/n/d.txt"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_file(self, run: Run) -> None:
        write("a.txt").chmod(0)
        result = run("strip", "a.txt")
        assert (result.exit_code, result.stderr) == (1, "adsift: a.txt: Permission denied\n")

    def test_nothing_to_do_needs_no_model(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(adsift, "load", None)
        Path("empty").mkdir()
        assert run("strip", "empty").exit_code == 1

    @pytest.mark.parametrize("error", [BundleError("no bundle in here"), ValueError("odd\nfile")])
    def test_no_model_no_start(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fail(_: str | None) -> None:
            raise error

        monkeypatch.setattr(adsift, "load", fail)
        write("a.txt")
        result = run("strip", "a.txt", "-o", "out.txt")
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith("adsift: cannot load the model: ")
        assert result.stderr.count("\n") == 1
        assert not Path("out.txt").exists()

    def test_no_output_no_start(self, run: Run) -> None:
        write("a.txt")
        result = run("strip", "a.txt", "-o", "no/such/out.txt")
        assert result.exit_code == 3
        assert result.stderr == "adsift: cannot write no/such/out.txt: No such file or directory\n"

    @pytest.mark.parametrize("removed", ["", ".", "/", ".."])
    def test_removed_paragraphs_do_not_go_to_a_folder(self, run: Run, removed: str) -> None:
        write("a.txt")
        result = run("strip", "a.txt", "--removed", removed)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith("adsift: cannot write ")
        assert result.stderr.count("\n") == 1

    def test_a_document_nested_deep_is_survived(self, run: Run) -> None:
        write("a.html", "<div>" * 5_000 + "Ferry news." + "</div>" * 5_000)
        write("b.txt", "Ferry news.\n")
        result = run("tag", "a.html", "b.txt", "-q")
        assert "b.txt" in {record["document"] for record in lines(result.stdout)}

    def test_names_that_are_no_unicode(self, run: Run) -> None:
        name = os.fsdecode(b"f\xe9rry.txt")
        write(name)
        (record,) = lines(run("strip", name, "--output-format", "jsonl").stdout)
        assert record["document"] == name
        assert "f\\udce9rry.txt: removed 1" in run("strip", name, "--show-removed").stderr


@pytest.mark.parametrize("name", ["01-summit-gear.txt", "21-damp-basement-dehumidifiers.md"])
def test_a_seed_keeps_every_other_character(run: Run, name: str) -> None:
    shutil.copy(SEEDS / name, ".")
    source = Path(name).read_text()
    records = lines(run("tag", name).stdout)
    result = run("strip", name, "--removed", "gone.jsonl")
    gone = lines(Path("gone.jsonl").read_text())
    assert [line["text"] for line in gone] == [r["text"] for r in records if "$" in r["text"]]
    remaining = iter(source)
    assert all(char in remaining for char in result.stdout)


def test_all_seeds_go_through_and_come_back_the_same(run: Run) -> None:
    assert run("strip", SEEDS, "-o", "once", "-q").exit_code == 0
    assert run("strip", "once", "-o", "twice", "-q").exit_code == 0
    names = [path.name for path in sorted(Path("once").iterdir())]
    assert len(names) >= 40
    for name in names:
        assert Path("once", name).read_bytes() == Path("twice", name).read_bytes(), name


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout == f"adsift {adsift.__version__}\n"
    for arguments in (["--help"], ["strip", "-h"], ["tag", "--help"]):
        result = run(*arguments)
        assert result.exit_code == 0
        assert "Exit codes" in result.stdout


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_help_at_80_columns_cuts_no_example(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(command, "--help")
    assert "\u2026" not in result.stdout
    _, _, rest = result.stdout.partition("Examples")
    examples = rest.partition("Exit codes")[0].split("\n")[1:]
    wrapped = [
        line
        for before, line in pairwise(["", *filter(str.strip, examples)])
        if not re.match(r" (\w+=\S+ )*(adsift|curl) ", line) and not before.rstrip().endswith("\\")
    ]
    assert wrapped == []
