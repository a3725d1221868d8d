"""The separator: a model and what to do with its labels. It tags and strips documents."""

from __future__ import annotations

import copy
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from adsift.compiled import compiled
from adsift.document import Document, Format, Paragraph, TaggedParagraph
from adsift.errors import DocumentError, PolicyError, PolicyWarning
from adsift.policy import CONFIDENCE, Bound, BoundedPolicy, Policy
from adsift.segment import segment

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from adsift.model.certificate import Certificate
    from adsift.model.explain import Explanation
    from adsift.model.load import Model
    from adsift.model.memory import Memory

BATCH = 8
"""Documents that ``tag_many`` and ``strip_many`` read ahead: they are classified as one matrix. Of
more, the first has left a core's cache when the last has been read."""

BATCH_SIZE = 300_000
"""Fewer make a batch when they have so many characters or bytes together: two ordinary pages are
enough for the matrix, and the trees of more do not fit into the cache."""

MAX_ROUNDS = 100
"""A strip is repeated until nothing more is dropped, but not oftener than this, so that no
document keeps a batch waiting. Nearly all are done after a few rounds."""


_objects = compiled("objects")
_text = attrgetter("text")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StripResult:
    """A document without what was dropped.

    Attributes:
        text: the document in its own format; what was not dropped is as it was.
        kept: the paragraphs that are left, in reading order. Spans are those of the original.
        removed: the paragraphs that are gone, in reading order, with the label that they went for;
            after a strip with a bound, with the label that they went for, which may be another.
        removed_indices: of those, among the paragraphs that :meth:`Separator.tag` gives for the
            document, from 0.
        soup: for a BeautifulSoup source, the cleaned tree.
    """

    text: str
    kept: list[TaggedParagraph]
    removed: list[TaggedParagraph]
    removed_indices: list[int]
    soup: BeautifulSoup | None = None


