"""The encoder's tokenizer: the bundle holds its vocabulary and rules."""

from __future__ import annotations

from collections.abc import Callable

from adsift.errors import BundleError
from adsift.extras import how_to_install

EXTRA = f"install it with: {how_to_install('accurate')}"

LONGEST = 160
"""Tokens that are read of a paragraph, the first and the last special one among them."""

CHARACTERS = 4000
"""Of a paragraph that are cut into tokens; the rest of a huge one costs nothing."""

Encode = Callable[[str], list[int]]
"""Turns a paragraph into token numbers."""


def make_tokenizer(stored: bytes, words: int) -> Encode:
    """The tokenizer. It takes all of a text for words: a page that holds the name of a special
    token, which may look like an element's tag, does not get it.

    Args:
        stored: JSON, as the tokenizers package writes it.
        words: of the vocabulary that have an embedding.

    Raises:
        BundleError: the package is not installed, cannot read it, or its vocabulary is another.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise BundleError(f"the accurate tier needs the package tokenizers, {EXTRA}") from error
    try:
        tokenizer = Tokenizer.from_buffer(stored)
        tokenizer.encode("\ufffd")  # fails if there is no token for what is not known
    except Exception as error:  # the package raises Exception itself
        raise BundleError(f"the tokenizer cannot be read: {error}") from error
    if tokenizer.get_vocab_size() != words:
        raise BundleError(f"the tokenizer has {tokenizer.get_vocab_size()} words, not {words}")
    if max(tokenizer.get_vocab().values()) >= words:
        raise BundleError(f"the tokenizer has numbers beyond its {words} words")
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True

    def encode(text: str) -> list[int]:
        # A lone surrogate is no text to the tokenizer.
        read = text[:CHARACTERS].encode("utf-8", "replace").decode()
        ids: list[int] = tokenizer.encode(read).ids
        return ids

    if not encode(""):
        raise BundleError("the tokenizer puts no special tokens around a text")
    return encode
