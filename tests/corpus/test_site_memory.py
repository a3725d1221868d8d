from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adsift
from adsift.corpus.remembering import (
    FEWEST,
    LEAST_SHARE,
    UNSEEN_KIND,
    RememberingModel,
    adjust,
    retag,
)
from adsift.corpus.site_memory import SiteMemory, Sizes, page_keys
from adsift.document import Document, Label, Paragraph, TaggedParagraph
from adsift.errors import AdsiftError
from adsift.model.memory import Memory
from adsift.model.probabilities import LABELS

pytest.importorskip("datasketches")

FEW = settings(max_examples=50)
SMALL = Sizes(buckets=2**12, sites=50, pages=20)

HOSTS = st.sampled_from(["a.example", "b.example", "shop.a.example"])
TEXTS = st.sampled_from(["Share this", "Buy the stove", "12 comments", "The ferry sails", "Ä", ""])
PAGES = st.lists(st.tuples(HOSTS, st.lists(TEXTS, max_size=4)), max_size=12)

ROWS = st.lists(
    st.tuples(st.lists(st.integers(1, 1000), min_size=4, max_size=4), st.integers(0, 12)),
    min_size=1,
    max_size=5,
)


def address(host: str, number: int) -> str:
    return f"https://{host}/{number}"


def unlike(pages: Sequence[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """The pages, each with a paragraph of its own, so that none is another's copy."""
    return [
        (host, [*texts, f"only here {chr(97 + number)}"])
        for number, (host, texts) in enumerate(pages)
    ]


def memory_of(pages: Sequence[tuple[str, list[str]]], first: int = 0) -> SiteMemory:
    memory = SiteMemory(SMALL)
    for number, (host, texts) in enumerate(pages, start=first):
        memory.add_page(address(host, number), texts)
    return memory


def recurrence(memory: SiteMemory, url: str | None, text: str) -> tuple[int, int]:
    counts, pages = memory.recurrences(url, [text])
    return counts[0], pages


@FEW
@given(PAGES)
def test_counts_are_the_pages_of_the_site_that_have_the_paragraph(
    pages: list[tuple[str, list[str]]],
) -> None:
    pages = unlike(pages)
    memory = memory_of(pages)
    sizes = Counter(host for host, _ in pages)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for host, texts in pages:
        found[host].update(set(texts))
    for host in sizes:
        for text in ("Share this", "Buy the stove", "Never seen"):
            assert recurrence(memory, address(host, 99), text) == (found[host][text], sizes[host])
        assert recurrence(memory, address(host, 99), "")[0] == 0


@FEW
@given(PAGES, st.integers(0, 12))
def test_merged_memories_know_what_both_do(pages: list[tuple[str, list[str]]], cut: int) -> None:
    pages = unlike(pages)
    merged = memory_of(pages[:cut])
    merged.merge(memory_of(pages[cut:], first=cut))
    together = memory_of(pages)
    for host, texts in pages:
        url = address(host, 99)
        assert merged.recurrences(url, texts) == together.recurrences(url, texts)


@FEW
@given(PAGES)
def test_a_memory_passes_through_bytes(pages: list[tuple[str, list[str]]]) -> None:
    memory = memory_of(pages)
    data = memory.to_bytes()
    assert data == memory_of(pages).to_bytes()
    again = SiteMemory.from_bytes(data)
    assert again.to_bytes() == data
    for more in (memory, again):
        more.add_page("https://a.example/more", ["Share this", "and more"])
    assert again.to_bytes() == memory.to_bytes()


def test_keys_add_up_like_pages() -> None:
    pages = [("a.example", ["Share this", "One"]), ("a.example", ["Share this", "Two"])]
    memory = SiteMemory(SMALL)
    for number, (host, texts) in enumerate(pages):
        keys = page_keys(address(host, number), texts)
        assert keys is not None
        memory.add(keys)
    assert memory.to_bytes() == memory_of(pages).to_bytes()


def test_numbers_case_and_white_space_do_not_tell_paragraphs_apart() -> None:
    memory = memory_of([("a.example", ["12  COMMENTS", "x"]), ("a.example", ["3 comments", "y"])])
    assert recurrence(memory, "http://www.a.example/", "7 Comments") == (2, 2)


def test_a_page_that_comes_again_counts_once() -> None:
    memory = SiteMemory(SMALL)
    for url in ("https://a.example/x", "http://a.example/x/", "https://a.example/x#top"):
        memory.add_page(url, ["The ferry sails", url])
    assert recurrence(memory, "https://a.example/", "The ferry sails") == (1, 1)
    memory.add_page("https://a.example/copy", ["The ferry sails", "https://a.example/x"])
    assert recurrence(memory, "https://a.example/", "The ferry sails") == (1, 1)


ARTICLE = [
    "The harbour office has sold the old crane to a museum, which will put it up on the quay.",
    "It was built to load grain, and for thirty years nobody has known how to move its arm.",
    "Two divers spent a week below the quay to see whether the wall would bear a heavier crane.",
    "It would.",
]
"""Three of its paragraphs are long."""


def lists(number: int) -> list[str]:
    """What stands beside an article and changes with every visit."""
    return [f"Most read {chr(97 + number)} {word}" for word in ("tides", "ferries", "lights")]


@pytest.mark.parametrize(
    "others",
    [
        ["https://www.ferry.example/crane", "https://ferry.example/crane?utm_source=mail"],
        ["https://ferry.example/print/crane", "https://ferry.example/south-quay/crane"],
    ],
)
def test_an_article_does_not_recur_by_its_other_addresses(others: list[str]) -> None:
    memory = SiteMemory(SMALL)
    for number, url in enumerate(["https://ferry.example/crane", *others]):
        memory.add_page(url, ["Share this", *ARTICLE, *lists(number)])
    assert recurrence(memory, "https://ferry.example/", ARTICLE[0]) == (1, 1)
    memory.add_page("https://ferry.example/tides", ["Share this", "The tide", *lists(3)])
    assert recurrence(memory, "https://ferry.example/", "Share this") == (2, 2)


def test_articles_do_not_recur_by_the_archives_of_their_months() -> None:
    memory = SiteMemory(SMALL)
    articles = [[f"{text} {word}" for text in ARTICLE] for word in ("Ahoy.", "Belay.", "Cast off.")]
    for number, article in enumerate(articles):
        memory.add_page(address("ferry.example", number), article)
    for number in range(2):
        everything = [text for article in articles for text in article]
        memory.add_page(f"https://ferry.example/archive/{number}", [*everything, *lists(number)])
    assert recurrence(memory, "https://ferry.example/", articles[0][0]) == (1, 3)


def test_long_furniture_still_recurs() -> None:
    notices = [f"{text} We use cookies." for text in ARTICLE[:3]]
    memory = SiteMemory(SMALL)
    for number in range(10):  # every other article is shorter than the notices
        length = 1 if number % 2 else 5
        own = [f"{ARTICLE[0]} {chr(97 + number)}{chr(97 + part)}" for part in range(length)]
        memory.add_page(address("ferry.example", number), [*own, *notices])
    count, pages = recurrence(memory, "https://ferry.example/", notices[0])
    assert count == pages >= 7


@pytest.mark.parametrize("url", [None, "", "no address", "mailto:a@b.example", "/path"])
def test_pages_without_a_host_are_not_counted(url: str | None) -> None:
    memory = SiteMemory(SMALL)
    memory.add_page(url, ["Share this"])
    assert recurrence(memory, url, "Share this") == (0, 0)


def test_only_the_first_sites_and_pages_are_counted() -> None:
    memory = SiteMemory(replace(SMALL, sites=1, pages=2))
    for number in range(3):
        for host in ("a.example", "b.example"):
            memory.add_page(address(host, number), ["Share this", chr(97 + number)])
    assert recurrence(memory, "https://a.example/", "Share this") == (2, 2)
    assert recurrence(memory, "https://b.example/", "Share this") == (0, 0)


def test_a_full_memory_does_not_make_furniture_of_everything() -> None:
    memory = SiteMemory(Sizes(buckets=16, pages=500))
    for number in range(200):
        own = [f"{word} {chr(97 + number % 26)}{chr(97 + number // 26)}" for word in "pqrs"]
        memory.add_page(address("a.example", number), ["Share this", *own])
    assert memory.noise > 1
    often, pages = recurrence(memory, "https://a.example/", "Share this")
    rarely, _ = recurrence(memory, "https://a.example/", "p aa")
    assert rarely < often <= pages


def test_memories_of_other_sizes_do_not_mix() -> None:
    with pytest.raises(AdsiftError, match="different sizes"):
        SiteMemory(SMALL).merge(SiteMemory(replace(SMALL, buckets=64)))


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_a_damaged_memory_is_told(cut: int) -> None:
    data = memory_of([("a.example", ["Share this"])]).to_bytes()
    with pytest.raises(AdsiftError, match="damaged"):
        SiteMemory.from_bytes(data[:cut])


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasketches", None)
    with pytest.raises(AdsiftError, match=r"pip install '\.\[corpus\]'"):
        SiteMemory(SMALL)


@FEW
@given(ROWS, st.integers(0, 800))
def test_shifted_probabilities_stay_probabilities(
    rows: list[tuple[list[int], int]], pages: int
) -> None:
    before = np.array([row for row, _ in rows], float)
    before /= before.sum(axis=1, keepdims=True)
    counts = np.array([count for _, count in rows])
    after = adjust(before, counts, pages)
    assert (after >= 0).all()
    assert np.allclose(after.sum(axis=1), 1)
    content = [LABELS.index(label) for label in (Label.NEWS, Label.ANALYSIS)]
    for old, new, count in zip(before, after, counts, strict=True):
        if count < FEWEST or count < LEAST_SHARE * pages:
            assert (old == new).all()
        else:
            assert new[content].sum() <= old[content].sum() + 1e-6


def test_more_pages_shift_more_and_keep_the_proportion_of_furniture() -> None:
    before = np.array([[0.6, 0.2, 0.05, 0.15]] * 3)
    after = adjust(before, np.array([2, 3, 6]), 6)
    commerce = LABELS.index(Label.COMMERCE)
    assert after[0, commerce] == 0.15 < after[1, commerce] < after[2, commerce]
    boilerplate = LABELS.index(Label.BOILERPLATE)
    assert after[2, commerce] / after[2, boilerplate] == pytest.approx(3, rel=1e-3)


def tagged(text: str, *probabilities: float) -> TaggedParagraph:
    by_label = dict(zip(LABELS, probabilities, strict=True))
    return TaggedParagraph(Paragraph(text), Label.NEWS, None, by_label)


def test_a_paragraph_that_recurs_gets_its_label_anew() -> None:
    document = [tagged("Our stove is on sale", 0.5, 0.0, 0.1, 0.4), tagged("News", 1, 0, 0, 0)]
    costs = {"plain": np.ones(4)}
    changed = retag(document, [6, 1], 6, costs)
    assert (changed[0].label, changed[0].kind) == (Label.COMMERCE, UNSEEN_KIND)
    assert changed[1] is document[1]
    assert retag(document, [2, 1], 6, costs) is document


def test_a_separator_can_remember(sift: adsift.Separator) -> None:
    url = "https://ferry.example/"
    line = "The harbour office answers the telephone on weekdays."
    pages = [f"{line}\n\nThe ferry to {name} sails at noon." for name in "ABCDEFGH"]
    memory = SiteMemory(SMALL)
    for number, page in enumerate(pages):
        memory.add_page(f"{url}{number}", page.split("\n\n"))
    model = RememberingModel(sift.classifier, memory)
    document = Document(pages[0], format="text", url=f"{url}0")
    before = sift.tag(document)
    after = adsift.Separator(model).tag(document)

    def content(paragraph: TaggedParagraph) -> float:
        return paragraph.probabilities[Label.NEWS] + paragraph.probabilities[Label.ANALYSIS]

    assert content(after[0]) < content(before[0])
    assert after[1] == before[1]
    found = Memory()
    model.classify([[after[0].paragraph]], [None], [found])
    assert found.now.scored is not None
    elsewhere = replace(document, url="https://elsewhere.example/0")
    assert adsift.Separator(model).tag(elsewhere) == sift.tag(elsewhere)


def test_merged_memories_know_no_more_sites_than_one_may() -> None:
    sizes = replace(SMALL, sites=2)
    memory, other = SiteMemory(sizes), SiteMemory(sizes)
    memory.add_page(address("a.example", 0), ["Share this", "One"])
    for host in ("a.example", "b.example"):
        other.add_page(address(host, 1), ["Share this", "Two"])
    third = SiteMemory(sizes)
    third.add_page(address("c.example", 0), ["Share this", "Three"])
    memory.merge(other)
    memory.merge(third)
    pages = [
        memory.recurrences(address(host, 9), ["Share this"])
        for host in ("a.example", "b.example", "c.example")
    ]
    assert pages == [([2], 2), ([1], 1), ([0], 0)]


def test_sizes_that_are_not_those_of_the_sketch_are_told() -> None:
    import zstandard

    data = memory_of([("a.example", ["Share this"])]).to_bytes()
    start = data.index(b"\n") + 1
    packed = zstandard.ZstdDecompressor().decompress(data[start:])
    buckets = str(SMALL.buckets).encode()
    assert packed.count(buckets) == 1
    other = packed.replace(buckets, str(SMALL.buckets // 2).encode())
    with pytest.raises(AdsiftError, match="sizes are not those of its sketch"):
        SiteMemory.from_bytes(data[:start] + zstandard.ZstdCompressor().compress(other))
