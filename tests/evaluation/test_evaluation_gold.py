from __future__ import annotations

import gzip
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_model import marked

from adsift import CommerceKind, Label, LabelledDataError
from adsift.compression import Codec, compress
from adsift.evaluation import GoldBlock, GoldPage, evaluate, read_gold
from adsift.evaluation import gold as gold_module
from adsift.evaluation.measure import missing_views
from adsift.evaluation.views import view_of

SEEDS = Path(__file__).parents[2] / "seeds"
TEXT = "The ferry sails.\n\nBuy boots now, $39!\n\nRelated: Tides"
SPANS = [
    {"start": 0, "end": 16, "label": "news"},
    {"start": 18, "end": 37, "label": "commerce", "kind": "product"},
    {"start": 39, "end": 53, "label": "boilerplate", "kind": None},
]
NEWS = GoldBlock("The ferry sails.", Label.NEWS)
PITCH = GoldBlock("Buy boots now, $39!", Label.COMMERCE, CommerceKind.PRODUCT)
RELATED = GoldBlock("Related: Tides", Label.BOILERPLATE)
PAGE = "<!DOCTYPE html><title>x</title><p>The <b>ferry</b> sails.</p><p>Buy boots now, $39!</p>"
BLOCKS = [
    {"text": "The ferry sails.", "label": "news", "kind": None},
    {"text": "Buy boots now, $39!", "label": "commerce", "kind": "product"},
]
OFFSETS = [
    {"label": span["label"], "start_offset": span["start"], "end_offset": span["end"]}
    for span in SPANS
]
TRIPLES = [[span["start"], span["end"], span["label"]] for span in SPANS]
REGIONS = [
    {
        "type": "labels",
        "value": {"start": span["start"], "end": span["end"], "labels": [span["label"]]},
    }
    for span in SPANS
]
ROW = {"id": "p1", "site": "a.example", "url": "", "format": "html", "blocks": BLOCKS}


