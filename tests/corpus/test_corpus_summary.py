from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from adsift.corpus import summary as module
from adsift.corpus.summary import NO_SITE, OTHER_SITES, Counts, Noted, Summary
from adsift.corpus.summary_table import print_table
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.errors import DocumentError

FEW = settings(max_examples=50)

Row = tuple[str, str | None, list[tuple[str, Label, bool]]]

ROWS = st.lists(
    st.tuples(
        st.text(max_size=5),
        st.sampled_from([None, "https://a.example/1", "http://www.b.example:8/", "mailto:x"]),
        st.lists(
            st.tuples(
                st.sampled_from(["one", "two words", "größer", "\ud800 odd", ""]),
                st.sampled_from(Label),
                st.booleans(),
            ),
            max_size=4,
        ),
    ),
    max_size=6,
)


def tagged(text: str, label: Label, kind: CommerceKind | None = None) -> TaggedParagraph:
    return TaggedParagraph(Paragraph(text), label, kind, {label: 0.9})


def counts_of(rows: Sequence[Row]) -> Counts:
    counts = Counts()
    for name, url, paragraphs in rows:
        counts.add_document(
            name,
            url,
            [tagged(text, label) for text, label, _ in paragraphs],
            [removed for _, _, removed in paragraphs],
        )
    return counts


def shop() -> Counts:
    counts = Counts()
    counts.add_document(
        "ferry",
        "https://www.Ferry.example/timetable",
        [
            tagged("The ferry sails at noon", Label.NEWS),
            tagged("Größe wählen", Label.COMMERCE, CommerceKind.PRODUCT),
        ],
        [False, True],
    )
    counts.add_document("pitch", None, [tagged("Buy this now", Label.COMMERCE)], [True])
    counts.add_document("empty", None, [], [])
    counts.add_rejected(2)
    return counts


def test_counts_by_label_kind_and_site() -> None:
    counts = shop()
    assert (counts.documents, counts.rejected) == (3, 2)
    commerce = counts.labels[Label.COMMERCE]
    assert (commerce.paragraphs, commerce.words, commerce.removed_words) == (2, 5, 5)
    assert counts.labels[Label.NEWS].removed_paragraphs == 0
    product = counts.kinds[CommerceKind.PRODUCT]
    assert (product.paragraphs, product.bytes, product.removed_bytes) == (1, 15, 15)
    assert counts.sites["ferry.example"].words == 7
    assert counts.sites[NO_SITE].documents == 2
    assert counts.total.words == 10


def test_a_document_that_lost_nearly_all_is_named() -> None:
    counts = shop()
    assert (counts.heavy, counts.emptied) == (Noted(1, ["pitch"]), 1)
    words = [tagged("four words and more", Label.COMMERCE), tagged("fifth", Label.NEWS)]
    counts.add_document("just at the limit", None, words, [True, False])
    assert counts.heavy.documents == 1


def test_a_document_without_text_is_named() -> None:
    counts = shop()
    assert counts.textless == Noted(1, ["empty"])


def test_a_document_in_another_language_is_named() -> None:
    counts = shop()
    assert counts.foreign == Noted()
    text = "Die Fähre fuhr am Mittag, und der Regen hörte erst am Abend auf. " * 5
    counts.add_document("fähre", None, [tagged(text, Label.NEWS)], [False])
    assert counts.foreign == Noted(1, ["fähre"])


def test_not_all_documents_to_look_at_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NAMES", 2)
    one, two = Counts(), Counts()
    for counts, names in ((one, "a"), (two, "bcd")):
        for name in names:
            counts.add_document(name, None, [tagged("gone", Label.COMMERCE)], [True])
            counts.add_document(name.upper(), None, [], [])
    one.merge(two)
    assert one.heavy == Noted(4, ["a", "b"])
    assert one.textless == Noted(4, ["A", "B"])


