from __future__ import annotations

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


@pytest.fixture(params=["compiled", "in Python"])
def model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Alone:
    if request.param == "in Python":
        monkeypatch.setattr(alone, "_compiled", None)
    elif alone._compiled is None:
        pytest.skip("the compiled core was not built")
    return Alone(WEIGHTS, BIAS)


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
        ("urls", "known"),
        [((None, None), [True, True]), ((None, "https://two.example/"), [False, True])],
        ids=str,
    )
    def test_save_what_is_known(
        self, model: Alone, urls: tuple[str | None, str | None], known: list[bool]
    ) -> None:
        memory, page = Memory(), [Paragraph("A vote", tag="p"), LINKED]
        memory.look(HEAD, page)
        model.score([page], [urls[0]], [memory])
        assert memory.now.scored is not None
        memory.now.scored.scores[:] = 7
        memory.cut([1, 0])
        memory.look(HEAD, page[::-1])
        scores, _ = model.score([page[::-1]], [urls[1]], [memory])
        assert (scores == 7).all(axis=1).tolist() == known
