from __future__ import annotations

from importlib.util import find_spec

import pytest

import adsift


@pytest.fixture(scope="session")
def accurate() -> adsift.Separator:
    """A separator with the shipped accurate tier."""
    missing = [name for name in ("onnxruntime", "tokenizers") if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; make test installs all of them")
    return adsift.load("accurate")
