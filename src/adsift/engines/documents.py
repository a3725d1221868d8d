"""Documents in, results out, with the model of this process; a bad document costs itself alone."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from adsift.document import Document, Format, TaggedParagraph
from adsift.errors import DocumentError, PolicyWarning, reason
from adsift.policy import CONFIDENCE, Bound, Policy
from adsift.salvage import salvage

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

    from adsift.separator import Separator, StripResult

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Stripping:
    """What a strip takes out; the fields are the arguments of :meth:`adsift.Separator.strip`.

    Raises:
        PolicyError: they make no sense, as for that method.
    """

    drop: tuple[str, ...] = ("commerce",)
    min_probability: float = 0.0
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE

    def __post_init__(self) -> None:
        drop = (self.drop,) if isinstance(self.drop, str) else tuple(self.drop)
        object.__setattr__(self, "drop", drop)
        Policy.of(drop, self.min_probability)
        if self.max_content_loss is not None:
            Bound.of(drop, self.max_content_loss, self.confidence)


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be read.

    Attributes:
        reason: in a few words.
    """

    reason: str


def known_format(format: Format) -> Format:
    """The format, if it is one.

    Raises:
        DocumentError: it is none. Said when an engine is set up, not of each document.
    """
    if format not in get_args(Format):
        raise DocumentError(f"unknown format {format!r}: use {', '.join(get_args(Format))}")
    return format


_loading = Lock()
_counting = Lock()
_running = 0
_limits: Any = None


def separator(model: str | None = None) -> Separator:
    """The model of this process, loaded when it is first asked for.

    Args:
        model: as for :func:`adsift.load`.

    Raises:
        BundleError: it cannot be loaded.
    """
    with _loading:  # engines ask from several threads at once
        return _loaded(model)


def identity(model: str | None = None) -> str:
    """Tells a model and this version of adsift from others, without loading it; for caches.

    Args:
        model: as for :func:`adsift.load`.

    Raises:
        BundleError: there is no such bundle.
    """
    import adsift
    from adsift.model.bundle import CONFIG, find_bundle

    # It states the digests of the bundle's other files.
    data = (find_bundle(model) / CONFIG).read_bytes()
    return f"{adsift.__version__} {hashlib.sha256(data).hexdigest()}"


@lru_cache(maxsize=4)
def _loaded(model: str | None) -> Separator:
    import adsift

    return adsift.load(model)


@lru_cache(maxsize=1)
def _threads() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def _one_thread() -> Iterator[None]:
    """An engine runs one worker a core, so the model's matrix products get one thread. The limit
    is one of the process: of overlapping calls the first sets it, and the last takes it back."""
    global _running, _limits
    with _counting:
        if not _running:
            _limits = _threads().limit(limits=1, user_api="blas")
        _running += 1
    try:
        yield
    finally:
        with _counting:
            _running -= 1
            if not _running:
                _limits.restore_original_limits()


def strip_documents(
    documents: Sequence[Document], stripping: Stripping, model: str | None = None
) -> list[StripResult | Failed]:
    """:meth:`adsift.Separator.strip_many`, one result a document."""
    if not documents:
        return []  # engines ask with empty batches what comes out
    sift = separator(model)

    def strip(batch: Sequence[Document]) -> list[StripResult]:
        return list(
            sift.strip_many(
                batch,
                stripping.drop,
                stripping.min_probability,
                stripping.max_content_loss,
                stripping.confidence,
            )
        )

    if stripping.max_content_loss is None:
        return _each(documents, strip)
    with warnings.catch_warnings():
        # A bound that lets nothing go would say so for every batch.
        warnings.simplefilter("ignore", PolicyWarning)
        return _each(documents, strip)


def tag_documents(
    documents: Sequence[Document], model: str | None = None
) -> list[list[TaggedParagraph] | Failed]:
    """:meth:`adsift.Separator.tag_many`, one result a document."""
    if not documents:
        return []
    sift = separator(model)
    return _each(documents, lambda batch: list(sift.tag_many(batch)))


def _each(
    documents: Sequence[Document], function: Callable[[Sequence[Document]], list[R]]
) -> list[R | Failed]:
    with _one_thread():
        return salvage(documents, function, lambda _, error: Failed(reason(error)))
