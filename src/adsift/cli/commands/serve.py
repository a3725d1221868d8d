"""``adsift serve``: the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsift.cli.exits import clean_exit
from adsift.cli.sizes import parse_size, show_size
from adsift.service.port import PORT, listening_port
from adsift.service.settings import (
    GRACE,
    KEEP_ALIVE,
    MAX_BODY,
    MAX_DOCUMENTS,
    QUEUE,
    TIMEOUT,
    WORKERS,
    ServiceSettings,
)

HELP = (
    "Tag and strip over HTTP.\n\n"
    "POST /v1/tag, /v1/strip, /v1/tag/batch and /v1/strip/batch; GET /healthz, /readyz, /metrics "
    "and /openapi.json. SIGTERM and Ctrl-C end it when what is in work is done. It asks nobody "
    "who he is: before it listens to more than this machine, put a proxy that does in front."
)
EPILOG = """
[bold]Examples[/bold]
adsift serve
adsift serve --workers 4 --queue 128 --port 9000
curl -s --data-binary @page.html -H 'Content-Type: text/html' \\
  -H 'Accept: text/html' http://127.0.0.1:8000/v1/strip
ADSIFT_MODEL=accurate ADSIFT_TIMEOUT=120 adsift serve

[bold]Exit codes[/bold]
  0  ended by SIGTERM, everything answered
  1  ended, but some requests were refused or cut off because they took longer than --grace
  2  wrong usage
  3  could not start: model missing or damaged, address taken, a package missing, no worker starts
130  interrupted, everything answered
"""


def _port(text: str | int) -> int:
    try:
        port = listening_port(str(text))
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise typer.BadParameter(f"{text!r} is no port: 0 to 65535")
    return port


def serve(
    host: Annotated[
        str,
        typer.Option(envvar="ADSIFT_HOST", help="Address or name to listen on."),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            envvar="ADSIFT_PORT",
            parser=_port,
            metavar="INTEGER",
            help="Port; 0 takes a free one.",
        ),
    ] = PORT,
    uds: Annotated[
        Path | None,
        typer.Option(
            envvar="ADSIFT_UDS",
            metavar="PATH",
            help="Listen on this Unix socket and on no port. The umask says who may connect.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            envvar="ADSIFT_WORKERS",
            min=0,
            help="Processes that hold the model; 0 for one a core.",
        ),
    ] = WORKERS,
    queue: Annotated[
        int,
        typer.Option(
            envvar="ADSIFT_QUEUE",
            min=0,
            help="Requests that may wait beside those in work; more are told 503.",
        ),
    ] = QUEUE,
    max_body: Annotated[
        str,
        typer.Option(envvar="ADSIFT_MAX_BODY", metavar="SIZE", help="Largest body of a request."),
    ] = show_size(MAX_BODY),
    max_documents: Annotated[
        int,
        typer.Option(envvar="ADSIFT_MAX_DOCUMENTS", min=1, help="Most documents of a batch."),
    ] = MAX_DOCUMENTS,
    timeout: Annotated[
        float,
        typer.Option(
            envvar="ADSIFT_TIMEOUT",
            min=0.01,
            max=86400,
            help="Seconds that a body may take to arrive, that a document may wait and be in "
            "work, and that a client may take nothing of its answer.",
        ),
    ] = TIMEOUT,
    grace: Annotated[
        float,
        typer.Option(
            envvar="ADSIFT_GRACE",
            min=0,
            max=86400,
            help="Seconds that requests have to finish when the service is told to end.",
        ),
    ] = GRACE,
    keep_alive: Annotated[
        int,
        typer.Option(
            envvar="ADSIFT_KEEP_ALIVE",
            min=0,
            max=86400,
            help="Seconds that a connection may wait for its next request.",
        ),
    ] = KEEP_ALIVE,
    model: Annotated[
        str | None,
        typer.Option(
            envvar="ADSIFT_MODEL",
            metavar="PATH",
            help="Folder of a model bundle, or the name of a shipped one; left out: the default "
            "one.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", envvar="ADSIFT_QUIET", help="Only errors on stderr: no access log."
        ),
    ] = False,
) -> None:
    """The command of that name."""
    with clean_exit():
        from adsift.cli.serving import run_service

        settings = ServiceSettings(
            model=model,
            workers=workers,
            queue=queue,
            max_body=parse_size(max_body, "--max-body"),
            max_documents=max_documents,
            timeout=timeout,
            grace=grace,
            keep_alive=keep_alive,
        )
        raise typer.Exit(run_service(settings, host, port, uds, quiet))
