from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from remembered import Rounds, rounds

from adsift.document import Paragraph
from adsift.model import alone
from adsift.model.alone import Alone
from adsift.model.memory import Memory

WEIGHTS = np.random.default_rng(0).normal(size=(2**10, 8)).astype(np.float32)
BIAS = np.arange(8, dtype=np.float32)
HEAD = object()
LINKED = Paragraph("The lamp", tag="p", links=("https://one.example/a",))


class CountingAlone(Alone):
    """Counts the paragraphs that it scores."""

    def __init__(self) -> None:
        super().__init__(WEIGHTS, BIAS)
        self.scored = 0

    def _score(
        self, documents: Sequence[Sequence[Paragraph]], owns: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        self.scored += sum(map(len, documents))
        return super()._score(documents, owns)


@pytest.fixture(params=["compiled", "in Python"])
def model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> CountingAlone:
    if request.param == "in Python":
        monkeypatch.setattr(alone, "_words", None)
    elif alone._words is None:
        pytest.skip("the compiled core was not built")
    return CountingAlone()


class TestMemories:
    # The model has no state but a count.
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(rounds(), min_size=1, max_size=3))
    @example([Rounds([[LINKED]] * 3, [[0], [0]], [None, "https://two.example/", None])])
    def test_change_no_number(self, model: Alone, documents: list[Rounds]) -> None:
        memories = [Memory() for _ in documents]
        for number in range(min(len(document.paragraphs) for document in documents)):
            pages = [document.paragraphs[number] for document in documents]
            urls = [document.urls[number] for document in documents]
            for document, page, memory in zip(documents, pages, memories, strict=True):
                if number:
                    memory.cut(document.left[number - 1])
                memory.look(HEAD, page)
            expected = model.score(pages, urls)
            found = model.score(pages, urls, memories)
            assert [array.tobytes() for array in found] == [array.tobytes() for array in expected]

    @pytest.mark.parametrize(
        ("urls", "scored"), [((None, None), 0), ((None, "https://two.example/"), 1)], ids=str
    )
    def test_save_what_is_known(
        self, model: CountingAlone, urls: tuple[str | None, str | None], scored: int
    ) -> None:
        memory, page = Memory(), [Paragraph("A vote", tag="p"), LINKED]
        memory.look(HEAD, page)
        model.score([page], [urls[0]], [memory])
        assert model.scored == 2
        memory.cut([1, 0])
        memory.look(HEAD, page[::-1])
        model.score([page[::-1]], [urls[1]], [memory])
        assert model.scored == 2 + scored
