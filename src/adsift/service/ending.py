"""A service that is about to end keeps no connection: a client that sent its next request by one
would lose it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adsift.service.service import Service

_CLOSE = (b"connection", b"close")


class Ending:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and have its client told that the connection ends with the answer."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._service.draining:
                headers = [*message.get("headers", ())]
                if _CLOSE not in headers:
                    message = {**message, "headers": [*headers, _CLOSE]}
            await send(message)

        # HTTP/2 has no such header.
        old = scope["type"] == "http" and scope.get("http_version", "1.1") in ("1.0", "1.1")
        await self._app(scope, receive, closing if old else send)
