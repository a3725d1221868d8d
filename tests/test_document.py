from __future__ import annotations

from dataclasses import Field, FrozenInstanceError, fields, replace
from typing import Any

import pytest

from adsift.document import CommerceKind, Document, Label, Paragraph, TaggedParagraph

PARAGRAPH = Paragraph("Buy a lamp.", 10, 21, "p", 0.5, ("https://lamps.example",))
PROBABILITIES = {
    Label.NEWS: 0.1,
    Label.ANALYSIS: 0.05,
    Label.BOILERPLATE: 0.15,
    Label.COMMERCE: 0.7,
}
TAGGED = TaggedParagraph(PARAGRAPH, Label.COMMERCE, CommerceKind.PRODUCT, PROBABILITIES)


def test_labels_are_strings() -> None:
    assert TAGGED.label == "commerce"
    assert TAGGED.kind == "product"
    assert f"{TAGGED.label}/{TAGGED.kind}" == "commerce/product"
    assert TAGGED.probabilities["commerce"] == 0.7  # type: ignore[index]
    assert [*Label] == ["news", "analysis", "boilerplate", "commerce"]
    assert [*CommerceKind] == ["product", "disclosure", "sponsored", "membership"]


def test_a_tagged_paragraph_shows_its_paragraph() -> None:
    assert (TAGGED.text, TAGGED.start, TAGGED.end) == ("Buy a lamp.", 10, 21)
    assert (TAGGED.tag, TAGGED.links) == ("p", ("https://lamps.example",))
    assert TAGGED.probability == 0.7


@pytest.mark.parametrize("field", fields(Paragraph), ids=lambda field: field.name)
def test_each_field_of_a_paragraph_is_one_of_the_tagged_one(field: Field[Any]) -> None:
    values = {"rels": ("sponsored",), "ancestors": ("main", "p")}
    paragraph = replace(PARAGRAPH, **values)  # type: ignore[arg-type]
    tagged = replace(TAGGED, paragraph=paragraph)
    assert getattr(tagged, field.name) == getattr(paragraph, field.name)


def test_a_tagged_paragraph_can_be_in_a_set() -> None:
    assert len({TAGGED, TAGGED}) == 1


@pytest.mark.parametrize("thing", [Document("x"), PARAGRAPH, TAGGED])
def test_nothing_can_be_changed(thing: object) -> None:
    name = "source" if isinstance(thing, Document) else "text"
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        setattr(thing, name, "y")
