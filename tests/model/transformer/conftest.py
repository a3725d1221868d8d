from __future__ import annotations

from importlib.util import find_spec

import pytest

import adsift
from adsift.model.bundle import find_bundle, read_bundle
from adsift.model.classifier import Classifier


@pytest.fixture(scope="session")
def accurate() -> adsift.Separator:
    """A separator with the shipped accurate tier."""
    missing = [name for name in ("onnxruntime", "tokenizers") if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; make test installs all of them")
    return adsift.load("accurate")


@pytest.fixture(scope="session")
def fast() -> Classifier:
    """The shipped fast model."""
    return Classifier(read_bundle(find_bundle("default")))
