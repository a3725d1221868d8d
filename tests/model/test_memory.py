from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adsift.document import Paragraph
from adsift.model.memory import Memory, same_places

HEAD = object()
LINK = Paragraph(
    "more", 3, 7, "p", link_share=1.0, links=("/x",), rels=("ugc",), ancestors=("div", "p")
)


class TestSamePlaces:
    def test_are_those_of_paragraphs_that_have_not_changed(self) -> None:
        before = [LINK, Paragraph("lamp"), Paragraph("vote")]
        after = [replace(before[2]), replace(LINK), Paragraph("new"), Paragraph("lamp")]
        assert same_places(before, after, [2, 0, None, 1]).tolist() == [2, 0, -1, 1]

    @pytest.mark.parametrize(
        "change",
        [
            {"text": "less"},
            {"tag": "li"},
            {"link_share": 0.5},
            {"links": ("/y",)},
            {"links": ()},
            {"rels": ()},
            {"ancestors": ("nav", "p")},
        ],
        ids=str,
    )
    def test_of_one_that_has_become_another(self, change: dict[str, object]) -> None:
        changed = replace(LINK, **change)  # type: ignore[arg-type]
        assert same_places([LINK], [changed], [0]).tolist() == [-1]
        assert same_places([LINK, LINK], [LINK, changed], [0, 1]).tolist() == [0, -1]

    def test_where_it_stands_is_of_no_account(self) -> None:
        assert same_places([LINK], [replace(LINK, start=90, end=94)], [0]).tolist() == [0]

    def test_of_more_or_fewer_paragraphs_than_were_told(self) -> None:
        for after in ([], [LINK, LINK]):
            with pytest.raises(ValueError, match="zip"):
                same_places([LINK], after, [0])


class TestMemory:
    def test_knows_nothing_at_first(self) -> None:
        own = Memory()
        own.look(HEAD, [LINK])
        assert own.places.tolist() == [-1]
        assert own.before.scored is own.before.meant is None

    def test_of_a_document_of_which_nobody_said_what_has_become(self) -> None:
        own = Memory()
        own.look(HEAD, [LINK])
        own.look(HEAD, [LINK])
        assert own.places.tolist() == [-1]

    def test_what_a_cut_says_is_said_of_one_judgement(self) -> None:
        own = Memory()
        own.look(HEAD, [LINK])
        own.cut([0])
        own.look(HEAD, [LINK])
        assert own.places.tolist() == [0]
        own.look(HEAD, [LINK])
        assert own.places.tolist() == [-1]

    def test_another_head_knows_nothing(self) -> None:
        own = Memory()
        own.look(HEAD, [LINK])
        own.cut([0])
        own.look(object(), [LINK])
        assert own.places.dtype == np.int64
        assert own.places.tolist() == [-1]

    def test_more_paragraphs_than_a_cut_has_left_are_not_known(self) -> None:
        own = Memory()
        own.look(HEAD, [LINK])
        own.cut([0])
        own.look(HEAD, [LINK, LINK])
        assert own.places.tolist() == [-1, -1]
