from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from adsift.evaluation.alignment import votes, words

TEXT = st.lists(st.sampled_from("tide ferry dock boat".split()), max_size=12).map(" ".join)
TEXTS = st.lists(TEXT, max_size=8)


def brute_force(blocks: list[str], paragraphs: list[str]) -> list[Counter[int]]:
    """The rule as METRICS.md's script states it, every place of every sequence looked at."""
    places: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    length = 0
    for index, text in enumerate(paragraphs):
        found = words(text)
        for start in range(max(1, len(found) - 2) if found else 0):
            places[tuple(found[start : start + 3])].append((length + start, index))
        length += len(found)
    here, out = 0, []
    for text in blocks:
        found = words(text)
        keys = [tuple(found[i : i + 3]) for i in range(max(1, len(found) - 2))] if found else []
        hits = [
            min(places[key], key=lambda hit: abs(hit[0] - here) + 1000 * (hit[0] < here - 50))
            for key in keys
            if key in places
        ]
        if keys and len(hits) >= 0.5 * len(keys):
            here = max([here, *(at for at, _ in hits)])
            out.append(Counter(index for _, index in hits))
        else:
            out.append(Counter())
    return out


@given(TEXTS, TEXTS)
def test_it_finds_the_nearest_of_all_places(blocks: list[str], paragraphs: list[str]) -> None:
    assert votes(blocks, paragraphs) == brute_force(blocks, paragraphs)


@given(st.lists(TEXT, min_size=20, max_size=30), st.lists(TEXT, min_size=20, max_size=30))
def test_it_does_so_far_down_the_page(blocks: list[str], paragraphs: list[str]) -> None:
    assert votes(blocks, paragraphs) == brute_force(blocks, paragraphs)


def test_a_block_votes_for_the_paragraph_that_holds_it() -> None:
    paragraphs = ["The ferry sails at noon.", "Tickets are sold on board, not at the quay."]
    blocks = ["Tickets are sold on board", "not at the quay.", "A text from somewhere else."]
    assert [dict(ballot) for ballot in votes(blocks, paragraphs)] == [{1: 3}, {1: 2}, {}]


def test_a_block_over_two_paragraphs_votes_for_both() -> None:
    (ballot,) = votes(
        ["one two three four five six seven eight"], ["one two three four", "five six seven eight"]
    )
    assert ballot == {0: 2, 1: 2}


def test_of_equal_paragraphs_far_apart_each_gets_its_own_block() -> None:
    between = " ".join(f"ferry{i}" for i in range(100))
    texts = ["read more about this", between, "read more about this"]
    assert [set(ballot) for ballot in votes(texts, texts)] == [{0}, {1}, {2}]


def test_a_block_without_words_is_held_nowhere() -> None:
    assert votes(["", "– · –"], ["some words here"]) == [Counter(), Counter()]


def test_a_page_of_one_phrase_takes_no_time_out_of_proportion() -> None:
    # 20,000 places of one sequence, asked for as often: looking at each would never end.
    text = "buy now " * 10_000
    (ballot,) = votes([text], [text])
    assert set(ballot) == {0}
