from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hashing import BIAS, WEIGHTS

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import alone

core = compiled("alone")
pytestmark = pytest.mark.skipif(core is None, reason="the compiled core was not built")


@pytest.mark.parametrize(
    ("rows", "outputs", "biases"), [(0, 8, 8), (4, 8, 7), (4, 8, 0), (4, 0, 8)]
)
def test_weights_of_the_wrong_shape_are_refused(rows: int, outputs: int, biases: int) -> None:
    weights = np.zeros((rows, outputs), np.float32)
    with pytest.raises(ValueError, match="weights"):
        core.Scorer(weights, np.zeros(biases, np.float32))


def test_threads_share_a_scorer() -> None:
    # Addresses that are not ASCII are read in Python, where another thread may come in between.
    links = [(f"https://a.example/é{n}", f"https://b.example/é{n}") for n in range(100)]
    page = [Paragraph("x", tag="p", links=pair, ancestors=("div", "p")) for pair in links]
    urls = [f"https://{host}.example/" for host in "abab" * 4]
    expected = [alone.Alone(WEIGHTS, BIAS).score([page], [url])[0] for url in urls]
    shared, before = alone.Alone(WEIGHTS, BIAS), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda url: shared.score([page], [url])[0], urls))
    finally:
        sys.setswitchinterval(before)
    found += [shared.score([page], [url])[0] for url in urls]
    assert all(map(np.array_equal, found, expected * 2))


def test_no_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="column"):
        core.hash_documents([[Paragraph("x")]], [""], 0)


PARTS = (
    *("links", "tokens", "class_words", "facts"),
    *("text_features", "shape_features", "link_features", "ancestor_features", "features"),
)


@pytest.mark.parametrize("part", PARTS)
def test_without_one_of_its_parts_there_is_none_of_it(part: str) -> None:
    code = (
        "import sys; sys.modules[sys.argv[1]] = None\n"
        "from adsift.compiled import compiled; assert compiled('alone') is None"
    )
    subprocess.run([sys.executable, "-c", code, f"adsift.compiled.{part}"], check=True)
