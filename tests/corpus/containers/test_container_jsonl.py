"""JSON lines: cut by lines, and changed only where the text or the tags are."""

from __future__ import annotations

import io
import json
import re
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, BinaryIO, cast

import pytest
from helpers_bytes import FIELDS, TAGS, cut, parse, reasons, rendered, round_trip, texts
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adsift.corpus.containers import container
from adsift.corpus.containers.json_spans import find_value, read_members
from adsift.corpus.containers.jsonl import Jsonl
from adsift.corpus.record import Limits, Outcome, Record, Tag
from adsift.errors import DocumentError
from adsift.records import get_field, parse_line

JSONL = Jsonl()

LINES = [
    b'{"text": "It rained.", "n": 1.50}\n',
    b'{"id": "x", "text": "Buy \\u00fcber boots!\\n\\nIt rained."}\r\n',
    b"\n",
    b"  \r\n",
    b"{]\n",
    '{"text": "Zurück im Regen"}\n'.encode(),
    b'{"text": null}\n',
    b'{"text": 7}\n',
    b'["text"]\n',
    b'\xff{"text": "a"}\n',
]
files = st.builds(
    lambda mark, lines, last: mark + b"".join(lines) + last,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(st.sampled_from(LINES), max_size=12),
    st.sampled_from([b"", b'{"text": "no line end"}', b"\r"]),
)
limits = st.builds(Limits, st.integers(1, 200), st.integers(1, 5))
outcomes = st.builds(
    Outcome,
    st.dictionaries(st.integers(0, 12), st.sampled_from(["", "It rained.", "\u2028\ud800"])),
    st.dictionaries(st.integers(0, 12), st.just(TAGS)),
    st.just(frozenset()),
)


@settings(max_examples=50)
@given(files, st.builds(Limits, st.integers(1, 200), st.integers(1, 5), st.integers(20, 80)))
def test_chunks_end_to_end_are_the_input(data: bytes, limits: Limits) -> None:
    chunks = cut(JSONL, data, limits)
    lines = list(io.BytesIO(data))
    kept = [line for line in lines if len(line) <= limits.document_bytes]
    assert b"".join(chunk.data for chunk in chunks) == b"".join(kept)
    assert sum(chunk.count for chunk in chunks) == len(lines)
    assert [chunk.first for chunk in chunks] == [
        sum(chunk.count for chunk in chunks[:n]) for n in range(len(chunks))
    ]
    passed = {record.number: record.size for chunk in chunks for record in chunk.oversize}
    assert passed == {n: len(x) for n, x in enumerate(lines) if len(x) > limits.document_bytes}
    for chunk in chunks:
        assert chunk.count <= limits.chunk_records
        assert len(chunk.data) < limits.chunk_bytes + limits.document_bytes


@settings(max_examples=50)
@given(files, limits)
def test_nothing_changed_is_the_same_to_the_byte(data: bytes, limits: Limits) -> None:
    chunks = cut(JSONL, data, limits)
    pieces = [piece for chunk in chunks for piece in JSONL.render(chunk, FIELDS, Outcome())]
    assert b"".join(pieces) == data
    same = Outcome({n: str(t) for n, t in texts(parse(JSONL, data)).items()})
    assert rendered(JSONL, data, same) == data


@settings(max_examples=50)
@given(files, limits, outcomes)
def test_restoring_gives_back_the_jsonl(data: bytes, limits: Limits, outcome: Outcome) -> None:
    records = parse(JSONL, data)
    documents = texts(records)
    outcome = Outcome(
        {n: text for n, text in outcome.texts.items() if n in documents},
        {n: tags for n, tags in outcome.tags.items() if n in documents},
        frozenset(reasons(records)),
    )
    assert round_trip(JSONL, data, limits, outcome) == data


