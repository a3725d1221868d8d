from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import adsift
from adsift.corpus import CleanOptions, clean
from adsift.corpus.record import Tag
from adsift.decode import decode
from adsift.engines.arrow import StripBatch, TagBatch
from adsift.errors import AdsiftError, BundleError, PolicyError

PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PAGE = f"<html><body><article><p>{NEWS}</p><p>{PITCH}</p></article></body></html>"
TEXTS = [f"{NEWS}\n\n{PITCH}\n", PAGE, None, "", f"# Bridge\n\n{NEWS}\n\n{PITCH}\n", NEWS]
BOTH = ("commerce", "boilerplate")


def batch(texts: list[Any] = TEXTS) -> pa.RecordBatch:
    numbers = pa.array(range(len(texts)), pa.int64())
    columns = {"id": numbers, "text": pa.array(texts, pa.string())}
    return pa.RecordBatch.from_pydict(columns)


def expected(sift: adsift.Separator, texts: list[Any] = TEXTS) -> list[Any]:
    return [None if text is None else sift.strip(text, BOTH).text for text in texts]


class TestStrip:
    def test_as_the_separator_strips(self, shipped: adsift.Separator) -> None:
        source = batch()
        found = StripBatch(drop=BOTH)(source)
        assert found.column("text").to_pylist() == expected(shipped)
        assert found.column("id") == source.column("id")
        removed = [0 if t is None else len(shipped.strip(t, BOTH).removed) for t in TEXTS]
        assert found.column("adsift_removed").to_pylist() == removed
        assert sum(removed)
        assert source.equals(batch())

    @pytest.mark.parametrize(
        "type",
        [
            pa.string(),
            pa.large_string(),
            pa.string_view(),
            pa.dictionary(pa.int32(), pa.string()),
            pa.dictionary(pa.int8(), pa.string_view()),
            pa.dictionary(pa.int32(), pa.binary_view()),
            pa.binary(),
            pa.large_binary(),
        ],
    )
    def test_the_type_of_the_column_stays(self, type: Any, shipped: adsift.Separator) -> None:
        texts = pa.array(TEXTS).cast(pa.binary()) if "binary" in str(type) else pa.array(TEXTS)
        if pa.types.is_dictionary(type):
            texts = texts.cast(type.value_type).dictionary_encode()
        source = pa.RecordBatch.from_pydict({"text": texts.cast(type)})
        stripped = StripBatch(drop=BOTH)
        found = stripped(source)
        assert found.schema == stripped.output_schema(source.schema)
        assert found.schema.field("text").type == type
        as_text = [t.decode() if isinstance(t, bytes) else t for t in found["text"].to_pylist()]
        assert as_text == expected(shipped)

    @pytest.mark.parametrize("values", [pa.string(), pa.string_view()])
    def test_addresses_in_a_dictionary(self, values: Any) -> None:
        page = '<p><a href="https://a.example/b?tag=x-20">Deck shoes, now $39</a></p>'
        urls = pa.array(["https://a.example/", None, "https://a.example/"])
        coded = urls.cast(values).dictionary_encode()
        plain, found = (
            TagBatch()(pa.RecordBatch.from_pydict({"text": [page] * 3, "url": column}))
            for column in (urls, coded)
        )
        assert found["adsift"] == plain["adsift"]

    def test_where_a_batch_ends_does_not_matter(self) -> None:
        strip = StripBatch(drop=BOTH)
        whole = strip(pa.Table.from_batches([batch()]))
        parts = [strip(batch(TEXTS[:2])), strip(batch(TEXTS[2:])), strip(batch([]))]
        assert isinstance(whole, pa.Table)
        assert whole["text"].to_pylist() == pa.Table.from_batches(parts)["text"].to_pylist()

    def test_a_bad_document_stays_and_says_why(
        self, monkeypatch: pytest.MonkeyPatch, shipped: adsift.Separator
    ) -> None:
        def strip_many(_: Any, documents: Any, *__: Any) -> Any:
            for document in documents:
                if "poison" in document.source:
                    raise RuntimeError("no")
                yield shipped.strip(document, BOTH)

        monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
        found = StripBatch(drop=BOTH)(batch([*TEXTS, "poison"]))
        assert found["text"].to_pylist() == [*expected(shipped), "poison"]
        assert found["adsift_error"].to_pylist() == [*[None] * len(TEXTS), "RuntimeError: no"]

    def test_strings_that_are_not_utf_8(self, shipped: adsift.Separator) -> None:
        data = [f"{NEWS}\n\n{PITCH}".encode(), b"caf\xe9", None]
        texts = pa.array(data, pa.binary()).cast(pa.string(), safe=False)
        source = pa.RecordBatch.from_pydict({"text": texts})
        found = StripBatch()(source)
        bytes_found = found["text"].cast(pa.binary()).to_pylist()
        assert bytes_found == [shipped.strip(str(data[0], "utf-8")).text.encode(), *data[1:]]
        assert found["adsift_error"].to_pylist()[1] == "the text is not UTF-8 (at byte 3)"
        assert TagBatch()(source)["adsift"].is_null().to_pylist() == [False, True, True]

    def test_bytes_are_decoded_as_a_browser_would(self) -> None:
        page = f"<meta charset=iso-8859-1><p>Caf\xe9. {NEWS}</p><p>{PITCH}</p>".encode("cp1252")
        source = pa.RecordBatch.from_pydict({"text": [page, b"%PDF-1.7 x"]})
        found = StripBatch()(source)
        text = found["text"][0].as_py()
        assert decode(text).count("Caf\xe9") == 1
        assert "Gloves" not in decode(text)
        assert found["adsift_error"].to_pylist() == [
            None,
            "the source is a PDF file, not text: unpack or convert it first",
        ]
        assert found["text"][1].as_py() == b"%PDF-1.7 x"

    def test_a_column_of_nulls_alone(self) -> None:
        source = pa.RecordBatch.from_pydict({"text": pa.nulls(2)})
        assert StripBatch()(source)["text"] == source["text"]
        assert TagBatch()(source)["adsift"].null_count == 2

    def test_nothing_loads_no_model(self) -> None:
        strip = StripBatch(model="there/is/none")
        assert strip(batch([None])).num_rows == 1
        with pytest.raises(BundleError):
            strip(batch())

    def test_many_threads_give_the_same(self) -> None:
        strip = StripBatch(drop=BOTH)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(strip, [batch()] * 16))
        assert all(one.equals(strip(batch())) for one in found)

    def test_it_travels(self) -> None:
        strip = StripBatch(drop="commerce", min_probability=0.5)  # type: ignore[arg-type]
        assert pickle.loads(pickle.dumps(strip)) == strip
        assert strip.drop == ("commerce",)


