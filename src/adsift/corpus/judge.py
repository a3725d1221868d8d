"""What becomes of each document: stripped, tagged, or stripped by tags that were stored."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, assert_never

from adsift.batches import batches, source_size
from adsift.corpus.audit import Removal, bound_rule, rule
from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Record, Rejected, Tag
from adsift.document import Label, TaggedParagraph, plain_text
from adsift.errors import DocumentError, PolicyWarning, reason
from adsift.policy import Policy
from adsift.salvage import salvage
from adsift.segment import segment

if TYPE_CHECKING:
    from adsift.separator import Separator
    from adsift.stripping import StripResult

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Judged:
    """A document and what became of it.

    Attributes:
        record: the document.
        text: what it is now; ``None`` if that is what it was.
        paragraphs: all of them, those that went last; none once they are counted.
        removed: those that went, in reading order.
        tags: of all paragraphs, in reading order, in a run that tags.
    """

    record: Record
    text: str | None
    paragraphs: Sequence[TaggedParagraph]
    removed: Sequence[Removal] = ()
    tags: tuple[Tag, ...] | None = None


@lru_cache(maxsize=1)
def separator(
    model: str | None, memory: Path | None = None, shared: Path | None = None, run: str = ""
) -> Separator:
    """The model of this process, loaded once.

    Args:
        model: the bundle.
        shared: where the coordinator has laid it out for all workers to map.
        memory: file of what recurs on sites, if the model is to know it.
        run: another one has another model, though it may lie at the same place.

    Raises:
        BundleError: it cannot be loaded.
    """
    del run
    import adsift
    from adsift.model.shared import load_shared

    sift = adsift.load(model) if shared is None else adsift.Separator(load_shared(shared))
    if memory is None:
        return sift
    from adsift.corpus.remembering import RememberingModel
    from adsift.corpus.site_memory import SiteMemory

    known = SiteMemory.from_bytes(memory.read_bytes())
    return adsift.Separator(RememberingModel(sift.classifier, known))


def judge(
    records: Sequence[Record],
    options: CleanOptions,
    memory: Path | None = None,
    shared: Path | None = None,
    run: str = "",
) -> Iterator[Judged | Rejected]:
    """Judge the documents of a chunk, in batches; one that fails costs only itself.

    Args:
        records: the documents.
        options: what to do with them.
        memory, shared, run: as for :func:`separator`.
    """
    judge_batch = _judging(options, memory, shared, run)
    for batch in batches(records, lambda record: source_size(record.document.source)):
        yield from salvage(batch, judge_batch, rejected)


def _judging(
    options: CleanOptions, memory: Path | None, shared: Path | None, run: str
) -> Callable[[Sequence[Record]], Iterator[Judged]]:
    # Iterators, not lists: what they give before a bad document need not be done again.
    if options.mode == "apply":
        return lambda records: (_apply(record, options) for record in records)
    sift = separator(options.bundle, memory, shared, run)
    if options.mode == "tag":
        return lambda records: _tag(records, sift)
    if options.mode == "strip":
        return lambda records: _strip(records, options, sift)
    assert_never(options.mode)


def rejected(record: Record, error: BaseException) -> Rejected:
    """A document that cannot be cleaned, and why."""
    source = record.document.source
    raw = source if isinstance(source, bytes) else str(source).encode("utf-8", "surrogatepass")
    return Rejected(record.number, reason(error), raw, len(raw), record.document.id)


def _strip(records: Sequence[Record], options: CleanOptions, sift: Separator) -> Iterator[Judged]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)  # said when the run began
        results = sift.strip_many(
            [record.document for record in records],
            options.drop,
            options.min_probability,
            options.max_content_loss,
            options.confidence,
        )
    return (
        _stripped(record, result, options, sift)
        for record, result in zip(records, results, strict=True)
    )


def _stripped(
    record: Record, result: StripResult, options: CleanOptions, sift: Separator
) -> Judged:
    if options.text_form == "text":
        text: str | None = plain_text(result.kept)
    else:
        # A page that loses nothing keeps its bytes.
        text = result.text if result.removed else None
    rules = _rules(result, options, sift) if result.removed else {}
    return Judged(
        record,
        text,
        [*result.kept, *result.removed],
        [
            Removal(index, paragraph, rules[paragraph.label])
            for index, paragraph in zip(result.removed_indices, result.removed, strict=True)
        ],
    )


def _tag(records: Sequence[Record], sift: Separator) -> Iterator[Judged]:
    tagged = sift.tag_many([record.document for record in records])
    return (
        Judged(
            record,
            None,
            paragraphs,
            tags=tuple(Tag.of(index, paragraph) for index, paragraph in enumerate(paragraphs)),
        )
        for record, paragraphs in zip(records, tagged, strict=True)
    )


def _apply(record: Record, options: CleanOptions) -> Judged:
    if record.tags is None:
        raise DocumentError("has no tags: tag the corpus first (adsift clean --mode tag)")
    segmentation = segment(record.document)
    paragraphs = segmentation.paragraphs
    if len(record.tags) != len(paragraphs) or not all(map(Tag.fits, record.tags, paragraphs)):
        raise DocumentError("the tags are not those of this text: was it changed since?")
    tagged = [tag.tagged(part) for tag, part in zip(record.tags, paragraphs, strict=True)]
    chosen = set(Policy.of(options.drop, options.min_probability).choose(tagged))
    kept = [part for index, part in enumerate(tagged) if index not in chosen]
    gone = sorted(chosen)
    text = segmentation.without(chosen).render() if chosen else None
    if options.text_form == "text":
        text = plain_text(kept)
    rules = {label: rule(label, options.min_probability, applied=True) for label in Label}
    return Judged(
        record,
        text,
        [*kept, *(tagged[index] for index in gone)],
        [Removal(index, tagged[index], rules[tagged[index].label]) for index in gone],
    )


def _rules(result: StripResult, options: CleanOptions, sift: Separator) -> dict[Label, str]:
    """Why a paragraph of each label went."""
    bound = options.max_content_loss
    if bound is None:
        return {label: rule(label, options.min_probability) for label in Label}
    from adsift.model.heads import head_of

    certificates = sift.certify(options.drop, bound, options.confidence)
    head = head_of([part.paragraph for part in (*result.kept, *result.removed)])
    threshold = certificates[head].threshold
    assert threshold is not None, "nothing goes without a threshold"
    return dict.fromkeys(Label, bound_rule(bound, threshold))
