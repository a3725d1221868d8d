"""Documents in, results out, with the model of this process; a bad document costs itself alone."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from adsift.batches import batches, source_size
from adsift.document import DOCUMENT_FORMATS, Document, Format, Label, TaggedParagraph
from adsift.errors import BundleError, DocumentError, PolicyError, PolicyWarning, reason
from adsift.policy import CONFIDENCE, Bound, Policy, check_together
from adsift.salvage import salvage
from adsift.segment import unreadable

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

    from adsift.separator import Separator
    from adsift.stripping import StripResult

T = TypeVar("T")
R = TypeVar("R")
SLICE_ROWS = 64
"""Documents whose results are held at once."""

SLICE_SIZE = 8_000_000
"""Or fewer, when they have so many characters or bytes together."""

_Stamp = tuple[int, int, int]


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
        drop = known_drop(self.drop)
        object.__setattr__(self, "drop", drop)
        for name in ("min_probability", "confidence", "max_content_loss"):
            number = getattr(self, name)
            if isinstance(number, Real) or (number is None and name == "max_content_loss"):
                continue
            raise PolicyError(f"{name} must be a number, not {number!r}")
        Policy.of(drop, self.min_probability)
        check_together(self.min_probability, self.max_content_loss, self.confidence)
        if self.max_content_loss is not None:
            Bound.of(drop, self.max_content_loss, self.confidence)


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be read.

    Attributes:
        reason: in a few words.
    """

    reason: str


def known_drop(drop: object) -> tuple[str, ...]:
    """Names of labels, as what adapters take for ``drop``: those of a set in an order that is the
    same in every process, for caches.

    Raises:
        PolicyError: it is neither a name nor several.
    """
    if isinstance(drop, str):
        return (drop,)
    names: tuple[Any, ...] = (drop,)
    # Bytes would give their numbers, and empty ones would drop nothing without a word.
    if isinstance(drop, Iterable) and not isinstance(drop, (bytes, bytearray, memoryview)):
        names = tuple(drop)
    for name in names:
        if not isinstance(name, str):
            raise PolicyError(f"drop takes names of labels, not {name!r}")
    labels = [*map(str, Label)]
    known = [label for label in labels if label in names]
    return (*known, *sorted({name for name in names if name not in labels}))


def known_format(format: Format) -> Format:
    """The format, if it is one.

    Raises:
        DocumentError: it is none. Said when an engine is set up, not of each document.
    """
    if format not in DOCUMENT_FORMATS:
        raise DocumentError(f"unknown format {format!r}: use {', '.join(DOCUMENT_FORMATS)}")
    return format


def known_address(value: object) -> str | None:
    """A document's address, if that is what this is: in metadata stands anything."""
    return value if isinstance(value, str) else None


_loading = Lock()
_loaded: OrderedDict[str | None, tuple[_Stamp | None, Separator]] = OrderedDict()
_MOST = 4  # models of a process
_counting = Lock()
_running = 0
_limits: Any = None


def separator(model: str | None = None) -> Separator:
    """The model of this process, loaded when it is first asked for, and when its bundle is another.

    Args:
        model: as for :func:`adsift.load`.

    Raises:
        BundleError: it cannot be loaded.
    """
    import adsift

    with _loading:  # engines ask from several threads at once
        stamp = _stamp(model)
        known = _loaded.get(model)
        # One that was loaded does without its files.
        if known is None or stamp not in (None, known[0]):
            known = (stamp, adsift.load(model))
        _loaded[model] = known
        _loaded.move_to_end(model)
        if len(_loaded) > _MOST:
            _loaded.popitem(last=False)
        return known[1]


