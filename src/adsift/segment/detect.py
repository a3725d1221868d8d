"""``format="auto"``: tell plain text, Markdown and HTML apart by file name and content."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from adsift.segment.front_matter import front_matter_end

KnownFormat = Literal["text", "markdown", "html"]

SAMPLE = 20_000
"""How many characters the detection reads."""

_SUFFIXES: dict[str, KnownFormat] = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".mkd": "markdown",
    ".txt": "text",
    ".text": "text",
}
_HTML_START = re.compile(
    r"\s*+(?:<\?xml[^>]*>\s*+)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html\b|head\b|body\b)",
    re.I | re.S,
)
_HTML_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|tr|td|section|article|br|span|a)\b[^<>]{0,2000}>", re.I
)
_MARKDOWN = re.compile(
    r"""^\#{1,6}[ ]\S            # heading
      | ^(?:```|~~~)             # fence
      | ^>[ ]\S                  # quotation
      | !?\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)   # link or image
      | ^\|.{1,200}\|[ ]*$       # table row
      | \*\*\S[^*\n]{0,200}\*\*  # strong
    """,
    re.M | re.X,
)
# What a mark cannot be without, and its first character: that one is found in no time, where
# the pattern would be tried at each character.
_NEEDED = (
    ("#", "\n#"),
    ("`", "\n```"),
    ("~", "\n~~~"),
    (">", "\n> "),
    ("]", "]("),
    ("|", "\n|"),
    ("*", "**"),
)


def detect_format(source: str, name: str | None = None) -> KnownFormat:
    """Tell the format of a document.

    A file name with a known ending decides (further endings such as ``.gz`` are passed over);
    otherwise the content does: HTML starts like a page or is full of tags, Markdown has front
    matter or at least two marks that plain text does not use.
    """
    if name:
        for suffix in reversed(PurePath(name).suffixes):
            if suffix.lower() in _SUFFIXES:
                return _SUFFIXES[suffix.lower()]
    sample = source[:SAMPLE].removeprefix("\ufeff")
    tags = 0
    if "<" in sample:
        if _HTML_START.match(sample):
            return "html"
        tags = len(_HTML_BLOCK.findall(sample))
    marks = len(_MARKDOWN.findall(sample)) if _may_have_marks(sample) else 0
    if tags >= 2 and tags > marks and sample.lstrip().startswith("<"):
        return "html"
    if front_matter_end(sample) or marks >= 2:
        return "markdown"
    return "html" if tags * 200 >= len(sample) and tags >= 2 else "text"


def _may_have_marks(sample: str) -> bool:
    found = [needed for first, needed in _NEEDED if first in sample]
    if not found:
        return False
    lines = "\n" + sample
    return any(needed in lines for needed in found)