class Separator:
    """Tags and strips documents with one model. Made by :func:`adsift.load`."""

    def __init__(self, classifier: Model) -> None:
        self.classifier = classifier
        self._certificates: dict[Bound, dict[str, Certificate]] = {}

    def tag(
        self,
        source: str | bytes | BeautifulSoup | Document,
        format: Format = "auto",
        url: str | None = None,
    ) -> list[TaggedParagraph]:
        """Label each paragraph of a document.

        Args:
            source: text, Markdown or HTML as ``str`` or ``bytes``; a BeautifulSoup object; or
                a :class:`adsift.Document`, whose own fields then count.
            format: ``text``, ``markdown``, ``html`` or ``auto``.
            url: address of the page, which tells own links from foreign ones.

        Returns:
            The paragraphs in reading order; none for a document without text.

        Raises:
            DocumentError: the source or the format is not one that adsift knows.
        """
        document = _document(source, format, url)
        return self._tag([segment(document).paragraphs], [document])[0]

    def explain(
        self,
        source: str | bytes | BeautifulSoup | Document,
        paragraph: int,
        label: str | None = None,
        format: Format = "auto",
        url: str | None = None,
    ) -> Explanation:
        """Say which words, features and neighbours made the label of one paragraph.

        With the accurate tier it is the fast model behind it that is explained. Its opinion is a
        part of the decision: ``explanation.paragraph`` is what it says, ``explanation.decided``
        what the tier says.

        Args:
            source: as for :meth:`tag`.
            paragraph: its place in what :meth:`tag` gives, from 0.
            label: the label to explain; left out, the one that the paragraph has.
            format: as for :meth:`tag`.
            url: as for :meth:`tag`.

        Raises:
            DocumentError: as for :meth:`tag`.
            ExplanationError: there is no such paragraph or no such label.
        """
        from adsift.model.explain import explain

        document = _document(source, format, url)
        paragraphs = segment(document).paragraphs
        return explain(self.classifier, paragraphs, paragraph, label, document.url)

    def strip(
        self,
        source: str | bytes | BeautifulSoup | Document,
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        format: Format = "auto",
        url: str | None = None,
        in_place: bool = False,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
    ) -> StripResult:
        """Take out the paragraphs of some labels.

        What is left is judged again until nothing more goes, so that stripping the result again
        changes nothing more; unless 100 rounds (:data:`MAX_ROUNDS`) did not suffice, or the rest
        of a text or Markdown file is mostly tags, which ``auto`` then takes for a page.

        With ``max_content_loss`` a paragraph goes if the labels to drop are together probable
        enough for the bound to hold (:meth:`certify` has the thresholds). The bound is on one strip
        of a document as it was found: what is left is not judged again, and stripping the
        result again spends the bound once more.

        Args:
            source: as for :meth:`tag`.
            drop: the labels to take out.
            min_probability: drop a paragraph only if its label is at least this probable.
            format: as for :meth:`tag`.
            url: as for :meth:`tag`.
            in_place: clean the given BeautifulSoup object itself and not a copy of it.
            max_content_loss: share of all news and analysis that may be lost over many documents
                like those that the model was calibrated on, for example 0.01. Not together with
                ``min_probability``.
            confidence: how sure that must be.

        Raises:
            DocumentError: as for :meth:`tag`.
            PolicyError: ``drop`` names no label, or the probability is not within 0 and 1;
                with a bound, as for :meth:`certify`.

        Warns:
            PolicyWarning: the bound is so small that nothing may go.
        """
        policy = self._policy(drop, min_probability, max_content_loss, confidence)
        document = _document(source, format, url)
        if not in_place:
            document = _own_tree(document)
        return self._strip([document], policy)[0]

    def tag_many(
        self, documents: Iterable[str | bytes | BeautifulSoup | Document]
    ) -> Iterator[list[TaggedParagraph]]:
        """:meth:`tag` for many documents: lazy, in order, classified in batches."""
        for batch in _batches(documents):
            # Of a page no more is kept than its paragraphs; a batch of parsed trees is large.
            yield from self._tag([segment(document).paragraphs for document in batch], batch)

    def strip_many(
        self,
        documents: Iterable[str | bytes | BeautifulSoup | Document],
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
    ) -> Iterator[StripResult]:
        """:meth:`strip` for many documents: lazy, in order, classified in batches."""
        policy = self._policy(drop, min_probability, max_content_loss, confidence)
        return self._strip_batches(documents, policy)

    def certify(
        self, drop: str | Iterable[str], max_content_loss: float, confidence: float = CONFIDENCE
    ) -> dict[str, Certificate]:
        """Say what a strip with a bound would do.

        Args:
            drop: the labels to take out: commerce, boilerplate or both.
            max_content_loss: share of news and analysis that may be lost, between 0 and 1.
            confidence: how sure that must be, between 0 and 1.

        Returns:
            A certificate for documents with ``markup`` and one for ``plain`` ones.

        Raises:
            PolicyError: the labels are others, a number is not between 0 and 1, or the model's
                bundle has no calibration for a bound.
            BundleError: the calibration is damaged.
        """
        return self._certify(Bound.of(drop, max_content_loss, confidence))

    def _certify(self, bound: Bound) -> dict[str, Certificate]:
        from adsift.model.certificate import certify

        if bound not in self._certificates:
            self._certificates[bound] = certify(
                self.classifier.bundle, bound.drop, bound.max_content_loss, bound.confidence
            )
        return self._certificates[bound]

    def _policy(
        self,
        drop: str | Iterable[str],
        min_probability: float,
        max_content_loss: float | None,
        confidence: float,
    ) -> Policy | BoundedPolicy:
        if max_content_loss is None:
            return Policy.of(drop, min_probability)
        if min_probability:
            raise PolicyError("give a least probability or a bound on lost content, not both")
        from adsift.model.classifier import head_of

        bound = Bound.of(drop, max_content_loss, confidence)
        certificates = self._certify(bound)
        for certificate in certificates.values():
            if certificate.threshold is None:
                warnings.warn(str(certificate), PolicyWarning, stacklevel=3)
        return BoundedPolicy(
            bound.drop,
            lambda tagged: certificates[head_of([p.paragraph for p in tagged])].threshold,
        )

    def _strip_batches(
        self, documents: Iterable[Any], policy: Policy | BoundedPolicy
    ) -> Iterator[StripResult]:
        for batch in _batches(documents):
            yield from self._strip([_own_tree(document) for document in batch], policy)

    def _tag(
        self,
        paragraphs: Sequence[list[Paragraph]],
        documents: Sequence[Document],
        memories: Sequence[Memory] | None = None,
    ) -> list[list[TaggedParagraph]]:
        urls = [document.url for document in documents]
        return self.classifier.classify(paragraphs, urls, memories)

    def _strip(
        self, documents: Sequence[Document], policy: Policy | BoundedPolicy
    ) -> list[StripResult]:
        # What a paragraph is depends on its neighbours, so a document that has lost some may
        # be judged anew to lose more. Only a document that a further strip would leave as it
        # is counts as stripped. But a bound is certified for one judgement of documents as they
        # were found; further rounds would lose more.
        rounds = 1 if isinstance(policy, BoundedPolicy) else MAX_ROUNDS
        from adsift.model.memory import Memory

        runs = [_Run(document, Memory()) for document in documents]
        open_runs = runs
        for _ in range(rounds):
            self._judge(open_runs)
            open_runs = [run for run in open_runs if run.drop(policy)]
            if not open_runs:
                break
        else:
            self._judge(open_runs)
        return [run.result() for run in runs]

    def _judge(self, runs: Sequence[_Run]) -> None:
        tagged = self._tag(
            [run.segmentation.paragraphs for run in runs],
            [run.document for run in runs],
            [run.memory for run in runs],
        )
        for run, paragraphs in zip(runs, tagged, strict=True):
            run.judged(paragraphs)