class TestTag:
    def test_as_the_separator_tags(self, shipped: adsift.Separator) -> None:
        found = TagBatch()(batch())
        for text, tags in zip(TEXTS, found["adsift"].to_pylist(), strict=True):
            if text is None:
                assert tags is None
                continue
            whole = [Tag.of(index, part) for index, part in enumerate(shipped.tag(text))]
            assert [(tag["label"], tag["probability"], tag["digest"]) for tag in tags] == [
                (str(tag.label), tag.probability, tag.digest) for tag in whole
            ]
        assert found.schema == TagBatch().output_schema(batch().schema)

    def test_addresses_are_read(self, shipped: adsift.Separator) -> None:
        page = PAGE.replace("Gloves", '<a href="https://shop.example/x">Gloves</a>')
        url = "https://news.example/"
        source = pa.RecordBatch.from_pydict({"text": [page], "url": [url], "at": [None]})
        foreign = [part.probability for part in shipped.tag(page, url=url)]
        own = [part.probability for part in shipped.tag(page)]
        assert own != foreign
        for tag, numbers in ((TagBatch(), foreign), (TagBatch(url_column="at"), own)):
            tags = tag(source)["adsift"].to_pylist()[0]
            assert [round(number, 6) for number in numbers] == [t["probability"] for t in tags]


@pytest.mark.parametrize("type", [pa.string(), pa.large_string()])
def test_a_tagged_batch_is_stripped(type: pa.DataType, shipped: adsift.Separator) -> None:
    bad = pa.array([b"caf\xe9"]).cast(pa.string(), safe=False)
    texts = pa.concat_arrays([pa.array(TEXTS), bad])
    tagged = TagBatch()(pa.RecordBatch.from_pydict({"text": texts}))
    place = tagged.schema.get_field_index("adsift_error")
    tagged = tagged.set_column(place, "adsift_error", tagged["adsift_error"].cast(type))
    strip = StripBatch(drop=BOTH)
    found = strip(tagged)
    assert found.schema == strip.output_schema(tagged.schema)
    added = ["adsift_removed", "adsift_removed_characters"]
    assert found.schema.names == [*tagged.schema.names, *added]
    assert found["text"].slice(0, len(TEXTS)).to_pylist() == expected(shipped)
    told = [*[None] * len(TEXTS), "the text is not UTF-8 (at byte 3)"]
    assert found["adsift_error"].to_pylist() == told
    earlier = pa.array(["of another step"] * len(found), type)
    found = strip(tagged.set_column(place, "adsift_error", earlier))
    told = [*["of another step"] * len(TEXTS), "the text is not UTF-8 (at byte 3)"]
    assert found["adsift_error"].to_pylist() == told


