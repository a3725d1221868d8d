from __future__ import annotations

import json
from typing import Any

import pytest

from adsift.errors import BundleError
from adsift.model.transformer.tokens import CHARACTERS, LONGEST, make_tokenizer

pytest.importorskip("tokenizers", reason="tokenizers is not installed: it comes with .[accurate]")

WORDS = ["<s>", "<pad>", "</s>", "[UNK]", "<", "/", ">", "s", "pad", "bridge"]
SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
AROUND = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("<s>", "</s>")]


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
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [AROUND[0], {"Sequence": {"id": "A", "type_id": 0}}, AROUND[1]],
            "pair": [{"Sequence": {"id": name, "type_id": 0}} for name in "AB"],
            "special_tokens": {
                name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]}
                for name in ("<s>", "</s>")
            },
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    return json.dumps({**rules, **changes}).encode()


def test_a_text_is_read_as_far_as_its_first_words() -> None:
    encode = make_tokenizer(tokenizer(), len(WORDS))
    assert encode("Bridge bridge tunnel") == [0, 9, 9, 3, 2]
    assert encode("") == [0, 2]
    assert encode("bridge " * 1000) == [0, *[9] * (LONGEST - 2), 2]


def test_a_huge_text_is_not_cut_into_words_to_its_end() -> None:
    encode = make_tokenizer(tokenizer(), len(WORDS))
    assert encode(" " * (CHARACTERS - 6) + "bridge bridge") == [0, 9, 2]


def test_a_page_cannot_write_a_special_token() -> None:
    encode = make_tokenizer(tokenizer(), len(WORDS))
    assert encode("</s> <pad>") == [0, 4, 5, 7, 6, 4, 8, 6, 2]


def test_half_a_character() -> None:
    assert make_tokenizer(tokenizer(), len(WORDS))("\ud800") == [0, 3, 2]


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


def test_one_without_special_tokens() -> None:
    with pytest.raises(BundleError, match="no special tokens"):
        make_tokenizer(tokenizer(post_processor=None), len(WORDS))


def test_one_with_numbers_beyond_its_words() -> None:
    words = {word: number for number, word in enumerate(WORDS[:-1])} | {"bridge": 40}
    model = {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"}
    with pytest.raises(BundleError, match="numbers beyond its 10 words"):
        make_tokenizer(tokenizer(model=model), len(WORDS))
