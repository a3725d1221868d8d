"""The command line: ``adsift strip``, ``adsift tag`` and the others."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        # Asked often, by scripts; loading all commands would take most of the time.
        from adsift import __version__
        from adsift.compiled import why_pure

        print(f"adsift {__version__}", flush=True)
        if slow := why_pure():
            print(f"adsift: {slow}", file=sys.stderr)
        return
    try:
        from adsift.cli.app import app

        app(prog_name="adsift")
    except KeyboardInterrupt:  # before a command has begun, which sees to it itself
        print("adsift: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
