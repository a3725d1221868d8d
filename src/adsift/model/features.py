"""Step 1's features: what the model sees of a paragraph alone.

The table :data:`FEATURES` at the end is the whole of it: a name, a function that gives a
paragraph's words for it, and whether a source without markup has it. Every word is hashed
together with its feature's name into one sparse row, so numbers are cut into steps first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from adsift.document import Paragraph
from adsift.model.links import link_words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

MAX_WORDS = 160
"""Words of a paragraph that are read: the first 110 and the last 50 of a longer one."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[$€£¥%!?:;|©®™→»›•#@&+*/–—-]")
_CLASS_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|h[1-6]\b")


class Seen(NamedTuple):
    """What the features of a paragraph are made from.

    Attributes:
        paragraph: the paragraph itself.
        words: its text as :func:`tokens` reads it.
        own_host: the registered domain of its page, which tells own links from foreign ones.
    """

    paragraph: Paragraph
    words: list[str]
    own_host: str


def tokens(text: str) -> list[str]:
    """Words, numbers (as their number of digits) and telling marks, in lower case."""
    found = _TOKEN.findall(text[:4000].lower())
    if len(found) > MAX_WORDS:
        found = found[:110] + found[-50:]
    return [f"0{len(token)}" if token[0].isdigit() else token for token in found]


def _words(seen: Seen) -> Iterable[str]:
    return dict.fromkeys(seen.words)  # not a set: its order differs from run to run


def _pairs(seen: Seen) -> Iterable[str]:
    return dict.fromkeys(f"{a} {b}" for a, b in pairwise(seen.words))


def _first(seen: Seen) -> Iterable[str]:
    return (seen.words[:1] and [seen.words[0], " ".join(seen.words[:3])]) or ()


def _last(seen: Seen) -> Iterable[str]:
    return (seen.words[-1:] and [seen.words[-1], " ".join(seen.words[-2:])]) or ()


def _whole(seen: Seen) -> Iterable[str]:
    return (" ".join(seen.words),) if len(seen.words) <= 6 else ()


def _shape(seen: Seen) -> Iterable[str]:
    text = seen.paragraph.text
    size = len(text)
    digits = sum(map(str.isdigit, text[:1000])) * 20 // min(size, 1000)
    capitals = sum(map(str.isupper, text[:1000])) * 20 // min(size, 1000)
    return (
        f"words {len(seen.words).bit_length()}",
        f"length {size.bit_length()} {text[-1] if not text[-1].isalnum() else 'a'}",
        f"digits {digits}",
        f"capitals {capitals}",
        f"sentences {min(text.count('. '), 4)}",
        f"begins {_letter_class(text[0])} ends {_letter_class(text[-1])}",
        f"name {_words_before_dash(seen.words)} {len(seen.words).bit_length()}",
    )


def _words_before_dash(words: list[str]) -> int:
    """As in "Tactical Gloves – Protect your hands": how long the name is, 0 if it is none."""
    return next((index for index, word in enumerate(words[:7]) if word in "–—-"), 0)


def _letter_class(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter


def _links(seen: Seen) -> Iterable[str]:
    if not seen.paragraph.links:
        return ("none",)
    words = [word for link in seen.paragraph.links[:20] for word in link_words(link, seen.own_host)]
    words += [f"rel:{word}" for word in seen.paragraph.rels[:10]]
    words.append(f"count {len(seen.paragraph.links).bit_length()}")
    return dict.fromkeys(words)


def _link_share(seen: Seen) -> Iterable[str]:
    share = round(seen.paragraph.link_share * 8)
    return (f"{share}", f"{share} {len(seen.words).bit_length()}")


def _tag(seen: Seen) -> Iterable[str]:
    return (seen.paragraph.tag, f"{seen.paragraph.tag} {len(seen.words).bit_length()}")


def _near(seen: Seen) -> Iterable[str]:
    return _class_words(seen.paragraph.ancestors[-4:])


def _around(seen: Seen) -> Iterable[str]:
    return _class_words(seen.paragraph.ancestors[1:])


def _class_words(selectors: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(word for selector in selectors for word in class_words(selector))


def _path(seen: Seen) -> Iterable[str]:
    tags = [
        selector.split(".", 1)[0].split("#", 1)[0] for selector in seen.paragraph.ancestors[-4:]
    ]
    return (" ".join(tags), " ".join(tags[-2:]))


@lru_cache(maxsize=65_536)
def class_words(selector: str) -> tuple[str, ...]:
    """The words in an element's tag, classes and id: ``div.relatedPosts#more-1`` gives ``div``,
    ``related``, ``posts``, ``more``."""
    return tuple(dict.fromkeys(word.lower() for word in _CLASS_WORD.findall(selector)))[:24]


class Feature(NamedTuple):
    """A row of the table: the words that ``extract`` gives are hashed behind ``name``."""

    name: str
    extract: Callable[[Seen], Iterable[str]]
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

FEATURE_NAMES = tuple(feature.name for feature in FEATURES)


def paragraph_words(paragraph: Paragraph, own_host: str) -> list[str]:
    """All words of the table's features for one paragraph, each behind its feature's name."""
    seen = Seen(paragraph, tokens(paragraph.text), own_host)
    markup = bool(paragraph.tag)
    found = ["markup" if markup else "plain"]
    for feature in FEATURES:
        if markup or not feature.needs_markup:
            name = feature.name
            found += [f"{name}={word}" for word in feature.extract(seen)]
    return found


def hash_rows(rows: Iterable[Iterable[str]], width: int) -> csr_matrix:
    """Hash each paragraph's words to a sparse row (the hashing trick, Weinberger et al. 2009).

    Args:
        rows: the words of each paragraph.
        width: number of columns, a power of 2.

    Returns:
        Matrix of shape (rows, width), float32; every word counts 1 / sqrt(words in its row), so
        that a long paragraph's score is not larger for being long.
    """
    from scipy.sparse import csr_matrix

    mask = width - 1
    columns: list[int] = []
    ends = [0]
    for words in rows:
        columns += [crc32(word.encode("utf-8", "surrogatepass")) & mask for word in words]
        ends.append(len(columns))
    values = row_values(np.diff(ends))
    return csr_matrix(
        (values, np.array(columns, np.int32), np.array(ends, np.int32)),
        shape=(len(ends) - 1, width),
    )


def row_values(counts: NDArray[np.integer]) -> NDArray[np.float32]:
    """The values of rows with so many words, row after row, as :func:`hash_rows` has them."""
    return np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
