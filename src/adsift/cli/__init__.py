"""The command line: ``adsift strip`` and ``adsift tag``."""

from __future__ import annotations

from adsift.cli.app import app, main

__all__ = ["app", "main"]
