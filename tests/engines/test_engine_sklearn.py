"""scikit-learn: pipelines, parameters, and its own checks of an estimator."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from seed_articles import SEEDS
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

import adsift
from adsift.engines.sklearn import AdsiftTransformer
from adsift.errors import DocumentError, PolicyError

TEXTS = [seed.source for seed in SEEDS[:8]]


@pytest.fixture(scope="module")
def expected(shipped: adsift.Separator) -> list[str]:
    return [shipped.strip(text).text for text in TEXTS]


class TestShapes:
    @pytest.mark.parametrize("make", [list, tuple, np.array, pd.Series])
    def test_one_dimension(self, make: Callable[..., Any], expected: list[str]) -> None:
        found = AdsiftTransformer().fit_transform(make(TEXTS))
        assert found.shape == (len(TEXTS),)
        assert list(found) == expected

    def test_one_column(self, expected: list[str]) -> None:
        frame = pd.DataFrame({"body": TEXTS}, index=range(10, 10 + len(TEXTS)))
        assert AdsiftTransformer().transform(frame).shape == (len(TEXTS), 1)
        framed = AdsiftTransformer().set_output(transform="pandas").fit(frame).transform(frame)
        assert list(framed["body"]) == expected
        assert list(framed.index) == list(frame.index)

    def test_bytes(self, expected: list[str]) -> None:
        assert list(AdsiftTransformer().transform([t.encode() for t in TEXTS])) == expected

    def test_documents_with_addresses(self, shipped: adsift.Separator) -> None:
        url = "https://news.example/a"
        documents = [adsift.Document(seed.source, seed.format, url) for seed in SEEDS[:8]]
        found = AdsiftTransformer(format="html").transform(documents)
        assert list(found) == [shipped.strip(document).text for document in documents]

    def test_none(self) -> None:
        assert AdsiftTransformer(model="there/is/none").fit_transform([]).shape == (0,)


class TestPipelines:
    def test_before_a_vectorizer(self, expected: list[str]) -> None:
        found = make_pipeline(AdsiftTransformer(), TfidfVectorizer()).fit_transform(TEXTS)
        assert (found != TfidfVectorizer().fit_transform(expected)).nnz == 0

    def test_in_a_column_transformer(self, expected: list[str]) -> None:
        frame = pd.DataFrame({"body": TEXTS, "year": range(len(TEXTS))})
        columns = make_column_transformer((AdsiftTransformer(), ["body"]), remainder="passthrough")
        found = columns.set_output(transform="pandas").fit_transform(frame)
        assert list(found["adsifttransformer__body"]) == expected

    def test_a_search_over_its_parameters(self) -> None:
        steps = make_pipeline(AdsiftTransformer(), TfidfVectorizer(), LogisticRegression())
        grid = {"adsifttransformer__drop": ["commerce", ("commerce", "boilerplate")]}
        search = GridSearchCV(steps, grid, cv=2).fit(TEXTS, [0, 1] * (len(TEXTS) // 2))
        assert len(search.cv_results_["mean_test_score"]) == 2

    def test_it_travels(self, expected: list[str]) -> None:
        made = AdsiftTransformer(drop=["commerce"], min_probability=0.0)
        copied = clone(made)
        assert copied.get_params() == made.get_params()
        assert list(pickle.loads(pickle.dumps(copied)).transform(TEXTS)) == expected
        assert list(made.get_feature_names_out()) == ["text"]


class TestMistakes:
    @pytest.mark.parametrize(
        ("documents", "message"),
        [
            ("one text", "a list of documents"),
            (["a", None], "document 1 is NoneType"),
            (["a", float("nan")], "document 1 is float"),
            (np.array([["a", "b"]]), r"not an array of shape \(1, 2\)"),
        ],
    )
    def test_of_documents(self, documents: Any, message: str) -> None:
        for method in ("fit", "transform"):
            with pytest.raises(DocumentError, match=message):
                getattr(AdsiftTransformer(), method)(documents)

    def test_of_parameters(self) -> None:
        with pytest.raises(PolicyError, match="no such label"):
            AdsiftTransformer(drop="adverts").fit(TEXTS)
        with pytest.raises(DocumentError, match="unknown format"):
            AdsiftTransformer(format="pdf").fit(TEXTS)  # type: ignore[arg-type]
        for method in ("fit", "transform"):
            with pytest.raises(DocumentError, match="errors must be raise or keep, not 'ignore'"):
                getattr(AdsiftTransformer(errors="ignore"), method)(TEXTS)  # type: ignore[arg-type]

    def test_a_bad_document(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def strip_many(*_: Any) -> Any:
            raise RuntimeError("no")

        monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
        with pytest.raises(DocumentError, match="document 0: RuntimeError: no"):
            AdsiftTransformer().transform(TEXTS)

    def test_bad_documents_that_keep_their_text(self, expected: list[str]) -> None:
        nested = "<div>" * 66_000
        mixed = [nested, *TEXTS[:2], b"%PDF-1.7\n\xff", adsift.Document(nested, "html")]
        with pytest.raises(DocumentError, match=r"document 0: .* elements are open"):
            AdsiftTransformer().fit_transform(mixed)
        with pytest.warns(UserWarning, match=r"^3 of 5 documents .*; the first is document 0: "):
            found = AdsiftTransformer(errors="keep").fit_transform(mixed)
        assert list(found) == [nested, *expected[:2], "%PDF-1.7\n\N{REPLACEMENT CHARACTER}", nested]


class OfNumbers(AdsiftTransformer):
    """Makes documents of rows of numbers, since the checks of scikit-learn have no texts."""

    def fit(self, X: Any, y: Any = None) -> OfNumbers:  # noqa: N803
        numbers = validate_data(self, X)
        super().fit(_texts(numbers), y)
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        numbers = validate_data(self, X, reset=not hasattr(self, "n_features_in_"))
        return np.array([len(text) for text in super().transform(_texts(numbers))])[:, None]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, True
        tags.input_tags.string = False
        return tags


def _texts(numbers: Any) -> list[str]:
    return [" and ".join(f"{number:.6f}" for number in row) for row in numbers]


@parametrize_with_checks([OfNumbers()])
def test_as_far_as_numbers_go(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_for_texts_scikit_learn_has_no_more_checks() -> None:
    # It leaves out all that hand over arrays of numbers, as for its own text vectorizers.
    from sklearn.utils.estimator_checks import check_estimator

    found = check_estimator(AdsiftTransformer())
    assert {row["status"] for row in found} == {"passed"}


def test_an_iterator_is_read_once() -> None:
    texts = AdsiftTransformer().fit_transform(text for text in TEXTS)
    assert list(texts) == list(AdsiftTransformer().fit_transform(TEXTS))


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(DocumentError, match="document 1: the source is a PDF file"):
        AdsiftTransformer().transform([b"The bridge is open.", b"%PDF-1.7 \x00\x01\xff"])


def test_an_array_of_no_dimension() -> None:
    with pytest.raises(DocumentError, match="no dimension"):
        AdsiftTransformer().fit(np.array("text", dtype=object))
