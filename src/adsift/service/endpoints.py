"""The endpoints: from a request to its answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adsift.records import dump_value
from adsift.service.access import GONE
from adsift.service.answer import Answer
from adsift.service.body import forget_body
from adsift.service.media import FORMATS, JSON, LINES, STRIPPED, acceptable, parse_type
from adsift.service.metrics import CONTENT_TYPE
from adsift.service.openapi import describe
from adsift.service.refusal import RefusalError
from adsift.service.request import Batch
from adsift.service.sending import PlacedResponse
from adsift.service.service import Service
from adsift.service.work import Job, Task

R = TypeVar("R")

REFUSAL_PAUSE = 1.0
"""Seconds that a client waits to hear that the service has no time. Clients that ask again at once,
whatever ``Retry-After`` says, would else take the time from those that are served."""

MOST_PAUSED = 1000
"""Clients that wait for that at a time; more hear it at once."""


class Endpoints:
    """The endpoints of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._paused = 0
        self._description = dump_value(describe(service.settings))

    async def tag(self, request: Request) -> ASGIApp:
        """``POST /v1/tag``."""
        return await self._answered(request, self._one(request, "tag"))

    async def strip(self, request: Request) -> ASGIApp:
        """``POST /v1/strip``."""
        return await self._answered(request, self._one(request, "strip"))

    async def tag_batch(self, request: Request) -> ASGIApp:
        """``POST /v1/tag/batch``."""
        return await self._answered(request, self._batch(request, "tag"))

    async def strip_batch(self, request: Request) -> ASGIApp:
        """``POST /v1/strip/batch``."""
        return await self._answered(request, self._batch(request, "strip"))

    async def healthz(self, request: Request) -> Response:
        """``GET /healthz``: whether the server answers at all."""
        del request
        return _json({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """``GET /readyz``: whether it would work on a document now."""
        del request
        if self._service.ready:
            return _json({"status": "ready"})
        if not self._service.started:
            return _json({"status": "not_started"}, 503)
        return _json({"status": "draining" if self._service.draining else "loading"}, 503)

    async def metrics(self, request: Request) -> Response:
        """``GET /metrics``: for Prometheus."""
        del request
        return Response(self._service.metrics.render(), headers={"content-type": CONTENT_TYPE})

    async def openapi(self, request: Request) -> Response:
        """``GET /openapi.json``: all of this, for programs."""
        del request
        return Response(self._description, media_type=JSON)

    def refused(self, refusal: RefusalError) -> Response:
        """A refusal as a response."""
        return self._response(Answer.of(refusal))

    async def _answered(self, request: Request, work: Coroutine[Any, Any, ASGIApp]) -> ASGIApp:
        try:
            return await work
        except ClientDisconnect:
            return Response(status_code=GONE)
        except RefusalError as refusal:
            # It would keep the body alive, which does not count any more, while its client waits.
            refusal.__traceback__ = refusal.__context__ = None
            response = self.refused(refusal)
            if refusal.retry_after is not None:
                await self._pause()
            has_come = getattr(request.state, "has_come", False)
            if not has_come and not await forget_body(request, self._service.settings.max_body):
                response.headers["connection"] = "close"
            return response

    async def _one(self, request: Request, task: Task) -> ASGIApp:
        wanted = acceptable(_accept(request), STRIPPED if task == "strip" else (JSON,))
        job = replace(_job(request, task, (JSON, *FORMATS)), wanted=tuple(wanted))

        async def work(body: bytes) -> Response:
            return self._response(await self._service.one(replace(job, body=body)))

        return await self._placed(request, work)

    async def _batch(self, request: Request, task: Task) -> ASGIApp:
        batch = _job(request, task, (JSON, LINES))
        offered = (LINES, JSON) if batch.kind == LINES else (JSON, LINES)
        wanted = acceptable(_accept(request), offered)[0]
        return await self._placed(
            request, lambda body: self._batched(replace(batch, body=body), wanted)
        )

    async def _placed(
        self, request: Request, work: Callable[[bytes], Coroutine[Any, Any, Response]]
    ) -> ASGIApp:
        """Read the body, take a place and work on it. The place goes with the answer."""
        self._service.check()
        places = self._service.places
        places.check()  # nobody should send what there is no place for
        with ExitStack() as place:
            body = await self._service.bodies.read(request, place)
            request.state.has_come = True
            place.enter_context(places.one())
            response = await _unless_gone(request, work(body))
            place.enter_context(places.answer())
            return PlacedResponse(
                response,
                place.pop_all(),
                self._service.settings.timeout,
                self._service.answer_cut,
            )

    async def _batched(self, batch: Job, wanted: str) -> Response:
        since = asyncio.get_running_loop().time()
        # In a worker, because it may take long, and this process has the others to serve.
        job = replace(batch, split=self._service.settings.max_documents)
        split = await self._service.one(job, since)
        if split.status != 200:
            return self._response(split)
        parts = Batch.unpack(split.body)
        jobs = [
            replace(batch, body=document, kind=JSON, shared=parts.shared)
            for document in parts.documents
        ]
        answers = await self._service.many(jobs, since)
        results = [
            self._counted(answer) if answer.status == 200 else self._named(answer, name)
            for answer, name in zip(answers, parts.ids, strict=True)
        ]
        if wanted == LINES:
            return Response(b"".join(line + b"\n" for line in results), media_type=LINES)
        return Response(b'{"results": [' + b", ".join(results) + b"]}", media_type=JSON)

    async def _pause(self) -> None:
        """Let a client wait that has been refused for want of time."""
        if self._service.draining or self._paused >= MOST_PAUSED:
            return
        self._paused += 1
        try:
            await asyncio.sleep(REFUSAL_PAUSE)
        finally:
            self._paused -= 1

    def _named(self, answer: Answer, name: str | None) -> bytes:
        """An error in a batch, with the document's id even where no worker lived to read it."""
        self._counted(answer)
        error = json.loads(answer.body)
        return dump_value({"id": name, **error}) if name is not None else answer.body

    def _counted(self, answer: Answer) -> bytes:
        if answer.status != 200:
            code = json.loads(answer.body)["error"]["code"]
            self._service.metrics.rejected.labels(code).inc()
        return answer.body

    def _response(self, answer: Answer) -> Response:
        self._counted(answer)
        response = Response(answer.body, answer.status)
        response.headers["content-type"] = answer.type
        if answer.type != JSON:  # where a browser shows it, it must not act in our name
            response.headers["content-security-policy"] = "sandbox; default-src 'none'"
            response.headers["x-content-type-options"] = "nosniff"
        if answer.retry_after is not None:
            response.headers["retry-after"] = str(answer.retry_after)
        if answer.status == 200:
            response.headers["adsift-paragraphs"] = str(sum(answer.paragraphs.values()))
            response.headers["adsift-removed"] = str(sum(answer.removed.values()))
        return response


def _accept(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


def _job(request: Request, task: Task, kinds: tuple[str, ...]) -> Job:
    kind, charset = parse_type(request.headers.get("content-type", ""))
    if kind not in kinds:
        raise RefusalError(
            415, "unsupported_type", f"send a Content-Type of {', '.join(kinds)}, not {kind[:80]!r}"
        )
    # Not that of the URL, which is put together with the Host header, whatever stands in there.
    return Job(task, b"", kind, charset, request.scope["query_string"].decode("latin-1"))


async def _unless_gone(request: Request, work: Coroutine[Any, Any, R]) -> R:
    """Do the work, unless the client goes away meanwhile."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()


def _json(record: dict[str, str], status: int = 200) -> Response:
    return Response(dump_value(record), status, media_type=JSON)
