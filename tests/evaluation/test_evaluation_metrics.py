from __future__ import annotations

import importlib.util
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_model import marked, page

from adsift import CommerceKind, Separator
from adsift.evaluation import GoldPage, evaluate, read_gold
from adsift.evaluation.alignment import votes
from adsift.evaluation.metrics import figures
from adsift.evaluation.views import view_of

PAGES = 40

BLOCKS = st.lists(
    st.tuples(
        st.sampled_from("NABC"),
        st.builds("{}{} harbour".format, st.sampled_from("NABC"), st.integers(40, 99)),
    ),
    min_size=1,
    max_size=6,
)


def measure(*pages: GoldPage, separator: Separator | None = None) -> dict[str, float]:
    result = evaluate(pages, separator or marked(), views=["text"], resamples=2)["text"]
    return {name: estimate.value for name, estimate in result.figures.items()}


def words_after(mark: str, count: int) -> str:
    """A text of so many words that begins with its mark."""
    return " ".join([mark, *(f"{mark}word{i}" for i in range(count - 1))])


class TestByHand:
    # Weights: 10 + 20 of 30, and 61 + 30 of 91 (60 words are the most that count).
    ONE = page("1", ("N", words_after("N90", 9)), ("C", words_after("C80", 19)))
    TWO = page("2", ("C", words_after("N60", 300)), ("B", words_after("B70", 29)))

    def test_f1(self) -> None:
        found = measure(self.ONE, self.TWO)
        news, commerce, missed = 10 / 30, 20 / 30, 61 / 91
        assert found["precision news"] == pytest.approx(news / (news + missed))
        assert found["recall news"] == 1
        assert found["recall commerce"] == pytest.approx(commerce / (commerce + missed))
        assert found["F1 commerce"] == pytest.approx(2 * commerce / (2 * commerce + missed))
        assert found["F1 boilerplate"] == 1

    def test_a_label_that_is_nowhere_has_no_f1_and_no_part_in_the_mean(self) -> None:
        found = measure(self.ONE, self.TWO)
        assert np.isnan(found["F1 analysis"])
        three = [found[f"F1 {label}"] for label in ("news", "commerce", "boilerplate")]
        assert found["macro-F1"] == pytest.approx(np.mean(three))

    def test_a_label_that_is_only_predicted_has_no_part_in_the_mean(self) -> None:
        wrong = page("3", ("N", words_after("A90", 9)))
        found = measure(self.ONE, self.TWO, wrong)
        assert found["F1 analysis"] == 0
        three = [found[f"F1 {label}"] for label in ("news", "commerce", "boilerplate")]
        assert found["macro-F1"] == pytest.approx(np.mean(three))

    def test_strips(self) -> None:
        found = measure(self.ONE, self.TWO)
        leaked = (61 / 91) / (61 / 91 + 20 / 30)
        assert found["strip commerce: commerce leaked"] == pytest.approx(leaked)
        assert found["strip commerce: boilerplate leaked"] == 1
        assert found["strip commerce and boilerplate: boilerplate leaked"] == 0
        assert found["strip commerce: content lost"] == 0

    def test_lost_content(self) -> None:
        found = measure(page("1", ("N", "C80 one"), ("A", "B80 two"), ("N", "N80 six")))
        assert found["strip commerce: content lost"] == pytest.approx(1 / 3)
        assert found["strip commerce and boilerplate: content lost"] == pytest.approx(2 / 3)
        assert np.isnan(found["strip commerce: commerce leaked"])

    def test_calibration_error(self) -> None:
        found = measure(page("1", ("N", "N70 one"), ("C", "N70 two")))
        # News was said with 0.7 and is true in half; the other labels were said with 0.1.
        assert found["expected calibration error news"] == pytest.approx(0.2)
        assert found["expected calibration error commerce"] == pytest.approx(0.4)
        assert found["expected calibration error analysis"] == pytest.approx(0.1)
        assert found["expected calibration error"] == pytest.approx(np.mean([0.2, 0.1, 0.1, 0.4]))

    def test_kinds(self) -> None:
        pages = page("1", ("C", "C80 one"), ("C", "N80 two"), ("N", "C80 six"))
        found = measure(pages)
        assert found["F1 product"] == pytest.approx(0.5)
        assert found["leaked product"] == pytest.approx(0.5)
        assert found["right kind of commerce found"] == 1
        assert np.isnan(found["F1 sponsored"])
        wrong = measure(pages, separator=marked(kind=CommerceKind.SPONSORED))
        assert wrong["F1 product"] == wrong["F1 sponsored"] == 0
        assert wrong["F1 commerce"] == found["F1 commerce"]

    def test_the_right_kind_of_the_last_kind(self) -> None:
        one = page("1", ("C", "C80 one"), ("C", "N80 two"))
        blocks = [replace(block, kind=CommerceKind.MEMBERSHIP) for block in one.blocks]
        membership = replace(one, blocks=blocks)
        found = measure(membership, separator=marked(kind=CommerceKind.MEMBERSHIP))
        assert found["right kind of commerce found"] == 1
        assert found["F1 membership"] == pytest.approx(2 / 3)

    def test_commerce_without_a_kind_is_found_but_of_no_right_kind(self) -> None:
        pages = page("1", ("C", "C80 one"), ("C", "N80 two"), ("N", "N80 six"))
        found = measure(pages, separator=marked(kind=None))
        assert found["right kind of commerce found"] == 0
        assert found["leaked product"] == pytest.approx(0.5)
        assert found["F1 product"] == 0

    def test_blocks_without_a_label_count_nowhere(self) -> None:
        labelled = ("N", "N70 one"), ("C", "C90 two")
        with_others = page("1", *labelled, ("-", words_after("C80", 40)))
        assert measure(with_others) == pytest.approx(measure(page("1", *labelled)), nan_ok=True)

    def test_what_no_paragraph_holds_is_boilerplate(self) -> None:
        (lost,) = [page("1", ("N", "N80 one two"), ("N", "N80 six ten"))]
        hidden = GoldPage(lost.id, "", page("1", ("N", "N80 one two")).source, lost.blocks)
        found = measure(hidden)
        assert found["content not emitted"] == pytest.approx(0.5)
        assert found["strip commerce and boilerplate: content lost"] == pytest.approx(0.5)
        assert found["strip commerce: content lost"] == 0


