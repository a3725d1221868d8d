from __future__ import annotations

import pytest
from tagging import tagger_bundle

from adsift import Separator
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted


@pytest.fixture(scope="session")
def tagging(fitted: Fitted) -> Separator:
    """A separator whose step 2 is a tagger."""
    return Separator(Classifier(tagger_bundle(fitted)))
