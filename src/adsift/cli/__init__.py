"""The command line: ``adsift strip``, ``adsift tag`` and the others."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        if sys.argv[1:] == ["--version"]:
            # Loading all commands would take most of the time.
            from adsift.cli.version import print_version

            print_version()
        else:
            from adsift.cli.app import app

            app(prog_name="adsift")
    except KeyboardInterrupt:  # before a command has begun, which sees to it itself
        print("adsift: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    except OSError as error:
        # Commands see to their output themselves: what is left are --help and --version.
        if error.filename is not None:
            raise
        _leave_unwritten(error)
    except SystemExit as end:
        # Rich and Typer make this of a broken pipe.
        if end.code == 1 and isinstance(end.__context__, BrokenPipeError):
            _leave_unwritten(end.__context__)
        raise


def _leave_unwritten(error: OSError) -> NoReturn:
    from adsift.cli.exits import unwritten

    raise SystemExit(unwritten(error)) from None
