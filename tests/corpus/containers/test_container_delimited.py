"""CSV and TSV: cut by records as the csv module does, and changed in one field."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from helpers_bytes import FIELDS, TAGS, cut, parse, reasons, rendered, round_trip, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.containers.csv_spans import cut_records, field_spans, field_value
from adsift.corpus.containers.delimited import Csv, Tsv
from adsift.corpus.record import Limits, Outcome, Record
from adsift.errors import DocumentError

CSV = Csv()

ROWS = [
    b"1,It rained.\n",
    b'2,"Buy boots!\r\n\r\nIt ""rained"", they say."\r\n',
    b"\n",
    b"3\n",
    b'4,5" nails,too many\n',
    b'5,5" nails\n',
    b'"6" x,""\r',
    b"7,\xff\n",
]
tables = st.builds(
    lambda start, rows, last: start + b"".join(rows) + last,
    st.sampled_from([b"id,text\n", b'\xef\xbb\xbf"id","text"\r\n', b"\r\n\nid,text\r"]),
    st.lists(st.sampled_from(ROWS), max_size=10),
    st.sampled_from([b"", b"8,no line end", b'9,"not closed\n']),
)
limits = st.builds(Limits, st.integers(1, 120), st.integers(1, 4))


def rows_of(data: bytes, delimiter: bytes, blocks: int) -> list[list[bytes]]:
    pieces = [data[n : n + blocks] for n in range(0, len(data), blocks)]
    return [
        [field_value(cut.data[a:b]) for a, b in field_spans(cut.data, delimiter)]
        for cut in cut_records(pieces, delimiter, len(data))
        if cut.data is not None and cut.data.strip(b"\r\n")
    ]


@settings(max_examples=50)
@given(st.text('ab,;"\n\r ', max_size=30), st.integers(1, 8), st.sampled_from(",;"))
def test_records_are_cut_as_the_csv_module_does(text: str, blocks: int, delimiter: str) -> None:
    data = text.encode()
    cuts = list(cut_records([data], delimiter.encode(), len(data)))
    assert b"".join(cut.data or b"" for cut in cuts) == data
    if all(cut.closed for cut in cuts):
        rows = [row for row in csv.reader(io.StringIO(text, ""), delimiter=delimiter) if row]
        found = rows_of(data, delimiter.encode(), blocks)
        assert [[field.decode() for field in row] for row in found] == rows


@settings(max_examples=50)
@given(st.text('ab,"\n\r', max_size=40), st.integers(1, 9), st.integers(1, 9), st.integers(1, 12))
def test_where_blocks_end_makes_no_difference(text: str, a: int, b: int, limit: int) -> None:
    data = text.encode()

    def cuts(size: int) -> list[object]:
        blocks = [data[n : n + size] for n in range(0, len(data), size)]
        return [*cut_records(blocks, b",", limit)]

    assert cuts(a) == cuts(b)


@settings(max_examples=50)
@given(tables, limits)
def test_an_unchanged_table_is_the_same_to_the_byte(data: bytes, limits: Limits) -> None:
    chunks = cut(CSV, data, limits)
    assert b"".join(chunk.data for chunk in chunks) == data
    pieces = [piece for chunk in chunks for piece in CSV.render(chunk, FIELDS, Outcome())]
    assert b"".join(pieces) == data
    same = Outcome({n: str(t) for n, t in texts(parse(CSV, data)).items()})
    assert rendered(CSV, data, same) == data


@settings(max_examples=50)
@given(tables, limits, st.sampled_from(["", "It rained.", 'a "b",\nc']), st.booleans())
def test_restoring_gives_back_the_table(
    data: bytes, limits: Limits, text: str, tagging: bool
) -> None:
    records = parse(CSV, data)
    tags = dict.fromkeys(texts(records), TAGS) if tagging else {}
    outcome = Outcome(
        dict.fromkeys(texts(records), text), tags, frozenset(reasons(records)), tagging
    )
    assert round_trip(CSV, data, limits, outcome) == data


@settings(max_examples=50)
@given(tables, limits)
def test_chunks_read_as_the_whole(data: bytes, limits: Limits) -> None:
    chunks = cut(CSV, data, limits)
    records = [record for chunk in chunks for record in CSV.parse(chunk, FIELDS)]
    assert records == parse(CSV, data)


def test_rows_have_their_fields() -> None:
    data = b'id,url,text\n7,https://example.org/,"It ""rained"""\n,,b\n'
    first, second = parse(CSV, data)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert first.number == 1
    assert first.document.source == 'It "rained"'
    assert (first.document.id, first.document.url) == ("7", "https://example.org/")
    assert (second.document.id, second.document.url) == (None, None)


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("id;text", 'a;"b, c"'),
        ("id\ttext", "a\tb, c"),
        ("id|text", "a|b, c"),
        ('"id, or name";text;url', "a;b, c;"),
    ],
)
def test_other_delimiters_are_recognised(names: str, row: str) -> None:
    for container in (CSV, Tsv()):
        assert texts(parse(container, f"{names}\n{row}\n".encode())) == {1: "b, c"}


