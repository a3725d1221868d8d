"""``format="auto"``: tell plain text, Markdown and HTML apart by file name and content."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from typing import Literal

from adsift.errors import DocumentError
from adsift.segment.front_matter import front_matter_end
from adsift.segment.text import LONGEST_WRAPPED_LINE
from adsift.segment.xml import begins_like_xml, is_xml

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
    r"""(?P<heading>^\#{1,6}[ ](?!(?<=^\#[ ])[0-9]+[ ][a-z])\S)   # but "# 1 in the charts" is none
      # A line of tildes between two scenes has the same on both sides.
      | (?P<fence>^```|(?:\A|(?<=\n\n)|(?<=\n\r\n))~~~(?!~)[^\n]{0,100}\n(?!\s))
      | (?P<quotation>^>[ ]\S)
      | (?P<link>!?\[[^\]\n]{1,200}\]\([^)\s]{1,500}\))     # or image
      | (?P<table>^\|.{1,200}\|[ ]*\r?\n\|[ :|-]{0,99}-[ :|-]{0,99}\|[ ]*\r?$)  # its first two rows
      # Not the stars of a censored word, of a film, of a power.
      | (?P<strong>(?<![\w*])\*\*(?=[^\s*])[^*\n]{1,200}(?<!\s)\*\*(?![\w*]))
    """,
    re.M | re.X,
)
# What no page of HTML has between its tags: a heading on a line of its own, at the start or after a
# blank line or an anchor, with a blank line after it and a text that begins with no tag; a fence.
_MARKDOWN_BLOCK = re.compile(
    r"""\A\s*\#{1,6}[ ]\S[^\n]*\n[ ]*\r?\n
      | (?:\n[ ]*\r?\n | </a>[ ]*\r?\n)
        (?:\#{1,6}[ ]\S[^\n]*\n[ ]*\r?\n\s*(?![\s<]) | ```[\w+-]*[ ]*\r?\n)
    """,
    re.X,
)
# Where a page may show or hold any text, such as code with comments. What is not closed holds the
# rest.
_VERBATIM = re.compile(
    r"""<!--(?>.*?(?:-->|\Z))
      | <(?P<name>pre|script|style|textarea|code|noscript|p|samp|td|template|title|xmp)\b(?![-:])
        (?>.*?(?:</(?P=name)\s*>|\Z))
    """,
    re.I | re.S | re.X,
)
# Too long to be one of a paragraph's lines, and no list item, quotation, table row or line with a
# link; and the blank line after it.
_LONG_LINE = re.compile(
    rf"""^(?![ ]*(?:[-*+>\#]|[0-9]+[.)])[ ] | .*(?:^[ ]*\||[ ]\|[ ]|\]\())
      .{{{LONGEST_WRAPPED_LINE + 1},}}\n(?P<blank>\s*\n)?""",
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
    matter or at least two marks that plain text does not use; more of them where long lines
    follow on each other without blank lines, for those are paragraphs, which Markdown would join.
    """
    if named := _named_format(name):
        return named
    sample = source[:SAMPLE].removeprefix("\ufeff")
    tags = 0
    if "<" in sample:
        if _HTML_START.match(sample):
            return "html"
        tags = len(_HTML_BLOCK.findall(sample))
    marks = _marks(sample) if _may_have_marks(sample) else 0
    if tags >= 2 and tags > marks and sample.lstrip().startswith("<"):
        # A file for a code host may begin with a logo and badges, in tags.
        return "markdown" if _has_markdown_block(sample) else "html"
    # An object alone may be anything.
    front_matter = not sample.startswith("{") and front_matter_end(sample)
    if front_matter or (marks >= 2 and marks - max(0, _lines_apart(sample)) >= 2):
        return "markdown"
    if tags * 200 >= len(sample) and tags >= 2:
        return "markdown" if _has_markdown_block(sample) else "html"
    return "text"


def settle_format(source: str, name: str | None = None) -> KnownFormat:
    """:func:`detect_format` of a document that is to be read.

    Raises:
        DocumentError: it is XML that is no HTML.
    """
    form = detect_format(source, name)
    if may_be_xml(source, name) and form != "markdown" and is_xml(source):
        raise DocumentError(
            "is XML, not HTML: extract its text, or name the format html to have it read as HTML"
        )
    return form


def may_be_xml(start: str, name: str | None = None) -> bool:
    """Whether a document that begins like this may be one that :func:`settle_format` refuses."""
    return "<" in start[:SAMPLE] and not _named_format(name) and begins_like_xml(start)


def _named_format(name: str | None) -> KnownFormat | None:
    for suffix in reversed(PurePath(name).suffixes if name else ()):
        if suffix.lower() in _SUFFIXES:
            return _SUFFIXES[suffix.lower()]
    return None


def _has_markdown_block(sample: str) -> bool:
    if begins_like_xml(sample):  # a feed may hold Markdown
        return False
    return _MARKDOWN_BLOCK.search(_VERBATIM.sub("", sample)) is not None


def _marks(sample: str) -> int:
    found = Counter(mark.lastgroup for mark in _MARKDOWN.finditer(sample))
    # Mail quotes as well, line by line; a table has no twin in plain text.
    return found.total() - max(0, found["quotation"] - 1) + found["table"]


def _lines_apart(sample: str) -> int:
    """How many more of the long lines have no blank line after them than have one: paragraphs of
    plain text, which Markdown would join."""
    apart = 0
    for line in _LONG_LINE.finditer(sample):
        apart += -1 if line["blank"] is not None else line.end() < len(sample)
    return apart


def _may_have_marks(sample: str) -> bool:
    found = [needed for first, needed in _NEEDED if first in sample]
    if not found:
        return False
    lines = "\n" + sample
    return any(needed in lines for needed in found)
