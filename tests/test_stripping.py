from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from bs4 import BeautifulSoup
from each import DROPS, each_drop, each_seed
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_sources import HTML, MARKDOWN, SOURCE_AND_FORMAT, TEXT
from rule_model import RuleClassifier, by_word, last_goes, separator, texts
from seed_articles import Seed, seeds_of

from adsift import Paragraph, Separator
from adsift.document import Format, TaggedParagraph
from adsift.segment.detect import detect_format
from adsift.stripping import StripResult


class TestStrippingTwice:
    @each_seed
    @each_drop
    def test_changes_no_seed(self, sift: Separator, seed: Seed, drop: tuple[str, ...]) -> None:
        once = sift.strip(seed.source, drop)
        check_stripped(sift, once, drop, "auto")

    @settings(max_examples=150)
    @given(SOURCE_AND_FORMAT, st.sampled_from(DROPS), st.sampled_from([0, 0.6]))
    def test_changes_nothing(
        self,
        sift: Separator,
        source: tuple[str, Format],
        drop: tuple[str, ...],
        min_probability: float,
    ) -> None:
        text, form = source
        once = sift.strip(text, drop, min_probability, form)
        check_stripped(sift, once, drop, form, min_probability)

    @settings(max_examples=75)
    @given(st.one_of(TEXT, MARKDOWN), st.sampled_from(DROPS))
    def test_changes_nothing_where_the_format_is_guessed(
        self, sift: Separator, source: str, drop: tuple[str, ...]
    ) -> None:
        once = sift.strip(source, drop)
        assume(detect_format(once.text) != "html")  # what was none does not become a page
        check_stripped(sift, once, drop, "auto")

    @settings(max_examples=75)
    @given(HTML, st.sampled_from(DROPS), st.sampled_from(["html.parser", "lxml", "html5lib"]))
    def test_changes_no_tree(
        self, sift: Separator, source: str, drop: tuple[str, ...], parser: str
    ) -> None:
        once = sift.strip(BeautifulSoup(source, parser), drop)
        assert once.soup is not None
        twice = sift.strip(once.soup, drop)
        assert (twice.text, twice.removed) == (once.text, [])

    def test_markdown_that_has_lost_its_marks_is_judged_as_the_text_that_it_is(self) -> None:
        source = "[Buy](/a) this.\n\n[Buy](/b) that.\n\nOne *two* three.\n"
        for form, kept in (("auto", "One *two* three."), ("markdown", "One two three.")):
            result = separator().strip(source, format=form)  # type: ignore[arg-type]
            assert result.text == "One *two* three.\n"
            assert texts(result.kept) == [kept]
            assert (result.kept[0].start, result.kept[0].end) == (34, 50)


def check_stripped(
    sift: Separator,
    once: StripResult,
    drop: tuple[str, ...],
    form: Format,
    min_probability: float = 0,
) -> None:
    twice = sift.strip(once.text, drop, min_probability, form)
    assert (twice.text, twice.removed) == (once.text, [])
    assert texts(twice.kept) == texts(once.kept)
    assert [p.probabilities for p in twice.kept] == [p.probabilities for p in once.kept]


class TestWhatIsLeft:
    """Of a text, the source without the spans of what was removed, and without their gaps."""

    @settings(max_examples=100)
    @given(TEXT, st.sampled_from(DROPS))
    def test_no_other_character_changes(
        self, sift: Separator, source: str, drop: tuple[str, ...]
    ) -> None:
        result = sift.strip(source, drop, format="text")
        rest = [*source]
        for paragraph in result.removed:
            assert source[paragraph.start : paragraph.end].split() == paragraph.text.split()
            rest[paragraph.start : paragraph.end] = " " * len(
                source[paragraph.start : paragraph.end]
            )
        assert "".join(rest).split() == result.text.split()
        remaining = iter(source)
        assert all(character in remaining for character in result.text)  # in this order

    @each_seed
    @each_drop
    def test_every_paragraph_of_a_seed_is_kept_or_removed(
        self, sift: Separator, seed: Seed, drop: tuple[str, ...]
    ) -> None:
        tagged = sift.tag(seed.source, seed.format)
        result = sift.strip(seed.source, drop, format=seed.format)
        if len(result.kept) + len(result.removed) != len(tagged):
            # The last lines of a text may become one paragraph.
            assert seed.format == "text"
            return
        assert sorted(texts(result.kept) + texts(result.removed)) == sorted(texts(tagged))
        assert {paragraph.label for paragraph in result.removed} <= {*drop}
        if seed.format != "html":
            spans = {p.end: p.text for p in tagged}
            for paragraph in (*result.kept, *result.removed):
                assert paragraph.end is not None
                assert spans[paragraph.end] == paragraph.text

    @pytest.mark.parametrize("seed", seeds_of("text"), ids=lambda seed: seed.path.name)
    @each_drop
    def test_spans_point_into_the_original(
        self, sift: Separator, seed: Seed, drop: tuple[str, ...]
    ) -> None:
        result = sift.strip(seed.source, drop)
        for paragraphs in (result.kept, result.removed):
            starts = [p.start for p in paragraphs if p.start is not None]
            assert starts == sorted(starts)
        for paragraph in result.removed:
            assert seed.source[paragraph.start : paragraph.end].split() == paragraph.text.split()


