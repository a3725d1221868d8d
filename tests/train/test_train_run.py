from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adsift.document import Label, Paragraph
from adsift.errors import LabelledDataError
from adsift.labelled.data import LabelledData
from adsift.model.adaptation.settings import AdaptSettings
from adsift.model.bundle import Bundle, read_bundle, write_bundle
from adsift.model.classifier import Classifier, has_tagger
from adsift.model.fit_settings import Fitted, Settings
from adsift.model.labelled_document import LabelledDocument
from adsift.train.run import check_split, remarks, train

sys.path.append(str(Path(__file__).parents[1] / "model"))
from tagging import tagger_bundle

N, C = Label.NEWS, Label.COMMERCE
TINY: dict[str, Any] = {"width": 2**12, "networks": 1, "hidden": 8, "epochs": 2, "iterations": 5}


def documents(first: int) -> list[LabelledDocument]:
    return [
        LabelledDocument(
            [Paragraph(f"The council voted on lamp {number} of {row}.") for row in range(9)],
            [N, C, N, N, C, N, N, C, N],
            [None] * 9,
            f"site {number}",
        )
        for number in range(first, first + 12)
    ]


def data(first: int) -> LabelledData:
    made = documents(first)
    return LabelledData(made, [["a line"] * len(document.paragraphs) for document in made])


def test_a_bundle_on_top_of_one_with_a_tagger_can_be_loaded(fitted: Fitted, tmp_path: Path) -> None:
    base = tagger_bundle(fitted)
    base = Bundle({**base.config, "name": "base"}, base.arrays, "")
    found = train(data(0), data(100), base)
    write_bundle(tmp_path, found.bundle)
    again = read_bundle(tmp_path)
    assert has_tagger(again)
    assert np.array_equal(again.arrays["pieces.hashes"], base.arrays["pieces.hashes"])
    paragraphs = documents(200)[0].paragraphs
    one, other = (Classifier(b).classify([paragraphs], [None]) for b in (found.bundle, again))
    assert one == other, "what was measured is what was written"


def test_remarks_tell_of_annotators_that_disagree() -> None:
    found = data(0)
    assert remarks(found, from_scratch=False) == []
    found.disputed = 2
    (remark,) = remarks(found, from_scratch=False)
    assert remark.startswith("the annotators of 2 records disagree")


def test_messages_name_a_place_once_and_quote_its_text() -> None:
    training, validation = data(0), data(0)
    for number in range(12):
        training.places[number] = [f"a:{number}"] * 9
        validation.places[number] = [f"b:{number}"] * 9
    with pytest.raises(LabelledDataError) as caught:
        check_split(training, validation)
    said = str(caught.value)
    assert "b:0 as in a:0 'The council voted on lamp 0 of 0.'; b:1 as in a:1 'The" in said
    assert said.count("b:0 ") == said.count("b:4 ") == 1
    assert "; and 7 more; take them out" in said


def test_texts_with_several_labels_are_quoted() -> None:
    found = data(0)
    found.add(replace(found.documents[0], labels=[C] * 9), ["another line"] * 9)
    (remark,) = remarks(found, from_scratch=False)
    assert remark == (
        "6 texts have several labels "
        "(a line news, another line commerce 'The council voted on lamp 0 of 0.')"
    )


@pytest.mark.parametrize("adapting", [True, False])
def test_where_the_data_lies_changes_nothing(fitted: Fitted, adapting: bool) -> None:
    found = []
    for path in "another/a.jsonl", "z.jsonl":
        mixed = data(0)
        for number, document in enumerate(mixed.documents):
            if number % 2:  # nobody has said of which site it is
                mixed.documents[number] = replace(document, group=f"{path}:{number}")
        if adapting:
            settings: Settings | AdaptSettings = AdaptSettings()
            base = Bundle({**fitted.config, "name": "base"}, fitted.arrays, "")
        else:
            settings, base = Settings(**TINY), None
        found.append(train(mixed, None, base, settings).bundle)
    one, other = found
    assert one.config == other.config
    for name, array in one.arrays.items():
        assert np.array_equal(array, other.arrays[name]), name


def test_what_weighs_nothing_is_not_measured(fitted: Fitted) -> None:
    light = data(100)
    light.documents = [replace(document, weight=0.0) for document in light.documents]
    found = train(data(0), light, Bundle({**fitted.config, "name": "base"}, fitted.arrays, ""))
    assert found.scores == {}
    assert "nothing was left to measure" in found.bundle.card


def weighing(*weights: float) -> LabelledData:
    """The data, its documents with these weights in turn."""
    made = data(0)
    made.documents = [
        replace(document, weight=weights[number % len(weights)])
        for number, document in enumerate(made.documents)
    ]
    return made


@pytest.mark.parametrize("adapting", [True, False])
def test_nothing_is_learned_from_what_weighs_nothing(fitted: Fitted, adapting: bool) -> None:
    base = Bundle({**fitted.config, "name": "base"}, fitted.arrays, "") if adapting else None
    with pytest.raises(LabelledDataError, match="all documents have the weight 0"):
        train(weighing(0.0), None, base)
    (remark,) = remarks(weighing(0.0, 1.0, 1.0), from_scratch=False)
    assert remark.startswith("4 documents have the weight 0")


@pytest.mark.parametrize("light", [0.0, 1e-300])
def test_documents_without_weight_do_not_make_up_for_labels_that_lack(light: float) -> None:
    mixed = weighing(1.0, light, light, 1.0)
    for number, document in enumerate(mixed.documents):
        if document.weight == 1.0:
            mixed.documents[number] = replace(document, labels=[N] * 9)
    with pytest.raises(LabelledDataError, match="all 54 labelled paragraphs have the label news"):
        train(mixed, None, None, Settings(**TINY))


@pytest.mark.parametrize("adapting", [True, False])
@pytest.mark.parametrize("weight", [5e-324, 1e-300, 2.0**-40, 2.0**18])
def test_only_the_proportions_of_weights_matter(
    fitted: Fitted, adapting: bool, weight: float
) -> None:
    base = Bundle({**fitted.config, "name": "base"}, fitted.arrays, "") if adapting else None
    settings: Settings | AdaptSettings = AdaptSettings() if adapting else Settings(**TINY)
    one, other = (train(weighing(w), None, base, settings).bundle for w in (1.0, weight))
    for name, array in one.arrays.items():
        assert np.allclose(array, other.arrays[name], atol=1e-3), name
