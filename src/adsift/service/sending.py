"""Sending an answer: its place is free when the client has it, and no client may leave it lying.

A server keeps in memory what a client does not read. It lets the sender wait where that is much,
but only before the next piece, so nothing ever waits for an answer that is sent as one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_log = logging.getLogger("adsift.service")

PIECE = 1 << 16
"""Bytes that are sent at a time."""


class PlacedResponse:
    """A response that has a place until its client has taken it, is gone, or takes no more of it.

    What the client may still have to read then is little: two pieces, and what the system holds.
    """

    def __init__(
        self,
        response: Response,
        place: AbstractContextManager[object],
        seconds: float,
        on_end: Callable[[], None],
    ) -> None:
        """Nothing is sent yet.

        Args:
            response: what is to be sent.
            place: is left at the end.
            seconds: that a client has for each piece; its connection is closed then.
            on_end: told if the service ends before the client has all of it.
        """
        self._response = response
        self._place = place
        self._seconds = seconds
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; an ASGI application."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._seconds):
                await send(message)

        async def send_pieces(message: Message) -> None:
            body = message.get("body", b"")
            gone = asyncio.create_task(_until_gone(receive))
            try:
                for start in range(0, len(body), PIECE):
                    piece = body[start : start + PIECE]
                    await send_in_time({"type": message["type"], "body": piece, "more_body": True})
                    # Nothing waits where the client is gone: this lets the server notice.
                    await asyncio.sleep(0)
                    if gone.done():
                        raise ClientDisconnect
            finally:
                gone.cancel()
            # Without a body, so that it waits for all others.
            await send_in_time({**message, "body": b""} if body else message)

        with self._place:
            # The server closes the connection of an answer that stays without its end.
            try:
                await self._response(scope, receive, send_pieces)
            except ClientDisconnect:
                pass
            except TimeoutError:
                _log.warning(
                    "an answer was cut off: its client had taken nothing of it for %g s",
                    self._seconds,
                )
            except asyncio.CancelledError:
                self._on_end()
                _log.warning("an answer was cut off: the service ends, its client does not read")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
