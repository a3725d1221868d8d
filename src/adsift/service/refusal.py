"""Why a request is not served, as the client is told: always ``{"error": {"code", "message"}}``."""

from __future__ import annotations

from adsift.errors import AdsiftError
from adsift.records import Record


class RefusalError(AdsiftError):
    """A request, or a document of a batch, that gets an error for an answer.

    Attributes:
        status: of HTTP.
        code: one word for programs.
        message: a sentence for people.
        retry_after: seconds after which it may be tried again, if that can help.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def as_json(self) -> Record:
        """The body of the answer."""
        return {"error": {"code": self.code, "message": self.message}}


def died() -> RefusalError:
    """The worker is gone, and what it had in work with it."""
    return RefusalError(500, "worker_died", "the process that worked on this document died of it")


def draining() -> RefusalError:
    """Nobody will work on it any more."""
    return RefusalError(503, "draining", "the service is ending; try again", 1)


def not_started() -> RefusalError:
    """Nobody has run the lifespan of the application."""
    return RefusalError(
        503,
        "not_started",
        "the service was never started: the application that it is mounted in must run its "
        "lifespan (lifespan=lambda outer: app.router.lifespan_context(app))",
    )


def mistake() -> RefusalError:
    """A mistake of ours. What it was stands in the log and is not the client's concern."""
    return RefusalError(500, "internal", "adsift could not work on this document; the log says why")
