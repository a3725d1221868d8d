"""Two small pages of our own, as a labels file would describe them."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from blocks import block_hash

HTML = b"""<!doctype html><title>Harbour Post</title>
<nav><ul><li><a href="/">Home</a><li><a href="/tides">Tides</a></ul></nav>
<article><h1>The swing bridge closes</h1>
<p>The council voted 7 to 2 to close
   the bridge for <em>repairs</em>.</p>
<p>Get 25% off our storm-proof deck shoes!</p></article>
"""
HTML_BLOCKS = [
    ("Home", "boilerplate", None),
    ("Tides", "boilerplate", None),
    ("The swing bridge closes", "news", None),
    ("The council voted 7 to 2 to close the bridge for repairs.", "news", None),
    ("Get 25% off our storm-proof deck shoes!", "commerce", "product"),
]

MARKDOWN = b"""\
---
title: Deck notes
---
# Deck notes

The ferry_master said it **again**: two lanes open
on [3 March](https://harbour.example/plan).
+ First lane
+ Second lane, see the <a href="/map">map</a>, or ask<br>us

| Lane | Opens |
|---|---|
| East | `March` |

```sh
tide_table --port east

tide_table --port west
```
"""
MARKDOWN_BLOCKS = [
    ("Deck notes", "news", None),
    ("The ferrymaster said it again: two lanes open on 3 March.", "news", None),
    ("+ First lane", "news", None),
    ("+ Second lane, see the map, or ask us", "boilerplate", None),
    ("Lane | Opens", "news", None),
    ("East | March", "news", None),
    ("```sh tide_table --port east tide_table --port west ```", "news", None),
]


def row(
    id: str, data: bytes, blocks: list[tuple[str, str, str | None]], /, **changes: Any
) -> dict[str, Any]:
    """A line of a labels file."""
    return {
        "id": id,
        "lang": "en",
        "format": "html",
        "site": "harbour.example",
        "url": "https://harbour.example/bridge",
        "repository": "harbour/pages",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "path": f"news/{id}.html",
        "sha256": hashlib.sha256(data).hexdigest(),
        "labels": [[block_hash(text), label, kind, False] for text, label, kind in blocks],
    } | changes


def rows() -> list[dict[str, Any]]:
    """A page of either format."""
    return [
        row("a1", HTML, HTML_BLOCKS),
        row("b2", MARKDOWN, MARKDOWN_BLOCKS, format="markdown", path="notes/deck no. 2.md", url=""),
    ]


def write_labels(path: Path, rows: list[Any]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()))
    return path