def test_a_column_of_errors_without_any(shipped: adsift.Separator) -> None:
    source = pa.table({"text": pa.array([TEXTS[0], b"\xff"], pa.binary()).view(pa.string())})
    found = StripBatch(drop=BOTH)(source.append_column("adsift_error", pa.nulls(2)))
    assert found["text"][0].as_py() == shipped.strip(str(TEXTS[0]), BOTH).text
    assert found.schema.field("adsift_error").type == pa.string()
    assert found["adsift_error"].to_pylist() == [None, "the text is not UTF-8 (at byte 0)"]


def test_apply_strips_by_the_tags(tmp_path: Path, shipped: adsift.Separator) -> None:
    import pyarrow.parquet as parquet

    source = pa.Table.from_batches([batch([NEWS, PAGE, TEXTS[0]])])
    (tmp_path / "tagged").mkdir()
    parquet.write_table(TagBatch()(source), tmp_path / "tagged/pages.parquet")
    clean([str(tmp_path / "tagged")], str(tmp_path / "clean"), CleanOptions(mode="apply"))
    found = parquet.read_table(tmp_path / "clean/pages.parquet")
    stripped = [shipped.strip(text).text for text in source["text"].to_pylist()]
    assert found["text"].to_pylist() == stripped


@pytest.mark.parametrize("function", [StripBatch(drop=BOTH), TagBatch()])
def test_a_batch_of_many_slices(function: Any) -> None:
    # Those that are null or bad stand anywhere, at the border of a slice too.
    rows = [*TEXTS, None, None, NEWS] * 30
    source = batch(rows).drop_columns(["id"])
    singly = [function(source.slice(row, 1)) for row in range(len(rows) // 30)] * 30
    assert function(source).to_pylist() == pa.Table.from_batches(singly).to_pylist()


class TestMistakes:
    @pytest.mark.parametrize("source", [{"text": ["x"]}, ["x"], pa.array(["x"])])
    def test_of_what_goes_in(self, source: Any) -> None:
        for function in (StripBatch(), TagBatch()):
            with pytest.raises(AdsiftError, match=r"takes a pyarrow\.RecordBatch or"):
                function(source)

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"body": ["x"]}, "no column 'text'; the columns are body"),
            ({"text": [1]}, "has the type int64"),
            ({"text": ["x"], "adsift_error": [1]}, "'adsift_error' is there already"),
            ({"text": ["x"], "adsift": ["x"], "adsift_removed": [1]}, "is there already"),
        ],
    )
    def test_of_columns(self, columns: dict[str, list[Any]], message: str) -> None:
        source = pa.RecordBatch.from_pydict(columns)
        for function in (StripBatch(), TagBatch()):
            with pytest.raises(AdsiftError, match=message):
                function(source)

    def test_of_the_column_of_addresses(self) -> None:
        schema = pa.schema([("text", pa.string()), ("n", pa.int64()), ("url", pa.int64())])
        with pytest.raises(AdsiftError, match="'n' has the type int64: addresses are strings"):
            StripBatch(url_column="n").output_schema(schema)
        with pytest.raises(AdsiftError, match="no column 'address'"):
            TagBatch(url_column="address").output_schema(schema)
        # One that nobody has named may be anything.
        assert TagBatch()(pa.table({"text": [NEWS], "url": [1]}))["url"].to_pylist() == [1]

    @pytest.mark.parametrize("option", ["text_column", "url_column", "model", "tags_column"])
    def test_of_the_types_of_options(self, option: str) -> None:
        with pytest.raises(AdsiftError, match=f"{option} must be a string, not 3"):
            TagBatch(**{option: 3})  # type: ignore[arg-type]

    def test_of_options(self) -> None:
        with pytest.raises(PolicyError, match="no such label"):
            StripBatch(drop=("adverts",))
        with pytest.raises(AdsiftError, match="unknown format"):
            TagBatch(format="pdf")  # type: ignore[arg-type]
