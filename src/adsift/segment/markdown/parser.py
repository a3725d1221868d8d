"""The grammar: pyromark's events, of which no more is known elsewhere than stands here.

====================== ==================================== =====================================
kind                   value                                what it is
====================== ==================================== =====================================
``Item``, …            ``None``                             a container: ``List``, ``Item``,
                                                            ``BlockQuote``, ``Table``
``Paragraph``, …       for ``Heading`` its tag; for         a block: ``HtmlBlock``, ``TableHead``,
                       ``CodeBlock`` whether it is fenced   ``TableRow`` too
``Rule``               ``None``                             a block that is there whole
``Text``, ``Code``     characters                           what a reader sees, or the content
                                                            of a block of code
``Html``               characters                           a part of a block of HTML
``InlineHtml``         characters                           a tag or comment amid text
``SoftBreak``, …       ``None``                             a line's end amid text
``Link``               a :class:`Target`                    around text
``Image``, …           ``None``                             around text: ``Emphasis``, ``Strong``,
                                                            ``Strikethrough``, ``TableCell`` too
====================== ==================================== =====================================

Containers, blocks and what is around text have a start and an end, but the paragraph of a tight
list has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import pyromark

from adsift.errors import DocumentError

Place = Literal["start", "end", "single"]

INLINES = frozenset(
    {"Text", "Code", "InlineHtml", "SoftBreak", "HardBreak"}
    | {"Link", "Image", "Emphasis", "Strong", "Strikethrough"}
)
"""Kinds of what stands in a paragraph."""

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH

# A link's target made by Jekyll ({% post_url %}) or Hugo ({{< ref >}}), which CommonMark would
# take for none if it has spaces.
_TEMPLATE_TARGET = re.compile(
    r"(?<=\]\()(?:(?:\{%[^\n]{0,300}?%\}|\{\{[^\n]{0,300}?\}\})[^\s(){]{0,300})+"
)
# Characters of no meaning, one for each that must have none: ASCII in templates, and lone
# surrogates, which no parser of UTF-8 takes.
_STAND_INS = 0xF0000
_MEANINGLESS = {code: _STAND_INS + code for code in (*range(1, 0x80), *range(0xD800, 0xE000))}
_SURROGATE = re.compile("[\ud800-\udfff]")
_STAND_IN = re.compile("[\U000f0001-\U000f007f\U000fd800-\U000fdfff]")


class Target(NamedTuple):
    """Where a link leads.

    Attributes:
        url: as written.
        mark: for what looks like a footnote's mark, the text after its label; the mark stays
            a mark, whether its footnote is there or has been cut out. Else ``None``.
    """

    url: str
    mark: str | None


Event = tuple[Place, str, Any, int, int]
"""One step of the way through a document: whether something starts, ends, or is there whole; its
kind and its value; where it starts and ends, in bytes of the parser's text."""


class Grammar:
    """A text as the parser reads it.

    Attributes:
        text: as many characters as the text that was given, on as many lines.
    """

    def __init__(self, text: str) -> None:
        text = text.replace("\0", "\ufffd")  # which CommonMark forbids
        self.text = _TEMPLATE_TARGET.sub(_without_meaning, text)
        if not _is_encodable(text):
            self.text = _SURROGATE.sub(_without_meaning, self.text)
        self._meant = None if self.text == text else _meant

    def events(self) -> Iterator[Event]:
        """The way through the document.

        Raises:
            DocumentError: the parser has an error that this document shows.
        """
        meant = self._meant
        try:
            for event, around in pyromark.events_with_range(
                self.text, options=_OPTIONS, merge_text=True
            ):
                yield *_step(event, meant), around["start"], around["end"]
        except BaseException as error:
            # A panic in Rust is no Exception, and would end a batch.
            if type(error).__name__ != "PanicException":
                raise
            raise DocumentError(f"the Markdown parser failed: {error}") from error


def _step(event: Any, meant: Callable[[str], str] | None) -> tuple[Place, str, Any]:
    if isinstance(event, str):
        return "single", event, None
    ((name, value),) = event.items()
    if name == "Start":
        kind, value = _kind(value)
        return "start", kind, _target(value, meant or str) if kind == "Link" else value
    if name == "End":
        return "end", _kind(value)[0], None
    return "single", name, meant(value) if meant else value


def _kind(tag: Any) -> tuple[str, Any]:
    if isinstance(tag, str):
        return tag, None
    ((kind, value),) = tag.items()
    if kind == "Heading":
        value = (value if isinstance(value, str) else value["level"]).lower()
    elif kind == "CodeBlock":
        value = value != "Indented"
    return kind, value


def _target(link: Any, meant: Callable[[str], str]) -> Target:
    kind, label = link["link_type"], link["id"]
    mark = None
    if label.startswith("^"):
        mark = {"Reference": f"][{meant(label)}]", "Collapsed": "][]"}.get(kind, "]")
    return Target(("mailto:" if kind == "Email" else "") + meant(link["dest_url"]), mark)


def _without_meaning(match: re.Match[str]) -> str:
    return match[0].translate(_MEANINGLESS)


def _meant(text: str) -> str:
    return text if text.isascii() else _STAND_IN.sub(_with_meaning, text)


def _with_meaning(match: re.Match[str]) -> str:
    return chr(ord(match[0]) - _STAND_INS)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
