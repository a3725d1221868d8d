"""The service apart from HTTP: the model laid out for the workers, the workers, the places, the
counters."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence

from adsift.service.answer import Answer
from adsift.service.body import Bodies
from adsift.service.folder import ModelFolder
from adsift.service.metrics import Metrics
from adsift.service.places import Places
from adsift.service.pool import Pool, overloaded
from adsift.service.refusal import RefusalError, not_started
from adsift.service.settings import ServiceSettings
from adsift.service.work import Job

WORKER = (sys.executable, "-m", "adsift.service.worker")
"""What starts a worker; its arguments follow."""


class Service:
    """One service, from :meth:`start` to :meth:`stop`; it can be started again then.

    Attributes:
        settings: what it was made with.
        metrics, pool, places, bodies: its parts.
        started: whether it was.
        draining: whether it is about to end.
        answers_cut: how many answers were not sent to their ends because it ended.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        """Lay the model out, and start nothing yet.

        Args:
            settings: what there is to set.

        Raises:
            BundleError: the model cannot be read.
            OSError: there is no place for it.
        """
        self.settings = settings
        self.started = False
        self.draining = False
        self.answers_cut = 0
        self._running = False
        self._folder = ModelFolder(settings.model)
        self._restoring = asyncio.Lock()
        self.metrics = Metrics()
        self.pool = Pool(
            self._command,
            settings.processes,
            settings.timeout,
            lambda reason: self.metrics.lost.labels(reason).inc(),
        )
        places = settings.processes + settings.queue
        self.places = Places(places, self._full)
        self.bodies = Bodies(
            settings.max_body, places * settings.max_body, settings.timeout, self._full
        )
        gauge = self.metrics.gauge
        gauge("adsift_queue_length", "Documents that wait for a worker", lambda: self.pool.waiting)
        gauge("adsift_requests_in_progress", "Places taken", lambda: self.places.taken)
        gauge("adsift_bodies_arriving", "Bodies on their way", lambda: self.bodies.arriving)
        gauge("adsift_body_bytes_held", "Bytes of bodies in memory", lambda: self.bodies.held)
        gauge("adsift_workers_busy", "Workers with a document", lambda: self.pool.busy)
        gauge("adsift_workers_up", "Workers that have their model", lambda: self.pool.up)

    @property
    def ready(self) -> bool:
        """Whether a document would be worked on now."""
        return self.pool.up > 0 and not self.draining

    def start(self) -> None:
        """Start the workers, for the first time or after :meth:`stop`.

        Raises:
            RuntimeError: it runs already.
        """
        if self._running:
            raise RuntimeError("the service runs already: make another application for another one")
        self.started = self._running = True
        self._restoring = asyncio.Lock()  # the loop may be another
        self.draining = False
        self.answers_cut = 0
        self.bodies.start()
        self.pool.start()

    def check(self) -> None:
        """See that there will be somebody to work on a document.

        Raises:
            RefusalError: it was never started.
        """
        if not self.started:
            raise not_started()

    @property
    def owing(self) -> bool:
        """Whether there are requests that have no answer yet."""
        return self.places.taken > self.places.answered or self.bodies.arriving > 0

    def answer_cut(self) -> None:
        """Count an answer that is not sent to its end because the service ends."""
        self.answers_cut += 1

    def give_up(self) -> None:
        """Refuse what is not done, and whatever comes."""
        self.bodies.give_up()
        self.pool.give_up()

    async def stop(self) -> None:
        """End the workers, and forget the model."""
        self.draining = True
        try:
            await self.pool.stop()
            self._folder.remove()
        finally:
            self._running = False

    async def one(self, job: Job, since: float | None = None) -> Answer:
        """Have one document worked on, or one batch taken apart.

        Args:
            job: it.
            since: as for :meth:`Pool.run`.

        Raises:
            RefusalError: as for :meth:`Pool.run`.
        """
        answer = await self.pool.run(job, since)
        if answer.status == 200 and not job.split:
            self.metrics.done(job.task, answer)
        return answer

    async def many(self, jobs: Sequence[Job], since: float) -> list[Answer]:
        """Have the documents of a batch worked on: an answer for each, in order.

        Args:
            jobs: one for each.
            since: as for :meth:`Pool.run`.

        A batch has no more documents in work or waiting than there are workers, so that others
        have their turn in between.
        """
        answers: dict[int, Answer] = {}
        numbered = iter(enumerate(jobs))
        lanes = (self._lane(numbered, answers, since) for _ in range(self.pool.workers))
        await asyncio.gather(*lanes)
        return [answers[number] for number in range(len(jobs))]

    async def _lane(
        self, jobs: Iterator[tuple[int, Job]], answers: dict[int, Answer], since: float
    ) -> None:
        for number, job in jobs:
            try:
                answer = await self.one(job, since)
            except RefusalError as refusal:
                answer = Answer.of(refusal)
            answers[number] = answer

    async def _command(self) -> Sequence[str]:
        # Cleaners of temporary files do not ask whether a model that lies there is in use.
        async with self._restoring:
            await asyncio.to_thread(self._folder.restore)
        patience = 2 * self.settings.timeout + self.settings.grace
        return [*WORKER, str(self._folder.path), str(patience)]

    def _full(self) -> RefusalError:
        return overloaded(self.pool.retry_after)
