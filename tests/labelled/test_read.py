"""Labelled data of every format, as it is and as it should not be."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import adsift
from adsift.compression import Codec, compress
from adsift.document import CommerceKind, Label
from adsift.errors import LabelledDataError
from adsift.labelled import FORMATS, LabelledData, read_label_map, read_labelled

NEWS = "The ferry will run again on Monday, the harbour office says."
PITCH = "Buy our deck shoes, only $39."
TEXT = f"{NEWS}\n\n{PITCH}\n\nRelated: Ferry timetable\n"
HTML = f"<html><body><nav><p>Home</p></nav><p>{NEWS}</p><p><b>Buy</b> it.</p></body></html>"


def write(folder: Path, content: str | bytes, name: str = "data") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def read(folder: Path, content: str | bytes, format: str = "auto", **options: Any) -> LabelledData:
    return read_labelled([write(folder, content)], format, **options)


def labels(data: LabelledData) -> list[list[str | None]]:
    return [[*document.labels] for document in data.documents]


def span(text: str, part: str, label: str, **more: object) -> dict[str, object]:
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label, **more}


def test_a_file_in_several_spellings_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("a", "b"):
        Path(name).write_text('{"text": "Rain is expected.", "label": "news"}\n')
    Path("link").symlink_to("a")
    data = read_labelled([Path("sub/../a"), Path("b"), Path("a"), tmp_path / "a", Path("link")])
    assert data.places == [["sub/../a:1"], ["b:1"]]
    with pytest.raises(LabelledDataError, match=r"cannot read a.*null"):
        read_labelled([Path("a\0b")])


class TestDocuments:
    def test_paragraphs_take_the_labels_of_their_spans(self, tmp_path: Path) -> None:
        spans = [
            span(TEXT, NEWS, "News"),
            span(TEXT, PITCH, "commerce", kind="product"),
        ]
        record = {"id": 1, "text": TEXT, "spans": spans, "url": "https://www.port.example/a"}
        data = read(tmp_path, lines(record))
        (document,) = data.documents
        assert [p.text for p in document.paragraphs] == TEXT.strip().split("\n\n")
        assert labels(data) == [["news", "commerce", None]]
        assert document.kinds == [None, CommerceKind.PRODUCT, None]
        assert document.group == "port.example"
        assert document.url == "https://www.port.example/a"
        assert data.places == [[f"{tmp_path / 'data'}:1"] * 3]

    def test_half_of_a_paragraph_is_enough_and_less_is_not(self, tmp_path: Path) -> None:
        text = "0123456789\n\nabcdefghij\n"
        record = {
            "text": text,
            "spans": [
                {"start": 0, "end": 5, "label": "news"},
                {"start": 12, "end": 16, "label": "news"},
            ],
        }
        data = read(tmp_path, lines(record))
        assert labels(data) == [["news", None]]
        assert data.unused_spans == 1

    @pytest.mark.parametrize(
        ("spans", "label", "kind"),
        [
            ([(7, 10, "news")], None, None),  # counted from the paragraph's start it were all
            ([(0, 3, "news"), (3, 10, "analysis")], "analysis", None),
            ([(0, 7, "news"), (7, 10, "commerce/product")], "news", None),
            ([(0, 4, "commerce/product")], None, None),
            ([(0, 3, "commerce/product"), (3, 8, "commerce/sponsored")], "commerce", "sponsored"),
            (
                [(0, 2, "commerce/product"), (2, 5, "commerce/sponsored"), (5, 9, "news")],
                "commerce",
                "sponsored",
            ),
            ([(0, 5, "commerce/product"), (5, 8, "commerce/sponsored")], "commerce", "product"),
        ],
    )
    def test_the_label_and_the_kind_of_most_characters_count(
        self,
        spans: list[tuple[int, int, str]],
        label: str | None,
        kind: str | None,
        tmp_path: Path,
    ) -> None:
        # The last line is there for one label at least to be read.
        text = "0123456789\n\nabc\n"
        found = [{"start": start, "end": end, "label": name} for start, end, name in spans]
        found.append({"start": 12, "end": 15, "label": "boilerplate"})
        data = read(tmp_path, lines({"text": text, "spans": found}))
        assert labels(data) == [[label, "boilerplate"]]
        assert data.documents[0].kinds == [kind, None]

    @pytest.mark.parametrize("unlabelled", [(0, 5), (0, 10), (3, 5), (2, 9), (5, 10)])
    def test_a_span_without_a_label_gives_way(
        self, unlabelled: tuple[int, int], tmp_path: Path
    ) -> None:
        start, end = unlabelled
        spans = [
            {"start": start, "end": end, "label": "unsure"},
            {"start": 2, "end": 9, "label": "news"},
        ]
        record = {"text": "0123456789\n", "spans": spans}
        data = read(tmp_path, lines(record), label_map={"unsure": ""})
        assert labels(data) == [["news"]]
        assert data.unused_spans == 0

    def test_sentences_of_one_label_count_together(self, tmp_path: Path) -> None:
        text = "One two. Three four. Five six."
        spans = [
            span(text, "One two.", "news"),
            span(text, "Five six.", "news"),
            span(text, "Three four.", "analysis"),
        ]
        assert labels(read(tmp_path, lines({"text": text, "spans": spans}))) == [["news"]]

    def test_spans_of_one_label_may_overlap(self, tmp_path: Path) -> None:
        spans = [
            {"start": 0, "end": 40, "label": "news"},
            {"start": 20, "end": 60, "label": "NEWS"},
        ]
        data = read(tmp_path, lines({"text": TEXT, "spans": spans}))
        assert labels(data) == [["news", None, None]]

    def test_paragraphs_of_html_are_found_by_their_text(self, tmp_path: Path) -> None:
        record = {
            "text": HTML,
            "paragraphs": [
                {"text": NEWS, "label": "news"},
                {"text": "Buy  it.", "label": "commerce", "kind": "Product"},
            ],
        }
        data = read(tmp_path, lines(record))
        assert labels(data) == [[None, "news", "commerce"]]
        assert data.documents[0].paragraphs[1].ancestors

    def test_what_tag_writes_into_json_lines_is_read(
        self, tmp_path: Path, sift: adsift.Separator
    ) -> None:
        tagged = [
            {"text": p.text, "start": p.start, "label": p.label, "kind": p.kind}
            for p in sift.tag(HTML)
        ]
        data = read(tmp_path, lines({"text": HTML, "paragraphs": tagged}))
        assert labels(data) == [[p.label for p in sift.tag(HTML)]]


class TestParagraphs:
    def test_rows_of_one_document_belong_together(self, tmp_path: Path) -> None:
        rows = [
            {"text": "One.", "label": "news", "document": "a", "site": "x.example"},
            {"text": "Two.", "label": None, "document": "a"},
            {"text": "Three.", "label": "boilerplate", "document": 7},
            {"text": "Four.", "label": "analysis"},
            {"text": "Five.", "label": "analysis"},
        ]
        data = read(tmp_path, lines(*rows))
        assert labels(data) == [["news", None], ["boilerplate"], ["analysis"], ["analysis"]]
        assert data.documents[0].group == "x.example"
        assert len({document.group for document in data.documents}) == 4
        assert data.places[0] == [f"{tmp_path / 'data'}:1", f"{tmp_path / 'data'}:2"]

    def test_two_files_may_use_the_same_ids(self, tmp_path: Path) -> None:
        row = lines({"text": "One.", "label": "news", "document": "a"})
        paths = [write(tmp_path, row, "1"), write(tmp_path, row, "2")]
        assert len({document.group for document in read_labelled(paths).documents}) == 2

    def test_the_output_of_tag_comes_back_with_corrected_labels(self, tmp_path: Path) -> None:
        rows = [
            {
                "document": "a.html",
                "index": index,
                "text": text,
                "start": None,
                "end": None,
                "tag": "p",
                "links": ["https://shop.example/a?tag=x"],
                "label": "news",
                "kind": "product",  # as it was before the correction
                "probabilities": {"news": 0.4},
            }
            for index, text in enumerate(["One.", "Two."])
        ]
        (document,) = read(tmp_path, lines(*rows)).documents
        assert document.labels == ["news", "news"]
        assert document.kinds == [None, None]
        assert document.paragraphs[0].tag == "p"
        assert document.paragraphs[0].links == ("https://shop.example/a?tag=x",)


class TestTables:
    @pytest.mark.parametrize(("delimiter", "format"), [(",", "csv"), ("\t", "tsv"), (";", "csv")])
    @pytest.mark.parametrize("named", [False, True])
    def test_columns(self, tmp_path: Path, delimiter: str, format: str, named: bool) -> None:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(["Label", "TEXT", "kind", "document", "links"])
        writer.writerow(["commerce", "Buy, buy;\nbuy\tnow", "product", "a", "/b /c"])
        writer.writerow([])
        writer.writerow(["news", "It rained.", "", "a", ""])
        data = read(tmp_path, "\ufeff" + out.getvalue(), format if named else "auto")
        (document,) = data.documents
        assert [p.text for p in document.paragraphs] == ["Buy, buy; buy now", "It rained."]
        assert document.labels == ["commerce", "news"]
        assert document.kinds == ["product", None]
        assert document.paragraphs[0].links == ("/b", "/c")
        assert data.places[0][1].endswith(":5")

    def test_a_row_may_be_short(self, tmp_path: Path) -> None:
        data = read(tmp_path, "text,label,kind,site\nOne.,news\nTwo.,\n")
        assert labels(data) == [["news"], [None]]
        assert data.unlabelled == 1

    def test_stray_quotation_marks_within_a_line(self, tmp_path: Path) -> None:
        content = 'text,label\n"Ahoy," he said,news\nA 5" nail,commerce\n"Two\nlines",news\n'
        data = read(tmp_path, content)
        assert labels(data) == [["news"], ["commerce"], ["news"]]

    def test_lines_of_a_cell_may_look_like_rows(self, tmp_path: Path) -> None:
        content = (
            'text,label,note\n"One, two,\nthree, four, five\nsix","news","so,news,\nand, so"\n'
            '"One\nHome, News, \ntwo",news,"a\nb"\n'
        )
        assert labels(read(tmp_path, content)) == [["news"], ["news"]]

    def test_columns_that_are_not_read_may_have_one_name(self, tmp_path: Path) -> None:
        assert labels(read(tmp_path, "text,note,note,label\nOne.,,,news\n")) == [["news"]]

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("text,label\nOne, two.,news\n", "data:2: 3 cells under 2 columns"),
            ("text,label,kind\nOne.,news\nTwo.\n", "data:3: 1 cells .* none for the label"),
            ("label,text\nnews,One.\nnews\n", "data:3: 1 cells .* none for the text"),
            ("text,label,Label\nOne.,news,news\n", "data:1: several columns are called label"),
            ("text,site,site,label\nOne.,a,b,news\n", "data:1: several columns are called site"),
            ('text,label\nOne.,news\n"Two', "data:3: .*quotation mark"),
            ('text,label\nOne.,news\n"Two,news\nThree.,news\n', "data:3: .*quotation mark"),
            ('text,label\n"Two,news\n"Three",news\n', "data:2: .*quotation mark"),
            ('text,label\n"Two,news\nHe: "Three,news\n', "data:2: .*quotation mark"),
            ('text,label\n"Two,news\n' + "Three.,news\n" * 20_000, "data:2: .*quotation mark"),
            (
                'text\tlabel\n"Two\tnews\nThree\tcommerce\n"Four"\tnews\nFive"\tnews\n',
                "data:2: .*quotation mark",
            ),
            (
                'text\tlabel\n"Two\tnews\nThree\tads\nFour"\tnews\nFive\tads\n',
                "data:2: .*the row of 'Two' is in it.*quotation mark",
            ),
            (
                'id,label,text\n1,ad,One.\n2,news,"Two\n3,ad,Three\n4,ad,Four"\n',
                "data:3: .*the row of 'Three' is in it.*quotation mark",
            ),
            (
                'id\ttext\tlabel\n1\t"Two\tx\ty\r\n2\tThree\tNews\r\n3\tFour"\tnews\r\n',
                "data:2: .*the row of 'Three' is in it.*quotation mark",
            ),
            ("words,label\na,b\n", "neither JSON nor a table"),
            ("text,label\n,news\n", "data:2: the text is empty"),
            ("text,label\nOne.,news\nTwo.,news,\n", "data:3: 3 cells"),
        ],
    )
    def test_errors(self, tmp_path: Path, content: str, complaint: str) -> None:
        with pytest.raises(LabelledDataError, match=complaint):
            read(tmp_path, content)


def task(result: list[object], text: str = TEXT, **more: object) -> dict[str, object]:
    return {"id": 5, "data": {"text": text}, "annotations": [{"id": 9, "result": result, **more}]}


def region(text: str, part: str, label: str) -> dict[str, object]:
    found = span(text, part, label)
    value = {"start": found["start"], "end": found["end"], "text": part, "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def small(fields: dict[str, object], **more: object) -> dict[str, object]:
    """A record of JSON-MIN."""
    when = "2026-01-05T09:30:00Z"
    known = {"id": 1, "annotator": "a@port.example", "annotation_id": 4, "lead_time": 2.5}
    return {**known, "created_at": when, "updated_at": when, **fields, **more}


class TestLabelStudio:
    def test_regions(self, tmp_path: Path) -> None:
        tasks = [
            task([region(TEXT, PITCH, "Commerce"), {"type": "rating", "value": {"rating": 3}}]),
            task([]),
            {"id": 6, "data": {"text": TEXT}, "annotations": []},
        ]
        data = read(tmp_path, json.dumps(tasks, indent=2))
        assert labels(data) == [[None, "commerce", None]]
        assert data.skipped == 2
        assert data.places[0][0].endswith("data: record 1")

    @pytest.mark.parametrize("value", [None, 7, "news", ["news"]])
    def test_choices_without_a_value_say_nothing(self, value: object, tmp_path: Path) -> None:
        result = [{"type": "choices", "value": value}, region(TEXT, PITCH, "commerce")]
        assert labels(read(tmp_path, json.dumps([task(result)]))) == [[None, "commerce", None]]

    def test_choices_are_for_the_whole_text(self, tmp_path: Path) -> None:
        result = [{"type": "choices", "value": {"choices": ["news"]}}]
        data = read(tmp_path, json.dumps([task(result, NEWS)]))
        assert labels(data) == [["news"]]

    def test_cancelled_annotations_and_predictions_do_not_count(self, tmp_path: Path) -> None:
        record = task([region(TEXT, NEWS, "news")])
        record["annotations"] = [
            *record["annotations"],  # type: ignore[misc]
            {"result": [region(TEXT, NEWS, "analysis")], "was_cancelled": True},
        ]
        record["predictions"] = [{"result": [region(TEXT, NEWS, "boilerplate")]}]
        assert labels(read(tmp_path, lines(record)))[0][0] == "news"

    def test_of_skipped_and_empty_annotations_none_counts(self, tmp_path: Path) -> None:
        record = task([region(TEXT, NEWS, "news")])
        record["annotations"] = [
            *record["annotations"],  # type: ignore[misc]
            {"result": [region(TEXT, NEWS, "analysis")], "skipped": True},
            {"result": [], "ground_truth": True},
        ]
        data = read(tmp_path, lines(record))
        assert labels(data)[0][0] == "news"
        assert (data.skipped, data.disputed) == (0, 0)

    def test_the_ground_truth_wins_over_the_last(self, tmp_path: Path) -> None:
        record = task([region(TEXT, NEWS, "news")], ground_truth=True)
        record["annotations"] = [
            *record["annotations"],  # type: ignore[misc]
            {"result": [region(TEXT, NEWS, "analysis")]},
        ]
        assert labels(read(tmp_path, lines(record)))[0][0] == "news"

    @pytest.mark.parametrize(
        "wrong",
        [
            [region(TEXT, NEWS, "news"), region(TEXT, NEWS, "commerce")],
            [region(TEXT, NEWS, "nwes")],
            [{"type": "labels", "value": {"start": 0, "end": 9_999, "labels": ["news"]}}],
            [{"type": "rectanglelabels", "value": {"x": 1}}],
            [{"type": "choices", "value": {"choices": ["news", "commerce"]}}],
        ],
    )
    def test_what_was_corrected_may_be_wrong(
        self, wrong: list[dict[str, object]], tmp_path: Path
    ) -> None:
        record = task(wrong)
        record["annotations"] = [
            *record["annotations"],  # type: ignore[misc]
            {"result": [region(TEXT, NEWS, "news")]},
        ]
        assert labels(read(tmp_path, lines(record)))[0][0] == "news"

    def test_offsets_in_utf_16_are_understood(self, tmp_path: Path) -> None:
        text = f"🛳🛳🛳🛳🛳🛳 Ahoy.\n\n{PITCH}\n"
        wrong = region(text, PITCH, "commerce")
        wrong["value"]["start"] += 6  # type: ignore[index]
        wrong["value"]["end"] += 6  # type: ignore[index]
        data = read(tmp_path, json.dumps([task([wrong], text)]))
        assert labels(data) == [[None, "commerce"]]

    def test_offsets_that_count_a_line_end_as_one_are_understood(self, tmp_path: Path) -> None:
        parts = [PITCH if n % 2 else NEWS for n in range(20)]
        spans, start = [], 0
        for part in parts:
            value = {"start": start, "end": start + len(part), "text": part}
            spans.append({**value, "labels": ["commerce" if part == PITCH else "news"]})
            start += len(part) + 2
        regions = [{"type": "labels", "value": value} for value in spans]
        data = read(tmp_path, json.dumps([task(regions, "\r\n\r\n".join(parts))]))
        assert labels(data) == [["news", "commerce"] * 10]

    def test_line_ends_and_utf_16_together(self, tmp_path: Path) -> None:
        text = f"{'🛳' * 20} Ahoy.\n\n{PITCH}"
        wrong = region(text, PITCH, "commerce")
        wrong["value"]["start"] += 20  # type: ignore[index]
        wrong["value"]["end"] += 20  # type: ignore[index]
        data = read(tmp_path, json.dumps([task([wrong], text.replace("\n", "\r\n"))]))
        assert labels(data) == [[None, "commerce"]]

    def test_in_a_text_that_repeats_itself_the_way_of_most_spans_counts(
        self, tmp_path: Path
    ) -> None:
        # Counted as characters, the span of the last line would be the third.
        regions = [
            {"type": "labels", "value": {"start": n, "end": n + 2, "text": "Ad", "labels": [name]}}
            for n, name in ((4, "news"), (8, "news"), (12, "commerce"))
        ]
        data = read(tmp_path, json.dumps([task(regions, "\r\n\r\n".join(["Ad"] * 4))]))
        assert labels(data) == [[None, "news", "news", "commerce"]]

    @pytest.mark.parametrize(
        "quoted", [f" {NEWS}\n", f"{NEWS}\\n\\n{PITCH}", f"{NEWS}{PITCH}", NEWS[4:20], " ", None]
    )
    def test_quotes_as_browsers_and_label_studio_write_them(
        self, tmp_path: Path, quoted: str | None
    ) -> None:
        whole = NEWS if quoted is None or PITCH not in quoted else f"{NEWS}\n\n{PITCH}"
        found = region(TEXT, whole, "news")
        found["value"]["text"] = quoted  # type: ignore[index]
        assert labels(read(tmp_path, lines(task([found]))))[0][0] == "news"

    @pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), f"🛳 {TEXT}"])
    def test_a_quote_that_stands_elsewhere_is_an_error(self, tmp_path: Path, text: str) -> None:
        wrong = region(text, NEWS, "news")
        wrong["value"]["text"] = PITCH  # type: ignore[index]
        with pytest.raises(LabelledDataError, match=r"record 1: the span .*'Buy our .*The ferry "):
            read(tmp_path, json.dumps([task([wrong], text)]))

    def test_the_small_export_without_annotators(self, tmp_path: Path) -> None:
        regions = [region(TEXT, PITCH, "Commerce")["value"]]
        tasks = [{"id": 1, "text": NEWS}, {"id": 2, "text": TEXT, "label": regions}]
        assert labels(read(tmp_path, json.dumps(tasks))) == [[None, "commerce", None]]

    def test_the_small_export(self, tmp_path: Path) -> None:
        value = region(TEXT, PITCH, "commerce")["value"]
        record = {"id": 1, "text": TEXT, "label": [value], "annotator": 1, "annotation_id": 4}
        assert labels(read(tmp_path, json.dumps([record]))) == [[None, "commerce", None]]

    @pytest.mark.parametrize("text", ["text", "body"])
    @pytest.mark.parametrize("control", ["label", "sentiment"])
    @pytest.mark.parametrize("chosen", ["News", {"choices": ["news"]}])
    def test_choices_of_the_small_export_have_any_name(
        self, tmp_path: Path, text: str, control: str, chosen: object
    ) -> None:
        record = small({text: NEWS, control: chosen})
        other = small({text: PITCH, control: "Advert"}, id=2)
        skipped = small({text: TEXT}, id=3)
        data = read(
            tmp_path, json.dumps([skipped, other, record]), label_map={"advert": "commerce"}
        )
        assert labels(data) == [["commerce"], ["news"]]
        assert [d.paragraphs[0].text for d in data.documents] == [PITCH, NEWS]
        assert data.skipped == 1
        with pytest.raises(LabelledDataError, match="unknown labels 'Advert'"):
            read(tmp_path, json.dumps([skipped, other, record]))

    def test_a_path_is_no_label(self, tmp_path: Path) -> None:
        data = read(tmp_path, json.dumps([small({"text": NEWS, "path": "/a", "kind": "news"})]))
        assert labels(data) == [["news"]]

    @pytest.mark.parametrize("imported", ["section", "category", "label"])
    def test_what_was_imported_is_no_choice_where_there_are_regions(
        self, tmp_path: Path, imported: str
    ) -> None:
        found = {"start": 0, "end": len(PITCH), "labels": ["commerce"]}
        records = [
            small({"text": NEWS, imported: "News"}, id=2),
            small({"text": PITCH, imported: "News", "tags": [found]}),
        ]
        data = read(tmp_path, json.dumps(records))
        assert labels(data) == [["commerce"]]
        assert data.skipped == 1

    @pytest.mark.parametrize("imported", ["category", "class", "label", "choice"])
    @pytest.mark.parametrize("control", ["sentiment", "choices"])
    def test_what_was_imported_may_have_a_usual_name(
        self, tmp_path: Path, imported: str, control: str
    ) -> None:
        records = [
            small({"text": NEWS, imported: "News"}, id=2),
            small({"text": PITCH, imported: "News", control: "commerce"}),
        ]
        complaint = f"any of the fields {imported}, {control}; take out all but"
        with pytest.raises(LabelledDataError, match=complaint):
            read(tmp_path, json.dumps(records))

    def test_usual_names_that_hold_no_labels(self, tmp_path: Path) -> None:
        records = [
            small({"body": NEWS, "label": "news", "class": "wide"}),
            small({"body": PITCH, "label": "commerce", "category": "Sports"}, id=2),
        ]
        assert labels(read(tmp_path, json.dumps(records))) == [["news"], ["commerce"]]

    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [
            ({"text": NEWS, "at": "News", "kind": "commerce"}, "any of the fields at, kind; tak"),
            ({"title": "Ferry", "body": NEWS, "kind": "news"}, "any of the fields title, body; r"),
            ({"kind": "news"}, "no field 'text'"),
        ],
    )
    def test_fields_that_could_be_meant_are_named(
        self, tmp_path: Path, fields: dict[str, object], complaint: str
    ) -> None:
        with pytest.raises(LabelledDataError, match=f"data: record 1: .*{complaint}"):
            read(tmp_path, json.dumps([small(fields)]))

    def test_regions_of_html_are_an_error(self, tmp_path: Path) -> None:
        wrong = {**region(TEXT, NEWS, "news"), "type": "hypertextlabels"}
        with pytest.raises(LabelledDataError, match=r"record 1: .*'hypertextlabels'"):
            read(tmp_path, json.dumps([task([wrong])]))

    @pytest.mark.parametrize(
        "value",
        [
            {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]"},
            {"start": "0", "end": "0", "startOffset": 0, "endOffset": 9},
            {"globalOffsets": {"start": 0, "end": 9}},
        ],
    )
    def test_so_are_labels_on_a_hypertext(self, value: dict[str, object], tmp_path: Path) -> None:
        wrong = {"type": "labels", "value": {**value, "labels": ["news"]}}
        with pytest.raises(LabelledDataError, match=r"record 1: .* are not of plain text; label a"):
            read(tmp_path, json.dumps([task([wrong])]))


def annotations(tool: str, *given: tuple[str, str] | None) -> str:
    """One text as several annotators left it, each with a span of it and its label, or nothing."""
    regions = [[] if one is None else [region(TEXT, *one)] for one in given]
    if tool == "label-studio":
        made = [{"id": n, "result": result} for n, result in enumerate(regions)]
        return json.dumps([{"id": 5, "data": {"text": TEXT}, "annotations": made}])
    if tool == "label-studio, small":
        records = [
            {"id": 5, "text": TEXT, "tags": [r["value"] for r in result], "annotation_id": n}
            for n, result in enumerate(regions)
        ]
        return json.dumps([{**record, "annotator": n} for n, record in enumerate(records)])
    spans = [[] if one is None else [span(TEXT, *one)] for one in given]
    if tool == "prodigy":
        return lines(
            *(
                {"text": TEXT, "spans": found, "answer": "accept", "_task_hash": 7}
                for found in spans
            )
        )
    return lines(
        *(
            {"id": 5, "text": TEXT, "label": [[s["start"], s["end"], s["label"]] for s in found]}
            for found in spans
        )
    )


@pytest.mark.parametrize("tool", ["label-studio", "label-studio, small", "prodigy", "doccano"])
class TestSeveralAnnotators:
    def test_the_last_counts_and_that_they_disagree_is_told(
        self, tool: str, tmp_path: Path
    ) -> None:
        data = read(tmp_path, annotations(tool, (NEWS, "analysis"), (NEWS, "news")))
        assert labels(data) == [["news", None, None]]
        assert data.disputed == 1

    def test_an_empty_one_beats_none_with_labels(self, tool: str, tmp_path: Path) -> None:
        data = read(tmp_path, annotations(tool, None, (NEWS, "news"), None))
        assert labels(data) == [["news", None, None]]
        assert data.disputed == 0

    def test_one_whose_labels_stand_for_nothing_is_not_empty(
        self, tool: str, tmp_path: Path
    ) -> None:
        content = annotations(tool, (NEWS, "news"), (NEWS, "unsure"))
        with pytest.raises(LabelledDataError, match="no paragraph has a label"):
            read(tmp_path, content, label_map={"unsure": ""})

    def test_the_same_labels_are_no_dispute(self, tool: str, tmp_path: Path) -> None:
        data = read(tmp_path, annotations(tool, (NEWS, "news"), (NEWS[:-1], "news")))
        assert labels(data) == [["news", None, None]]
        assert data.disputed == 0


class TestDoccano:
    @pytest.mark.parametrize("field", ["label", "labels", "entities"])
    def test_spans_as_lists(self, tmp_path: Path, field: str) -> None:
        found = span(TEXT, PITCH, "commerce")
        record = {"id": 3, "text": TEXT, field: [[found["start"], found["end"], "commerce"]]}
        empty = {"id": 4, "text": TEXT, field: []}
        data = read(tmp_path, lines(empty, record))
        assert labels(data) == [[None, "commerce", None]]
        assert data.skipped == 1

    def test_spans_with_the_text_that_they_quote(self, tmp_path: Path) -> None:
        text = f"🛳🛳🛳 Ahoy.\n\n{PITCH}\n"
        start = text.index(PITCH) + 3  # in UTF-16 each ship counts twice
        span = [start, start + len(PITCH), "commerce"]
        data = read(tmp_path, lines({"text": text, "label": [[*span, PITCH]]}))
        assert labels(data) == [[None, "commerce"]]
        with pytest.raises(LabelledDataError, match="should be 'Ahoy again'"):
            read(tmp_path, lines({"text": text, "label": [[*span, "Ahoy again"]]}))

    def test_spans_as_entities(self, tmp_path: Path) -> None:
        found = span(TEXT, PITCH, "commerce")
        entity = {"id": 0, "start_offset": found["start"], "end_offset": found["end"]}
        record = {"text": TEXT, "entities": [{**entity, "label": "commerce"}], "relations": []}
        assert labels(read(tmp_path, lines(record))) == [[None, "commerce", None]]

    def test_classification(self, tmp_path: Path) -> None:
        record = {"id": 1, "data": NEWS, "label": ["news"], "meta": {"site": "port.example"}}
        data = read(tmp_path, lines(record))
        assert labels(data) == [["news"]]
        assert data.documents[0].group == "port.example"

    def test_numbers_of_labels_can_be_mapped(self, tmp_path: Path) -> None:
        item = {"label": 7, "start_offset": 0, "end_offset": len(NEWS), "user": 1}
        record = {"id": 15, "text": TEXT, "annotations": [item], "meta": {}}
        with pytest.raises(LabelledDataError, match=r"unknown labels '7' .1."):
            read(tmp_path, lines(record))
        data = read(tmp_path, lines(record), label_map={"7": "news"})
        assert labels(data)[0][0] == "news"


class TestProdigy:
    def test_spans_of_accepted_tasks(self, tmp_path: Path) -> None:
        found = {"text": TEXT, "spans": [span(TEXT, PITCH, "COMMERCE", token_start=3)]}
        data = read(
            tmp_path,
            lines(
                {**found, "_task_hash": 1, "answer": "reject"},
                {**found, "_task_hash": 2, "answer": "ignore"},
                {**found, "_task_hash": 3, "answer": "accept"},
            ),
        )
        assert labels(data) == [[None, "commerce", None]]
        assert data.skipped == 2

    def test_labels_of_whole_texts(self, tmp_path: Path) -> None:
        options = [{"id": label, "text": label.title()} for label in ("news", "commerce")]
        data = read(
            tmp_path,
            lines(
                {"text": NEWS, "label": "news", "answer": "accept"},
                {"text": PITCH, "options": options, "accept": ["commerce"], "answer": "accept"},
                {"text": PITCH, "options": options, "accept": [], "answer": "accept"},
            ),
        )
        assert labels(data) == [["news"], ["commerce"]]
        assert data.skipped == 1

    def test_ids_of_options_may_be_numbers(self, tmp_path: Path) -> None:
        options = [{"id": 0, "text": "News"}, {"id": 1, "text": "Advert"}]
        chosen = lines(
            {"text": NEWS, "options": options, "accept": [0], "answer": "accept"},
            {"text": PITCH, "options": options, "accept": [1], "answer": "accept"},
        )
        for label_map in {"advert": "commerce"}, {"0": "news", "1": "commerce"}:
            assert labels(read(tmp_path, chosen, label_map=label_map)) == [["news"], ["commerce"]]
        with pytest.raises(LabelledDataError, match="unknown labels '1'"):
            read(tmp_path, chosen)

    def test_questions_about_one_text_are_not_one_task(self, tmp_path: Path) -> None:
        found = {"text": TEXT, "_input_hash": 1, "answer": "accept"}
        data = read(
            tmp_path,
            lines(
                {**found, "_task_hash": 1, "spans": [span(TEXT, NEWS, "news")]},
                {**found, "_task_hash": 2, "spans": [span(TEXT, PITCH, "commerce")]},
            ),
        )
        assert labels(data) == [["news", None, None], [None, "commerce", None]]

    @pytest.mark.parametrize("said", [{"label": "news"}, {"accept": ["news"]}])
    @pytest.mark.parametrize("found", [{"pattern": 3}, {"label": "PERSON"}, {"label": None}])
    def test_spans_without_a_label_leave_that_of_the_whole_text(
        self, said: dict[str, object], found: dict[str, object], tmp_path: Path
    ) -> None:
        record = {"text": NEWS, "spans": [{"start": 4, "end": 9, **found}], "answer": "accept"}
        data = read(tmp_path, lines({**record, **said}), label_map={"person": ""})
        assert labels(data) == [["news"]]

    def test_what_a_pattern_has_found_is_no_answer(self, tmp_path: Path) -> None:
        found = {"text": NEWS, "spans": [{"start": 4, "end": 9, "pattern": 3}], "answer": "accept"}
        data = read(tmp_path, lines({**found, "accept": []}, {**found, "accept": ["news"]}))
        assert labels(data) == [["news"]]
        assert data.skipped == 1

    @pytest.mark.parametrize("said", [{"label": "Commerce"}, {"label": "SPORTS"}, {"accept": []}])
    def test_labels_of_spans_count_alone(self, said: dict[str, object], tmp_path: Path) -> None:
        record = {"text": TEXT, "spans": [span(TEXT, PITCH, "commerce")], "answer": "accept"}
        assert labels(read(tmp_path, lines({**record, **said}))) == [[None, "commerce", None]]

    @pytest.mark.parametrize("said", [{"label": "news"}, {"accept": ["commerce", "news"]}])
    def test_spans_and_the_whole_text_with_different_labels(
        self, said: dict[str, object], tmp_path: Path
    ) -> None:
        record = {"text": TEXT, "spans": [span(TEXT, PITCH, "commerce")], "answer": "accept"}
        with pytest.raises(LabelledDataError, match=r"data:1: spans .* has another .news."):
            read(tmp_path, lines({**record, **said}))

    def test_several_choices_contradict_each_other(self, tmp_path: Path) -> None:
        record = {"text": NEWS, "accept": ["news", "commerce"], "answer": "accept"}
        with pytest.raises(LabelledDataError, match="data:1: one text with several labels"):
            read(tmp_path, lines(record))


DOCUMENT = {"text": TEXT, "spans": [span(TEXT, NEWS, "news")]}
CUT = {"text": TEXT, "paragraphs": [{"text": NEWS, "label": "news"}]}
PARAGRAPH = {"text": PITCH, "label": "commerce"}
DOCCANO = {"text": TEXT, "label": [[0, len(NEWS), "news"]]}
ENTITIES = {"text": TEXT, "entities": [{"start_offset": 0, "end_offset": 9, "label": "news"}]}
CHOSEN = {"text": NEWS, "accept": ["news"], "answer": "accept"}
JSON_MIN = small({"text": TEXT, "tags": [region(TEXT, NEWS, "news")["value"]]})


class TestSeveralFormats:
    @pytest.mark.parametrize(
        ("first", "second", "formats"),
        [
            (DOCUMENT, PARAGRAPH, ("paragraphs", "documents")),
            (CUT, PARAGRAPH, ("paragraphs", "documents")),
            (PARAGRAPH, DOCUMENT, ("documents", "paragraphs")),
            (PARAGRAPH, CUT, ("documents", "paragraphs")),
            (DOCCANO, DOCUMENT, ("documents", "doccano")),
            (DOCUMENT, DOCCANO, ("doccano", "documents")),
            (DOCUMENT, ENTITIES, ("doccano", "documents")),
            (PARAGRAPH, ENTITIES, ("doccano", "paragraphs")),
            (DOCUMENT, CHOSEN, ("prodigy", "documents")),
            (CHOSEN, CUT, ("documents", "prodigy")),
            (task([region(TEXT, NEWS, "news")]), DOCUMENT, ("documents", "label-studio")),
            (JSON_MIN, DOCCANO, ("doccano", "label-studio")),
            (DOCUMENT, JSON_MIN, ("label-studio", "documents")),
            (DOCUMENT, small(PARAGRAPH), ("label-studio", "documents")),
        ],
    )
    def test_labels_that_would_be_lost(
        self,
        first: dict[str, object],
        second: dict[str, object],
        formats: tuple[str, str],
        tmp_path: Path,
    ) -> None:
        found, before = formats
        complaint = f"data:3: this record is of the format {found}, .* read as {before},"
        with pytest.raises(LabelledDataError, match=complaint):
            read(tmp_path, lines({"body": NEWS}, first, second))

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (DOCUMENT, {"text": TEXT, "label": None}),
            (DOCUMENT, {"text": TEXT, "label": []}),
            (DOCUMENT, {"text": TEXT}),
            (DOCUMENT, {**DOCUMENT, "answer": "accept", "_task_hash": 3}),
            (PARAGRAPH, {**PARAGRAPH, "spans": [], "paragraphs": []}),
            (PARAGRAPH, {**PARAGRAPH, "spans": [{"start": 0, "end": 3, "label": None}]}),
            (PARAGRAPH, {**PARAGRAPH, "answer": "accept"}),
            (CHOSEN, PARAGRAPH),
            (CHOSEN, DOCUMENT),
            (DOCCANO, PARAGRAPH),
            (DOCCANO, {"text": TEXT, "entities": [], "relations": []}),
            (JSON_MIN, {"id": 2, "text": TEXT, "tags": []}),
            (JSON_MIN, {"id": 2, "text": TEXT, "label": []}),
            (JSON_MIN, task([])),
        ],
    )
    def test_what_one_tool_writes_may_look_like_two(
        self, first: dict[str, object], second: dict[str, object], tmp_path: Path
    ) -> None:
        assert read(tmp_path, lines(first, second)).documents

    def test_a_format_that_is_named_is_the_users_word(self, tmp_path: Path) -> None:
        data = read(tmp_path, lines(DOCUMENT, PARAGRAPH), "documents")
        assert labels(data) == [["news", None, None], [None]]

    def test_columns_of_a_table_may_have_any_name(self, tmp_path: Path) -> None:
        content = "text,label,answer,accept,spans\nOne.,news,,,\nTwo.,news,accept,yes,a\n"
        assert labels(read(tmp_path, content)) == [["news"], ["news"]]


class TestFiles:
    def test_compressed_and_utf_16(self, tmp_path: Path) -> None:
        content = lines({"text": "Straße.", "label": "news"}).encode()
        for codec in Codec:
            assert labels(read(tmp_path, compress(content, codec))) == [["news"]]
        assert labels(read(tmp_path, content.decode().encode("utf-16"))) == [["news"]]

    def test_one_object_over_many_lines(self, tmp_path: Path) -> None:
        record = {"text": TEXT, "spans": [span(TEXT, NEWS, "news")]}
        assert labels(read(tmp_path, json.dumps(record, indent=1)))[0][0] == "news"

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "data is empty"),
            (b" \n", "data is empty"),
            (b'{"text": "a", "label": "news"}\n{"text": "\xe9"}', "data:2: not UTF-8"),
            (b"\x1f\x8bxx", "data is a gzip archive, not text"),
            (b"%PDF-1.7", "data is a PDF file, not text"),
            (compress(b"{}" * 99, Codec.GZIP)[:-9], "data: the gzip data is cut off"),
            (b"PK\x03\x04\x14\0", "data is a zip archive or a workbook: unpack it"),
            (b'{"text": "a", "label": "news"}\n{"text": ', "data:2: not valid JSON"),
            (b"[" * 100_000, "not valid JSON"),
            (b"[1]", "record 1: expected a JSON object, not int"),
            (b"[]", "cannot tell what labelled data this is"),
            (b'{"a": 1}', "the first record has a"),
            (b'{"text": "a", "label": null}', "no paragraph has a label"),
            (b'{"text": 1, "label": "news"}', "data:1: the field 'text' is int"),
            (b'{"label": "news", "text": "a", "document": []}', "'document' is list"),
            (b'{"label": "news", "text": "a", "links": "a", "rels": [1]}', "'rels' must be a list"),
            (b'{"label": "news", "text": "a", "weight": NaN}', "'weight' must be a number"),
            (b'{"label": ["news"], "text": "a", "document": 1}', None),
            (b'{"label": {"a": 1}, "text": "a"}', "data:1: a label must be text, not dict"),
            (b'{"label": "commerce", "kind": "x", "text": "a"}', "unknown kind 'x'"),
            (b'{"text": "ab", "spans": [{"start": 0, "end": 3, "label": "news"}]}', "not within"),
            (b'{"text": "ab", "spans": [{"start": -1, "end": 1, "label": "news"}]}', "not within"),
            (b'{"text": "ab", "spans": [{"start": 1, "end": 1, "label": "news"}]}', "is empty$"),
            (b'{"text": "ab", "spans": [{"start": 0.5, "end": 1, "label": "news"}]}', "whole"),
            (b'{"text": "ab", "spans": [{"start": true, "end": 1, "label": "news"}]}', "whole"),
            (b'{"text": "ab", "spans": [7]}', "a span must be an object"),
            (b'{"text": "ab", "spans": [], "format": "pdf"}', "unknown format 'pdf'"),
        ],
    )
    def test_errors_name_the_place(
        self, tmp_path: Path, content: bytes, complaint: str | None
    ) -> None:
        if complaint is None:
            assert labels(read(tmp_path, content)) == [["news"]]
            return
        with pytest.raises(LabelledDataError, match=complaint):
            read(tmp_path, content)

    def test_overlapping_spans_with_different_labels(self, tmp_path: Path) -> None:
        spans = [
            {"start": 0, "end": 9, "label": "news"},
            {"start": 5, "end": 12, "label": "analysis"},
        ]
        with pytest.raises(LabelledDataError, match=r"data:2: .* 0 to 9 is news, 5 to 12 is anal"):
            read(tmp_path, lines({"text": TEXT, "spans": []}, {"text": TEXT, "spans": spans}))

    def test_html_has_no_spans(self, tmp_path: Path) -> None:
        record = {"text": HTML, "spans": [{"start": 0, "end": 9, "label": "news"}]}
        with pytest.raises(LabelledDataError, match="data:1: HTML has no spans"):
            read(tmp_path, lines(record))

    def test_paragraphs_that_are_not_in_the_document(self, tmp_path: Path) -> None:
        paragraphs = [{"text": "Buy it.", "label": "commerce"}, {"text": NEWS, "label": "news"}]
        with pytest.raises(LabelledDataError, match=r"data:1: paragraph 2 .'The ferry"):
            read(tmp_path, lines({"text": HTML, "paragraphs": paragraphs}))

    def test_missing_files_and_folders(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match=r"cannot read .*: No such file"):
            read_labelled([tmp_path / "none"])
        with pytest.raises(LabelledDataError, match="is a folder"):
            read_labelled([tmp_path])

    def test_an_unknown_format(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match="unknown format 'xml'"):
            read(tmp_path, "x", "xml")


class TestLabels:
    def test_unknown_labels_are_listed_with_those_that_are_allowed(self, tmp_path: Path) -> None:
        rows = [{"text": "a", "label": label} for label in ("news", "Ad", "Ad", "Opinion")]
        with pytest.raises(LabelledDataError) as caught:
            read(tmp_path, lines(*rows))
        message = str(caught.value)
        assert "data:2: unknown labels 'Ad' (2), 'Opinion' (1)" in message
        assert "news, analysis, boilerplate, commerce" in message
        assert message.endswith("such as Ad=LABEL")

    def test_a_map_gives_names_a_meaning(self, tmp_path: Path) -> None:
        rows = [{"text": "a", "label": label} for label in ("AD", "Opinion", "skip", "News")]
        names = read_label_map("ad=commerce/sponsored, opinion=analysis,skip=")
        data = read(tmp_path, lines(*rows), label_map=names)
        assert labels(data) == [["commerce"], ["analysis"], [None], ["news"]]
        assert data.documents[0].kinds == ["sponsored"]

    @pytest.mark.parametrize(
        "content", ['{"ad": "commerce", "x": null}', "# a\n ad=commerce\nx=\n"]
    )
    def test_a_map_in_a_file(self, tmp_path: Path, content: str) -> None:
        assert read_label_map(str(write(tmp_path, content))) == {"ad": "commerce", "x": ""}

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("ad=advert", "ad stands for 'advert', which is no label"),
            ("ad=commerce/x", "unknown kind 'x'"),
            ("=news", "expected NAME=LABEL"),
            ("news", "cannot read news"),
        ],
    )
    def test_errors_of_a_map(self, content: str, complaint: str) -> None:
        with pytest.raises(LabelledDataError, match=complaint):
            read_label_map(content)

    def test_kinds_may_stand_with_their_label(self, tmp_path: Path) -> None:
        data = read(tmp_path, lines({"text": "a", "label": "Commerce/Membership"}))
        assert data.documents[0].kinds == [CommerceKind.MEMBERSHIP]


_NAMES = st.sampled_from(
    "text label labels kind document site url tag links spans start end paragraphs entities data "
    "annotations completions result value type choices accept answer options meta format weight "
    "start_offset end_offset was_cancelled ground_truth annotator annotation_id "
    "rels ancestors link_share _task_hash id".split()
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["news", "commerce", "labels", "choices", "accept", "html", "<p>a<p>b", TEXT])
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=20,
)
_RECORDS = st.lists(st.dictionaries(_NAMES, _VALUES, max_size=6), min_size=1, max_size=3)


class TestHostileInput:
    @given(records=_RECORDS, format=st.sampled_from(FORMATS), as_array=st.booleans())
    @example(records=[{"text": "\ud800 a", "label": "news"}], format="auto", as_array=False)
    @example(records=[{"text": "\ud800", "spans": []}], format="documents", as_array=False)
    @example(
        records=[{"text": "a", "entities": [{"start_offset": 0}]}], format="auto", as_array=True
    )
    def test_json_gives_documents_or_the_one_error(
        self, records: Any, format: str, as_array: bool, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        content = json.dumps(records) if as_array else lines(*records)
        self.check(content.encode(), format, tmp_path_factory)

    @given(content=st.binary(max_size=200), format=st.sampled_from(FORMATS))
    @example(content=b'[{"a":' + b"9" * 5000 + b"}]", format="auto")
    def test_so_do_bytes(
        self, content: bytes, format: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        self.check(content, format, tmp_path_factory)

    @given(content=st.text(max_size=100).map(lambda text: "text,label\n" + text))
    def test_so_do_tables(self, content: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.check(content.encode("utf-8", "replace"), "auto", tmp_path_factory)

    def check(self, content: bytes, format: str, factory: pytest.TempPathFactory) -> None:
        path = factory.getbasetemp() / "hostile"
        path.write_bytes(content)
        try:
            data = read_labelled([path], format)
        except LabelledDataError:
            return
        assert len(data.places) == len(data.documents)
        for document, places in zip(data.documents, data.places, strict=True):
            document.check()
            assert len(places) == len(document.paragraphs)
            assert all(paragraph.text for paragraph in document.paragraphs)
        assert sum(data.counts.values()) > 0
        assert {*data.counts} == {*Label}