class Halting(io.RawIOBase):
    """A stream that gives a few bytes at a time, and may end in an error."""

    def __init__(self, data: bytes, step: int, error: Exception | None) -> None:
        self._data, self._step, self._error = io.BytesIO(data), step, error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._data.read(min(self._step, len(buffer)))
        if not piece and self._error is not None:
            raise self._error
        buffer[: len(piece)] = piece
        return len(piece)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([0, 1, 2, 5, 20, 60, 61, 62, 150]), max_size=30),
    st.booleans(),
    st.builds(Limits, st.integers(1, 120), st.integers(1, 12), st.integers(20, 80)),
    st.integers(1, 200),
    st.sampled_from([None, OSError(5, "x"), DocumentError("is damaged")]),
)
@example([20] * 10, False, Limits(60, 12, 80), 50, None)  # the second read ends within a line
def test_chunks_end_where_records_reach_the_limits(
    sizes: list[int], cut_off: bool, limits: Limits, step: int, error: Exception | None
) -> None:
    data = b"".join(b"x" * size + b"\n" for size in sizes)
    data = data[:-1] if cut_off else data
    wanted: list[tuple[bytes, int, list[int]]] = [(b"", 0, [])]
    for line in io.BytesIO(data):
        held, count, large = wanted[-1]
        if error and not line.endswith(b"\n"):
            continue  # nobody knows how it would have gone on
        if len(line) > limits.document_bytes:
            wanted[-1] = held, count + 1, [*large, len(line)]
        else:
            wanted[-1] = held + line, count + 1, large
        if len(wanted[-1][0]) >= limits.chunk_bytes or count + 1 >= limits.chunk_records:
            wanted.append((b"", 0, []))
    found = []
    stream = cast(BinaryIO, Halting(data, step, error))
    with pytest.raises(type(error)) if error else nullcontext():
        for chunk in JSONL.chunks(stream, limits):
            found += [(chunk.data, chunk.count, [one.size for one in chunk.oversize])]
    assert found == [chunk for chunk in wanted if chunk[1]]


def test_records_have_their_fields() -> None:
    line = b'{"text": "a", "id": 7, "url": "https://example.org/"}\n\n{"text": "b", "url": 1}\n'
    first, second = parse(JSONL, line)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.number, first.document.id, first.document.url) == (0, "7", "https://example.org/")
    assert (second.number, second.document.id, second.document.url) == (2, None, None)


def test_dots_reach_inside() -> None:
    fields = replace(FIELDS, text="content.text")
    data = b'{"content": {"a": 1, "text":"It rained."}}\n{"content.text": "b", "content": {}}\n'
    assert texts(parse(JSONL, data, fields)) == {0: "It rained.", 1: "b"}
    out = rendered(JSONL, data, Outcome({0: "x", 1: "y"}), fields)
    assert out == b'{"content": {"a": 1, "text":"x"}}\n{"content.text": "y", "content": {}}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{]", "not valid JSON"),
        (b'["text"]', "not a JSON object"),
        (b'{"id": "x", "a": 1}', "no field 'text'; there is 'id', 'a' .*--text-field"),
        (b"{}", "there is none"),
        (b'{"text": {"a": 1}}', "no text in field 'text', but an object"),
        (b'{"text": true}', "but true or false"),
        (b'{"text": "\xe4"}', "not UTF-8 at byte 10"),
        (b'{"text": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not valid JSON"),
        (b'{"text": "a", "x": ' + b"9" * 10_000 + b"}", "not valid JSON"),
    ],
)
def test_bad_lines_are_rejected(line: bytes, reason: str) -> None:
    data = line + b'\n{"text": "good"}\n'
    rejected, good = parse(JSONL, data)
    assert isinstance(good, Record)
    assert not isinstance(rejected, Record)
    assert (rejected.number, rejected.raw, rejected.size) == (0, line + b"\n", len(line) + 1)
    with pytest.raises(DocumentError, match=reason):
        raise DocumentError(rejected.reason)
    out = rendered(JSONL, data, Outcome(rejected=frozenset({0})))
    assert out == b'{"text": "good"}\n'


def test_a_text_that_is_null_stays() -> None:
    assert parse(JSONL, b'{"text": null, "id": 1}\n') == []


