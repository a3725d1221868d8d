"""The server around the application: sockets, signals, and an end in good order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from adsift.service.app import make_app
from adsift.service.service import Service
from adsift.service.signals import on_signals

BACKLOG = 2048
_UNSENT = 1 << 17
"""Bytes that the system holds for a connection beside those that are on their way. It would take
megabytes, and only when a third of them is gone could one see that a client reads."""

_A_MOMENT = 0.1
"""Seconds in which it can be seen that an answer will not be sent to its end."""

_LAST_WORDS = 2
"""Seconds in which the refusals of what was not done in time can be sent."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens.

    Attributes:
        host, port: of TCP; port 0 is any that is free.
        uds: path of a Unix socket, in their place.
    """

    host: str
    port: int
    uds: Path | None

    def bind(self) -> socket.socket:
        """Take the address; who connects now waits until the server runs.

        Raises:
            OSError: it is not to be had.
        """
        if self.uds is not None:
            return _bind_path(self.uds)
        family, kind, protocol, _, where = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # its connections have it from the listener
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
            listener.bind(where)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
        return listener

    def shown(self, listener: socket.socket) -> str:
        """The address for people, with the port that it has really."""
        if self.uds is not None:
            return f"unix:{self.uds}"
        host, port = listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, but for what a signal does.

    Attributes:
        stopped_by: the signal that ended it.
        hopeless: whether it ended because no worker starts.
    """

    def __init__(self, service: Service) -> None:
        grace = service.settings.grace
        super().__init__(
            uvicorn.Config(
                make_app(service),
                lifespan="on",
                ws="none",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=service.settings.keep_alive,
                timeout_graceful_shutdown=int(grace) + _LAST_WORDS,
            )
        )
        self.stopped_by: int | None = None
        self.hopeless = False
        self._refused = False
        self._service = service
        service.pool.on_hopeless = self._end_hopeless

    @property
    def cut_off(self) -> bool:
        """Whether requests were refused, or answers not sent to their ends, for want of time."""
        return self._refused or self._service.answers_cut > 0

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn sends itself the signal anew when all is done, as if it had not obeyed."""
        with on_signals(self.handle_exit):
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A first signal ends the service in good order, a second one at once."""
        del frame
        first = self.stopped_by is None
        self.stopped_by = sig
        self._service.draining = True
        self.should_exit = True
        # A handler of a signal must not touch the loop, but for this.
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(
            loop.call_later, self._service.settings.grace if first else 0, self._cut_off
        )

    def _end_hopeless(self) -> None:
        """End, so that whoever watches over the service starts it anew."""
        self.hopeless = True
        self._service.draining = True
        self.should_exit = True
        self._cut_off()

    def _cut_off(self) -> None:
        self._refused = self._refused or self._service.owing
        self._service.give_up()
        asyncio.get_running_loop().call_later(_LAST_WORDS, self._hang_up)

    def _hang_up(self) -> None:
        # After a second signal uvicorn would still wait for who does not read.
        for task in self.server_state.tasks:
            task.cancel()
        loop = asyncio.get_running_loop()
        for connection in [*self.server_state.connections]:
            loop.call_later(_A_MOMENT, connection.transport.abort)


def run(service: Service, listener: socket.socket) -> Server:
    """Serve until a signal comes and what is in work is done; the server, for how it went.

    Args:
        service: not started yet.
        listener: where to.
    """
    server = Server(service)
    server.run(sockets=[listener])
    return server


def _bind_path(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and _abandoned(path):
            path.unlink()
        listener.bind(str(path))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _abandoned(path: Path) -> bool:
    """Whether nobody listens on a socket any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
    return False
