"""One family of exceptions: ``except AdsiftError`` catches all that adsift raises on purpose."""


class AdsiftError(Exception):
    """Base of all errors that adsift raises. The message says what, where and what to do."""


class BundleError(AdsiftError):
    """A model bundle is missing, damaged, or made for another version of adsift."""


class CorpusError(AdsiftError):
    """A corpus run cannot go on: the output takes no more, or a document was rejected in a run that
    must not reject any. What was done stays done."""


class CorpusStartError(CorpusError):
    """A corpus run cannot start: an option has no such value, there is nothing to clean, the output
    holds another run or takes none, or a manifest is none that can be gone on with or restored."""


class DocumentError(AdsiftError):
    """A document cannot be read or has an unknown format."""


class PlacedDocumentError(DocumentError):
    """One of many documents cannot be read.

    Attributes:
        which: the document, as people tell it from the others.
        reason: what is wrong with it.
    """

    def __init__(self, which: str, reason: str) -> None:
        super().__init__(which, reason)
        self.which = which
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.which}: {self.reason}"


class ExplanationError(AdsiftError, LookupError):
    """An explanation is asked for of a paragraph or a label that does not exist."""


class LabelledDataError(AdsiftError):
    """Labelled data cannot be read or contradicts itself."""


class PolicyError(AdsiftError, ValueError):
    """A policy names a label that does not exist or a number that makes no sense."""


class PolicyWarning(UserWarning):
    """A policy is sound, but nothing is dropped by it."""


def reason(error: BaseException) -> str:
    """What went wrong, in a few words: adsift's own messages as they are, others by type.

    Not which document it was: who asks for the reason has names of their own for them.
    """
    if isinstance(error, PlacedDocumentError):
        return error.reason
    if isinstance(error, AdsiftError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
