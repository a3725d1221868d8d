"""Reading the bodies of requests: whole, in time, and not more than is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from starlette.requests import ClientDisconnect, Request

from adsift.service.refusal import RefusalError, draining

PATIENCE = 1.0
"""Seconds for which the body of a refused request is read on and forgotten, so that its client,
which may look for an answer only when it has sent everything, gets to see one."""


class Bodies:
    """The bodies that are on their way, and those of requests that have a place.

    A body that is on its way has no place yet: clients which begin bodies and send no more would
    take all of them, at no cost. What counts until then are the bytes that have come.

    Attributes:
        arriving: how many are on their way.
        held: bytes of all.
    """

    def __init__(
        self, most: int, room: int, seconds: float, full: Callable[[], RefusalError]
    ) -> None:
        """There are none yet.

        Args:
            most: bytes that one may have, whether its request says its length or not.
            room: bytes that all may have together.
            seconds: within which one must have arrived.
            full: gives what a request is told for whose body there is no room.
        """
        self.arriving = self.held = 0
        self._most = most
        self._room = room
        self._seconds = seconds
        self._full = full
        self._clocks: set[asyncio.Timeout] = set()
        self._given_up = False

    def start(self) -> None:
        """Take bodies again, after :meth:`give_up`."""
        self._given_up = False

    async def read(self, request: Request, place: ExitStack) -> bytes:
        """The body of a request.

        Args:
            request: it.
            place: the body is held until this is left.

        Raises:
            RefusalError: it is too long or too slow, there is no room for it, or it is compressed:
                its real size is unknown.
            ClientDisconnect: nobody is there any more.
        """
        codings = ",".join(request.headers.getlist("content-encoding")).lower().split(",")
        if not {coding.strip() for coding in codings} <= {"", "identity"}:
            raise RefusalError(
                415, "unsupported_encoding", "send the body without a Content-Encoding"
            )
        if int(request.headers.get("content-length", 0)) > self._most:
            raise self._too_large()
        if self._given_up:
            raise draining()
        body = bytearray()  # parts can be of few bytes each
        held = 0
        place.callback(lambda: self._let_go(held))
        clock = asyncio.timeout(self._seconds)
        self._clocks.add(clock)
        self.arriving += 1
        try:
            async with clock:
                async for part in request.stream():
                    if held + len(part) > self._most:
                        raise self._too_large()
                    if self.held + len(part) > self._room:
                        raise self._full()
                    held += len(part)
                    self.held += len(part)
                    body += part
        except TimeoutError:
            if self._given_up:
                raise draining() from None
            raise RefusalError(
                408, "slow_body", f"the body took more than {self._seconds:g} s"
            ) from None
        finally:
            self.arriving -= 1
            self._clocks.discard(clock)
        return bytes(body)

    def give_up(self) -> None:
        """Refuse what has not come yet, and whatever comes."""
        self._given_up = True
        for clock in self._clocks:
            if not clock.expired():
                clock.reschedule(asyncio.get_running_loop().time())

    def _let_go(self, size: int) -> None:
        self.held -= size

    def _too_large(self) -> RefusalError:
        return RefusalError(413, "too_large", f"a body has at most {self._most} bytes")


async def forget_body(request: Request, most: int) -> bool:
    """Read what is left of a body, for a while; whether that was all of it.

    Args:
        request: whose body it is.
        most: bytes that are worth it.
    """
    if "expect" in request.headers:  # the client waits to hear whether it should send it at all
        return False
    size = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await request.receive()
                if message["type"] != "http.request":
                    return False
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
                if size > most:
                    return False
    except (TimeoutError, ClientDisconnect):
        return False