@pytest.mark.parametrize(
    ("line", "text", "result"),
    [
        (
            b'{ "n":1.0e2,"text" : "a\\/b", "z":[1, 2] }',
            "c",
            b'{ "n":1.0e2,"text" : "c", "z":[1, 2] }',
        ),
        (b'{"text": "a", "text": "b"}', "c", b'{"text": "a", "text": "c"}'),
        (b'{"te\\u0078t": "a"}', "c", b'{"te\\u0078t": "c"}'),
        (b'{"x": {"text": "no"}, "text": "a"}', "c", b'{"x": {"text": "no"}, "text": "c"}'),
        (b'{"text": "\\u00e4 a"}', "\xe4", b'{"text": "\\u00e4"}'),
        ('{"text": "ä a"}'.encode(), "ä", '{"text": "ä"}'.encode()),
        ('{"text": "ä a"}'.encode(), "ä\u2028", '{"text": "ä\\u2028"}'.encode()),
        ('{"text": "ä a"}'.encode(), "ä\ud800", b'{"text": "\\u00e4\\ud800"}'),
        (b'{"x": "\xed\xa0\x80", "text": "a"}', "c", b'{"x": "\xed\xa0\x80", "text": "c"}'),
        (b'\xef\xbb\xbf{"text": "a"}\r\n', "c", b'\xef\xbb\xbf{"text": "c"}\r\n'),
    ],
)
def test_only_the_text_is_written_anew(line: bytes, text: str, result: bytes) -> None:
    assert rendered(JSONL, line, Outcome({0: text})) == result


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        (b'{"id": 1, "text": "%b", "z": [1, {"text": "no"}]}', True),
        (b'\xef\xbb\xbf{"text" : "%b \\" }" }\r\n', True),
        ('{"x": "ä", "text": "%b"}'.encode(), True),
        (b'{"content": {"text": "%b"}, "text": "a"}', True),
        (b'{"adsift" : [], "pad": "%b", "text": "\\u00e4"}', True),
        (b'{"text": "%b", "adsift": [] , "n": {"adsift": 2}}', True),
        (b'{"text": "%b", "text": "a", "n": 1 }', False),
        (b'{"n": 1, "m": 2, "adsift": [], "m" : 3, "text": "%b"}', False),
    ],
)
def test_of_a_long_line_values_are_found_where_they_were_read(line: bytes, noted: bool) -> None:
    line %= b"It rained. " * 2_000
    (record,) = parse(JSONL, line)
    assert isinstance(record, Record)
    assert bool(record.places) == noted
    known = {0: record}
    for text in ("c", "\xe4", str(record.document.source)):
        written = rendered(JSONL, line, Outcome({0: text}, records=known))
        assert written == rendered(JSONL, line, Outcome({0: text}))
        assert (written == line) == (text == record.document.source)
    tagged = rendered(JSONL, line, Outcome(tags={0: TAGS}, records=known))
    assert tagged == rendered(JSONL, line, Outcome(tags={0: TAGS})) != line
    for part in (tagged, line):
        (record,) = parse(JSONL, part)
        assert isinstance(record, Record)
        untagged = rendered(JSONL, part, Outcome({0: "b"}, untag=True, records={0: record}))
        assert untagged == rendered(JSONL, part, Outcome({0: "b"}, untag=True))
        assert parse_line(untagged.decode("utf-8-sig")).get("adsift") is None


@pytest.mark.parametrize("name", ["text", "content.text"])
def test_in_a_long_line_dots_reach_inside_too(name: str) -> None:
    fields = replace(FIELDS, text="content.text", tags="content.adsift")
    line = b'{"%b": "%b", "content": {"text": "a", "adsift": []}}'
    line %= (name.encode(), b"It rained. " * 2_000)
    (record,) = parse(JSONL, line, fields)
    assert isinstance(record, Record)
    assert record.places
    outcome = Outcome({0: "b"}, untag=True)
    written = rendered(JSONL, line, replace(outcome, records={0: record}), fields)
    assert written == rendered(JSONL, line, outcome, fields)
    assert get_field(parse_line(written), "content.text") == "b"
    tagged = rendered(JSONL, line, Outcome(tags={0: TAGS}, records={0: record}), fields)
    assert tagged == rendered(JSONL, line, Outcome(tags={0: TAGS}), fields)


def test_what_is_no_tags_of_ours_is_not_cut_out_of_a_long_line() -> None:
    line = b'{"text": "%b", "adsift": 7}' % (b"It rained. " * 2_000)
    (record,) = parse(JSONL, line)
    assert isinstance(record, Record)
    out = rendered(JSONL, line, Outcome({0: "b"}, untag=True, records={0: record}))
    assert out == b'{"text": "b", "adsift": 7}'


