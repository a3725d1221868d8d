"""The ASGI application: which address leads to which endpoint, and what mistakes look like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adsift.service.access import Access
from adsift.service.ending import Ending
from adsift.service.endpoints import Endpoints
from adsift.service.framing import Framing
from adsift.service.refusal import RefusalError, mistake
from adsift.service.service import Service
from adsift.service.settings import ServiceSettings


def make_app(settings: ServiceSettings | Service | None = None) -> Starlette:
    """The service as an ASGI application, for a server of your own.

    Its workers run from the start of the application's lifespan to its end; there may be another
    one after that.

    Args:
        settings: what there is to set, or a service that is not started.

    Raises:
        BundleError: the model cannot be read.
        OSError: there is no place to lay it out.
    """
    service = settings if isinstance(settings, Service) else Service(settings or ServiceSettings())
    endpoints = Endpoints(service)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        service.start()
        try:
            yield
        finally:
            await service.stop()

    async def http_error(request: Request, error: Exception) -> Response:
        del request
        assert isinstance(error, HTTPException)
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http")
        response = endpoints.refused(RefusalError(error.status_code, code, error.detail))
        response.headers.update(error.headers or {})
        return response

    async def our_mistake(request: Request, error: Exception) -> Response:
        del request, error  # the server logs it
        return endpoints.refused(mistake())

    routes = [
        Route("/v1/tag", endpoints.tag, methods=["POST"]),
        Route("/v1/strip", endpoints.strip, methods=["POST"]),
        Route("/v1/tag/batch", endpoints.tag_batch, methods=["POST"]),
        Route("/v1/strip/batch", endpoints.strip_batch, methods=["POST"]),
        Route("/healthz", endpoints.healthz),
        Route("/readyz", endpoints.readyz),
        Route("/metrics", endpoints.metrics),
        Route("/openapi.json", endpoints.openapi),
    ]
    paths = [route.path for route in routes]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Access, metrics=service.metrics, routes=paths),
            Middleware(Ending, service=service),
            Middleware(Framing, refused=endpoints.refused),
        ],
        exception_handlers={HTTPException: http_error, Exception: our_mistake},
    )
    # A path with a slash too many is another path, not a redirect that drops the body.
    app.router.redirect_slashes = False
    return app
