"""The work of ``adsift serve``. Imports what is heavy."""

from __future__ import annotations

import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from adsift.cli.exits import ExitCode, StartError, one_line, say
from adsift.errors import reason
from adsift.extras import how_to_install
from adsift.service.settings import ServiceSettings
from adsift.service.signals import on_signals


class _OneLine(logging.Formatter):
    """The time and the message on a line; below it the traceback of an error of ours."""

    def format(self, record: logging.LogRecord) -> str:
        now = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{now} {one_line(record.getMessage())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def run_service(
    settings: ServiceSettings, host: str, port: int, uds: Path | None, quiet: bool
) -> ExitCode:
    """Serve until told to end.

    Args:
        settings: what there is to set.
        host, port, uds: where; see :class:`adsift.service.server.Address`.
        quiet: whether only errors are logged.

    Raises:
        StartError: the model cannot be read, the address is not to be had, or a package is missing.
    """
    with on_signals(_end):
        return _run(settings, host, port, uds, quiet)


def _run(
    settings: ServiceSettings, host: str, port: int, uds: Path | None, quiet: bool
) -> ExitCode:
    try:
        from adsift.service.server import Address, run
        from adsift.service.service import Service
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise StartError(
            f"adsift serve needs the package {package!r}: {how_to_install('serve')}"
        ) from None
    address = Address(host, port, uds)
    try:
        listener = address.bind()
    except (OSError, AttributeError) as error:
        raise StartError(f"cannot listen on {uds or f'{host}:{port}'}: {reason(error)}") from error
    bound = _identity(uds)
    try:
        with listener:
            _log_to_stderr(quiet)
            try:
                service = Service(settings)
            except Exception as error:
                raise StartError(f"cannot load the model: {reason(error)}") from error
            if not quiet or (port == 0 and uds is None):  # nobody else knows the port
                say(f"{settings.processes} workers, listening on {address.shown(listener)}")
            server = run(service, listener)
    finally:
        # Another service may have taken the path while this one was ending.
        if uds is not None and _identity(uds) == bound:
            uds.unlink(missing_ok=True)
    if server.hopeless:
        say("no worker starts")
        return ExitCode.CANNOT_START
    if server.cut_off:
        say("some requests took longer than --grace and were refused or cut off")
        return ExitCode.SOME_FAILED
    return ExitCode.INTERRUPTED if server.stopped_by == signal.SIGINT else ExitCode.DONE


def _end(number: int, frame: FrameType | None) -> None:
    """A signal before the service runs: nothing is in work, so leave, but leave nothing behind."""
    del frame
    raise SystemExit(ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.DONE)


def _identity(path: Path | None) -> tuple[int, ...] | None:
    try:
        found = path.lstat() if path is not None else None
    except OSError:
        return None
    # Numbers are given anew as soon as a socket is gone, so the time says whose it is.
    return (found.st_dev, found.st_ino, found.st_mtime_ns) if found is not None else None


def _log_to_stderr(quiet: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    for name in ("adsift.service", "adsift.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.ERROR if quiet or name == "uvicorn.error" else logging.INFO)
