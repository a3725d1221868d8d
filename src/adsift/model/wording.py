"""Step 1's feature words, put so that people can read them.

``p=$ 02`` becomes *pair "$ ‹2 digits›"*. :mod:`.features` makes the words; a form that is not
known here is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER = re.compile(r"(?<!\S)0(\d+)(?!\S)")

_QUOTED = {
    "w": "word",
    "p": "pair",
    "f": "begins with",
    "l": "ends with",
    "t": "whole text",
}
_NAMED = {
    "h": "tag",
    "n": "class word near",
    "o": "class word around",
    "e": "tags around",
}
_LINKS = {
    "to": "link to",
    "host": "link to host",
    "path": "word in a link's path",
    "key": "key in a link's query",
    "paid": "paid link",
    "rel": "link's rel",
}
_LETTERS = {"A": "a capital", "a": "a small letter", "0": "a digit"}


def readable(word: str) -> str:
    """One feature word, as :func:`adsift.model.features.paragraph_words` gives it, in English."""
    name, _, value = word.partition("=")
    if word in ("markup", "plain"):
        return "source with markup" if word == "markup" else "source without markup"
    if name in _QUOTED:
        return f"{_QUOTED[name]} “{_NUMBER.sub(_digits, value)}”"
    reader = _READERS.get(name)
    return (reader(value) if reader else "") or word


def _digits(found: re.Match[str]) -> str:
    return f"‹{found[1]} digit{'s' * (found[1] != '1')}›"


def _named(name: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        first, _, size = value.partition(" ")
        if name == "h" and size.isdecimal():
            return f"{_NAMED[name]} {first}, {_words(size)}"
        return f"{_NAMED[name]} {value or 'none'}"

    return read


def _link(value: str) -> str:
    if value == "none":
        return "no links"
    if value.startswith("count "):
        return f"{_range(value[6:])} links"
    kind, _, detail = value.partition(":")
    return f"{_LINKS[kind]} {detail}" if kind in _LINKS else ""


def _link_share(value: str) -> str:
    eighths, _, size = value.partition(" ")
    share = f"about {eighths}/8 of the text in links"
    return f"{share}, {_words(size)}" if size else share


def _shape(value: str) -> str:
    kind, *rest = value.split(" ")
    match kind, rest:
        case "words", [size]:
            return _words(size)
        case "length", [size, last]:
            end = "a letter or digit" if last == "a" else f"“{last}”"
            return f"{_range(size)} characters, the last {end}"
        case "digits" | "capitals", [steps] if steps.isdecimal():
            return f"{int(steps) * 5} % {kind} or a little more"
        case "sentences", [count]:
            return f"{count}{'+' * (count == '4')} sentence ends inside"
        case "begins", [first, "ends", last]:
            return f"from {_letter(first)} to {_letter(last)}"
        case "name", ["0", size]:
            return f"no dash after a name, {_words(size)}"
        case "name", [length, size]:
            return f"dash after {length} word{'s' * (length != '1')}, {_words(size)}"
    return ""


def _letter(sign: str) -> str:
    return _LETTERS.get(sign, f"“{sign}”")


def _words(size: str) -> str:
    return f"{_range(size)} words"


def _range(bits: str) -> str:
    """The numbers that take so many binary digits."""
    if not bits.isdecimal() or int(bits) > 64:
        return bits
    least, most = 2 ** int(bits) >> 1, 2 ** int(bits) - 1
    return str(most) if least >= most else f"{least}–{most}"


_READERS: dict[str, Callable[[str], str]] = {
    **{name: _named(name) for name in _NAMED},
    "a": _link,
    "r": _link_share,
    "s": _shape,
}