class _Run:
    """One document on its way through the rounds of a strip.

    Attributes:
        document: as it was given.
        segmentation: what is left of it.
        tagged: the paragraphs that are left, as they were judged last; their spans are those of
            what is left.
        memory: what the model has found out about it.
        places: for each of them its place in the reading order of the original, so that the
            result is in that order too.
        originals: for each of them its span in the original, once something has been cut.
        removed, removed_places: paragraphs that are gone, and their places.
    """

    def __init__(self, document: Document, memory: Memory) -> None:
        self.document = document
        self.segmentation = segment(document)
        self.tagged: list[TaggedParagraph] = []
        self.memory = memory
        self.places: Sequence[int] = range(len(self.segmentation.paragraphs))
        self.originals: Sequence[tuple[int, int] | None] | None = None
        self.removed: list[TaggedParagraph] = []
        self.removed_places: list[int] = []

    def judged(self, tagged: list[TaggedParagraph]) -> None:
        """Take in the labels of what is left."""
        self.tagged = tagged

    def drop(self, policy: Policy | BoundedPolicy) -> bool:
        """Take out what the policy says; whether that changed the document."""
        before = self.segmentation
        chosen = set(policy.choose(self.tagged))
        if not chosen:
            return False
        after = before.without(chosen)
        if after is before:
            return False
        spans_before = before.originals if self.originals is None else self.originals
        spans_after = after.originals
        left = _survivors(before.paragraphs, spans_before, chosen, after.paragraphs, spans_after)
        gone = sorted(chosen.difference(left))
        self.removed += _at_spans(_pick(self.tagged, gone), _pick(spans_before, gone))
        self.removed_places += _pick(self.places, gone)
        places: list[int] = []
        for index in left:
            # What a cut made of the others stands where the one before it stood.
            places.append(self.places[index] if index is not None else places[-1] if places else -1)
        self.places, self.originals = places, spans_after
        self.segmentation = after
        self.memory.cut(left)
        return True

    def result(self) -> StripResult:
        """What is left and what went."""
        removed, places = self.removed, self.removed_places
        if places != sorted(places):  # several cuts
            order = sorted(range(len(places)), key=places.__getitem__)
            removed, places = _pick(removed, order), _pick(places, order)
        source = self.document.source
        return StripResult(
            self.segmentation.render(),
            self.tagged if self.originals is None else _at_spans(self.tagged, self.originals),
            removed,
            places,
            source if _is_tree(source) else None,
        )


