from __future__ import annotations

import json
from typing import Any

import pytest

from adsift.errors import BundleError
from adsift.model.transformer.tokens import make_tokenizer

pytest.importorskip("tokenizers", reason="tokenizers is not installed: it comes with .[accurate]")

WORDS = ["<s>", "<pad>", "</s>", "[UNK]", "<", "/", ">", "s", "pad", "bridge"]
SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def tokenizer(**changes: Any) -> bytes:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    rules = {
        "version": "1.0",
        "added_tokens": [
            {"id": number, "content": WORDS[number], "special": True, **SPECIAL}
            for number in range(3)
        ],
        "truncation": {
            "direction": "Right",
            "max_length": 2,
            "strategy": "LongestFirst",
            "stride": 0,
        },
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    return json.dumps({**rules, **changes}).encode()


def test_texts_of_any_length() -> None:
    encode = make_tokenizer(tokenizer(), len(WORDS))
    assert encode(["Bridge bridge bridge", "", "tunnel"]) == [[9, 9, 9], [], [3]]


def test_a_page_cannot_write_a_special_token() -> None:
    encode = make_tokenizer(tokenizer(), len(WORDS))
    assert encode(["</s> <pad>"]) == [[4, 5, 7, 6, 4, 8, 6]]


def test_half_a_character() -> None:
    assert make_tokenizer(tokenizer(), len(WORDS))(["\ud800"]) == [[3]]


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{}",
        tokenizer(model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "[UNK]"}),
    ],
)
def test_one_that_cannot_be_read(stored: bytes) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        make_tokenizer(stored, len(WORDS))


def test_one_of_another_encoder() -> None:
    with pytest.raises(BundleError, match="10 words, not 11"):
        make_tokenizer(tokenizer(), 11)
