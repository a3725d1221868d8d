from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_model import marked

from adsift import CommerceKind, Label, LabelledDataError
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
PAGE = "<!DOCTYPE html><title>x</title><p>The <b>ferry</b> sails.</p><p>Buy boots now, $39!</p>"
BLOCKS = [
    {"text": "The ferry sails.", "label": "news", "kind": None},
    {"text": "Buy boots now, $39!", "label": "commerce", "kind": "product"},
]
ROW = {"id": "p1", "site": "a.example", "url": "", "format": "html", "blocks": BLOCKS}


def write(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def data_folder(folder: Path, *rows: Any) -> Path:
    write(folder / "train.jsonl.gz", *(rows or [ROW]))
    (folder / "pages").mkdir()
    (folder / "pages" / "p1.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    return folder


class TestDocuments:
    def test_spans_become_blocks(self, tmp_path: Path) -> None:
        url = "https://a.example/x"
        path = write(tmp_path / "d.jsonl", {"id": 7, "text": TEXT, "url": url, "spans": SPANS})
        (page,) = read_gold(path)
        assert (page.id, page.site, page.source.url) == ("7", "a.example", url)
        assert page.source.source == TEXT
        assert page.blocks == [
            GoldBlock("The ferry sails.", Label.NEWS),
            GoldBlock("Buy boots now, $39!", Label.COMMERCE, CommerceKind.PRODUCT),
            GoldBlock("Related: Tides", Label.BOILERPLATE),
        ]

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
            ({"label": "advert"}, "unknown label 'advert': the labels are news, analysis"),
            ({"label": ["news"]}, "unknown label list"),
            ({"label": "commerce", "kind": "shoes"}, "unknown kind 'shoes'"),
            ({"kind": "product"}, "only commerce has a kind"),
            ({"start": -1}, "span 0 needs a start and an end"),
            ({"start": True}, "span 0 needs a start and an end"),
            ({"end": 10**30}, "span 0 needs a start and an end"),
            ({"end": 1.5}, "span 0 needs a start and an end"),
            ({"end": 20}, "the span from 18 to 37 overlaps another"),
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
            ({"text": 3, "spans": SPANS}, "'text' must be a string, not 3"),
            ({"text": TEXT, "spans": "x"}, "'spans' must be a list"),
            ({"text": TEXT, "spans": [4]}, "span 0 is no JSON object"),
            ({"text": TEXT, "spans": SPANS, "format": "pdf"}, "unknown format 'pdf'"),
            ({"text": TEXT, "spans": SPANS, "url": {}}, "'url' must be a string, not dict"),
            ({"text": TEXT, "spans": SPANS, "id": []}, "'id' must be a string or a number"),
            ({"text": TEXT}, "neither 'blocks' nor 'spans'"),
            ([1], "no JSON object"),
            ({"text": TEXT, "spans": []}, "no labelled block"),
        ],
    )
    def test_wrong_records(self, tmp_path: Path, record: Any, message: str) -> None:
        with pytest.raises(LabelledDataError, match=message):
            read_gold(write(tmp_path / "d.jsonl", record))

    @pytest.mark.parametrize(
        "line", [b"{", b"\xff\xfe\xfa", b"[" * 100_000, b'{"id": 1' + b"0" * 5000 + b"}"]
    )
    def test_lines_that_are_no_json(self, tmp_path: Path, line: bytes) -> None:
        path = tmp_path / "d.jsonl"
        path.write_bytes(b"\n" + line + b"\n")
        with pytest.raises(LabelledDataError, match=r"d\.jsonl:2: is not valid JSON"):
            read_gold(path)

    def test_a_line_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gold_module, "MAX_LINE", 1000)
        path = write(tmp_path / "d.jsonl", {"text": "x" * 2000, "spans": SPANS})
        with pytest.raises(LabelledDataError, match="longer than 1000 bytes"):
            read_gold(path)

    def test_damaged_compression(self, tmp_path: Path) -> None:
        path = write(tmp_path / "d.jsonl.gz", {"text": TEXT, "spans": SPANS})
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(LabelledDataError, match=r"cannot read .*damaged gzip data"):
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

    def test_a_missing_page(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match=r"has no page p2\.html\.gz"):
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

    def test_extracts_without_the_extractor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("adsift.evaluation.measure.can_extract", lambda: False)
        missing = missing_views(read_gold(SEEDS), ["html", "text", "extracted"])
        assert [*missing] == ["extracted"]
        assert "pip install" in missing["extracted"]


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

    def test_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "labels.jsonl"
        path.write_text('{"text": "Buy the lamp!", "label": "commerce", "document": "a"}\n')
        (page,) = read_gold(path)
        assert page.source.source == "Buy the lamp!"
