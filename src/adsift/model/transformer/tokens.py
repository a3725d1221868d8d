"""The transformer's tokenizer: the bundle holds its vocabulary and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adsift.errors import BundleError

if TYPE_CHECKING:
    from adsift.model.transformer.sequences import Encode

EXTRA = "install it with: pip install 'adsift[accurate]'"


def make_tokenizer(stored: bytes, words: int) -> Encode:
    """The tokenizer, without a limit of length. It takes all of a text for words: a page that holds
    the name of a special token, which may look like an element's tag, does not get it.

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
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True

    def encode(texts: list[str]) -> list[list[int]]:
        # The plain loop keeps to one thread; a batch would start its own. A lone surrogate is no
        # text to the tokenizer.
        return [
            tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids
            for text in texts
        ]

    return encode
