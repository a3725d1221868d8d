"""What holds for every explanation, for tests."""

from __future__ import annotations

import math
from typing import Any

import pytest
from seed_articles import SENTENCES

from adsift import Explanation
from adsift.model.explanation import ALONGSIDE, MEANING, ROUNDING
from adsift.model.tracing import TOLERANCE

TEXT = "\n\n".join(SENTENCES)


def near(number: float, miss: float = 0.0) -> Any:
    return pytest.approx(number, abs=1e-6 + miss)


def check_sums(found: Explanation) -> None:
    alone, context = found.alone, found.in_context
    assert alone.bias + sum(part.contribution for part in alone.words) == near(alone.score)
    tagger = any(view.name == MEANING for view in context.views)
    miss = 2 * TOLERANCE * (1 + abs(context.score) + abs(context.baseline)) if tagger else 0.0
    by_view = sum(view.contribution for view in context.views)
    assert context.baseline + by_view == near(context.score, miss)
    by_paragraph = sum(part.contribution for part in context.paragraphs)
    assert context.baseline + context.unclaimed + by_paragraph == near(context.score, miss)
    for view in context.views:
        if view.name not in (ALONGSIDE, ROUNDING):
            assert sum(part.contribution for part in view.features) == near(view.contribution)
        claimed = sum(part.views.get(view.name, 0.0) for part in context.paragraphs)
        assert claimed + view.unclaimed == near(view.contribution)


def check_probability(found: Explanation) -> None:
    probability = found.paragraph.probabilities[found.label]
    assert 1 / (1 + math.exp(-found.in_context.score)) == pytest.approx(probability, abs=2e-5)
