from __future__ import annotations

import gc
import gzip
import io
import pickle
import weakref
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas
import pytest
from bs4 import BeautifulSoup
from calibration import bundle_of, certain_down_to, lowest
from each import each_drop, each_drop_with_bound, each_seed
from rule_model import RuleClassifier, last_goes, separator, texts
from seed_articles import SEEDS, SENTENCES, Seed, seeds_of

from adsift import Document, DocumentError, Label, Paragraph, PolicyError, Separator
from adsift.batches import BATCH, BATCH_SIZE
from adsift.document import TaggedParagraph
from adsift.errors import BundleError, PolicyWarning, reason
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.risk import THRESHOLDS
from adsift.segment import Segmentation, segment
from adsift.stripping import StripRun

EMPTY: list[Any] = ["", " \n\t ", b"", b"\xef\xbb\xbf", "<html></html>", BeautifulSoup("", "lxml")]


# ------------------------------------------------------------------------------------------ tag


class TestTag:
    def test_all_sources_of_one_text_agree(self, sift: Separator) -> None:
        text = "\n\n".join(SENTENCES)
        tagged = sift.tag(text)
        assert len(tagged) == len(SENTENCES)
        assert sift.tag(text.encode()) == tagged
        assert sift.tag(bytearray(text.encode())) == tagged  # type: ignore[arg-type]
        assert sift.tag(Document(text)) == tagged

    @pytest.mark.parametrize("seed", seeds_of("html")[:4], ids=lambda seed: seed.path.name)
    def test_all_sources_of_one_page_agree(self, sift: Separator, seed: Seed) -> None:
        tagged = sift.tag(seed.source)
        assert sift.tag(seed.source.encode()) == tagged
        assert sift.tag(BeautifulSoup(seed.source, "html5lib")) == tagged

    @pytest.mark.parametrize("source", EMPTY, ids=repr)
    def test_a_source_without_text(self, sift: Separator, source: Any) -> None:
        assert sift.tag(source) == []

    @pytest.mark.parametrize(
        "source", [None, 7, ["a"], io.StringIO("a")], ids=lambda source: type(source).__name__
    )
    def test_a_source_of_a_wrong_type(self, sift: Separator, source: Any) -> None:
        with pytest.raises(DocumentError, match="str, bytes or a BeautifulSoup object, not"):
            sift.tag(source)
        with pytest.raises(DocumentError, match="str, bytes or a BeautifulSoup object, not"):
            sift.strip(source)

    @pytest.mark.parametrize("form", ["auto", "html", "text"])
    def test_bytes_that_are_no_text(self, sift: Separator, form: Any) -> None:
        for data in (gzip.compress(b"<p>The ferry sails.</p>"), b"%PDF-1.7", b"a\0\0b" * 9):
            with pytest.raises(DocumentError, match=r"the source is .*, not text"):
                sift.tag(data, format=form)
            with pytest.raises(DocumentError, match=r"the source is .*, not text"):
                sift.strip(data, format=form)

    def test_text_in_utf_16_may_have_many_zeros(self, sift: Separator) -> None:
        text = "Дождь шёл 3 дня. " * 9
        for name in ("utf-16le", "UTF-16BE"):
            source = Document(text.encode(name), "text", charset=name)
            assert [part.text for part in sift.tag(source)] == [text.strip()]

    def test_a_part_of_a_tree(self, sift: Separator) -> None:
        part = BeautifulSoup("<main><p>The ferry sails.</p></main>", "html.parser").main
        with pytest.raises(DocumentError, match=r"not Tag; of a part .* give its HTML, str\(tag\)"):
            sift.tag(part)  # type: ignore[arg-type]
        assert [p.text for p in sift.tag(str(part), format="html")] == ["The ferry sails."]

    def test_an_unknown_format(self, sift: Separator) -> None:
        with pytest.raises(DocumentError, match="unknown format 'pdf': use auto, text"):
            sift.tag("x", format="pdf")  # type: ignore[arg-type]

    @pytest.mark.parametrize("form", ["xml", None, 5])
    def test_an_unknown_format_of_a_tree(self, sift: Separator, form: Any) -> None:
        with pytest.raises(DocumentError, match=f"unknown format {form!r}: use auto, text"):
            sift.tag(BeautifulSoup("<p>One.", "html.parser"), format=form)

    @pytest.mark.parametrize("name", [5, float("nan")])
    def test_a_name_that_is_none(self, sift: Separator, name: Any) -> None:
        for source in ("One.", b"One."):
            with pytest.raises(DocumentError, match="the name must be str or None, not "):
                sift.tag(Document(source, name=name))


