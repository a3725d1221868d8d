"""Parquet: texts are replaced, and everything else is what it was."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, RawIOBase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.containers.base import Container, Kept
from adsift.corpus.containers.parquet import Parquet
from adsift.corpus.patch import make_patch
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.decode import decode
from adsift.document import CommerceKind, Label
from adsift.errors import DocumentError

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

FIELDS = Fields()
TAGS = (
    Tag(0, 0, 4, Label.NEWS, None, 0.9),
    Tag(1, None, None, Label.COMMERCE, CommerceKind.PRODUCT, 0.75, "0a1b2c3d"),
)


def written(table: Any, **options: Any) -> bytes:
    target = BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def table_of(data: bytes) -> Any:
    return pq.read_table(BytesIO(data))


def chunks(data: bytes, limits: Limits | None = None) -> list[Chunk]:
    return list(Parquet().chunks(BytesIO(data), limits or Limits()))


def parsed(data: bytes, fields: Fields = FIELDS) -> list[Record | Rejected]:
    return [found for chunk in chunks(data) for found in Parquet().parse(chunk, fields)]


def sources(data: bytes, fields: Fields = FIELDS) -> list[object]:
    return [f.document.source if isinstance(f, Record) else f.reason for f in parsed(data, fields)]


def run(
    data: bytes, outcome: Outcome, fields: Fields = FIELDS, limits: Limits | None = None
) -> tuple[bytes, list[Kept]]:
    """What a run with one worker does: the output, and what restoring needs."""
    container: Container = Parquet()
    parts, kept = [], []
    for chunk in container.chunks(BytesIO(data), limits or Limits()):
        pieces = container.render(chunk, fields, outcome)
        size, now = container.basis(pieces, fields)
        kept.append(Kept(size, make_patch(container.original(chunk, fields), now)))
        parts.append(BytesIO(b"".join(pieces)))
    output = BytesIO()
    container.join(parts, output)
    return output.getvalue(), kept


def restored(output: bytes, kept: list[Kept]) -> Any:
    target = BytesIO()
    Parquet().restore(BytesIO(output), kept, FIELDS, target)
    return table_of(target.getvalue())


def equal(one: Any, other: Any) -> bool:
    """Whether types, metadata and values are equal; which dictionary codes them is no matter."""
    same = one.schema.equals(other.schema, check_metadata=True)
    return bool(same and one.to_pylist() == other.to_pylist())


class Unseekable(RawIOBase):
    def __init__(self, data: bytes) -> None:
        self._stream = BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._stream.readinto(buffer)


def rich_table() -> Any:
    """Columns of many types, and metadata."""
    point = pa.struct([("x", pa.float32()), ("names", pa.list_(pa.string()))])
    now = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.UTC)
    schema = pa.schema(
        [
            pa.field("text", pa.string(), metadata={b"about": b"the text"}),
            pa.field("id", pa.int64(), nullable=False),
            ("url", pa.large_string()),
            ("small", pa.uint8()),
            ("when", pa.timestamp("ns", "UTC")),
            ("day", pa.date32()),
            ("price", pa.decimal128(9, 2)),
            ("vector", pa.list_(pa.float32(), 2)),
            ("point", point),
            ("map", pa.map_(pa.string(), pa.int32())),
            ("lang", pa.dictionary(pa.int8(), pa.string())),
            ("raw", pa.binary()),
            ("fixed", pa.binary(2)),
            ("half", pa.float16()),
            ("flag", pa.bool_()),
            ("nothing", pa.null()),
            ("view", pa.string_view()),
            ("took", pa.duration("us")),
        ],
        metadata={b"huggingface": b"{}", b"mine": b"\x00\xff"},
    )
    row = {
        "text": "One\n\nTwo",
        "id": 1,
        "url": "http://paper.example/1",
        "small": 255,
        "when": now,
        "day": now.date(),
        "price": Decimal("12.50"),
        "vector": [0.5, 1.5],
        "point": {"x": 1.0, "names": ["a", None]},
        "map": [("k", 1), ("l", None)],
        "lang": "de",
        "raw": b"\x00\xff",
        "fixed": b"ab",
        "half": None,
        "flag": True,
        "nothing": None,
        "view": "a view that is longer than twelve bytes",
        "took": datetime.timedelta(seconds=3),
    }
    empty = dict.fromkeys(row) | {"id": 2}
    other = row | {"text": "Three", "id": 3, "lang": "en", "point": None, "vector": None}
    return pa.Table.from_pylist([row, empty, other, row | {"id": 4}], schema)


# --- documents


def test_documents_have_text_id_and_address() -> None:
    found = parsed(written(rich_table()))
    assert [f.number for f in found] == [0, 2, 3]  # a null text is no document
    assert isinstance(found[1], Record)
    document = found[1].document
    assert (document.source, document.id) == ("Three", "3")
    assert (document.url, document.format) == ("http://paper.example/1", "auto")


TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.string()),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
]


def text_column(values: list[str | None], type: Any) -> Any:
    if "binary" in str(type):
        return pa.array([None if v is None else v.encode() for v in values], type)
    return pa.array(values, type)


@pytest.mark.parametrize("type", TYPES, ids=str)
@pytest.mark.parametrize("nested", [False, True])
def test_texts_of_every_type_are_read_and_replaced(type: Any, nested: bool) -> None:
    column = text_column(["One café", None, "Two", "Two"], type)
    if nested:
        numbers = pa.array([1, 2, 3, 4])
        inner = pa.StructArray.from_arrays([numbers, column], ["n", "text"])
        outer = pa.StructArray.from_arrays([inner], ["content"])
        data = written(pa.table({"page": outer, "n": numbers}))
        fields = Fields(text="page.content.text")
    else:
        data, fields = written(pa.table({"text": column, "n": [1, 2, 3, 4]})), FIELDS
    before = table_of(data)
    found = [s.decode() if isinstance(s, bytes) else s for s in sources(data, fields)]
    assert found == ["One café", "Two", "Two"]

    output, kept = run(data, Outcome({0: "Café", 2: ""}, rejected=frozenset({3})), fields)
    after = table_of(output)
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["n"].to_pylist() == [1, 2, 3]
    texts = after["page"].to_pylist() if nested else after["text"].to_pylist()
    if nested:
        texts = [row["content"]["text"] for row in texts]
        assert [row["content"]["n"] for row in after["page"].to_pylist()] == [1, 2, 3]
    assert [t.decode() if isinstance(t, bytes) else t for t in texts] == ["Café", None, ""]
    assert equal(restored(output, kept), before)


def test_a_null_struct_stays_null() -> None:
    type = pa.struct([("text", pa.string()), ("n", pa.int8())])
    rows = [{"text": "One", "n": 1}, None, {"text": None, "n": 3}]
    data = written(pa.table({"content": pa.array(rows, type)}))
    fields = Fields(text="content.text")
    assert sources(data, fields) == ["One"]
    output, _ = run(data, Outcome({0: "1"}), fields)
    assert table_of(output)["content"].to_pylist() == [{"text": "1", "n": 1}, *rows[1:]]


def test_a_column_with_a_dot_in_its_name_goes_first() -> None:
    table = pa.table({"content.text": ["flat"], "content": [{"text": "nested"}]})
    assert sources(written(table), Fields(text="content.text")) == ["flat"]


def test_a_page_in_bytes_is_decoded_as_browsers_do() -> None:
    page = '<meta charset="iso-8859-1"><p>Café</p>'
    data = written(pa.table({"text": [page.encode("latin-1")]}))
    output, kept = run(data, Outcome({0: page.replace("Café", "Cafés – 5 €")}))
    (value,) = table_of(output)["text"].to_pylist()
    assert decode(value) == page.replace("Café", "Cafés – 5 €")
    assert equal(restored(output, kept), table_of(data))
    assert table_of(run(data, Outcome({0: page}))[0]).equals(table_of(data))  # not changed


def test_what_is_no_text_is_rejected() -> None:
    invalid = pa.array([b"\xff\xfe\xfd", b"fine"]).cast(pa.string(), safe=False)
    data = written(pa.table({"text": invalid, "id": ["a", "b"]}))
    bad, good = parsed(data)
    assert isinstance(bad, Rejected)
    assert (bad.number, bad.id) == (0, "a")
    assert "UTF-8" in bad.reason
    assert pa.ipc.open_stream(bad.raw).read_all()["id"].to_pylist() == ["a"]
    assert isinstance(good, Record)
    # Even if such a row is not left out, the others can be changed.
    output, _ = run(data, Outcome({1: "new"}))
    assert table_of(output)["text"].cast(pa.binary()).to_pylist() == [b"\xff\xfe\xfd", b"new"]
    (image,) = parsed(written(pa.table({"text": [b"\x89PNG" + bytes(99)]})))
    assert isinstance(image, Rejected)
    assert "a PNG image" in image.reason


@pytest.mark.parametrize("name", ["missing", "n", "s", "s.missing", "n.x"])
def test_a_wrong_text_column_is_named_with_those_there_are(name: str) -> None:
    data = written(pa.table({"body": ["x"], "n": [1], "s": [{"a": 1}]}))
    with pytest.raises(DocumentError, match=f"'{name}'.*--text-field"):
        parsed(data, Fields(text=name))
    with pytest.raises(DocumentError, match="body, n, s"):
        parsed(data, Fields(text="missing"))


def test_ids_may_be_uuids() -> None:
    ids = pa.array([b"0123456789abcdef"], pa.uuid())
    (found,) = parsed(written(pa.table({"text": ["x"], "id": ids})))
    assert isinstance(found, Record)
    assert found.document.id == "30313233-3435-3637-3839-616263646566"


# --- tags


def test_tags_are_stored_and_found_again() -> None:
    data = written(rich_table())
    before = table_of(data)
    output, kept = run(data, Outcome(tags={0: TAGS, 3: ()}, tagging=True))
    after = table_of(output)
    assert equal(after.drop_columns("adsift"), before)
    assert after["adsift"].to_pylist()[0][1] == {
        "index": 1,
        "start": None,
        "end": None,
        "label": "commerce",
        "kind": "product",
        "probability": 0.75,
        "digest": "0a1b2c3d",
    }
    found = parsed(output)
    assert [f.tags for f in found if isinstance(f, Record)] == [TAGS, None, ()]
    assert equal(restored(output, kept), before)
    again, kept = run(output, Outcome(tags={2: TAGS}, tagging=True))
    assert [f.tags for f in parsed(again) if isinstance(f, Record)] == [None, TAGS, None]
    assert table_of(again).column_names.count("adsift") == 1
    assert equal(restored(again, kept), after)


def test_every_part_of_a_tagging_run_has_the_column() -> None:
    data = written(pa.table({"text": ["One", None, None]}))
    outcome = Outcome(tags={0: TAGS}, tagging=True)
    output, _ = run(data, outcome, limits=Limits(chunk_records=1))
    assert [bool(tags) for tags in table_of(output)["adsift"].to_pylist()] == [True, False, False]


@pytest.mark.parametrize("wrong", [{"label": "gossip"}, {"index": -3}, {"probability": 7.0}])
def test_damaged_tags_are_rejected_and_a_foreign_column_is_none(wrong: dict[str, object]) -> None:
    output, _ = run(written(pa.table({"text": ["One"]})), Outcome(tags={0: TAGS}))
    table = table_of(output)
    cells = table["adsift"].to_pylist()
    cells[0][0].update(wrong)
    cells = pa.array(cells, table.schema.field("adsift").type)
    (found,) = parsed(written(table.set_column(1, "adsift", cells)))
    assert isinstance(found, Rejected)
    assert "tags" in found.reason
    (found,) = parsed(written(pa.table({"text": ["One"], "adsift": ["mine"]})))
    assert isinstance(found, Record)
    assert found.tags is None


def test_tags_of_an_earlier_version_are_read() -> None:
    output, _ = run(written(pa.table({"text": ["One"]})), Outcome(tags={0: TAGS}))
    table = table_of(output)
    cells = [
        [{k: v for k, v in tag.items() if k != "digest"} for tag in table["adsift"][0].as_py()]
    ]
    old = pa.table({"text": ["One"], "adsift": pa.array(cells)})
    (found,) = parsed(written(old))
    assert isinstance(found, Record)
    assert found.tags == tuple(replace(tag, digest=None) for tag in TAGS)


def test_the_column_of_tags_is_left_out() -> None:
    before = table_of(written(rich_table()))
    tagged, _ = run(written(before), Outcome(tags={0: TAGS}, tagging=True))
    limits = Limits(chunk_records=3)
    output, kept = run(tagged, Outcome({0: "1"}, untag=True), limits=limits)
    after = table_of(output)
    assert equal(after.drop_columns("text"), before.drop_columns("text"))
    assert after["text"][0].as_py() == "1"
    assert equal(restored(output, kept), table_of(tagged))
    mine = written(pa.table({"text": ["One"], "adsift": ["mine"]}))
    assert equal(table_of(run(mine, Outcome(untag=True))[0]), table_of(mine))


# --- files


def test_a_file_without_rows_keeps_its_schema() -> None:
    before = rich_table().slice(0, 0)
    output, kept = run(written(before), Outcome())
    assert equal(table_of(output), table_of(written(before)))
    assert equal(restored(output, kept), table_of(written(before)))


def test_a_file_all_of_whose_rows_are_rejected_is_restored() -> None:
    data = written(rich_table())
    output, kept = run(data, Outcome(rejected=frozenset(range(4))), limits=Limits(chunk_records=2))
    assert len(table_of(output)) == 0
    assert equal(restored(output, kept), table_of(data))


def test_packing_is_that_of_the_input() -> None:
    table = pa.table({"text": ["One", "Two"] * 50, "s": [{"a": "x", "b": 1}] * 100})
    data = written(
        table,
        compression={"text": "zstd", "s.a": "gzip", "s.b": "none"},
        use_dictionary=["text"],
        row_group_size=40,
        write_page_index=True,
    )
    output, _ = run(data, Outcome({0: "1"}, tagging=True), limits=Limits(chunk_records=7))
    metadata = pq.ParquetFile(BytesIO(output)).metadata
    assert [metadata.row_group(i).num_rows for i in range(3)] == [40, 40, 20]
    columns = [metadata.row_group(0).column(i) for i in range(3)]
    assert [c.compression for c in columns] == ["ZSTD", "GZIP", "UNCOMPRESSED"]
    assert [c.has_dictionary_page for c in columns] == [True, False, False]
    assert all(c.has_column_index for c in columns)
    assert b"adsift:packing" not in (metadata.metadata or {})


@pytest.mark.parametrize("codec", ["snappy", "lz4", "brotli", "none"])
def test_every_codec_is_kept(codec: str) -> None:
    data = written(pa.table({"text": ["One"]}), compression=codec)
    output, _ = run(data, Outcome())
    expected = {"none": "UNCOMPRESSED"}.get(codec, codec.upper())
    assert pq.ParquetFile(BytesIO(output)).metadata.row_group(0).column(0).compression == expected


def test_a_large_row_is_passed_over_and_reported() -> None:
    texts = ["small", "x" * 5000, "fine"]
    data = written(pa.table({"text": texts, "n": [1, 2, 3]}))
    (chunk,) = chunks(data, Limits(document_bytes=1000))
    (passed,) = chunk.oversize
    assert (passed.number, passed.raw) == (1, b"")
    assert passed.size >= 5000
    assert "--max-document-bytes" in passed.reason
    assert [f.number for f in Parquet().parse(chunk, FIELDS)] == [0, 2]
    (piece,) = Parquet().render(chunk, FIELDS, Outcome({2: "new"}))
    assert table_of(piece)["text"].to_pylist() == ["small", "new"]


def test_the_size_of_a_row_counts_what_is_nested_and_coded() -> None:
    long = "x" * 5000
    columns = {
        "dictionary": pa.array([long, "a", long, None]).dictionary_encode(),
        "list": pa.array([["a", long], [], None, [long]]),
        "map": pa.array([[("k", long)], [], None, [("k", long)]], pa.map_("string", "string")),
        "struct": pa.array([{"a": long}, {"a": "b"}, None, {"a": long}]),
        "fixed": pa.array([[long, "a"], ["a", "b"], None, [long, "a"]], pa.list_(pa.string(), 2)),
    }
    for name, column in columns.items():
        data = written(pa.table({"text": ["a", "b", "c", "d"], name: column}))
        (chunk,) = chunks(data, Limits(document_bytes=1000))
        expected = [0, 2] if name == "dictionary" else [0, 3]
        assert [r.number for r in chunk.oversize] == expected, name


def test_a_chunk_ends_where_the_limits_say_across_row_groups() -> None:
    data = written(pa.table({"text": ["x" * 100] * 10}), row_group_size=3)
    cut = chunks(data, Limits(chunk_records=4))
    assert [(c.first, c.count) for c in cut] == [(0, 4), (4, 4), (8, 2)]
    cut = chunks(data, Limits(chunk_bytes=250))
    assert [c.count for c in cut] == [3, 3, 3, 1]


def stamped(unit: str, *values: int) -> bytes:
    table = pa.table(
        {
            "text": pa.array(["It rained."] * len(values), pa.string()),
            "when": pa.array(values, pa.timestamp(unit)),
            "seen": pa.array([[value] for value in values], pa.list_(pa.timestamp(unit))),
        }
    )
    options = {"use_dictionary": False, "compression": "NONE"}
    return written(table, use_deprecated_int96_timestamps=True, **options)


def physical_types(data: bytes) -> set[str]:
    schema = pq.ParquetFile(BytesIO(data)).schema
    return {schema.column(at).physical_type for at in (1, 2)}


def in_unit(data: bytes, unit: str) -> Any:
    return pq.read_table(BytesIO(data), coerce_int96_timestamp_unit=unit)


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_timestamps_of_96_bits_keep_their_form_and_every_year(unit: str) -> None:
    per_second = {"ms": 10**3, "us": 10**6}[unit]
    data = stamped(unit, -62_135_596_800 * per_second + 1, 1, 253_402_300_799 * per_second)
    output, kept = run(data, Outcome({1: "Dry."}), limits=Limits(chunk_records=2))
    assert in_unit(data, "us")["when"].to_pylist()[2].year == 9999
    assert in_unit(output, "us").drop_columns("text") == in_unit(data, "us").drop_columns("text")
    assert physical_types(output) == {"INT96"}
    target = BytesIO()
    Parquet().restore(BytesIO(output), kept, FIELDS, target)
    assert in_unit(target.getvalue(), "us") == in_unit(data, "us")


def test_timestamps_of_96_bits_keep_their_nanoseconds() -> None:
    data = stamped("ns", -1, 1_000, 1_000)
    limits = Limits(chunk_records=1)  # only one chunk has any
    output, kept = run(data, Outcome(rejected=frozenset({0})), limits=limits)
    assert table_of(output)["when"].cast(pa.int64()).to_pylist() == [1_000, 1_000]
    whole = restored(output, kept)
    assert whole["when"].cast(pa.int64()).to_pylist() == [-1, 1_000, 1_000]
    assert whole == in_unit(data, "ns")


def test_timestamps_of_96_bits_that_no_type_holds_are_told() -> None:
    """pyarrow cannot write such a file."""
    data = stamped("ns", 0, 1, 2)
    first = (0).to_bytes(8, "little") + (2_440_588).to_bytes(4, "little")
    assert data.count(first) == 2
    with pytest.raises(DocumentError, match="INT96"):
        chunks(data.replace(first, first[:8] + (1_721_426).to_bytes(4, "little")))


def test_a_file_without_rows_keeps_timestamps_of_96_bits() -> None:
    output, _ = run(stamped("us"), Outcome())
    assert physical_types(output) == {"INT96"}


def test_a_stream_that_cannot_seek_is_read_too() -> None:
    data = written(rich_table())
    (chunk,) = Parquet().chunks(Unseekable(data), Limits())  # type: ignore[arg-type]
    assert chunk.data == chunks(data)[0].data


def test_damage_is_reported_after_what_is_good() -> None:
    with pytest.raises(DocumentError, match="cannot be read as Parquet"):
        chunks(b"PAR1 and nothing else")
    table = pa.table({"text": [f"{n:05d}" * 40 for n in range(100)]})
    data = bytearray(written(table, row_group_size=50, use_dictionary=False, compression="gzip"))
    second = pq.ParquetFile(BytesIO(data)).metadata.row_group(1).column(0).data_page_offset
    data[second : second + 20] = bytes(20)
    good = []
    with pytest.raises(DocumentError, match="cannot be read as Parquet"):
        good.extend(Parquet().chunks(BytesIO(data), Limits()))
    assert sum(chunk.count for chunk in good) == 50


def test_a_disk_that_is_full_is_not_called_damage() -> None:
    class Full(BytesIO):
        def write(self, data: Any) -> int:
            del data
            raise OSError(28, "No space left on device")

    part = Parquet().render(chunks(written(rich_table()))[0], FIELDS, Outcome())[0]
    with pytest.raises(OSError, match="No space left"):
        Parquet().join([BytesIO(part)], Full())


def test_an_output_that_was_changed_is_not_restored_from_parquet() -> None:
    data = written(pa.table({"text": ["One", "Two"]}))
    output, kept = run(data, Outcome({0: "1"}))
    table = table_of(output)
    for changed in (table.slice(1), pa.concat_tables([table, table]), table.slice(0, 1)):
        with pytest.raises(DocumentError, match="what the run wrote"):
            restored(written(changed), kept)


def test_patches_that_hold_everything_need_no_output() -> None:
    data = written(rich_table())
    kept = [Kept(0, make_patch(Parquet().original(chunk, FIELDS), b"")) for chunk in chunks(data)]
    assert equal(restored(b"", kept), table_of(data))


# --- laws

CELLS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VIEWS = pa.struct([("v", pa.string_view()), ("l", pa.list_(pa.binary_view()))])
OTHERS = {
    "a": (st.none() | st.integers(-(2**31), 2**31 - 1), pa.int32()),
    "b": (st.none() | st.lists(CELLS, max_size=3), pa.list_(pa.string())),
    "c": (CELLS, pa.dictionary(pa.int32(), pa.string())),
    "d": (st.none() | st.fixed_dictionaries({"x": CELLS}), pa.struct([("x", pa.string())])),
    "e": (st.none() | st.floats(allow_nan=False), pa.float64()),
    "f": (st.none() | st.booleans(), pa.bool_()),
    "h": (
        st.none() | st.fixed_dictionaries({"v": CELLS, "l": st.lists(st.binary(), max_size=2)}),
        VIEWS,
    ),
    "i": (
        st.none() | st.dictionaries(st.text("ab", max_size=2), st.integers(0, 9), max_size=2),
        pa.map_(pa.string(), pa.int8()),
    ),
    "g": (st.none() | st.binary(max_size=9), pa.binary()),
}


@st.composite
def tables(draw: st.DrawFn) -> Any:
    rows = draw(st.integers(0, 9))
    names = draw(st.lists(st.sampled_from(sorted(OTHERS)), unique=True))
    type = draw(st.sampled_from([pa.string(), pa.large_string(), TYPES[3], pa.string_view()]))
    columns = {"text": pa.array(draw(st.lists(CELLS, min_size=rows, max_size=rows)), type)}
    for name in names:
        cells, other = OTHERS[name]
        values = draw(st.lists(cells, min_size=rows, max_size=rows))
        if pa.types.is_map(other):
            values = [value and list(value.items()) for value in values]
        columns[name] = pa.array(values, other)
    return pa.table(columns).replace_schema_metadata(draw(st.sampled_from([None, {b"k": b"v"}])))


def in_groups(table: Any, rows: int) -> bytes:
    # pyarrow cannot write slices of nested views, and so no row groups.
    return written(table, row_group_size=len(table) + 1 if "h" in table.column_names else rows)


FILES = st.builds(in_groups, tables(), st.integers(1, 9))
LIMITS = st.builds(Limits, chunk_bytes=st.integers(1, 200), chunk_records=st.integers(1, 5))


@settings(max_examples=40)
@given(FILES, LIMITS)
def test_an_empty_outcome_gives_an_equal_table(data: bytes, limits: Limits) -> None:
    output, kept = run(data, Outcome(), limits=limits)
    assert equal(table_of(output), table_of(data))
    # pyarrow does not keep the name of a map's entries, so such a schema needs a patch.
    if "i" not in table_of(data).column_names:
        assert all(not patch for _, patch in kept)


@settings(max_examples=40)
@given(FILES, LIMITS, st.data())
def test_restoring_gives_back_an_equal_table(
    data: bytes, limits: Limits, drawn: st.DataObject
) -> None:
    numbers = st.integers(0, 9)
    rejected = drawn.draw(st.frozensets(numbers))
    texts = drawn.draw(st.dictionaries(numbers, st.text(max_size=9)))
    outcome = Outcome(texts, tagging=drawn.draw(st.booleans()), rejected=rejected)
    output, kept = run(data, outcome, limits=limits)
    assert len(table_of(output)) == len(table_of(data)) - len(
        rejected & set(range(len(table_of(data))))
    )
    assert equal(restored(output, kept), table_of(data))
    assert run(data, outcome, limits=limits) == (output, kept)