def test_a_table_of_one_column_has_the_usual_delimiter() -> None:
    assert texts(parse(CSV, b"text\na;b\n\n")) == {1: "a;b"}
    out = rendered(CSV, b"text\na;b\n\n", Outcome({1: ""}))
    assert out == b'text\n""\n\n'
    assert texts(parse(CSV, out)) == {1: ""}


@pytest.mark.parametrize(
    ("row", "text", "result"),
    [
        (b'"1",a,  x', "b", b'"1",b,  x'),
        (b'1,"a",x', "b", b'1,"b",x'),
        (b"1,a,x", "b,c", b'1,"b,c",x'),
        (b"1,a,x", "b\nc", b'1,"b\nc",x'),
        (b'1,5" a,x', '5" b', b'1,"5"" b",x'),
        (b'1,5" a,x', '5" a', b'1,5" a,x'),
        ("1,ä,é".encode(), "ö", "1,ö,é".encode()),
    ],
)
def test_only_the_text_field_is_written_anew(row: bytes, text: str, result: bytes) -> None:
    start = b"id,text,more\r\n"
    out = rendered(CSV, start + row + b"\r\n", Outcome({1: text}))
    assert out == start + result + b"\r\n"


def test_bad_rows_are_rejected() -> None:
    data = b'id,text\n1\n1,2,3\n1,\xe4\n1,good\n1,"open\n'
    records = parse(CSV, data)
    assert texts(records) == {4: "good"}
    found = reasons(records)
    assert "has 1 fields where the row of names has 2" in found[1]
    assert "has 3 fields" in found[2]
    assert "not UTF-8 at byte 2" in found[3]
    assert "not closed" in found[5]
    out = rendered(CSV, data, Outcome(rejected=frozenset(found)))
    assert out == b"id,text\n1,good\n"


def test_a_missing_column_is_told_once() -> None:
    with pytest.raises(DocumentError, match=r"no column 'text'; there is 'id', 'body' .*text-f"):
        parse(CSV, b"id,body\n1,a\n")
    assert texts(parse(CSV, b"id,body\n1,a\n", replace(FIELDS, text="body"))) == {1: "a"}


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf\r\n\n", b"id,text", b"id,text\n"])
def test_a_table_without_rows_is_fine(data: bytes) -> None:
    assert parse(CSV, data) == []
    assert rendered(CSV, data, Outcome()) == data


def test_a_huge_field_is_passed_over() -> None:
    data = b'id,text\n1,"' + b"a\n" * 5000 + b'"\n2,b\n'
    chunks = cut(CSV, data, Limits(document_bytes=100))
    assert b"".join(chunk.data for chunk in chunks) == b"id,text\n2,b\n"
    (passed,) = (record for chunk in chunks for record in chunk.oversize)
    assert (passed.number, passed.size) == (1, 10_005)
    assert texts([r for c in chunks for r in CSV.parse(c, FIELDS)]) == {2: "b"}


