"""Labels beside a corpus, in the layout of the Dolma toolkit.

Dolma (https://github.com/allenai/dolma, ``docs/data-format.md``) keeps documents in
``documents/PATH`` and what is known of them in ``attributes/NAME/PATH``: JSON lines, one for each
document, in the same order. A line of ours::

    {"id": "a1", "attributes": {"adsift__label__commerce": [[120, 180, 0.93]], …}, "record": 7,
     "digest": "1f2e3d4c"}

* Each span is ``[start, end, score]``: characters of the document's text, from 0, the end not
  included. Dolma's mixer counts Unicode code points, as Python's ``str`` does. The score is the
  probability of the label.
* Names have the three parts that Dolma's reader takes them apart into: experiment, tagger, type.
  ``adsift__label__news`` and so on hold the paragraphs of each label, ``adsift__kind__product`` and
  so on those of each commerce kind, with the same score. Every line has all of them.
* ``id`` is that of the document; the mixer refuses a line whose ``id`` is another. It is ``null``
  for a document without one, which the mixer takes for the same as none.
* ``record`` is the number of the record in its input, by which a run with the mode ``apply`` finds
  it. Dolma reads ``id``, ``attributes`` and ``source``, and passes over whatever else a line has.
* ``digest`` holds those of the paragraphs' texts (:func:`adsift.corpus.record.text_digest`), one
  after another in reading order. By them apply sees that a document is still the one that was
  tagged; spans alone would not tell, and HTML has none.
* Paragraphs of HTML have no span, so they are in none of the attributes, and the mixer finds
  nothing to replace. Their labels are under ``tags``, as ``[index, start, end, label, kind,
  probability]``. A line has ``tags`` whenever the spans alone would not tell all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from adsift.corpus.containers.stored_tags import parse_tag
from adsift.corpus.record import Record, Tag
from adsift.document import CommerceKind, Label
from adsift.errors import DocumentError
from adsift.paths import with_ending
from adsift.records import dump_line

NAME = "adsift"
"""Of the attributes, as Dolma's mixer is told it (``attributes: [adsift]``)."""

LABELS = {label: f"{NAME}__label__{label}" for label in Label}
KINDS = {kind: f"{NAME}__kind__{kind}" for kind in CommerceKind}

_JSONL = (".jsonl", ".ndjson", ".json")
_COMPRESSED = (".gz", ".zst")
_DOCUMENTS = "documents"
_DIGEST_SIZE = 8

_ROW = ("index", "start", "end", "label", "kind", "probability")

Spans = dict[str, list[tuple[int, int, float]]]


class Stored(NamedTuple):
    """The labels of one document, as they were stored.

    Attributes:
        number: of its record in the input.
        tags: of its paragraphs, in reading order.
    """

    number: int
    tags: tuple[Tag, ...]


def attribute_paths(paths: Sequence[str]) -> list[str]:
    """Where the attributes of some outputs belong, below the run's output folder.

    JSON lines keep their name, ending and all, since Dolma finds attributes by it; so the file is
    compressed as the ending says. Others get ``.jsonl.gz``. A first folder ``documents`` is left
    out: it is what the mixer swaps for ``attributes/adsift``.

    Args:
        paths: of the outputs, relative, with ``/``.

    Raises:
        DocumentError: two outputs would share a file.
    """
    found: dict[str, str] = {}
    for path in paths:
        place = _attribute_path(path)
        if place in found:
            raise DocumentError(
                f"the labels of {found[place]} and of {path} would both be in {place}: "
                "rename one of them, or clean them in two runs"
            )
        found[place] = path
    return [*found]


def _attribute_path(path: str) -> str:
    parts = PurePosixPath(path).parts
    if len(parts) > 1 and parts[0] == _DOCUMENTS:
        parts = parts[1:]
    name = parts[-1].lower()
    bare = name
    for ending in _COMPRESSED:
        bare = bare.removesuffix(ending)
    place = f"attributes/{NAME}/{'/'.join(parts)}"
    return place if bare.endswith(_JSONL) else with_ending(place, ".jsonl.gz")


def attribute_line(record: Record, tags: Sequence[Tag]) -> bytes:
    """The line of one document. One without paragraphs has a line too, since lines are counted.

    Args:
        record: that the document is in.
        tags: of its paragraphs, in reading order.
    """
    line: dict[str, Any] = {
        "id": record.document.id,
        "attributes": _attributes(tags),
        "record": record.number,
    }
    if not _told_by_spans(tags):
        line["tags"] = [
            [tag.index, tag.start, tag.end, tag.label, tag.kind, tag.probability] for tag in tags
        ]
    digests = [tag.digest for tag in tags if tag.digest is not None]
    if len(digests) == len(tags):
        line["digest"] = "".join(digests)
    return dump_line(line)


def read_attributes(stream: BinaryIO) -> Iterator[Stored]:
    """The labels that a run has stored, line by line.

    Args:
        stream: decompressed.

    Raises:
        DocumentError: a line is not one that :func:`attribute_line` writes. Those before are good.
    """
    for number, line in enumerate(stream, start=1):
        try:
            yield _stored(json.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise DocumentError(
                f"line {number} of the attributes is not as adsift writes them "
                f"({type(error).__name__}: {error}): tag the corpus anew"
            ) from None


def _attributes(tags: Iterable[Tag]) -> Spans:
    attributes: Spans = {name: [] for name in (*LABELS.values(), *KINDS.values())}
    for tag in tags:
        if tag.start is None or tag.end is None:
            continue
        span = (tag.start, tag.end, float(tag.probability))
        attributes[LABELS[tag.label]].append(span)
        if tag.kind is not None:
            attributes[KINDS[tag.kind]].append(span)
    return attributes


def _told_by_spans(tags: Sequence[Tag]) -> bool:
    """Whether sorting the spans gives the tags back."""
    last = -1
    for index, tag in enumerate(tags):
        if tag.index != index or tag.start is None or tag.end is None or tag.start <= last:
            return False
        last = tag.start
    return True


def _stored(line: dict[str, Any]) -> Stored:
    number, name = line["record"], line["id"]
    if not isinstance(number, int) or not isinstance(name, str | None):
        raise TypeError("no number of a record, or an id that is no text")
    rows = line.get("tags")
    tags = _from_spans(line["attributes"]) if rows is None else map(_from_row, rows)
    return Stored(number, _with_digests(tuple(tags), line.get("digest")))


def _with_digests(tags: tuple[Tag, ...], digest: str | None) -> tuple[Tag, ...]:
    if digest is None:
        return tags
    if not isinstance(digest, str) or len(digest) != len(tags) * _DIGEST_SIZE:
        raise ValueError("the digests are not those of the tags")
    return tuple(
        replace(tag, digest=digest[at : at + _DIGEST_SIZE])
        for tag, at in zip(tags, range(0, len(digest), _DIGEST_SIZE), strict=True)
    )


def _from_row(row: list[Any]) -> Tag:
    return parse_tag(dict(zip(_ROW, row, strict=True)))


def _from_spans(attributes: dict[str, list[list[Any]]]) -> Iterator[Tag]:
    kinds = {span[0]: kind for kind, name in KINDS.items() for span in attributes[name]}
    spans = sorted(
        (start, end, label, probability)
        for label, name in LABELS.items()
        for start, end, probability in attributes[name]
    )
    for index, (start, end, label, probability) in enumerate(spans):
        yield _from_row([index, start, end, label, kinds.get(start), probability])