class TestLaws:
    @given(BLOCKS)
    def test_a_page_weighs_one_however_long(self, blocks: list[tuple[str, str]]) -> None:
        once = evaluate([page("1", *blocks)], marked(), views=["text"], resamples=2)["text"]
        assert once.ours.sums.confusion.sum() == pytest.approx(1)

    @given(st.lists(BLOCKS, min_size=1, max_size=4))
    def test_the_same_pages_twice_change_nothing(self, blocks: list[Any]) -> None:
        once = [page(f"a{i}", *entry) for i, entry in enumerate(blocks)]
        again = [page(f"b{i}", *entry) for i, entry in enumerate(blocks)]
        assert measure(*once, *again) == pytest.approx(measure(*once), nan_ok=True)

    @given(st.lists(BLOCKS, min_size=1, max_size=4))
    def test_shares_are_between_0_and_1(self, blocks: list[Any]) -> None:
        found = measure(*(page(str(i), *entry) for i, entry in enumerate(blocks)))
        assert all(np.isnan(value) or -1e-9 <= value <= 1 + 1e-9 for value in found.values())

    @given(BLOCKS)
    def test_who_is_always_right(self, blocks: list[tuple[str, str]]) -> None:
        right = [(letter, f"{letter}99 {text[4:]}") for letter, text in blocks]
        found = measure(page("1", *right))
        assert found["macro-F1"] == 1
        assert found["strip commerce: content lost"] in (0, pytest.approx(np.nan, nan_ok=True))


@pytest.fixture(scope="module")
def arbiter(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", shared / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("view", ["html", "text"])
def test_the_figures_are_the_arbiters(
    arbiter: Any, shared: Path, shipped: Separator, view: str
) -> None:
    pages = read_gold(shared / "data", max_pages=PAGES)
    result = evaluate(pages, shipped, views=[view], resamples=2)[view]
    rows = []
    for one in pages:
        document = view_of(one, view)
        assert document is not None
        paragraphs = [(p.text, p.label.value) for p in shipped.tag(document)]
        texts = [block.text for block in one.blocks]
        got = arbiter.align(texts, paragraphs)
        holders = votes(texts, [text for text, _ in paragraphs])
        assert [bool(ballot) for ballot in holders] == [label is not None for label in got]
        rows += [
            (one.id, len(arbiter.words(block.text)), block.label, label)
            for block, label in zip(one.blocks, got, strict=True)
            if block.label
        ]
    assert {*Counter(gold for _, _, gold, _ in rows)} == {*arbiter.LABELS}
    expected = arbiter.figures(rows)
    ours = {name: float(value) for name, value in figures(result.ours.sums.total()).items()}
    assert ours["macro-F1"] == pytest.approx(expected["macro_f1"])
    assert ours["content not emitted"] == pytest.approx(expected["not emitted"])
    for label in arbiter.LABELS:
        for name, key in (("F1", "f1"), ("precision", "precision"), ("recall", "recall")):
            assert ours[f"{name} {label}"] == pytest.approx(expected[label][key])
    for policy in ("strip commerce", "strip commerce and boilerplate"):
        for name, value in expected[policy].items():
            assert ours[f"{policy}: {name}"] == pytest.approx(value)
