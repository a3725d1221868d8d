"""The model card, written from what the bundle's configuration knows."""

from __future__ import annotations

from typing import Any


def make_card(config: dict[str, Any]) -> str:
    """Markdown for the bundle's README."""
    return "card\n"
