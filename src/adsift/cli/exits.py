"""How a run ends: the exit codes, and one line instead of a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import TextIO

import typer

from adsift.errors import AdsiftError, reason

EXIT_CODES = """
[bold]Exit codes[/bold]
  0  all done
  1  some inputs failed, each with a line on stderr; the others are done
  2  wrong usage, nothing done
  3  could not start: model or labelled data missing or damaged, output not writable
130  interrupted
141  the reader of the output went away
"""
"""The same for people, as the help of most commands has it."""


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    SOME_FAILED = 1
    WRONG_USAGE = 2
    CANNOT_START = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class RunError(AdsiftError):
    """A mistake that ends the run."""

    code = ExitCode.SOME_FAILED


class OutputError(RunError):
    """The output took no more: a full disk, a folder that cannot be written."""


class UsageError(RunError):
    """Arguments that contradict each other or the file system."""

    code = ExitCode.WRONG_USAGE


class StartError(RunError):
    """Nothing could be done at all."""

    code = ExitCode.CANNOT_START


def one_line(text: str) -> str:
    """The text on one line, with nothing in it that could steer a terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def say(text: str) -> None:
    """Write one line to stderr."""
    if sys.stderr is not None:
        print(f"adsift: {one_line(text)}", file=sys.stderr)


@contextmanager
def clean_exit() -> Iterator[None]:
    """Turn the errors that end a run into one line on stderr and an exit code."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except RunError as error:
        say(str(error))
        if isinstance(error, OutputError):
            _drop_unwritten(sys.stdout)
        raise typer.Exit(error.code) from None
    except AdsiftError as error:
        say(str(error))
        raise typer.Exit(ExitCode.SOME_FAILED) from None
    except BrokenPipeError:
        _drop_unwritten(sys.stdout, sys.stderr)
        raise typer.Exit(ExitCode.BROKEN_PIPE) from None
    except KeyboardInterrupt:
        say("interrupted")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def unwritten(error: OSError) -> ExitCode:
    """The code for an answer, as to ``--help``, that could not be written; says so if anybody is
    there to read it."""
    if isinstance(error, BrokenPipeError):
        _drop_unwritten(sys.stdout, sys.stderr)
        return ExitCode.BROKEN_PIPE
    _drop_unwritten(sys.stdout)
    say(f"cannot write the output: {reason(error)}")
    return ExitCode.SOME_FAILED


def _drop_unwritten(*streams: TextIO | None) -> None:
    # What still waits in the buffers would raise again, with a traceback, when Python exits.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        # A stream of a test or a notebook is no real file.
        with suppress(OSError, ValueError):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
