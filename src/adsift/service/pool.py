"""The workers and the jobs that wait for them. A worker that dies or hangs is replaced, and costs
the one job that it had."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adsift.errors import AdsiftError
from adsift.service.answer import Answer
from adsift.service.process import WorkerDiedError, WorkerProcess, exit_reason
from adsift.service.refusal import RefusalError, died, draining
from adsift.service.work import Job

_log = logging.getLogger("adsift.service")

PAUSE = 0.5
"""Seconds before a worker that did not come up is started again; twice as long each time."""

LONGEST_PAUSE = 30.0
HOPELESS = 7
"""Times that a worker does not start in a row, while no other is up, after which none ever will:
half a minute."""

_PATIENCE = 2.0
"""Seconds that a worker has to end by itself."""


@dataclass(slots=True, eq=False)
class _Waiting:
    job: Job
    answer: asyncio.Future[Answer]
    latest: float
    again: bool = False
    clock: asyncio.TimerHandle | None = None


class Pool:
    """Some workers.

    Attributes:
        workers: how many there are to be.
        busy: how many have a job.
        up: how many have their model.
        on_hopeless: told when no worker starts, time after time.
    """

    def __init__(
        self,
        command: Callable[[], Awaitable[Sequence[str]]],
        workers: int,
        timeout: float,
        on_loss: Callable[[str], None],
    ) -> None:
        """The workers are not started yet.

        Args:
            command: gives what starts one, each time anew.
            workers: how many.
            timeout: seconds that a job may wait, and that it may be in work.
            on_loss: told of each worker that is lost, ``died`` or ``timeout``.
        """
        self.workers = workers
        self.busy = 0
        self.up = 0
        self.on_hopeless: Callable[[], None] = lambda: None
        self._command = command
        self._timeout = timeout
        self._on_loss = on_loss
        self._waiting: deque[_Waiting] = deque()
        self._idle: deque[WorkerProcess] = deque()
        self._keepers: list[asyncio.Task[None]] = []
        self._at_work: set[asyncio.Task[None]] = set()
        self._processes: set[WorkerProcess] = set()
        self._seconds_a_job = 0.0
        self._stopping = False

    @property
    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        return len(self._waiting)

    @property
    def retry_after(self) -> int:
        """Seconds until the jobs that wait now will be done, by what the last ones took."""
        seconds = (self.waiting + self.busy) * self._seconds_a_job / self.workers
        return min(max(math.ceil(seconds), 1), 60)

    def start(self) -> None:
        """Start the workers; they come up by and by. After :meth:`stop` too."""
        self._stopping = False
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self.workers)]

    async def run(self, job: Job, since: float | None = None) -> Answer:
        """Have a job done.

        Args:
            job: it.
            since: the loop's time from which its waiting counts; now, if left out.

        Raises:
            RefusalError: no worker took it in time, it took too long, or the worker died of it.
        """
        if self._stopping:
            raise draining()
        loop = asyncio.get_running_loop()
        latest = (loop.time() if since is None else since) + self._timeout
        if loop.time() >= latest:  # the others of its batch took so long
            raise overloaded(self.retry_after)
        waiting = _Waiting(job, loop.create_future(), latest)
        waiting.clock = loop.call_at(latest, self._expire, waiting)
        self._waiting.append(waiting)
        self._dispatch()
        try:
            return await waiting.answer
        finally:
            # A client that went away is not worked for.
            if waiting.clock is not None:
                waiting.clock.cancel()
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def give_up(self) -> None:
        """Refuse all jobs that are not done, and whatever comes."""
        self._stopping = True
        while self._waiting:
            _refuse(self._waiting.popleft(), draining())
        for process in self._processes:
            if process not in self._idle:
                process.kill()

    async def stop(self) -> None:
        """End the workers. Jobs that are not done are refused."""
        self.give_up()
        for process in self._processes:
            process.hang_up()
        for task in (*self._keepers, *self._at_work):
            task.cancel()
        await asyncio.gather(*self._keepers, *self._at_work, return_exceptions=True)
        for process in self._processes:
            try:
                await asyncio.wait_for(process.ended(), _PATIENCE)
            except TimeoutError:
                process.kill()
                await process.ended()
        self._processes.clear()
        self._idle.clear()
        self.up = 0

    async def _keep(self) -> None:
        pause = PAUSE
        failures = 0
        while not self._stopping:
            try:
                process = await WorkerProcess.start(await self._command())
            except (WorkerDiedError, AdsiftError, OSError) as error:
                failures += 1
                if failures >= HOPELESS and self.up == 0:
                    self.on_hopeless()
                _log.error(
                    "a worker did not start (%s); again in %g s", type(error).__name__, pause
                )
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = PAUSE
            failures = 0
            self._processes.add(process)
            self.up += 1
            self._idle.append(process)
            self._dispatch()
            code = await process.ended()
            if self._stopping:
                return
            self.up -= 1
            self._processes.discard(process)
            if process in self._idle:
                self._idle.remove(process)
                self._on_loss("died")
            _log.error("worker %d %s; another takes its place", process.pid, exit_reason(code))

    def _dispatch(self) -> None:
        while self._waiting and self._idle:
            process = self._idle.popleft()
            if not process.alive:
                continue  # its keeper will see to it
            task = asyncio.create_task(self._work(process, self._waiting.popleft()))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _work(self, process: WorkerProcess, waiting: _Waiting) -> None:
        if waiting.clock is not None:
            waiting.clock.cancel()
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.busy += 1
        try:
            async with asyncio.timeout(self._timeout):
                answer = await process.do(waiting.job)
        except TimeoutError:
            process.kill()
            self._on_loss("timeout")
            _refuse(waiting, _too_long(self._timeout))
        except WorkerDiedError:
            process.kill()
            if self._stopping:
                _refuse(waiting, draining())
            else:
                self._on_loss("died")
                if process.begun or waiting.again:
                    _refuse(waiting, died())
                elif not waiting.answer.done():
                    # It was dead before; nobody had noticed.
                    waiting.again = True
                    waiting.clock = loop.call_at(waiting.latest, self._expire, waiting)
                    self._waiting.appendleft(waiting)
        except BaseException:
            process.kill()
            _refuse(waiting, draining())
            raise
        else:
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
            # The last jobs count most; a job of a hundred times the size should not count alone.
            self._seconds_a_job += 0.05 * (loop.time() - started - self._seconds_a_job)
            if process.alive:
                self._idle.append(process)
        finally:
            self.busy -= 1
        self._dispatch()

    def _expire(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
            _refuse(waiting, overloaded(self.retry_after))


def overloaded(retry_after: int) -> RefusalError:
    """There is more to do than can be done."""
    return RefusalError(503, "overloaded", "too many requests wait already; try again", retry_after)


def _too_long(seconds: float) -> RefusalError:
    return RefusalError(504, "timeout", f"the document is not done after {seconds:g} s of work")


def _refuse(waiting: _Waiting, refusal: RefusalError) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(refusal)
