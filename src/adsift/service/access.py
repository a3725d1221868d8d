"""Around every request: a line in the log, and the counters."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adsift.service.metrics import Metrics

_log = logging.getLogger("adsift.access")

OTHER = "other"
"""The route of requests to addresses that there are not: each of its own would be endless."""

GONE = 499
"""Stands for the status of a request whose client does not have all of the answer: it went away,
or did not read it."""


class Access:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        bytes_in = bytes_out = 0
        status = GONE
        complete = False

        async def watched_receive() -> Message:
            nonlocal bytes_in
            message = await receive()
            bytes_in += len(message.get("body", b""))
            return message

        async def watched_send(message: Message) -> None:
            nonlocal bytes_out, status, complete
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                complete = not message.get("more_body", False)
                if scope["method"] != "HEAD":  # its answer has the head alone
                    bytes_out += len(message.get("body", b""))

        try:
            await self._app(scope, watched_receive, watched_send)
        except Exception:  # a mistake of ours, for which the client gets its answer further out
            status, complete = 500, True
            raise
        finally:
            seconds = time.perf_counter() - start
            if not complete:
                status = GONE
            path = scope["path"]
            # Below another application a path begins with where this one is.
            route = path.removeprefix(scope.get("root_path", ""))
            route = route if route in self._routes else OTHER
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(seconds)
            self._metrics.bytes.labels("in").inc(bytes_in)
            self._metrics.bytes.labels("out").inc(bytes_out)
            # Without the query, which may hold the addresses of pages.
            _log.info(
                "%s %s %d in=%d out=%d ms=%.1f",
                scope["method"][:20],
                quote(path[:200]),
                status,
                bytes_in,
                bytes_out,
                seconds * 1e3,
            )