class TestWrappedText:
    """A paragraph that was judged and kept is not judged line by line once it is alone."""

    ARTICLE = (
        "The harbour council voted on Tuesday to close the fish market. Ellen\n"
        "Varga, who sells herring there, said of the last of her crates:\n"
        "Buy them, they cost $25, and are the best on this coast. The market\n"
        "will be missed."
    )
    PITCH = "Buy our lamp, now $39!"

    @staticmethod
    def by_first_word(found: list[str]) -> list[str]:
        return ["commerce" if text.lstrip("- ").startswith("Buy") else "news" for text in found]

    @pytest.mark.parametrize("form", ["text", "auto"])
    @pytest.mark.parametrize("article", [ARTICLE, "Rain fell\nBuy on\nthe hills"])
    def test_it_stays_whole(self, article: str, form: Format) -> None:
        rule = separator(self.by_first_word)
        words = " ".join(article.split())
        for source in (
            f"{article}\n\n{self.PITCH}\n",
            f"{self.PITCH}\n\n{article}\n",
            f"{self.PITCH}\n\n{article}\n\n{self.PITCH}\n\n- {self.PITCH}",
            f"{article}\r\n\r\n{self.PITCH}\r\n",
        ):
            once = rule.strip(source, format=form)
            assert texts(once.kept) == [words]
            assert once.text.strip() == article
            twice = rule.strip(once.text, format=form)
            assert (twice.text, texts(twice.kept), twice.removed) == (once.text, [words], [])

    @pytest.mark.parametrize("article", [ARTICLE, "Rain fell\nBuy on\nthe hills"])
    def test_it_stays_whole_where_markdown_has_lost_its_marks(self, article: str) -> None:
        rule = separator(self.by_first_word)
        for source in (
            f"[Buy](/a) [this](/b)\n\n{article}\n",
            f"{article}\n\n[Buy](/a) [this](/b)\n",
        ):
            once = rule.strip(source)
            assert texts(once.kept) == [" ".join(article.split())]
            assert once.text.strip() == article
            twice = rule.strip(once.text)
            assert (twice.text, texts(twice.kept)) == (once.text, texts(once.kept))


