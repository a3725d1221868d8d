"""The server's side of one worker."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields

from adsift.service.answer import Answer
from adsift.service.frames import pack_head, receive_frame
from adsift.service.work import Job

_BUFFER = 2**20
_LOOK = 1.0
"""Seconds after which one looks again whether a process has ended."""
_HEAD = tuple(field.name for field in fields(Job) if field.name != "body")


class WorkerDiedError(Exception):
    """The worker is gone."""


class WorkerProcess:
    """A worker that runs. Made by :meth:`start`.

    Attributes:
        begun: whether it has read its last job.
    """

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._jobs = process.stdin
        self._answers = process.stdout
        self.begun = False
        self._next = self._future()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Sequence[str]) -> WorkerProcess:
        """Start a worker, and wait until it has its model.

        Raises:
            WorkerDiedError: it ended before.
            OSError: the system starts no more processes.
        """
        # Its errors go where the server's go.
        worker = cls(
            await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=_BUFFER)
        )
        try:
            await worker._next
        except BaseException:
            worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether nobody has seen it end."""
        return self._process.returncode is None and not self._answers.at_eof()

    async def do(self, job: Job) -> Answer:
        """Have a job done. A worker does one at a time.

        Raises:
            WorkerDiedError: it died of it.
        """
        self.begun = False
        if self._reading.done():
            raise WorkerDiedError
        self._next = answer = self._future()
        head = {name: getattr(job, name) for name in _HEAD}
        # One that dies while it reads a job leaves the rest of it to nobody.
        with suppress(ConnectionError):
            self._jobs.write(pack_head(head, job.body))
            self._jobs.write(job.body)
            await self._jobs.drain()
        return await answer

    async def ended(self) -> int:
        """Wait for its end; the exit code is negative for a signal."""
        # asyncio's own waiting ends only when its pipes are closed too, which something that the
        # worker has started may hold open. Its exit code is there before.
        waiting = asyncio.create_task(self._process.wait())
        try:
            while (code := self._process.returncode) is None:
                await asyncio.wait({waiting}, timeout=_LOOK)
        finally:
            waiting.cancel()
        return code

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def hang_up(self) -> None:
        """Let it end when it has done what it has in work."""
        self._jobs.close()

    @staticmethod
    def _future() -> asyncio.Future[Answer]:
        return asyncio.get_running_loop().create_future()

    async def _read(self) -> None:
        """Read what the worker sends to its end, whoever waits for it.

        What a killed worker had sent would else fill the buffer, and with a full buffer asyncio
        sees neither the end of the pipe nor that of the process.
        """
        try:
            while True:
                record, body = await receive_frame(self._answers)
                record.pop("ready", None)
                if record.get("begun"):
                    self.begun = True
                elif not self._next.done():
                    self._next.set_result(Answer(**{**record, "body": body}))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if not self._next.done():
                self._next.set_exception(WorkerDiedError())
                self._next.exception()  # seen, even if nobody waits for it


def exit_reason(code: int) -> str:
    """How a process ended, for the log."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
