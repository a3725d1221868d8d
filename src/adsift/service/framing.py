"""Requests that say the length of their body in two ways are refused: a proxy in front may take the
other one, and see the next request begin elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adsift.service.refusal import RefusalError


class Framing:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, refused: Callable[[RefusalError], Response]) -> None:
        self._app = app
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        names = {name for name, _ in scope.get("headers", ())}
        if not {b"content-length", b"transfer-encoding"} <= names:
            await self._app(scope, receive, send)
            return
        response = self._refused(
            RefusalError(
                400, "invalid_request", "send a Content-Length or a Transfer-Encoding, not both"
            )
        )
        response.headers["connection"] = "close"
        await response(scope, receive, send)
