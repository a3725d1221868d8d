"""The command line: ``adsift strip``, ``adsift tag`` and the others."""

from __future__ import annotations

from adsift.cli.app import app, main

__all__ = ["app", "main"]
