"""Marks for tests that hold of every seed, or of every choice of labels to drop."""

from __future__ import annotations

import pytest
from seed_articles import SEEDS

DROPS = [
    ("commerce",),
    ("commerce", "boilerplate"),
    ("news",),
    ("news", "analysis", "boilerplate", "commerce"),
]

each_drop = pytest.mark.parametrize("drop", DROPS, ids="+".join)
each_drop_with_bound = pytest.mark.parametrize("drop", DROPS[:2], ids="+".join)
each_seed = pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.path.name)