def test_a_quote_that_is_never_closed_is_told() -> None:
    data = b'id,text\n1,"' + b"a\n" * 5000
    (chunk,) = cut(CSV, data, Limits(document_bytes=100))
    assert "not closed" in chunk.oversize[0].reason


def test_huge_names_are_refused() -> None:
    with pytest.raises(DocumentError, match="column names is larger"):
        cut(CSV, b"a," * 200, Limits(document_bytes=100))
    with pytest.raises(DocumentError, match="column names is not closed"):
        cut(CSV, b'"text\n1,a\n')


def test_tags_get_a_column_in_every_chunk() -> None:
    data = b"\xef\xbb\xbf\nid,text\r\n1,a\r\n\r\n2,b"
    outcomes = {1: Outcome(tags={1: TAGS}, tagging=True)}
    out = b"".join(
        piece
        for chunk in cut(CSV, data, Limits(chunk_records=1))
        for piece in CSV.render(chunk, FIELDS, outcomes.get(chunk.first, Outcome(tagging=True)))
    )
    assert out.startswith(b'\xef\xbb\xbf\nid,text,adsift\r\n1,a,"[{')
    assert out.endswith(b"\r\n\r\n2,b,")
    first, second = parse(CSV, out)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.tags, second.tags) == (TAGS, None)


def test_a_column_of_tags_is_replaced() -> None:
    out = rendered(CSV, b"adsift,text\nold,a\n", Outcome(tags={1: ()}, tagging=True))
    assert out == b'adsift,text\n"[]",a\n'


@pytest.mark.parametrize(
    ("table", "left"),
    [
        (
            b'\xef\xbb\xbf\nid,text,adsift\r\n1,a,"[]"\r\n\r\n2,b,',
            b"\xef\xbb\xbf\nid,text\r\n1,new\r\n\r\n2,b",
        ),
        (b'adsift,text\n"[]",a\n,b\n', b"text\nnew\nb\n"),
        (b'text,adsift\n,"[]"\n,\n', b'text\nnew\n""\n'),
        (b"id,text\n1,a\n", b"id,text\n1,new\n"),
    ],
)
def test_a_column_of_tags_is_left_out(table: bytes, left: bytes) -> None:
    outcome = Outcome({1: "new"}, untag=True)
    assert rendered(CSV, table, outcome) == left
    pieces = (CSV.render(chunk, FIELDS, outcome) for chunk in cut(CSV, table, Limits(1, 1)))
    assert b"".join(piece for chunk in pieces for piece in chunk) == left
    assert round_trip(CSV, table, Limits(1, 1), outcome) == table


def test_tags_stand_behind_a_text_that_was_empty() -> None:
    out = rendered(CSV, b"id,text\n1,\n", Outcome({1: "new"}, {1: ()}, tagging=True))
    assert out == b'id,text,adsift\n1,new,"[]"\n'


def test_a_utf_16_table_is_told() -> None:
    with pytest.raises(DocumentError, match="UTF-16"):
        cut(CSV, "id,text\n".encode("utf-16"))


def test_blank_lines_before_the_names_are_kept_however_many() -> None:
    blank = b"\n" * 300_000
    data = blank + b"id,text\n1,It rained.\n"
    assert texts(parse(CSV, data)) == {1: "It rained."}
    assert rendered(CSV, data, Outcome({1: "Dry."})) == blank + b"id,text\n1,Dry.\n"
    assert rendered(CSV, blank, Outcome()) == blank


def test_a_row_without_tags_keeps_those_that_it_has() -> None:
    table = b'id,text,adsift\n1,a,"[]"\n2,b,"[]"\n'
    out = rendered(CSV, table, Outcome(tags={1: TAGS}, tagging=True))
    first, second = parse(CSV, out)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.tags, second.tags) == (TAGS, ())