def write(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def data_folder(folder: Path, *rows: Any, codec: Codec = Codec.GZIP) -> Path:
    (folder / "pages").mkdir()
    for name, data in (
        ("train.jsonl", write(folder / "rows", *(rows or [ROW])).read_bytes()),
        ("pages/p1.html", PAGE.encode()),
    ):
        (folder / f"{name}{codec.suffix}").write_bytes(compress(data, codec))
    return folder


class TestDocuments:
    def test_spans_become_blocks(self, tmp_path: Path) -> None:
        url = "https://a.example/x"
        path = write(tmp_path / "d.jsonl", {"id": 7, "text": TEXT, "url": url, "spans": SPANS})
        (page,) = read_gold(path)
        assert (page.id, page.site, page.source.url) == ("7", "a.example", url)
        assert page.source.source == TEXT
        assert page.blocks == [NEWS, PITCH, RELATED]

    @pytest.mark.parametrize("field", ["data", "_input_hash", "annotator"])
    def test_fields_of_annotation_tools_beside_them(self, field: str, tmp_path: Path) -> None:
        record = {"id": 7, "text": TEXT, "spans": SPANS, field: {"annotation_id": 1}}
        (page,) = read_gold(write(tmp_path / "d.jsonl", record))
        assert (page.id, page.blocks) == ("7", [NEWS, PITCH, RELATED])

    def test_they_may_come_in_any_order_and_compressed(self, tmp_path: Path) -> None:
        path = write(tmp_path / "d.jsonl.gz", {"text": TEXT, "spans": SPANS[::-1]})
        (page,) = read_gold(path)
        assert [block.label for block in page.blocks] == ["news", "commerce", "boilerplate"]

    def test_markup_in_a_span_is_not_its_words(self, tmp_path: Path) -> None:
        start = PAGE.index("<p>")
        span = {"start": start, "end": PAGE.index("<p>Buy"), "label": "news"}
        path = write(tmp_path / "d.jsonl", {"text": PAGE, "spans": [span]})
        (page,) = read_gold(path)
        assert page.source.format == "html"
        assert page.blocks[0].text == "The ferry sails."

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"label": "advert"}, r"unknown labels 'advert' \(1\); allowed are news, analysis"),
            ({"label": ["news"]}, "a label must be text, not list"),
            ({"label": "commerce", "kind": "shoes"}, "unknown kind 'shoes'"),
            ({"start": -1}, "the span -1 to 16 is not within the text, which has 53"),
            ({"start": 16}, "the span 16 to 16 is empty"),
            ({"start": True}, "a span's start and end must be whole numbers, not 'True'"),
            ({"end": 10**30}, "is not within the text"),
            ({"end": 1.5}, "must be whole numbers, not '1.5'"),
            ({"end": 20}, "overlap with different labels: 0 to 20 is news, 18 to 37 is commerce"),
        ],
    )
    def test_wrong_spans(self, tmp_path: Path, change: dict[str, Any], message: str) -> None:
        spans = [{**SPANS[0], **change}, *SPANS[1:]]
        path = write(tmp_path / "d.jsonl", {"text": TEXT, "spans": spans})
        with pytest.raises(LabelledDataError, match=message) as caught:
            read_gold(path)
        assert f"{path}:1" in str(caught.value)

    def test_a_span_that_is_given_up(self, tmp_path: Path) -> None:
        page = "<b>" * 200_000
        span = {"start": 0, "end": len(page), "label": "news"}
        path = write(tmp_path / "d.jsonl", {"text": page, "spans": [span], "format": "html"})
        with pytest.raises(LabelledDataError, match=r"span from 0: .* elements are open") as caught:
            read_gold(path)
        assert f"{path}:1" in str(caught.value)

    @pytest.mark.parametrize(
        ("record", "message"),
        [
            ({"text": 3, "spans": SPANS}, "the field 'text' is int, not text"),
            ({"text": TEXT, "spans": [4]}, "a span must be an object, not int"),
            ({"text": TEXT, "spans": SPANS, "format": "pdf"}, "unknown format 'pdf'"),
            ({"text": TEXT, "spans": SPANS, "url": {}}, "the field 'url' is dict, not text"),
            ({"text": TEXT, "spans": SPANS, "id": []}, "the field 'id' is list, not text"),
            ({"text": TEXT}, "cannot tell what labelled data this is"),
            ({"text": TEXT, "spans": "x"}, "cannot tell what labelled data this is"),
            ([1], "expected a JSON object, not int"),
            ({"text": TEXT, "spans": []}, "no labelled block"),
        ],
    )
    def test_wrong_records(self, tmp_path: Path, record: Any, message: str) -> None:
        with pytest.raises(LabelledDataError, match=message):
            read_gold(write(tmp_path / "d.jsonl", record))

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ([{"label": "News"}], [NEWS, PITCH, RELATED]),
            ([{"label": "News", "kind": "product"}], [NEWS, PITCH, RELATED]),
            ([{}, {"label": "Commerce/Product", "kind": None}], [NEWS, PITCH, RELATED]),
            ([{"end": 10}, {**SPANS[0], "start": 5}], [NEWS, RELATED]),
            ([{}, {"start": 5, "label": None}], [NEWS, RELATED]),
            (
                [{"end": 9}, {"start": 0, "end": 37, "label": None}],
                [GoldBlock("The ferry", Label.NEWS), RELATED],
            ),
            ([{"label": None}, {"start": 5}], [replace(PITCH, text=TEXT[5:37]), RELATED]),
            ([{"label": None}, {"start": 5, "label": None}], [GoldBlock(TEXT[:37], None), RELATED]),
        ],
    )
    def test_labels_and_overlaps_as_train_reads_them(
        self, tmp_path: Path, changes: list[dict[str, Any]], expected: list[GoldBlock]
    ) -> None:
        changed = [
            {**span, **change} for span, change in zip(SPANS, [*changes, {}, {}][:3], strict=True)
        ]
        (page,) = read_gold(write(tmp_path / "d.jsonl", {"text": TEXT, "spans": changed}))
        assert page.blocks == expected

    def test_paragraphs_of_a_page(self, tmp_path: Path) -> None:
        record = {"text": PAGE, "url": "https://a.example/x", "paragraphs": BLOCKS[1:]}
        (page,) = read_gold(write(tmp_path / "d.jsonl", record))
        assert page.blocks == [GoldBlock("The ferry sails.", None), PITCH]
        assert (page.source.source, page.source.format) == (PAGE, "html")
        assert view_of(page, "html") is page.source

    def test_lines_that_are_no_json(self, tmp_path: Path) -> None:
        path = tmp_path / "d.jsonl"
        for line in (b"{", b'{"id": 1' + b"0" * 5000 + b"}"):
            path.write_bytes(b"\n" + line + b"\n")
            with pytest.raises(LabelledDataError, match=r"d\.jsonl:2: not valid JSON"):
                read_gold(path)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"\n\xff\xfe\xfa\n", r"d\.jsonl:2: not UTF-8"),
            (b"\n" + b"[" * 100_000, r"d\.jsonl: not valid JSON"),
            (gzip.compress(b"{}", mtime=0)[:-9], r"d\.jsonl: the gzip data is cut off"),
            (b"", r"d\.jsonl is empty"),
        ],
    )
    def test_files_that_hold_no_lines(self, tmp_path: Path, data: bytes, message: str) -> None:
        path = tmp_path / "d.jsonl"
        path.write_bytes(data)
        with pytest.raises(LabelledDataError, match=message):
            read_gold(path)

    def test_an_id_twice(self, tmp_path: Path) -> None:
        record = {"id": "a", "text": TEXT, "spans": SPANS}
        with pytest.raises(LabelledDataError, match="two pages of the id 'a'"):
            read_gold(write(tmp_path / "d.jsonl", record, record))

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
        field=st.sampled_from(["id", "text", "format", "url", "site", "spans", "blocks"]),
    )
    def test_any_value_anywhere_gives_pages_or_a_clear_error(
        self, tmp_path_factory: pytest.TempPathFactory, value: Any, field: str
    ) -> None:
        record = {"id": "a", "text": TEXT, "spans": SPANS, field: value}
        path = write(tmp_path_factory.mktemp("any") / "d.jsonl", record)
        with suppress(LabelledDataError):
            assert [type(page) for page in read_gold(path)] == [GoldPage]


