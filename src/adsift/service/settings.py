"""What one can set of the service, and what it is if nobody does."""

from __future__ import annotations

from dataclasses import dataclass

WORKERS = 0
QUEUE = 64
MAX_BODY = 10_000_000
MAX_DOCUMENTS = 1000
TIMEOUT = 30.0
GRACE = 30.0
KEEP_ALIVE = 75


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How a service works.

    Attributes:
        model: as for :func:`adsift.load`.
        workers: processes that hold the model; 0 for as many as there are cores.
        queue: requests that may wait beside those in work; one more is refused.
        max_body: bytes of a request's body.
        max_documents: documents of a batch.
        timeout: seconds that a body may take to arrive, that a document may wait for a worker, that
            it may be in work, and that a client may take nothing of its answer.
        grace: seconds that requests have to finish when the service ends.
        keep_alive: seconds that a connection may wait for its next request. Longer than proxies
            keep connections to it, which would else send a request on one that closes.
    """

    model: str | None = None
    workers: int = WORKERS
    queue: int = QUEUE
    max_body: int = MAX_BODY
    max_documents: int = MAX_DOCUMENTS
    timeout: float = TIMEOUT
    grace: float = GRACE
    keep_alive: int = KEEP_ALIVE

    @property
    def processes(self) -> int:
        """How many workers that comes to."""
        if self.workers:
            return self.workers
        from joblib import cpu_count  # which knows what a container is allowed of the machine

        return int(cpu_count())