@pytest.mark.parametrize(("members", "noted"), [(63, True), (64, False)])
def test_places_of_many_members_are_not_noted(members: int, noted: bool) -> None:
    others = {str(number): number for number in range(members)}
    (record,) = parse(JSONL, json.dumps({**others, "text": "a" * 20_000}).encode())
    assert isinstance(record, Record)
    assert bool(record.places) == noted
    assert record.document.source == "a" * 20_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
json_texts = st.builds(
    lambda members, indent, before, after: before + json.dumps(members, indent=indent) + after,
    st.dictionaries(st.sampled_from(["a", "b.c", 'q"', "\\", "ä"]), json_values)
    | st.lists(json_values, max_size=2),
    st.none() | st.just(1),
    st.sampled_from(["", " ", "\t\r\n"]),
    st.sampled_from(["", " ", "\n", "}", "\xa0", ","]),
)


@given(json_texts, st.integers(min_value=0), st.sampled_from([None, "", ",", '"', ":", "{", "}"]))
def test_members_are_read_as_any_line_and_found_as_any_value(
    text: str, at: int, damage: str | None
) -> None:
    if damage is not None:
        at %= len(text)
        text = text[:at] + damage + text[at + 1 :]
    try:
        record = parse_line(text)
    except DocumentError as error:
        with pytest.raises(DocumentError, match=f"^{re.escape(str(error))}$"):
            read_members(text)
        return
    members, spans = read_members(text)
    assert repr(members) == repr(record)
    assert spans == {name: find_value(text, name) for name in record}


def test_of_two_members_with_one_name_the_last_counts_and_no_place_is_noted() -> None:
    assert read_members('{"a": 1, "b": 2, "a" : 3}') == ({"a": 3, "b": 2}, {})


def test_a_deep_record_that_could_be_read_can_be_written() -> None:
    # Reading may go deeper into Python's stack than writing finds room for.
    deep = b"[" * 900 + b"]" * 900
    line = b'{"x": ' + deep + b', "text": "a"}'
    assert rendered(JSONL, line, Outcome({0: "b"})) == line.replace(b'"a"', b'"b"')


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        (b'{"text": "a" }\n', b'{"text": "a","adsift":', b" }\n"),
        (b'{"adsift": [1, {}], "text": "a"}', b'{"adsift": ', b', "text": "a"}'),
        (b'{"text": "a", "n": {"m": []}}', b'{"text": "a", "n": {"m": []},"adsift":', b"}"),
    ],
)
def test_tags_are_stored_and_found_again(line: bytes, before: bytes, after: bytes) -> None:
    out = rendered(JSONL, line, Outcome(tags={0: TAGS}))
    assert out.startswith(before)
    assert out.endswith(after)
    (record,) = parse(JSONL, out)
    assert isinstance(record, Record)
    assert record.tags == TAGS
    keys = [*json.loads(out)["adsift"][0]]
    assert keys == ["start", "end", "label", "kind", "probability", "index", "digest"]


def test_text_and_tags_change_together() -> None:
    out = rendered(JSONL, b'{"adsift": 1, "text": "a"}\n', Outcome({0: "b"}, {0: ()}))
    assert out == b'{"adsift": [], "text": "b"}\n'


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (b'{"text": "a",  "adsift" :[] }\r\n', b'{"text": "a" }\r\n'),
        (b'{ "adsift": [], "text": "a"}', b'{ "text": "a"}'),
        (
            b'\xef\xbb\xbf{"n": {"adsift": []}, "adsift":[], "text": "a"}\n',
            b'\xef\xbb\xbf{"n": {"adsift": []}, "text": "a"}\n',
        ),
        (b'{"adsift": []}', b"{}"),
        (b'{"text": "a", "adsift": "mine"}\n', b'{"text": "a", "adsift": "mine"}\n'),
        (b"{]\n", b"{]\n"),
        (b" \n", b" \n"),
    ],
)
def test_stored_tags_are_cut_out_of_a_line(line: bytes, left: bytes) -> None:
    assert rendered(JSONL, line, Outcome(untag=True)) == left