def _stamp(model: str | None) -> _Stamp | None:
    """Tells the bundle that lies there now from an earlier one, at the cost of a look."""
    from adsift.model.bundle import CONFIG, find_bundle

    try:
        found = (find_bundle(model) / CONFIG).stat()
    except (OSError, BundleError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


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
            _let_go()
            _limits = _threads().limit(limits=1, user_api="blas")
        _running += 1
    try:
        yield
    finally:
        with _counting:
            _running -= 1
            if not _running:
                _let_go()
                _limits.restore_original_limits()
                _let_go()


def _let_go() -> None:
    """threadpoolctl notes which thread has set a limit, and lets no other take it back while that
    one lives. An engine's thread lives long, and one that a fork has left behind breaks it."""
    for library in _threads().lib_controllers:
        clear = getattr(library, "clear_controlling_thread", None)
        if clear is not None:
            clear(force=True)


def _forked() -> None:
    """In a child, whose parent may have been at work in other threads."""
    global _loading, _counting, _running
    _loading, _counting, _running = Lock(), Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def strip_documents(
    documents: Iterable[Document], stripping: Stripping, model: str | None = None
) -> Iterator[StripResult | Failed]:
    """:meth:`adsift.Separator.strip_many`, one result a document, lazy.

    A result holds all paragraphs of its document and takes several times its memory, so keep no
    more of it than is needed.

    Warns:
        PolicyWarning: the bound lets nothing go; once a process.
    """

    def strip(batch: Sequence[Document]) -> Iterator[StripResult]:
        return separator(model).strip_many(
            batch,
            stripping.drop,
            stripping.min_probability,
            stripping.max_content_loss,
            stripping.confidence,
        )

    # Engines ask with empty batches what comes out: without a document no model is loaded.
    for part in in_slices(documents, _size):
        if stripping.max_content_loss is None:
            yield from _each(part, strip)
            continue
        _warn_of_bound(stripping, model)
        with warnings.catch_warnings():
            # strip_many says it for every batch.
            warnings.simplefilter("ignore", PolicyWarning)
            results = _each(part, strip)
        yield from results


def tag_documents(
    documents: Iterable[Document], model: str | None = None
) -> Iterator[list[TaggedParagraph] | Failed]:
    """:meth:`adsift.Separator.tag_many`, one result a document, lazy."""
    for part in in_slices(documents, _size):
        yield from _each(part, lambda batch: separator(model).tag_many(batch))


def in_slices(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Items in lists of no more than :data:`SLICE_ROWS`, and of about :data:`SLICE_SIZE`.

    An engine may hand over a whole partition. What the model finds in it is reduced to what the
    engine wants slice by slice, and a bad document makes no more than its slice be done again.
    """
    return batches(items, size, SLICE_ROWS, SLICE_SIZE)


def _size(document: Document) -> int:
    return source_size(document.source)


_warned: set[tuple[str | None, Stripping]] = set()


def _warn_of_bound(stripping: Stripping, model: str | None) -> None:
    """Say of a bound that lets nothing go that it does, as :meth:`adsift.Separator.strip` does."""
    loss = stripping.max_content_loss
    if loss is None or (model, stripping) in _warned:
        return
    certificates = separator(model).certify(stripping.drop, loss, stripping.confidence)
    _warned.add((model, stripping))
    for certificate in certificates.values():
        if certificate.threshold is None:
            warnings.warn(str(certificate), PolicyWarning, stacklevel=3)


def _each(
    documents: Sequence[Document], function: Callable[[Sequence[Document]], Iterable[R]]
) -> list[R | Failed]:
    """One result a document; what no document is to blame for is raised."""
    # Told by a look at its beginning, such a document does not cost the others a second reading.
    problems = [_unreadable(document) for document in documents]
    texts = [d for d, problem in zip(documents, problems, strict=True) if not problem]
    with _one_thread():
        results = iter(salvage(texts, function, _failed) if texts else [])
    return [Failed(problem) if problem else next(results) for problem in problems]


def _unreadable(document: Document) -> str:
    source, charset = document.source, document.charset
    if not isinstance(source, bytes) or not isinstance(charset, str | None):
        return ""  # what is wrong with it, the model says of it alone
    return unreadable(source, charset)


def _failed(_: Document, error: Exception) -> Failed:
    if isinstance(error, (BundleError, PolicyError)):
        raise error
    return Failed(reason(error))
