"""Where a value stands in the text of a JSON object, so that it alone can be replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adsift.corpus.record import Span
from adsift.records import Record, parse_line

_SPACE = re.compile(r"[ \t\n\r]*")
_NESTING = re.compile(r'["\[\]{}]')
_SCALAR = re.compile(r"[^,\]}\s]+")
_STRING = json.JSONDecoder()
_NOTED = 64


def read_members(text: str) -> tuple[Record, dict[str, Span]]:
    """Read an object, and note where the values of its own members stand.

    Of a line that is mostly one long string this takes as long as to read it, and spares
    :func:`find_value`, which takes as long again.

    Returns:
        What :func:`adsift.records.parse_line` gives, and the values' spans by their names; none
        if two members have one name, or if there are more than 64, of which it would take ten
        times as long and as much memory.

    Raises:
        DocumentError: as :func:`adsift.records.parse_line`.
    """
    try:
        return _read_members(text)
    except (ValueError, RecursionError):
        return parse_line(text), {}  # which knows what is wrong with it, if anything is


def find_value(text: str, name: str, places: Mapping[str, Span] | None = None) -> Span | None:
    """Where a field's value stands, with the meaning of :func:`adsift.records.get_field`.

    Args:
        text: a valid JSON object. It may be nested to any depth.
        name: of the field; dots reach inside.
        places: what :func:`read_members` has noted of it, if anything.

    Returns:
        The value's span; of several members with the same name the last one's, as for
        :func:`json.loads`. ``None`` if there is none.
    """
    if places and (name in places or "." not in name):
        return places.get(name)
    return _find(text, _after_space(text, 0), name)


def member_cut(text: str, name: str, places: Mapping[str, Span] | None = None) -> Span | None:
    """What to cut so that a field is gone and the rest is still valid: its name, its value and a
    comma.

    Args:
        text, name, places: as for :func:`find_value`.

    Returns:
        The span; ``None`` if there is no such field.
    """
    value = find_value(text, name, places)
    if value is None:
        return None
    if places and name in places:
        ends = [span.end for span in places.values() if span.end <= value.start]
        if ends:  # else it is the first member: the name that follows has to be found
            return Span(max(ends), value.end)
    return _cut(text, _after_space(text, 0), value)


def end_of_members(text: str, places: Mapping[str, Span] | None = None) -> Span:
    """Where another member can be added to an object.

    Args:
        text, places: as for :func:`find_value`.

    Returns:
        A span of no characters behind the last member, or behind the brace of an empty object.
    """
    if places:
        end = max(span.end for span in places.values())
        return Span(end, end)
    start = _after_space(text, 0)
    end = start + 1
    for member in _members(text, start):
        end = member.value.end
    return Span(end, end)


def _read_members(text: str) -> tuple[Record, dict[str, Span]]:
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    position = _after(text, _after_space(text, 0), "{")
    more = not text.startswith("}", position)
    while more:
        if not text.startswith('"', position):
            raise ValueError("no name")
        name, position = _STRING.raw_decode(text, position)
        start = _after(text, position, ":")
        if name in values or len(values) == _NOTED:
            raise ValueError("a name twice, or too many")
        value, end = _STRING.raw_decode(text, start)
        values[name] = value
        spans[name] = Span(start, end, value if isinstance(value, str) else None)
        position = _after_space(text, end)
        if more := text.startswith(",", position):
            position = _after_space(text, position + 1)
    if _after(text, position, "}") != len(text):
        raise ValueError("more than an object")
    return values, spans


def _after(text: str, position: int, mark: str) -> int:
    """Behind a mark and the space that follows it; the space before it is passed over too."""
    position = _after_space(text, position)
    if not text.startswith(mark, position):
        raise ValueError(f"no {mark}")
    return _after_space(text, position + 1)


def _find(text: str, start: int, name: str) -> Span | None:
    if not text.startswith("{", start):
        return None
    members = {member.name: member.value for member in _members(text, start)}
    if name in members or "." not in name:
        return members.get(name)
    first, _, rest = name.partition(".")
    inner = members.get(first)
    return None if inner is None else _find(text, inner.start, rest)


def _cut(text: str, start: int, value: Span) -> Span:
    members = list(_members(text, start))
    for at, member in enumerate(members):
        if member.value == value:
            if at:
                return Span(members[at - 1].value.end, value.end)
            return Span(member.start, members[1].start if len(members) > 1 else value.end)
    around = next(m.value for m in members if m.value.start < value.start < m.value.end)
    return _cut(text, around.start, value)


class _Member(NamedTuple):
    name: str
    start: int
    value: Span


def _members(text: str, start: int) -> Iterator[_Member]:
    position = _after_space(text, start + 1)
    while text[position] != "}":
        begin = position
        key, position = _STRING.raw_decode(text, begin)
        value = _after_space(text, _after_space(text, position) + 1)
        span = _value(text, value)
        yield _Member(key, begin, span)
        position = _after_space(text, span.end)
        if text[position] == ",":
            position = _after_space(text, position + 1)


def _value(text: str, start: int) -> Span:
    if text[start] == '"':
        string, end = _STRING.raw_decode(text, start)
        return Span(start, end, string)
    nested = text[start] in "[{"
    return Span(start, _nested_end(text, start) if nested else _matched_end(_SCALAR, text, start))


def _nested_end(text: str, start: int) -> int:
    # By counting and not by recursion, which would end where Python's stack does.
    depth, position = 0, start
    while True:
        found = _NESTING.search(text, position)
        assert found is not None, "not valid JSON"
        position = found.end()
        if found[0] == '"':
            position = _STRING.raw_decode(text, found.start())[1]
        else:
            depth += 1 if found[0] in "[{" else -1
            if depth == 0:
                return position


def _after_space(text: str, position: int) -> int:
    return _matched_end(_SPACE, text, position)


def _matched_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    assert found is not None, "not valid JSON"
    return found.end()
