"""The arguments that the training scripts share, and how they tell of their progress."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dataset import ROOT


def script_parser(description: str | None, seed: int) -> argparse.ArgumentParser:
    """A parser that knows ``--data``, ``--jobs`` and ``--seed``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=seed)
    return parser


def add_keep(parser: argparse.ArgumentParser) -> None:
    """``--keep``, of the scripts that run for an hour and more."""
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep what each stage has made there: the same run, broken off and started again, "
        "goes on from it",
    )


def teller() -> Callable[[str], None]:
    """Something that says on standard error what is done, with the seconds since now."""
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {what}", file=sys.stderr)

    return say