def test_tags_inside_a_member_are_cut_out() -> None:
    fields = replace(FIELDS, tags="meta.adsift")
    line = b'{"meta": {"a": 1, "adsift": [], "b": 2}, "text": "a"}\n'
    out = rendered(JSONL, line, Outcome({0: "b"}, untag=True), fields)
    assert out == b'{"meta": {"a": 1, "b": 2}, "text": "b"}\n'


@settings(max_examples=30)
@given(files, st.dictionaries(st.integers(0, 12), st.just(TAGS)))
def test_cutting_tags_out_undoes_storing_them(
    data: bytes, tags: dict[int, tuple[Tag, ...]]
) -> None:
    documents = texts(parse(JSONL, data))
    tagged = rendered(JSONL, data, Outcome(tags={n: t for n, t in tags.items() if n in documents}))
    assert rendered(JSONL, tagged, Outcome(untag=True)) == data
    assert round_trip(JSONL, tagged, Limits(chunk_records=3), Outcome(untag=True)) == tagged


@pytest.mark.parametrize("stored", ["1", "[1]", '[{"index": 0}]', '[{"label": "x"}]', "null"])
def test_what_is_no_tags_of_ours_is_passed_over(stored: str) -> None:
    (record,) = parse(JSONL, f'{{"text": "a", "adsift": {stored}}}'.encode())
    assert isinstance(record, Record)
    assert record.tags is None


def test_a_huge_line_is_never_held() -> None:
    class Endless(io.RawIOBase):
        left = 200_000_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            count = min(len(buffer), self.left)
            buffer[:count] = b"a" * count
            self.left -= count
            if count and not self.left:
                buffer[count - 1 : count] = b"\n"
            return count

    limits = Limits(document_bytes=1000)
    (chunk,) = JSONL.chunks(cast(BinaryIO, Endless()), limits)
    assert (chunk.count, chunk.data) == (1, b"")
    assert chunk.oversize[0].size == 200_000_000
    assert "larger than 1,000 bytes" in chunk.oversize[0].reason
    assert JSONL.parse(chunk, FIELDS) == []


def test_what_comes_before_damage_is_given_out() -> None:
    class Broken(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            return super().readinto(buffer) or self.fail()

        def fail(self) -> int:
            raise DocumentError("cut off")

    stream = io.BufferedReader(cast(io.RawIOBase, Broken(b'{"text": "a"}\n{"te')))
    chunks = JSONL.chunks(stream, Limits())
    assert next(chunks).data == b'{"text": "a"}\n'
    with pytest.raises(DocumentError, match="cut off"):
        next(chunks)


def test_utf_16_is_told() -> None:
    with pytest.raises(DocumentError, match="UTF-16"):
        cut(JSONL, '{"text": "a"}'.encode("utf-16"))


@pytest.mark.parametrize("change", [b"", b'{"text": "other"}\n', b'{"text": "a"}\n\n'])
def test_another_output_is_not_restored(change: bytes) -> None:
    from adsift.corpus.containers.base import Kept
    from adsift.corpus.patch import make_patch

    patch = make_patch(b'{"text": "a and b"}\n', b'{"text": "a"}\n')
    kept = [Kept(len(b'{"text": "a"}\n'), patch)]
    with pytest.raises(DocumentError, match="output is"):
        JSONL.restore(io.BytesIO(change), kept, FIELDS, io.BytesIO())


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab."{\\', max_size=3), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.text('ab."{\\', max_size=3), values), max_size=5),
    st.text("ab.", max_size=5),
    st.sampled_from([None, 1]),
    st.booleans(),
)
def test_a_value_is_found_where_json_has_it(
    members: list[tuple[str, Any]], name: str, indent: int | None, ascii_only: bool
) -> None:
    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    # Written member by member, so that names may come twice.
    text = " {" + " , ".join(f"{dump(key)}: {dump(value)}" for key, value in members) + "}\r\n"
    missing = object()
    expected = get_field(json.loads(text), name, missing)
    place = find_value(text, name)
    found = missing if place is None else json.loads(text[place.start : place.end])
    assert found == expected or found is expected


def test_the_registry_knows_the_format() -> None:
    assert isinstance(container("jsonl"), Jsonl)
    with pytest.raises(DocumentError, match="no input format 'xls': choose one of jsonl, csv"):
        container("xls")