class TestDocumentFields:
    def test_format(self, sift: Separator) -> None:
        assert texts(sift.tag(Document("<p>a", format="html"))) == ["a"]
        assert texts(sift.tag(Document("<p>a", format="text"))) == ["<p>a"]

    def test_name(self, sift: Separator) -> None:
        assert texts(sift.tag(Document("# a", name="a.md"))) == ["a"]
        assert texts(sift.tag(Document("# a", name="a.txt"))) == ["# a"]

    def test_charset(self, sift: Separator) -> None:
        data = "Łódź".encode("iso8859-2")
        assert texts(sift.tag(Document(data, charset="iso-8859-2"))) == ["Łódź"]

    @pytest.mark.parametrize("field", ["url", "charset"])
    @pytest.mark.parametrize("value", [float("nan"), b"https://a.example", PurePath("a")])
    def test_a_field_of_a_wrong_type(self, sift: Separator, field: str, value: Any) -> None:
        document = Document(
            '<p><a href="https://b.example/">The lamp</a>', "html", **{field: value}
        )
        for use in (sift.tag, sift.strip, lambda one: sift.explain(one, 0)):
            with pytest.raises(DocumentError, match=f"the {field} must be str or None, not"):
                use(document)

    def test_url(self) -> None:
        sift = separator()
        sift.tag("a", url="https://a.example")
        sift.tag(Document("b", url="https://b.example"), url="https://ignored.example")
        [*sift.tag_many([Document("c", url="https://c.example"), "d"])]
        sift.strip("e", url="https://e.example")
        calls = sift.classifier.calls  # type: ignore[attr-defined]
        urls = ["https://a.example", "https://b.example", "https://c.example", None]
        assert [url for _, called in calls for url in called] == [*urls, "https://e.example"]

    def test_the_url_tells_own_links_from_paid_ones(self, sift: Separator) -> None:
        page = '<p><a href="https://www.amazon.com/dp/B0?tag=x-20">The lamp</a></p>' * 3
        (at_home, *_), (abroad, *_) = (
            sift.tag(page, format="html", url=url)
            for url in ("https://www.amazon.com/", "https://post.example/")
        )
        assert at_home.probabilities != abroad.probabilities


# ---------------------------------------------------------------------------------------- strip