class TestDataFolder:
    def test_blocks_and_pages(self, tmp_path: Path) -> None:
        (page,) = read_gold(data_folder(tmp_path))
        assert (page.id, page.site, page.source.url) == ("p1", "a.example", None)
        assert (page.source.source, page.source.format) == (PAGE.encode(), "html")
        assert [block.label for block in page.blocks] == ["news", "commerce"]

    def test_the_file_alone_finds_the_pages_beside_it(self, tmp_path: Path) -> None:
        folder = data_folder(tmp_path)
        assert read_gold(folder / "train.jsonl.gz") == read_gold(folder)

    def test_without_pages_there_is_only_text(self, tmp_path: Path) -> None:
        (page,) = read_gold(write(tmp_path / "train.jsonl", ROW))
        assert page.source.format == "text"
        assert page.source.source == "The ferry sails.\n\nBuy boots now, $39!"
        assert [*missing_views([page], ["html", "text", "extracted"])] == ["html", "extracted"]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (b"{", "train.jsonl:2: not valid JSON"),
            (b"\xff\xfe\xfa", "train.jsonl:2: not valid JSON"),
            (b'{"id": "\xe9"}', "train.jsonl:2: not UTF-8, save the file as UTF-8"),
            (b"[" * 500, "train.jsonl:2: not valid JSON"),
            (b"[1]", "train.jsonl:2: expected a JSON object, not list"),
            (b"{}", "train.jsonl:2: has no 'blocks', and the first line has"),
            (b'{"blocks": 1}', "train.jsonl:2: the field 'blocks' is int, not a list"),
            (b'{"blocks": [1]}', "train.jsonl:2, block 0: a block must be an object, not int"),
            (b'{"blocks": [{}]}', "train.jsonl:2, block 0: the field 'text' is missing"),
            (b'{"blocks": [], "format": "pdf"}', "train.jsonl:2: unknown format 'pdf'"),
            (
                b'{"id": "p1", "blocks": [{"text": "a", "label": "ad"}]}',
                "2, block 0: unknown labels 'ad'",
            ),
            (b" " * 1000, "train.jsonl:2: the line is longer than 1000 bytes"),
        ],
    )
    def test_wrong_lines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, message: str
    ) -> None:
        monkeypatch.setattr(gold_module, "MAX_LINE", 1000)
        (tmp_path / "pages").mkdir()
        (tmp_path / "pages" / "p1.html").write_text(PAGE)
        path = write(tmp_path / "train.jsonl", ROW)
        path.write_bytes(path.read_bytes() + line + b"\n")
        with pytest.raises(LabelledDataError, match=message):
            read_gold(tmp_path)

    @pytest.mark.parametrize("codec", Codec)
    def test_any_compression(self, tmp_path: Path, codec: Codec) -> None:
        (page,) = read_gold(data_folder(tmp_path, codec=codec))
        assert page.source.source == PAGE.encode()

    def test_damaged_compression(self, tmp_path: Path) -> None:
        path = write(tmp_path / "train.jsonl.gz", ROW)
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(LabelledDataError, match=r"cannot read .*the gzip data is cut off"):
            read_gold(path)

    def test_a_page_that_is_no_text(self, tmp_path: Path) -> None:
        page = data_folder(tmp_path) / "pages" / "p1.html.gz"
        page.write_bytes(b"\x1f\x8b\x09" + page.read_bytes()[3:])
        with pytest.raises(LabelledDataError, match=r"p1\.html\.gz: is a gzip archive, not text"):
            read_gold(tmp_path)

    def test_a_file_of_documents_in_a_folder(self, tmp_path: Path) -> None:
        write(tmp_path / "train.jsonl", {"text": TEXT, "spans": SPANS})
        (page,) = read_gold(tmp_path)
        assert page.blocks == [NEWS, PITCH, RELATED]

    def test_a_missing_page(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match=r"has no page p2\.html:"):
            read_gold(data_folder(tmp_path, ROW, {**ROW, "id": "p2"}))

    def test_an_id_that_leads_out_of_the_folder(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match="cannot be the name of a file"):
            read_gold(data_folder(tmp_path, {**ROW, "id": "../p1"}))

    def test_a_sample_is_drawn_by_its_seed(self, tmp_path: Path) -> None:
        rows = [{**ROW, "id": str(i)} for i in range(50)]
        path = write(tmp_path / "rows.jsonl", *rows)
        first, second, third = (
            [page.id for page in read_gold(path, max_pages=5, seed=seed)] for seed in (1, 1, 2)
        )
        assert first == second != third
        assert first == sorted(first, key=int)
        assert len(first) == 5
        assert len(read_gold(path, max_pages=99)) == 50


