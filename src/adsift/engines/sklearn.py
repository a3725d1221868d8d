"""A transformer for scikit-learn's pipelines, to stand before a vectorizer."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from adsift.document import Document, Format
from adsift.engines.documents import Failed, Stripping, known_drop, known_format, strip_documents
from adsift.errors import DocumentError
from adsift.policy import CONFIDENCE

Errors = Literal["raise", "keep"]


class AdsiftTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Strips documents. It learns nothing: ``fit`` checks the parameters.

    Documents are the strings or bytes of a list, an array or a column, shape (n,), and what comes
    out is an array of strings of shape (n,), which a vectorizer takes. A data frame or an array of
    one column, shape (n, 1), comes out in that shape. Where pages have addresses, give
    :class:`adsift.Document` objects, whose own format counts.

    Args:
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
        model: as for :func:`adsift.load`.
        errors: whether a document that cannot be read is an error, or keeps its text with a
            warning, as in the other engines.
    """

    def __init__(
        self,
        *,
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
        format: Format = "auto",
        model: str | None = None,
        errors: Errors = "raise",
    ) -> None:
        # As they are: scikit-learn's clone compares what comes out with what went in.
        self.drop = drop
        self.min_probability = min_probability
        self.max_content_loss = max_content_loss
        self.confidence = confidence
        self.format: Format = format
        self.model = model
        self.errors: Errors = errors

    def fit(self, X: Any, y: Any = None) -> AdsiftTransformer:  # noqa: ARG002, N803
        """Check the parameters, and that ``X`` holds documents.

        Raises:
            PolicyError: as for :meth:`adsift.Separator.strip`.
            DocumentError: one is no string, bytes or Document, or ``format`` or ``errors`` is
                unknown.
        """
        known_format(self.format)
        self._keeps()
        self._stripping()
        _documents(X)
        if hasattr(X, "columns"):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:  # noqa: N803
        """Both; of an iterator too, as a vectorizer takes it."""
        return super().fit_transform([*X] if isinstance(X, Iterator) else X, y, **fit_params)

    def transform(self, X: Any) -> Any:  # noqa: N803
        """Strip the documents.

        Returns:
            Their texts, of dtype object and of the shape of ``X``.

        Raises:
            PolicyError: as for :meth:`adsift.Separator.strip`.
            DocumentError: as for :meth:`fit`, or a document cannot be read and ``errors`` is
                ``raise``; its place from 0 is named.
            BundleError: the model cannot be loaded.

        Warns:
            UserWarning: documents keep their text, as they cannot be read.
        """
        keeps = self._keeps()
        documents, shape = _documents(X)
        results = strip_documents(
            [
                document if isinstance(document, Document) else Document(document, self.format)
                for document in documents
            ],
            self._stripping(),
            self.model,
        )
        texts = np.empty(len(documents), dtype=object)
        failed = []
        for index, result in enumerate(results):
            if not isinstance(result, Failed):
                texts[index] = result.text
            elif keeps:
                failed.append(f"document {index}: {result.reason}")
                texts[index] = _text(documents[index])
            else:
                raise DocumentError(f"document {index}: {result.reason}")
        if failed:
            warnings.warn(
                f"{len(failed)} of {len(documents)} documents cannot be read and keep their text; "
                f"the first is {failed[0]}",
                stacklevel=2,
            )
        return texts.reshape(shape)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The name of the one column that comes out: that of the one that went in, or ``text``."""
        if input_features is None:
            input_features = getattr(self, "feature_names_in_", ["text"])
        return np.asarray(input_features, dtype=object)

    def _stripping(self) -> Stripping:
        return Stripping(
            known_drop(self.drop), self.min_probability, self.max_content_loss, self.confidence
        )

    def _keeps(self) -> bool:
        if self.errors not in get_args(Errors):
            known = " or ".join(get_args(Errors))
            raise DocumentError(f"errors must be {known}, not {self.errors!r}")
        return self.errors == "keep"

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False  # as for text vectorizers
        tags.transformer_tags.preserves_dtype = []
        return tags


def _text(document: str | bytes | Document) -> str:
    source = document.source if isinstance(document, Document) else document
    return source.decode("utf-8", "replace") if isinstance(source, bytes) else str(source)


def _documents(X: Any) -> tuple[list[str | bytes | Document], tuple[int, ...]]:  # noqa: N803
    """The documents, and the shape that they came in."""
    if isinstance(X, (str, bytes)):
        raise DocumentError("give a list of documents, not a single one")
    if getattr(X, "shape", None) == ():
        raise DocumentError("give a list of documents, not an array of no dimension")
    shape = tuple(getattr(X, "shape", ())) or (-1,)
    if len(shape) > 1 and shape[1:] != (1,):
        raise DocumentError(f"documents are one column, not an array of shape {shape}")
    documents = list(np.asarray(X, dtype=object).ravel()) if len(shape) > 1 else list(X)
    for index, document in enumerate(documents):
        if not isinstance(document, (str, bytes, Document)):
            raise DocumentError(
                f"document {index} is {type(document).__name__}, not a string, bytes or Document"
            )
    return documents, shape
