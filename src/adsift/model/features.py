"""Step 1's features: what the model sees of a paragraph alone.

The table :data:`FEATURES` at the end is the whole of it: a name, a function that gives a
paragraph's words for it, and whether a source without markup has it. Every word is hashed
together with its feature's name into one sparse row, so numbers are cut into steps first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from adsift.document import Paragraph
from adsift.model.links import link_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_WORDS = 160
"""Words of a paragraph that are read: the first 110 and the last 50 of a longer one."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[$€£¥%!?:;|©®™→»›•#@&+*/–—-]")
_CLASS_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|h[1-6]\b")


class Context(NamedTuple):
    """What a paragraph's features may know of its document."""

    own_host: str


def tokens(text: str) -> list[str]:
    """Words, numbers (as their number of digits) and telling marks, in lower case."""
    found = _TOKEN.findall(text[:4000].lower())
    if len(found) > MAX_WORDS:
        found = found[:110] + found[-50:]
    return [f"0{len(token)}" if token[0].isdigit() else token for token in found]


def _words(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return set(words)


def _pairs(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return {f"{a} {b}" for a, b in zip(words, words[1:], strict=False)}


def _first(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return (words[:1] and [words[0], " ".join(words[:3])]) or ()


def _last(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return (words[-1:] and [words[-1], " ".join(words[-2:])]) or ()


def _whole(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return (" ".join(words),) if len(words) <= 6 else ()


def _shape(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    text = paragraph.text
    size = len(text)
    digits = sum(map(str.isdigit, text[:1000])) * 20 // min(size, 1000)
    capitals = sum(map(str.isupper, text[:1000])) * 20 // min(size, 1000)
    return (
        f"words {len(words).bit_length()}",
        f"length {size.bit_length()} {text[-1] if not text[-1].isalnum() else 'a'}",
        f"digits {digits}",
        f"capitals {capitals}",
        f"sentences {min(text.count('. '), 4)}",
        f"begins {_letter_class(text[0])} ends {_letter_class(text[-1])}",
    )


def _letter_class(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter


def _links(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    if not paragraph.links:
        return ("none",)
    found = {word for link in paragraph.links[:20] for word in link_words(link, context.own_host)}
    found.update(f"rel:{word}" for word in paragraph.rels[:10])
    found.add(f"count {len(paragraph.links).bit_length()}")
    return found


def _link_share(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    share = round(paragraph.link_share * 8)
    return (f"{share}", f"{share} {len(words).bit_length()}")


def _tag(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return (paragraph.tag, f"{paragraph.tag} {len(words).bit_length()}")


def _near(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return {word for selector in paragraph.ancestors[-4:] for word in class_words(selector)}


def _around(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    return {word for selector in paragraph.ancestors[1:] for word in class_words(selector)}


def _path(paragraph: Paragraph, context: Context, words: list[str]) -> Iterable[str]:
    tags = [selector.split(".", 1)[0].split("#", 1)[0] for selector in paragraph.ancestors[-4:]]
    return (" ".join(tags), " ".join(tags[-2:]))


@lru_cache(maxsize=65_536)
def class_words(selector: str) -> tuple[str, ...]:
    """The words in an element's tag, classes and id: ``div.relatedPosts#more-1`` gives ``div``,
    ``related``, ``posts``, ``more``."""
    return tuple(dict.fromkeys(word.lower() for word in _CLASS_WORD.findall(selector)))[:24]


class Feature(NamedTuple):
    """A row of the table: the words that ``extract`` gives are hashed behind ``name``."""

    name: str
    extract: Callable[[Paragraph, Context, list[str]], Iterable[str]]
    needs_markup: bool


FEATURES = (
    # name        words of a paragraph   only where the source has markup
    Feature("w", _words, False),  # its words
    Feature("p", _pairs, False),  # pairs of neighbouring words
    Feature("f", _first, False),  # how it begins
    Feature("l", _last, False),  # how it ends
    Feature("t", _whole, False),  # all of it, if short
    Feature("s", _shape, False),  # length, digits, capitals, punctuation
    Feature("a", _links, True),  # where its links lead, and who pays for the click
    Feature("r", _link_share, True),  # how much of it is link
    Feature("h", _tag, True),  # the HTML tag
    Feature("n", _near, True),  # class and id words of the nearest elements around it
    Feature("o", _around, True),  # … and of all elements around it
    Feature("e", _path, True),  # the nearest tags as a path
)


def paragraph_words(paragraph: Paragraph, context: Context) -> list[str]:
    """All words of the table's features for one paragraph, each behind its feature's name."""
    words = tokens(paragraph.text)
    markup = bool(paragraph.tag)
    found = ["markup" if markup else "plain"]
    for feature in FEATURES:
        if markup or not feature.needs_markup:
            name = feature.name
            found += [f"{name}={word}" for word in feature.extract(paragraph, context, words)]
    return found


def hash_words(rows: Sequence[list[str]], width: int) -> csr_matrix:
    """Hash each row's words to a sparse row of ones, scaled to length 1 in the 2-norm.

    Returns:
        Matrix of shape (rows, width), float32.
    """
    ...