class TestStrip:
    def test_of_text(self) -> None:
        source = "One.\n\nBuy a lamp.\n\nTwo.\n"
        result = separator().strip(source)
        assert result.text == "One.\n\nTwo.\n"
        assert texts(result.kept) == ["One.", "Two."]
        assert texts(result.removed) == ["Buy a lamp."]
        assert [(p.start, p.end) for p in result.kept] == [(0, 4), (19, 23)]
        assert [(p.start, p.end) for p in result.removed] == [(6, 17)]
        assert result.soup is None

    def test_of_html(self) -> None:
        page = "<html><head></head><body><p>One.</p><div><p>Buy a lamp.</p></div></body></html>"
        result = separator().strip(page)
        assert result.text == "<html><head></head><body><p>One.</p></body></html>"
        assert texts(result.removed) == ["Buy a lamp."]

    def test_of_bytes(self) -> None:
        page = "<meta charset=windows-1252><p>Øre.<p>Buy.".encode("cp1252")
        assert "<p>Øre.</p></body>" in separator().strip(page).text

    @pytest.mark.parametrize("source", EMPTY, ids=repr)
    def test_a_source_without_text(self, sift: Separator, source: Any) -> None:
        result = sift.strip(source, drop=[*Label])
        assert (result.kept, result.removed) == ([], [])
        expected = source.decode("utf-8-sig") if isinstance(source, bytes) else str(source)
        assert result.text == expected

    @pytest.mark.parametrize("drop", ["advert", ("commerce", "advert")])
    def test_an_unknown_label(self, sift: Separator, drop: Any) -> None:
        with pytest.raises(PolicyError, match="advert"):
            sift.strip("x", drop=drop)
        with pytest.raises(PolicyError, match="advert"):
            sift.strip_many(["x"], drop=drop)

    def test_bytes_are_no_names(self, sift: Separator) -> None:
        with pytest.raises(PolicyError, match="must be names, not bytes"):
            sift.strip("x", drop=b"commerce")  # type: ignore[arg-type]

    def test_a_number_that_is_no_probability(self, sift: Separator) -> None:
        with pytest.raises(PolicyError, match="from 0 to 1"):
            sift.strip("x", min_probability=50)

    @each_seed
    def test_nothing_to_drop_gives_back_the_very_source(self, sift: Separator, seed: Seed) -> None:
        result = sift.strip(seed.source, drop=())
        assert result.text == seed.source
        assert result.kept == sift.tag(seed.source)
        assert result.removed == []

    def test_who_is_not_sure_enough_drops_nothing(self, sift: Separator) -> None:
        source = "\n\n".join(SENTENCES)
        assert sift.strip(source, "commerce").removed
        assert sift.strip(source, "commerce", min_probability=1).text == source


# ---------------------------------------------------------------------------------------- many


