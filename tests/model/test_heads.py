from __future__ import annotations

from adsift.document import Paragraph
from adsift.model.heads import head_of


class TestHeads:
    def test_one_tag_makes_markup(self) -> None:
        assert head_of([Paragraph("a"), Paragraph("b", tag="p")]) == "markup"
        assert head_of([Paragraph("a"), Paragraph("b")]) == "plain"