def _survivors(
    before: Sequence[Paragraph],
    spans_before: Sequence[tuple[int, int] | None],
    chosen: set[int],
    after: Sequence[Paragraph],
    spans_after: Sequence[tuple[int, int] | None],
) -> list[int | None]:
    """For each paragraph after a cut, which one before it that was, if it was one.

    Args:
        before, spans_before: the paragraphs before the cut, and where each stood in the original.
        chosen: indexes of those that were to go.
        after, spans_after: what is left.
    """
    if not any(spans_after):
        kept = [*filterfalse(chosen.__contains__, range(len(before)))]
        if [*map(_text, after)] == [*map(_text, _pick(before, kept))]:
            return [*kept]  # so it is of nearly every page
    ends: dict[int, int] = {}
    texts: dict[str, list[int]] = {}
    for index, (paragraph, span) in enumerate(zip(before, spans_before, strict=True)):
        # Where it ends tells a paragraph for sure. In a tree all that was chosen is gone.
        if span is not None:
            ends[span[1]] = index
        elif index not in chosen:
            texts.setdefault(paragraph.text, []).append(index)
    left: list[int | None] = []
    next_index = 0
    for paragraph, span in zip(after, spans_after, strict=True):
        found: int | None
        if span is not None:
            found = ends.get(span[1])
        else:
            same = texts.get(paragraph.text, [])
            position = bisect_left(same, next_index)
            found = same[position] if position < len(same) else None
        if found is not None and found >= next_index:
            left.append(found)
            next_index = found + 1
        else:
            left.append(None)
    return left


def _pick(items: Sequence[T], indexes: Iterable[int]) -> list[T]:
    """The items at these indexes."""
    return [*map(items.__getitem__, indexes)]


def _at_spans(
    tagged: list[TaggedParagraph], spans: Sequence[tuple[int, int] | None]
) -> list[TaggedParagraph]:
    """Tagged paragraphs, moved to these spans; those without one stay as they are."""
    if not any(spans):  # those of a page
        return tagged
    if _objects is not None:
        moved: list[TaggedParagraph] = _objects.at_spans(tagged, spans)
        return moved
    out = []
    for paragraph, span in zip(tagged, spans, strict=True):
        if span is not None and span != (paragraph.start, paragraph.end):
            placed = replace(paragraph.paragraph, start=span[0], end=span[1])
            paragraph = replace(paragraph, paragraph=placed)
        out.append(paragraph)
    return out


def _document(source: Any, format: Format, url: str | None) -> Document:
    return source if isinstance(source, Document) else Document(source, format, url)


def _own_tree(document: Document) -> Document:
    source = document.source
    if not _is_tree(source):
        return document
    tree = copy.deepcopy(source)
    # Beautiful Soup copies a page into an empty one, which html5lib gives a skeleton.
    for node in tree.contents[: len(tree.contents) - len(source.contents)]:
        node.extract()
    return replace(document, source=tree)


def _is_tree(source: object) -> TypeGuard[BeautifulSoup]:
    if isinstance(source, (str, bytes)):
        return False
    # Loaded for those who have loaded it themselves.
    from bs4 import BeautifulSoup

    return isinstance(source, BeautifulSoup)


def _batches(documents: Iterable[Any]) -> Iterator[list[Document]]:
    if isinstance(documents, (str, bytes)):
        raise DocumentError("expected several documents, not one: use tag or strip, or a list")
    batch: list[Document] = []
    size = 0
    try:
        for source in documents:
            batch.append(_document(source, "auto", None))
            size += _size(batch[-1].source)
            if len(batch) >= BATCH or size >= BATCH_SIZE:
                yield batch
                batch, size = [], 0
    except Exception:
        # Whatever the caller's iterator stumbled over, what it gave before is not lost.
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _size(source: object) -> int:
    return len(source) if isinstance(source, (str, bytes)) else 0
