from __future__ import annotations

from explanations import TEXT

from adsift import Separator
from adsift.model.context import VIEWS
from adsift.model.explanation import ALONGSIDE, MEANING, ROUNDING
from adsift.model.heads import SHORT


class TestTagger:
    def test_reads_the_paragraph_and_those_beside_it(self, tagging: Separator) -> None:
        context = tagging.explain(TEXT, 4).in_context
        assert [view.name for view in context.views] == [
            MEANING,
            *(name for name, _ in VIEWS),
            ALONGSIDE,
            ROUNDING,
        ]
        own = next(part for part in context.paragraphs if part.index == 4)
        assert MEANING in own.views
        assert ALONGSIDE not in own.views
        assert any(ALONGSIDE in part.views for part in context.paragraphs)

    def test_says_what_each_word_means(self, tagging: Separator) -> None:
        document = "The lampposts of the bridge vote." + "\n\nBuy the lamp!" * SHORT
        meaning = tagging.explain(document, 0).in_context.views[0]
        words = {part.name: part.value for part in meaning.features}
        assert words == {"the": 2, "lampposts": 3, "of": 1, "bridge": 1, "vote": 1, ".": 1}
        sizes = [abs(part.contribution) for part in meaning.features]
        assert sizes == sorted(sizes, reverse=True)

    def test_short_documents_are_the_networks(self, tagging: Separator) -> None:
        context = tagging.explain("The lampposts of the bridge vote.", 0).in_context
        assert [view.name for view in context.views] == [name for name, _ in VIEWS]