class TestArticles:
    def test_the_seeds(self) -> None:
        pages = read_gold(SEEDS)
        assert len(pages) == len([*SEEDS.glob("*.labels.jsonl")])
        assert {page.source.format for page in pages} == {"text", "markdown", "html"}

    def test_a_compressed_article(self, tmp_path: Path) -> None:
        write(tmp_path / "a.labels.jsonl", *BLOCKS)
        (tmp_path / "a.txt.xz").write_bytes(compress(TEXT.encode(), Codec.XZ))
        (page,) = read_gold(tmp_path)
        assert (page.source.source, page.source.format) == (TEXT.encode(), "text")

    def test_an_article_of_xhtml(self, tmp_path: Path) -> None:
        write(tmp_path / "a.labels.jsonl", *BLOCKS)
        (tmp_path / "a.xhtml").write_text(f"<html><body><p>{TEXT}</p></body></html>")
        (page,) = read_gold(tmp_path)
        assert page.source.format == "html"

    def test_a_missing_article(self, tmp_path: Path) -> None:
        write(tmp_path / "a.labels.jsonl", *BLOCKS)
        with pytest.raises(LabelledDataError, match=r"a\.labels\.jsonl: its article is missing"):
            read_gold(tmp_path)

    def test_an_empty_folder_and_none_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match="holds no labelled pages"):
            read_gold(tmp_path)
        with pytest.raises(LabelledDataError, match="no file or folder"):
            read_gold(tmp_path / "gone")