class TestMany:
    SOURCES: tuple[Any, ...] = (
        *(seed.document for seed in SEEDS),
        *(seed.source.encode() for seed in SEEDS),
        *("", "One.", b"Two."),
    )

    def test_tags_are_those_of_each_alone(self, sift: Separator) -> None:
        assert [*sift.tag_many(self.SOURCES)] == [sift.tag(source) for source in self.SOURCES]

    @each_drop
    def test_strips_are_those_of_each_alone(self, sift: Separator, drop: tuple[str, ...]) -> None:
        many = [*sift.strip_many(self.SOURCES, drop)]
        assert many == [sift.strip(source, drop) for source in self.SOURCES]

    def test_the_policy_counts(self, sift: Separator) -> None:
        source = "\n\n".join(SENTENCES)
        (result,) = sift.strip_many([source], drop="commerce", min_probability=1)
        assert result.text == source

    def test_nothing_gives_nothing(self, sift: Separator) -> None:
        assert [*sift.tag_many([])] == []
        assert [*sift.strip_many(iter(()))] == []

    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    def test_no_more_than_a_batch_is_read_ahead(self, many: str) -> None:
        read = []

        def documents() -> Iterator[str]:
            for number in count():
                read.append(number)
                yield f"Paragraph {number}."

        results = getattr(separator(), many)(documents())
        assert read == []
        next(results)
        assert len(read) == BATCH
        [*islice(results, BATCH - 1)]
        assert len(read) == BATCH
        next(results)
        assert len(read) == 2 * BATCH

    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    @pytest.mark.parametrize(
        "kind",
        [
            str,
            str.encode,
            lambda text: bytearray(text, "utf-8"),
            lambda text: memoryview(text.encode()),
        ],
        ids=["str", "bytes", "bytearray", "memoryview"],
    )
    def test_large_documents_are_not_read_ahead(
        self, kind: Callable[[str], Any], many: str
    ) -> None:
        read = []

        def documents() -> Iterator[Any]:
            for number in count():
                read.append(number)
                yield kind("word " * (BATCH_SIZE // 5))

        next(getattr(separator(), many)(documents()))
        assert len(read) == 1

    @pytest.mark.parametrize("given", [1, BATCH - 1, BATCH, BATCH + 2])
    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    def test_what_came_before_an_iterator_fails_is_not_lost(self, many: str, given: int) -> None:
        def documents() -> Iterator[str]:
            for number in range(given):
                yield f"Paragraph {number}."
            raise OSError("the disk is gone")

        results = getattr(separator(), many)(documents())
        for number in range(given):
            result = next(results)
            kept = result if many == "tag_many" else result.kept
            assert texts(kept) == [f"Paragraph {number}."]
        with pytest.raises(OSError, match="the disk is gone"):
            next(results)

    @pytest.mark.parametrize("place", [0, 1, BATCH - 1, BATCH, BATCH + 2])
    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    def test_what_came_before_a_bad_document_is_not_lost(self, many: str, place: int) -> None:
        documents: list[Any] = [f"Paragraph {number}." for number in range(2 * BATCH)]
        documents[place] = b"%PDF-1.4 \n x"
        results = getattr(separator(), many)(documents)
        for number in range(place):
            result = next(results)
            kept = result if many == "tag_many" else result.kept
            assert texts(kept) == [f"Paragraph {number}."]
        with pytest.raises(DocumentError, match=rf"^document {place}: the source is a PDF file"):
            next(results)

    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    @pytest.mark.parametrize(
        ("bad", "which"),
        [
            (Document(b"%PDF-1.4 \n x", url="https://a.example", id="seven"), "seven"),
            (Document(b"%PDF-1.4 \n x", url="https://a.example"), "https://a.example"),
            (Document(b"%PDF-1.4 \n x", name="a.html"), "a.html"),
        ],
    )
    def test_a_bad_document_is_named(self, many: str, bad: Document, which: str) -> None:
        results = getattr(separator(), many)(["Good.", bad])
        next(results)
        with pytest.raises(DocumentError, match=rf"^document 1 \({which}\): the source") as caught:
            next(results)
        # As it comes out of another process.
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
        # Who has names of their own for documents tells no second one.
        assert reason(caught.value).startswith("the source is a PDF file")

    @pytest.mark.parametrize("many", ["tag_many", "strip_many"])
    def test_nor_is_it_before_a_mistake(self, many: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(document: Document) -> Segmentation:
            if document.source == "Bad.":
                raise RuntimeError("a mistake")
            return segment(document)

        monkeypatch.setattr("adsift.separator.segment", failing)
        monkeypatch.setattr("adsift.stripping.segment", failing)
        results = getattr(separator(), many)(["Good.", "Bad."])
        next(results)
        with pytest.raises(RuntimeError, match="a mistake"):
            next(results)

    def test_no_page_is_held_while_its_result_is_used(
        self, sift: Separator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held: weakref.WeakSet[StripRun] = weakref.WeakSet()

        class Held(StripRun):
            def __init__(self, document: Document) -> None:
                super().__init__(document)
                held.add(self)

        monkeypatch.setattr("adsift.separator.StripRun", Held)
        results = sift.strip_many([seed.source for seed in seeds_of("html")] * BATCH)
        next(results)
        gc.collect()
        assert not held

    def test_a_batch_is_one_call_of_the_model(self) -> None:
        sift = separator()
        [*sift.tag_many(["a"] * (BATCH + 1))]
        calls = sift.classifier.calls  # type: ignore[attr-defined]
        assert [len(documents) for documents, _ in calls] == [BATCH, 1]

    @pytest.mark.parametrize(
        "one",
        [
            *("One text.", b"One text.", bytearray(b"One text.")),
            *(Document("One text."), BeautifulSoup("<p>One text.", "html.parser")),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_one_text_is_no_collection(self, sift: Separator, one: Any) -> None:
        with pytest.raises(DocumentError, match="several documents, not one"):
            sift.tag_many(one)
        with pytest.raises(DocumentError, match="several documents, not one"):
            sift.strip_many(one)

    @pytest.mark.parametrize("named", [{"a": "One."}, pandas.DataFrame({"a": ["One."]})])
    def test_names_are_no_documents(self, sift: Separator, named: Any) -> None:
        for many in (sift.tag_many, sift.strip_many):
            with pytest.raises(DocumentError, match=r"not (dict|DataFrame): give its values, or"):
                many(named)
        assert [*sift.tag_many(pandas.Series(["One."]))]


# -------------------------------------------------------------------------- a bound on what is lost


class ScoredClassifier:
    """Takes the probabilities of commerce and boilerplate from a paragraph's first two words."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.calls = 0

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del memories
        del urls
        self.calls += 1
        return [[self._tagged(paragraph) for paragraph in document] for document in documents]

    def _tagged(self, paragraph: Paragraph) -> TaggedParagraph:
        commerce, boilerplate = map(float, paragraph.text.split()[:2])
        probabilities = {
            Label.NEWS: 1 - commerce - boilerplate,
            Label.ANALYSIS: 0.0,
            Label.BOILERPLATE: boilerplate,
            Label.COMMERCE: commerce,
        }
        label = max(probabilities, key=lambda label: probabilities[label])
        return TaggedParagraph(paragraph, label, None, probabilities)


class RuleClassifierWithBound(RuleClassifier):
    def __init__(self, rule: Callable[[list[str]], list[str]], bundle: Bundle) -> None:
        super().__init__(rule)
        self.bundle = bundle


def bounded(markup: float = 0.6, plain: float = 0.6, pages: int = 1000) -> Separator:
    bundle = bundle_of(certain_down_to(markup, pages), certain_down_to(plain, pages))
    return Separator(ScoredClassifier(bundle))  # type: ignore[arg-type]


class TestBound:
    """``max_content_loss``: the thresholds themselves are checked in ``model/test_risk.py``."""

    LINES = ("0.0 0.0 a", "0.5 0.2 b", "0.31 0.34 c", "0.7 0.0 d", "0.1 0.1 e")

    def test_what_is_probable_enough_goes(self) -> None:
        source = "\n\n".join(self.LINES)
        result = bounded().strip(source, max_content_loss=0.02)
        assert texts(result.removed) == ["0.7 0.0 d"]
        assert result.text == "\n\n".join(line for line in self.LINES if "d" not in line)

    def test_the_labels_to_drop_count_together_whichever_is_most_probable(self) -> None:
        source = "\n\n".join(self.LINES)
        result = bounded().strip(source, ("commerce", "boilerplate"), max_content_loss=0.02)
        assert texts(result.removed) == ["0.5 0.2 b", "0.31 0.34 c", "0.7 0.0 d"]
        assert [p.label for p in result.removed] == ["commerce", "news", "commerce"]
        result = bounded(plain=0.25).strip(source, "boilerplate", max_content_loss=0.02)
        assert texts(result.removed) == ["0.31 0.34 c"]

    def test_documents_with_and_without_markup_have_their_own_thresholds(self) -> None:
        sift = bounded(markup=0.25, plain=0.6)
        page = "".join(f"<p>{line}</p>" for line in self.LINES)
        text = "\n\n".join(self.LINES)
        on_page, in_text = sift.strip_many([page, text], max_content_loss=0.02)
        assert [line[-1] for line in texts(on_page.removed)] == ["b", "c", "d"]
        assert [line[-1] for line in texts(in_text.removed)] == ["d"]
        certificates = sift.certify("commerce", 0.02)
        assert {head: c.threshold for head, c in certificates.items()} == {
            "markup": lowest(0.25),
            "plain": lowest(0.6),
        }

    def test_what_is_left_is_not_judged_again(self) -> None:
        bundle = bundle_of(certain_down_to(0.6), certain_down_to(0.6))
        sift = Separator(RuleClassifierWithBound(last_goes, bundle))  # type: ignore[arg-type]
        source = "a\n\nb\n\nc\n"
        once = sift.strip(source, max_content_loss=0.02)
        assert (texts(once.kept), texts(once.removed)) == (["a", "b"], ["c"])
        # So a second strip is a second spend of the bound.
        assert texts(sift.strip(once.text, max_content_loss=0.02).removed) == ["b"]

    @each_drop_with_bound
    @each_seed
    def test_a_strip_takes_what_the_tags_say(
        self, sift: Separator, seed: Seed, drop: tuple[str, ...]
    ) -> None:
        calibrations = certain_down_to(0.3), certain_down_to(0.4)
        bundle = bundle_of(*calibrations, sift.classifier.bundle)
        with_bound = Separator(Classifier(bundle))
        tagged = with_bound.tag(seed.document)
        least = lowest(0.3 if any(p.tag for p in tagged) else 0.4)
        result = with_bound.strip(seed.document, drop, max_content_loss=0.02)
        expected = [
            p.text
            for p in tagged
            if sum(p.probabilities[Label(label)] for label in drop) >= least - 1e-7
        ]
        assert texts(result.removed) == expected
        assert tagged == sift.tag(seed.document)

    def test_who_changes_a_certificate_changes_no_strip(self) -> None:
        sift, source = bounded(), "0.9 0.0 a\n\n0.0 0.0 b"
        sift.certify("commerce", 0.02).clear()
        assert sift.certify("commerce", 0.02).keys() == {"markup", "plain"}
        result = sift.strip(source, max_content_loss=0.02)
        assert texts(result.removed) == ["0.9 0.0 a"]

    def test_nothing_goes_where_nothing_can_be_certified(self) -> None:
        sift = bounded(pages=20)
        source = "0.9 0.0 a\n\n0.0 0.0 b\n"
        with pytest.warns(PolicyWarning, match="nothing is removed from documents with") as caught:
            result = sift.strip(source, max_content_loss=0.02, confidence=0.9)
        assert (result.text, result.removed) == (source, [])
        assert caught[0].filename == __file__
        said = str(caught[1].message)
        assert "20 calibration pages" in said
        assert "confidence 0.9 " in said
        least = sift.certify("commerce", 0.02, 0.9)["plain"].smallest_bound
        assert least is not None
        assert f"the smallest bound that can be is {least:g}" in said
        assert sift.strip(source, max_content_loss=least, confidence=0.9).removed

    def test_a_bundle_without_calibration(self, sift: Separator) -> None:
        bundle = sift.classifier.bundle
        config = {key: value for key, value in bundle.config.items() if key != "risk"}
        sift = Separator(Classifier(Bundle(config, bundle.arrays, "")))
        for call in (sift.strip, lambda x, **k: sift.strip_many([x], **k)):
            with pytest.raises(PolicyError, match=r"no calibration for a bound: train it anew"):
                call("x", max_content_loss=0.02)

    @pytest.mark.parametrize("name", ["markup.risk.content", "plain.risk.commerce"])
    def test_a_damaged_calibration(self, name: str) -> None:
        sift = bounded()
        arrays = sift.classifier.bundle.arrays
        arrays[name] = arrays[name][1:]
        with pytest.raises(BundleError, match=r"has shape"):
            sift.certify("commerce", 0.02)
        arrays[name] = np.full((1000, len(THRESHOLDS)), np.nan, np.float32)
        with pytest.raises(BundleError, match=r"risk"):
            sift.certify("commerce", 0.02)

    @pytest.mark.parametrize(
        "thresholds", [None, 7, [], "x", [0.5, 0.9], [[0.9]], [2.0, 0.5], [10**400]]
    )
    def test_damaged_thresholds(self, thresholds: Any) -> None:
        sift = bounded()
        sift.classifier.bundle.config["risk"] = {"thresholds": thresholds}
        with pytest.raises(BundleError, match="thresholds"):
            sift.certify("commerce", 0.02)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"max_content_loss": 0.0}, "between 0 and 1, not 0.0"),
            ({"max_content_loss": 5}, "between 0 and 1, not 5"),
            ({"max_content_loss": float("nan")}, "between 0 and 1, not nan"),
            ({"max_content_loss": 0.1, "confidence": 1.0}, "confidence must be between"),
            ({"max_content_loss": 0.1, "drop": "news"}, "boilerplate or both, not news"),
            ({"max_content_loss": 0.1, "drop": ()}, "or both, not nothing"),
            ({"max_content_loss": 0.1, "drop": "advert"}, "no such label"),
            ({"max_content_loss": 0.1, "min_probability": 0.5}, "not both"),
            ({"confidence": 7}, "a bound on lost content, which is missing"),
            ({"confidence": 0.9, "min_probability": 0.5}, "which is missing"),
        ],
    )
    def test_a_bound_that_makes_no_sense(self, options: dict[str, Any], words: str) -> None:
        source = "0.9 0.0 a"
        with pytest.raises(PolicyError, match=words):
            bounded().strip(source, **options)
        with pytest.raises(PolicyError, match=words):
            bounded().strip_many([source], **options)
