from __future__ import annotations

import pytest
from explanations import TEXT, check_probability, check_sums, near

from adsift import Separator
from adsift.model import neighbourhood as module
from adsift.model.context import VIEWS


class TestNeighbours:
    @pytest.fixture
    def seen(self, sift: Separator) -> dict[str, list[int]]:
        """Which paragraphs each view of the sixth one of a page sees."""
        page = "<h2>One</h2>" + "<p>Two lanes open.</p>" * 2 + "<h2>News</h2>" + "<p>It is.</p>" * 4
        context = sift.explain(page, 5, format="html").in_context
        names = [name for name, _ in VIEWS]
        assert [view.name for view in context.views] == names
        return {
            name: [part.index for part in context.paragraphs if name in part.views]
            for name in names
        }

    @pytest.mark.parametrize(
        ("view", "expected"),
        [
            ("own", [5]),
            ("1 before", [4]),
            ("4 before", [1, 2, 3, 4]),
            ("2 after", [6, 7]),
            ("heading above", [3]),
            ("section", [3, 4, 5, 6, 7]),
            ("same build", [1, 2, 4, 5, 6, 7]),
            ("document", [0, 1, 2, 3, 4, 5, 6, 7]),
            ("size and place", []),
        ],
    )
    def test_who_is_seen(self, seen: dict[str, list[int]], view: str, expected: list[int]) -> None:
        assert seen[view] == expected

    def test_nobody_claims_length_and_place_nor_an_empty_window(self, sift: Separator) -> None:
        views = {view.name: view for view in sift.explain(TEXT, 0).in_context.views}
        for name in ("size and place", "1 before", "20 before"):
            assert views[name].unclaimed == views[name].contribution != 0
        for name in ("own", "1 after", "document"):
            assert views[name].unclaimed == near(0)

    def test_a_view_that_is_no_mean_stays_whole(
        self, sift: Separator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = sift.explain(TEXT, 4).in_context
        squares = [
            (name, lambda signals, layout, view=view: view(signals, layout) ** 2)
            if name == "own"
            else (name, view)
            for name, view in VIEWS
        ]
        monkeypatch.setattr(module, "VIEWS", squares)
        own = sift.explain(TEXT, 4).in_context.views[0]
        assert own.unclaimed == own.contribution
        assert own.contribution != before.views[0].contribution


class TestLongDocuments:
    """Longer than paragraphs are told apart."""

    def test_of_networks(self, sift: Separator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "NEAR", 3)
        monkeypatch.setattr(module, "CHUNK", 2)
        found = sift.explain("\n\n".join([TEXT] * 2), 10)
        assert [part.index for part in found.in_context.paragraphs] == [*range(7, 14)]
        check_sums(found)
        check_probability(found)

    def test_of_a_tagger(self, tagging: Separator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "NEAR", 3)
        found = tagging.explain("\n\n".join([TEXT] * 2), 10)
        assert [part.index for part in found.in_context.paragraphs] == [*range(7, 14)]
        check_sums(found)