class TestViews:
    def test_a_page_in_each(self, tmp_path: Path) -> None:
        pytest.importorskip("trafilatura")
        sentence = "The ferry sails again on Monday, and the harbour office expects a calm sea. "
        html = (
            f"<html><body><article><p>{sentence * 5}</p><p>{sentence}</p></article></body></html>"
        )
        (page,) = read_gold(data_folder(tmp_path))
        page = GoldPage("p", "", type(page.source)(html, format="html"), page.blocks)
        as_html, as_text, extracted = (view_of(page, v) for v in ("html", "text", "extracted"))
        assert as_html is page.source
        assert as_text is not None
        assert as_text.source == "The ferry sails.\n\nBuy boots now, $39!"
        assert extracted is not None
        assert sentence.strip() in str(extracted.source)
        assert "<p>" not in str(extracted.source)

    def test_plain_text_has_one_view_and_is_left_as_it_is(self, tmp_path: Path) -> None:
        (page,) = read_gold(write(tmp_path / "d.jsonl", {"text": TEXT, "spans": SPANS[:2]}))
        assert view_of(page, "text") is page.source
        assert view_of(page, "html") is view_of(page, "extracted") is None

    def test_no_view_is_left(self, tmp_path: Path) -> None:
        pages = read_gold(write(tmp_path / "d.jsonl", {"text": TEXT, "spans": SPANS}))
        with pytest.raises(LabelledDataError, match="html: the data holds only text"):
            evaluate(pages, marked(), views=["html"])

    def test_views_that_there_are_not(self) -> None:
        pages = read_gold(SEEDS)[:1]
        with pytest.raises(LabelledDataError, match="no such view: page; the views are html, "):
            evaluate(pages, marked(), views=["text", "page"])
        assert [*evaluate(pages, marked(), views="text", resamples=2)] == ["text"]
        with pytest.raises(LabelledDataError, match="no pages to measure on"):
            evaluate([], marked())

    def test_extracts_without_the_extractor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("adsift.evaluation.measure.can_extract", lambda: False)
        missing = missing_views(read_gold(SEEDS), ["html", "text", "extracted"])
        assert [*missing] == ["extracted"]
        assert "pip install '.[train]' in a clone" in missing["extracted"]


