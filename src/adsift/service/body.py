"""Reading the body of a request: whole, in time, and not more than is allowed."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from adsift.service.refusal import RefusalError

PATIENCE = 1.0
"""Seconds for which the body of a refused request is read on and forgotten, so that its client,
which may look for an answer only when it has sent everything, gets to see one."""


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """The body of a request.

    Args:
        request: it.
        most: bytes that it may have, whether it says its length or not.
        seconds: within which it must have arrived.

    Raises:
        RefusalError: it is too long or too slow, or it is compressed: its real size is unknown.
        ClientDisconnect: nobody is there any more.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise RefusalError(415, "unsupported_encoding", "send the body without a Content-Encoding")
    if int(request.headers.get("content-length", 0)) > most:
        raise too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large(most)
                parts.append(part)
    except TimeoutError:
        raise RefusalError(408, "slow_body", f"the body took more than {seconds:g} s") from None
    return b"".join(parts)


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


def too_large(most: int) -> RefusalError:
    """A body of more bytes than that."""
    return RefusalError(413, "too_large", f"a body has at most {most} bytes")
