"""The separator: a model and what to do with its labels. It tags and strips documents."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from adsift.batches import batches, source_size
from adsift.document import Document, Format, Paragraph, TaggedParagraph
from adsift.errors import DocumentError, PlacedDocumentError, PolicyWarning
from adsift.policy import CONFIDENCE, Bound, BoundedPolicy, Policy, check_together
from adsift.segment import segment
from adsift.stripping import StripResult, StripRun, is_tree, own_tree, strip_documents

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from adsift.model.certificate import Certificate
    from adsift.model.explanation import Explanation
    from adsift.model.load import Model

T = TypeVar("T")

_LONGEST_NAME = 200


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
            DocumentError: the source or the format is not one that adsift knows, or the bytes are
                no text, such as a PDF.
        """
        document = _document(source, format, url)
        return self._tag([document], [segment(document).paragraphs])[0]

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
        changes nothing more; unless 100 rounds (:data:`adsift.stripping.MAX_ROUNDS`), or 20 for
        more than a thousand paragraphs, did not suffice, or the rest of a text or Markdown file
        is mostly tags, which ``auto`` then takes for a page.

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
            confidence: how sure that must be. Not without ``max_content_loss``.

        Raises:
            DocumentError: as for :meth:`tag`.
            PolicyError: ``drop`` names no label, the probability is not within 0 and 1, or
                there is a confidence without a bound; with a bound, as for :meth:`certify`.

        Warns:
            PolicyWarning: the bound is so small that nothing may go.
        """
        policy = self._policy(drop, min_probability, max_content_loss, confidence)
        document = _document(source, format, url)
        if not in_place:
            document = own_tree(document)
        return strip_documents([StripRun(document)], policy, self.classifier)[0]

    def tag_many(
        self, documents: Iterable[str | bytes | BeautifulSoup | Document]
    ) -> Iterator[list[TaggedParagraph]]:
        """:meth:`tag` for many documents: lazy, in order, classified in batches.

        Args:
            documents: are read ahead, as many as make a batch (:mod:`adsift.batches`): 8, or fewer
                that are large.

        Returns:
            An iterator over what :meth:`tag` gives, one list a document, in order.

        Raises:
            DocumentError: at once, if it is one document, a mapping or a data frame; while it is
                iterated as for :meth:`tag`, once the results of all documents before that one
                are given out; it says which one it is, by its place from 0 and its id, url or
                name. Nothing comes after it: leave out what may be bad, or ask for the rest anew.
        """
        return self._tag_batches(_batches(documents))

    def strip_many(
        self,
        documents: Iterable[str | bytes | BeautifulSoup | Document],
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
    ) -> Iterator[StripResult]:
        """:meth:`strip` for many documents: lazy, in order, classified in batches.

        Args:
            documents: are read ahead, as for :meth:`tag_many`. Trees among them stay as they are.
            drop, min_probability, max_content_loss, confidence: as for :meth:`strip`.

        Returns:
            An iterator over what :meth:`strip` gives, one result a document, in order.

        Raises:
            DocumentError: at once and while it is iterated, as for :meth:`tag_many`.
            PolicyError: as for :meth:`strip`.

        Warns:
            PolicyWarning: as for :meth:`strip`.
        """
        policy = self._policy(drop, min_probability, max_content_loss, confidence)
        return self._strip_batches(_batches(documents), policy)

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
        # The caller may change the answer; what later strips go by stays as it is.
        return dict(self._certify(Bound.of(drop, max_content_loss, confidence)))

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
        check_together(min_probability, max_content_loss, confidence)
        if max_content_loss is None:
            return Policy.of(drop, min_probability)
        from adsift.model.heads import head_of

        bound = Bound.of(drop, max_content_loss, confidence)
        certificates = self._certify(bound)
        for certificate in certificates.values():
            if certificate.threshold is None:
                warnings.warn(str(certificate), PolicyWarning, stacklevel=3)
        return BoundedPolicy(
            bound.drop,
            lambda tagged: certificates[head_of([p.paragraph for p in tagged])].threshold,
        )

    def _tag_batches(self, groups: Iterable[list[Document]]) -> Iterator[list[TaggedParagraph]]:
        for documents, paragraphs in _read(groups, lambda one: segment(one).paragraphs):
            yield from self._tag(documents, paragraphs)

    def _strip_batches(
        self, groups: Iterable[list[Document]], policy: Policy | BoundedPolicy
    ) -> Iterator[StripResult]:
        for _, runs in _read(groups, lambda one: StripRun(own_tree(one))):
            results = strip_documents(runs, policy, self.classifier)
            runs.clear()  # their trees are large, and whoever takes the results may take long
            yield from results

    def _tag(
        self, documents: Sequence[Document], paragraphs: Sequence[Sequence[Paragraph]]
    ) -> list[list[TaggedParagraph]]:
        return self.classifier.classify(paragraphs, [document.url for document in documents])


def _read(
    groups: Iterable[list[Document]], function: Callable[[Document], T]
) -> Iterator[tuple[list[Document], list[T]]]:
    """Read documents, group by group.

    Yields:
        Documents, and what the function made of them.

    Raises:
        DocumentError: one cannot be read, once those before it are given out.
    """
    start = 0
    for documents in groups:
        read: list[T] = []
        for index, document in enumerate(documents):
            try:
                read.append(function(document))
            except Exception as error:
                if read:
                    yield documents[:index], read
                if isinstance(error, DocumentError):
                    which = _which(document, start + index)
                    raise PlacedDocumentError(which, str(error)) from error
                raise
        yield documents, read
        start += len(documents)


def _which(document: Document, place: int) -> str:
    """The document, as people tell it from others; its fields may hold anything."""
    names = (document.id, document.url, document.name)
    name = next((name for name in names if isinstance(name, str) and name), None)
    return f"document {place}" if name is None else f"document {place} ({name[:_LONGEST_NAME]})"


def _document(source: Any, format: Format, url: str | None) -> Document:
    return source if isinstance(source, Document) else Document(source, format, url)


def _batches(documents: Iterable[Any]) -> Iterator[list[Document]]:
    # A tree can be iterated too: over its elements.
    if isinstance(documents, (str, bytes, bytearray, memoryview, Document)) or is_tree(documents):
        raise DocumentError("expected several documents, not one: use tag or strip, or a list")
    # Of these an iterator gives the names.
    of_columns = hasattr(documents, "columns") and not isinstance(documents, Sequence)
    if isinstance(documents, Mapping) or of_columns:
        raise DocumentError(
            f"expected several documents, not {type(documents).__name__}: give its values, or one "
            "column"
        )
    made = (_document(source, "auto", None) for source in documents)
    return batches(made, lambda document: source_size(document.source))