@FEW
@given(ROWS, st.integers(0, 6))
def test_merged_counts_are_those_of_all_documents(rows: list[Row], cut: int) -> None:
    merged = counts_of(rows[:cut])
    merged.merge(counts_of(rows[cut:]))
    assert merged == counts_of(rows)


@FEW
@given(ROWS)
def test_counts_pass_through_json(rows: list[Row]) -> None:
    counts = counts_of(rows)
    assert Counts.from_json(json.loads(json.dumps(counts.to_json()))) == counts


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"documents": "x"},
        {**Counts().to_json(), "sites": 3},
        {**Counts().to_json(), "textless": 2},  # of an earlier version
    ],
)
def test_counts_that_cannot_be_read_are_told_with_what_to_do(damaged: dict[str, object]) -> None:
    with pytest.raises(DocumentError, match=r"another version of adsift: start .*--overwrite"):
        Counts.from_json(damaged)


def test_the_smallest_of_too_many_sites_are_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SITES", 4)
    monkeypatch.setattr(module, "KEPT_SITES", 2)
    counts = Counts()
    for size, host in enumerate("cabed", start=1):
        text = tagged("word " * size, Label.COMMERCE)
        counts.add_document(host, f"http://{host}.example/", [text], [True])
    assert {*counts.sites} == {"d.example", "e.example"}
    assert (counts.other_sites.documents, counts.other_sites.words) == (3, 6)
    again = Counts.from_json(counts.to_json())
    again.merge(counts)
    assert again.other_sites.documents == 6
    assert Summary(again).most_removed()[0][0] == OTHER_SITES


def test_summary_lists_the_sites_that_lost_most() -> None:
    found = json.loads(json.dumps(Summary(shop(), ["A note."], 5_000_000).as_json()))
    assert (found["documents"], found["rejected"], found["emptied"]) == (3, 2, 1)
    assert [row["site"] for row in found["sites"]["most_removed"]] == [NO_SITE, "ferry.example"]
    assert found["labels"]["commerce"]["removed"] == {"paragraphs": 2, "words": 5, "bytes": 27}
    assert found["textless"] == {"documents": 1, "first": ["empty"]}
    assert found["notes"] == ["A note."]


def printed(summary: Summary) -> str:
    page = io.StringIO()
    print_table(summary, Console(file=page, width=120))
    return page.getvalue()


def test_table_shows_all_parts() -> None:
    page = printed(Summary(shop(), ["A note."], 5_000_000))
    for part in ("3 documents, 2 rejected", "commerce", "50.0%", "product", "ferry.example"):
        assert part in page
    assert "Documents that lost over 80% of their words: 1 (1 lost all)\n  pitch\n" in page
    assert "Documents without visible text: 1\n  empty\n" in page
    assert "Peak memory: 5 MB\nA note.\n" in page


def test_table_of_nothing() -> None:
    page = printed(Summary(Counts()))
    assert "0 documents" in page
    assert "Sites" not in page


def test_names_from_the_corpus_do_not_steer_the_terminal() -> None:
    counts = Counts()
    gone = tagged("gone", Label.COMMERCE)
    counts.add_document("\x1b[31mred [bold]", "http://[bold].example/", [gone], [True])
    page = printed(Summary(counts))
    assert "\x1b" not in page
    assert "red [bold]" in page
    assert "[bold].example" in page


@pytest.mark.parametrize("width", [20, 60, 80, 120])
def test_a_narrow_table_has_every_figure_whole(width: int) -> None:
    counts = Counts()
    for label in Label:
        tally = counts.labels[label]
        tally.paragraphs, tally.words, tally.bytes = 1_234_567_890, 98_765_432_109, 10**12
        tally.removed_paragraphs, tally.removed_words = 1_234_567_890, 98_765_432_109
    page = io.StringIO()
    print_table(Summary(counts, []), Console(file=page, width=width))
    lines = page.getvalue().splitlines()
    row = next(line for line in lines if line.startswith("commerce"))
    assert row.split()[1:] == [*["1,234,567,890", "98,765,432,109"] * 2, "100.0%"]