class TestFilesOfParagraphs:
    def test_a_table(self, tmp_path: Path) -> None:
        path = tmp_path / "labels.csv"
        path.write_text(
            "text,label,document,site\n"
            "The council voted to close the bridge.,news,a,one.example\n"
            "Buy the lamp today!,commerce/product,a,one.example\n"
            "Rain is expected on Sunday.,news,b,two.example\n"
        )
        first, second = read_gold(path)
        assert [(b.text, b.label, b.kind) for b in first.blocks] == [
            ("The council voted to close the bridge.", Label.NEWS, None),
            ("Buy the lamp today!", Label.COMMERCE, CommerceKind.PRODUCT),
        ]
        assert [page.site for page in (first, second)] == ["one.example", "two.example"]
        assert first.source.format == "text"

    def test_their_names_are_those_of_the_data_and_sites_are_not_made_up(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "labels.csv"
        path.write_text(
            "text,label,document,url\n"
            "Rain is expected.,news,a,\n"
            "Buy the lamp!,commerce,,\n"
            "The bridge is closed.,news,b,https://www.one.example/x\n"
        )
        assert [(page.id, page.source.id, page.site) for page in read_gold(path)] == [
            ("a", "a", ""),
            (f"{path}:3", f"{path}:3", ""),
            ("b", "b", "one.example"),
        ]

    @pytest.mark.parametrize(
        "fields", [{"spans": SPANS}, {"label": "news"}], ids=["documents", "rows"]
    )
    def test_what_has_no_weight_is_left_out(self, tmp_path: Path, fields: dict[str, Any]) -> None:
        weights = {"a": 0, "b": 0.5, "c": None, "d": 0.0}
        records = [
            {"id": name, "document": name, "text": TEXT, "weight": weight, **fields}
            for name, weight in weights.items()
        ]
        path = write(tmp_path / "d.jsonl", *records)
        assert [page.id for page in read_gold(path)] == ["b", "c"]
        with pytest.raises(LabelledDataError, match="no labelled block"):
            read_gold(write(tmp_path / "none.jsonl", records[0]))

    def test_names_in_exports(self, tmp_path: Path) -> None:
        exported = [
            {"id": 7, "text": TEXT, "label": TRIPLES},
            {"id": 8, "text": f"{TEXT} I", "label": TRIPLES, "site": "one.example"},
            {"id": 8, "text": f"{TEXT} II", "label": TRIPLES},
        ]
        path = write(tmp_path / "export.jsonl", *exported)
        assert [(page.id, page.site) for page in read_gold(path)] == [
            ("7", ""),
            (f"{path}:2", "one.example"),
            (f"{path}:3", ""),
        ]

    @pytest.mark.parametrize(
        "record",
        [
            {"text": TEXT, "entities": OFFSETS, "relations": []},
            {"data": TEXT, "labels": TRIPLES},
            {"data": {"text": TEXT}, "annotations": [{"result": REGIONS}]},
            {"text": TEXT, "spans": SPANS, "answer": "accept"},
        ],
        ids=["doccano with relations", "doccano", "label studio", "prodigy"],
    )
    def test_exports(self, tmp_path: Path, record: dict[str, Any]) -> None:
        (page,) = read_gold(write(tmp_path / "export.jsonl", record))
        assert [(b.text, b.label) for b in page.blocks] == [
            (b.text, b.label) for b in (NEWS, PITCH, RELATED)
        ]
        assert (page.source.source, page.source.format) == (TEXT, "text")

    def test_the_first_row_may_have_no_label(self, tmp_path: Path) -> None:
        rows = [{"text": "The ferry."}, {"text": "Buy the lamp!", "label": "commerce"}]
        pages = read_gold(write(tmp_path / "labels.jsonl", *rows))
        assert [block.label for page in pages for block in page.blocks] == [None, "commerce"]

    def test_a_format_that_is_named(self, tmp_path: Path) -> None:
        path = write(tmp_path / "d.jsonl", {"text": TEXT, "label": SPANS[:1], "spans": []})
        with pytest.raises(LabelledDataError, match="no labelled block"):
            read_gold(path)
        with pytest.raises(LabelledDataError, match="a label must be text, not list"):
            read_gold(path, format="paragraphs")
        with pytest.raises(LabelledDataError, match="is a folder"):
            read_gold(SEEDS, format="csv")
        with pytest.raises(LabelledDataError, match="unknown format 'xml'"):
            read_gold(path, format="xml")

    @pytest.mark.parametrize("name", ["blocks", "spans", "rows", "article"])
    def test_other_names_of_labels(self, tmp_path: Path, name: str) -> None:
        records = {
            "blocks": {"blocks": [{"text": "Buy boots now, $39!", "label": "Ad"}]},
            "spans": {"text": TEXT, "spans": [{**SPANS[1], "label": "Ad", "kind": None}]},
            "rows": {"text": "Buy boots now, $39!", "label": "Ad"},
            "article": {"text": "Buy boots now, $39!", "label": "Ad"},
        }
        (tmp_path / "a.txt").write_text(TEXT)
        path = write(tmp_path / "a.labels.jsonl", records[name])
        data = tmp_path if name == "article" else path
        (page,) = read_gold(data, label_map={"ad": "commerce/product"})
        assert page.blocks == [PITCH]
        with pytest.raises(LabelledDataError, match="unknown labels 'Ad'"):
            read_gold(data)

    def test_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "labels.jsonl"
        path.write_text('{"text": "Buy the lamp!", "label": "commerce", "document": "a"}\n')
        (page,) = read_gold(path)
        assert page.source.source == "Buy the lamp!"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("record", [{"text": TEXT, "spans": SPANS}, ROW])
def test_a_pipe_is_read_once(record: dict[str, Any], packed: bool, tmp_path: Path) -> None:
    lines = write(tmp_path / ("d.gz" if packed else "d"), *({**record, "id": n} for n in range(9)))
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(lines.read_bytes())
    try:
        pages = read_gold(f"/dev/fd/{read_end}")
    finally:
        os.close(read_end)
    assert [page.id for page in pages] == [*"012345678"]