class TestRounds:
    """What is left is judged anew, until nothing more is to be dropped."""

    def test_until_nothing_is_dropped(self) -> None:
        source = "a\n\nb\n\nc\n"
        result = separator(last_goes).strip(source)
        assert result.text == ""
        assert texts(result.removed) == ["a", "b", "c"]
        assert [(p.start, p.end) for p in result.removed] == [(0, 1), (3, 4), (6, 7)]
        assert result.kept == []

    def test_a_document_is_not_judged_again_once_it_is_done(self) -> None:
        sift = separator(lambda found: last_goes(found) if len(found) > 2 else by_word(found))
        [*sift.strip_many(["a", "a\n\nb\n\nc\n\nd"])]
        calls = sift.classifier.calls  # type: ignore[attr-defined]
        assert [documents for documents, _ in calls] == [
            [["a"], ["a", "b", "c", "d"]],
            [["a", "b", "c"]],
            [["a", "b"]],
        ]

    @pytest.mark.parametrize("source", ["a\n\nb\n\nc\n\nd", "<p>a<p>b<p>c<p>d"])
    def test_the_model_is_told_what_is_as_it_was(self, source: str) -> None:
        places = []

        class Looking(RuleClassifier):
            def classify(
                self,
                documents: Sequence[Sequence[Paragraph]],
                urls: Sequence[str | None],
                memories: Any = None,
            ) -> list[list[TaggedParagraph]]:
                for document, memory in zip(documents, memories, strict=True):
                    memory.look("", document)
                    places.append(memory.places.tolist())
                return super().classify(documents, urls)

        def second_goes(found: list[str]) -> list[str]:
            return ["commerce" if i == 1 and len(found) > 2 else "news" for i in range(len(found))]

        Separator(Looking(second_goes)).strip(source)  # type: ignore[arg-type]
        assert places == [[-1] * 4, [0, 2, 3], [0, 2]]

    @pytest.mark.parametrize("source", ["a\n\nb\n\nc\n\nd", "<p>a<p>b<p>c<p>d"])
    def test_there_is_an_end_and_another_strip_goes_on_from_there(
        self, monkeypatch: pytest.MonkeyPatch, source: str
    ) -> None:
        monkeypatch.setattr("adsift.stripping.MAX_ROUNDS", 2)
        result = separator(last_goes).strip(source)
        assert texts(result.kept) == ["a", "b"]
        assert texts(result.removed) == ["c", "d"]
        assert texts(separator().tag(result.text)) == ["a", "b"]
        assert texts(separator(last_goes).strip(result.text).removed) == ["a", "b"]

    def test_a_long_document_has_an_end_sooner(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("adsift.stripping.LONG", 3)
        monkeypatch.setattr("adsift.stripping.MAX_ROUNDS_LONG", 2)
        long, short = separator(last_goes).strip_many(["a\n\nb\n\nc\n\nd", "a\n\nb\n\nc"])
        assert (texts(long.kept), texts(long.removed)) == (["a", "b"], ["c", "d"])
        assert [paragraph.label for paragraph in long.kept] == ["news", "commerce"]
        assert (texts(short.kept), texts(short.removed)) == ([], ["a", "b", "c"])

    def test_what_is_cut_anew_has_the_index_of_what_it_was(self) -> None:
        # Without the offer no blank line is left, so that each line is a paragraph.
        source = "One\nTwo\nThree\n\nBuy a lamp"
        gone = {"One": "commerce", "Buy a lamp": "commerce"}
        sift = separator(lambda found: [gone.get(text, "news") for text in found])
        result = sift.strip(source, format="text")
        assert texts(result.kept) == ["Two", "Three"]
        assert texts(result.removed) == ["One", "Buy a lamp"]
        assert result.removed_indices == [0, 1]
        assert result.found == len(sift.tag(source, "text")) == 2

    @pytest.mark.parametrize("form", ["text", "html"])
    def test_of_equal_paragraphs_each_is_told_from_the_others(self, form: Any) -> None:
        def first_two_of_six(found: list[str]) -> list[str]:
            return ["commerce" if i < 2 and len(found) == 6 else "news" for i in range(len(found))]

        source = "\n\n".join("aaabbb") if form == "text" else "<p>".join(" aaabbb")
        result = separator(first_two_of_six).strip(source, format=form)
        assert texts(result.kept) == ["a", "b", "b", "b"]
        assert texts(result.removed) == ["a", "a"]
        if form == "text":
            assert [p.start for p in result.kept] == [6, 9, 12, 15]

    def test_many_equal_paragraphs_in_many_rounds(self) -> None:
        sift = separator(lambda found: ["commerce" if i % 2 else "news" for i in range(len(found))])
        result = sift.strip("<p>Same." * 5000, format="html")
        assert texts(result.kept) == ["Same."]
        assert len(result.removed) == 4999

    def test_lines_that_become_one_paragraph_are_not_removed(self) -> None:
        # Only the long line keeps the others apart.
        source = "One\ntwo\n\nthree\nBuy" + " a lamp" * 40
        result = separator().strip(source, format="text")
        assert result.text == "One\ntwo\n\nthree"
        assert texts(result.kept) == ["One two", "three"]
        assert [(p.start, p.end) for p in result.kept] == [(0, 7), (9, 14)]
        assert len(result.removed) == 1


class TestTrees:
    PAGE = (
        "<!DOCTYPE html><html><head><title>A</title></head>"
        "<body><p>One.</p><p>Buy a lamp.</p></body></html>"
    )
    LEFT = PAGE.replace("<p>Buy a lamp.</p>", "")

    @pytest.mark.parametrize("parser", ["html.parser", "lxml", "html5lib"])
    def test_a_caller_s_tree_is_not_touched(self, parser: str) -> None:
        soup = BeautifulSoup(self.PAGE, parser)
        before = str(soup)
        result = separator().strip(soup)
        (many,) = separator().strip_many([soup])
        assert str(soup) == before
        assert result.soup is not soup
        assert result.text == many.text == str(result.soup) == str(many.soup)
        assert "".join(result.text.split("\n")) == self.LEFT

    @pytest.mark.parametrize("parser", ["html.parser", "lxml"])
    def test_a_cleaned_copy_of_a_long_page_can_be_pickled(self, parser: str) -> None:
        page = self.PAGE.replace("<p>", "<p>More.</p>" * 2000 + "<p>", 1)
        source = BeautifulSoup(page, parser)
        result = separator().strip(source)
        assert result.soup is not None
        assert str(result.soup) == result.text
        for soup in (result.soup, pickle.loads(pickle.dumps(result)).soup):
            # Beautiful Soup pickles a page as its markup, and parses that anew.
            assert [*map(str, soup("p"))] == [str(p) for p in source("p") if "Buy" not in str(p)]
            words = soup.get_text(" ").split()
            assert words == source.get_text(" ").replace("Buy a lamp.", "").split()

    @pytest.mark.parametrize("parser", ["html.parser", "lxml", "html5lib"])
    def test_unless_it_is_to_be_cleaned_in_place(self, parser: str) -> None:
        soup = BeautifulSoup(self.PAGE, parser)
        result = separator().strip(soup, in_place=True)
        assert result.soup is soup
        assert [p.get_text() for p in soup("p")] == ["One."]
        assert result.text == str(soup)

    @settings(max_examples=50)
    @given(HTML, st.sampled_from(["html.parser", "lxml", "html5lib"]))
    def test_a_copy_is_cleaned_as_the_tree_itself_would_be(
        self, sift: Separator, source: str, parser: str
    ) -> None:
        copied = sift.strip(BeautifulSoup(source, parser), DROPS[1])
        cleaned = sift.strip(BeautifulSoup(source, parser), DROPS[1], in_place=True)
        assert copied.text == cleaned.text
        assert copied.removed == cleaned.removed
