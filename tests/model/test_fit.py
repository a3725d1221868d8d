from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from adsift.document import CommerceKind, Label, Paragraph
from adsift.errors import LabelledDataError
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit import FittedAlone, fit, fit_alone
from adsift.model.fit_settings import Fitted, Settings
from adsift.model.heads import HEADS
from adsift.model.labelled_document import LabelledDocument

TINY = Settings(width=2**12, networks=1, hidden=8, epochs=2, iterations=5)
NEWS = "The council voted on Monday to close the bridge number {} for repairs."
PITCH = "Buy the lamp number {} today and save 25%, only $39!"


def document(group: int, labels: Sequence[Label | None], tag: str) -> LabelledDocument:
    texts = [PITCH if label == Label.COMMERCE else NEWS for label in labels]
    kinds = [CommerceKind.PRODUCT if label == Label.COMMERCE else None for label in labels]
    return LabelledDocument(
        [Paragraph(text.format(group), tag=tag) for text in texts],
        [*labels],
        [*kinds],
        f"site {group}",
    )


def documents(
    labels: Sequence[Label | None] = (Label.NEWS, Label.NEWS, Label.COMMERCE),
    groups: int = 6,
    tags: Sequence[str] = ("p", ""),
) -> list[LabelledDocument]:
    def turned(group: int) -> Sequence[Label | None]:  # so that a label does not go with a place
        start = group % len(labels)
        return [*labels[start:], *labels[:start]]

    return [document(group, turned(group), tag) for tag in tags for group in range(groups)]


def same(one: Fitted, other: Fitted) -> bool:
    assert one.arrays.keys() == other.arrays.keys()
    arrays = all(
        array.tobytes() == other.arrays[name].tobytes() for name, array in one.arrays.items()
    )
    return arrays and one.config == other.config


class TestRepeatability:
    def test_the_same_data_give_the_same_model(self) -> None:
        assert same(fit(documents(), TINY), fit(documents(), TINY))

    def test_whatever_the_number_of_processes(self) -> None:
        assert same(fit(documents(), TINY, jobs=1), fit(documents(), TINY, jobs=2))

    def test_another_seed_gives_another_model(self) -> None:
        assert not same(fit(documents(), TINY), fit(documents(), replace(TINY, seed=1)))


THOROUGH = replace(TINY, epochs=400, penalty=0.01, iterations=20)


@pytest.fixture(scope="module")
def two_labels() -> Fitted:
    return fit(documents(), THOROUGH)


class TestModel:
    @pytest.mark.parametrize("tag", ["p", ""])
    def test_two_labels_are_learnt_and_the_others_get_no_chance(
        self, two_labels: Fitted, tag: str
    ) -> None:
        classifier = Classifier(Bundle(two_labels.config, two_labels.arrays, ""))
        paragraphs = document(99, [Label.NEWS, Label.COMMERCE, Label.NEWS], tag).paragraphs
        (tagged,) = classifier.classify([paragraphs], [None])
        assert [p.label for p in tagged] == ["news", "commerce", "news"]
        for paragraph in tagged:
            assert paragraph.probabilities[Label.ANALYSIS] < 1e-3
            assert paragraph.probabilities[Label.BOILERPLATE] < 1e-3

    def test_a_kind_that_is_alone_is_given_to_all_commerce(self, two_labels: Fitted) -> None:
        classifier = Classifier(Bundle(two_labels.config, two_labels.arrays, ""))
        (tagged,) = classifier.classify(
            [document(0, [Label.NEWS, Label.COMMERCE], "p").paragraphs], [None]
        )
        assert tagged[1].kind == "product"

    def test_the_arrays_are_finite_and_in_single_precision(self, two_labels: Fitted) -> None:
        for array in two_labels.arrays.values():
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
        assert {name.split(".")[0] for name in two_labels.arrays} == {*HEADS}

    def test_the_configuration_tells_the_settings(self, two_labels: Fitted) -> None:
        assert Settings(**two_labels.config["settings"]) == THOROUGH


def all_bytes(found: FittedAlone) -> list[bytes]:
    """Of what a bundle would hold."""
    parts = [found.arrays, *(found.networks[head] for head in HEADS)]
    return [array.tobytes() for arrays in parts for array in arrays.values()]


class TestUnlabelled:
    def test_paragraphs_without_a_label_are_allowed(self) -> None:
        labels = [None, Label.NEWS, None, Label.COMMERCE]
        assert fit(documents(labels), TINY).arrays

    def test_documents_without_a_label_change_nothing(self) -> None:
        unlabelled = [document(group, [None], tag) for group in (50, 51) for tag in ("p", "")]
        assert same(fit([*unlabelled, *documents()], TINY), fit(documents(), TINY))

    def test_documents_without_labels_and_weight_have_signals_and_change_nothing(self) -> None:
        read = [replace(document(3, [None] * 2, tag), weight=0.0) for tag in ("p", "")]
        alone, more = fit_alone(documents(), TINY), fit_alone([*read, *documents()], TINY)
        assert all_bytes(alone) == all_bytes(more)
        assert [s.tobytes() for s in alone.signals] == [s.tobytes() for s in more.signals[2:]]
        # A paragraph has the same words in both, so step 1 of its group's part says the same.
        for seen, of_group in zip(more.signals[:2], (3, 9), strict=True):
            row = [p.text for p in documents()[of_group].paragraphs].index(NEWS.format(3))
            np.testing.assert_array_equal(seen[0, :4], alone.signals[of_group][row, :4])

    def test_empty_documents_change_nothing(self) -> None:
        assert same(fit([document(50, [], "p"), *documents()], TINY), fit(documents(), TINY))


class TestErrors:
    @pytest.mark.parametrize(
        ("data", "complaint"),
        [
            ([], "0 groups .* markup head, at least 4"),
            (documents(groups=3), "3 groups .* markup head, at least 4"),
            (documents(tags=["p"]), "0 groups .* plain head"),
            (documents(tags=[""]), "0 groups .* markup head"),
            (documents([None]), "0 groups .* markup head"),
            (documents([Label.NEWS]), "markup head's paragraphs all have the same label"),
        ],
    )
    def test_too_little_data(self, data: list[LabelledDocument], complaint: str) -> None:
        with pytest.raises(LabelledDataError, match=complaint):
            fit(data, TINY)

    def test_labels_that_do_not_fit_the_paragraphs(self) -> None:
        wrong = replace(document(7, [Label.NEWS], "p"), labels=[Label.NEWS, Label.NEWS])
        with pytest.raises(LabelledDataError, match="'site 7' has 1 paragraphs, 2 labels"):
            fit([*documents(), wrong], TINY)


class TestTeacher:
    def test_its_probabilities_are_learned_where_there_are_no_labels(self) -> None:
        """A document without labels and a teacher that knows them is as good as labelled."""
        taught = []
        for labelled in documents():
            known = np.eye(len(Label), dtype=np.float32)[
                [[*Label].index(label) for label in labelled.labels if label]
            ]
            # One label is left, since documents without any are left out.
            labels = [labelled.labels[0], *[None] * (len(labelled.labels) - 1)]
            taught.append(replace(labelled, labels=labels, taught=known))
        one, other = fit(taught, TINY), fit(documents(), TINY)
        for head in HEADS:
            ours, theirs = one.arrays[f"{head}.alone"], other.arrays[f"{head}.alone"]
            assert (ours[:, : len(Label)] == theirs[:, : len(Label)]).all()

    def test_labels_count_beside_it(self) -> None:
        wrong = np.tile(np.float32([0, 0, 1, 0]), (3, 1))
        taught = [replace(labelled, taught=wrong) for labelled in documents()]
        assert not same(fit(taught, TINY), fit(documents(), TINY))
        ignored = replace(TINY, distilled=0.0)
        one, other = fit(taught, ignored), fit(documents(), ignored)
        assert all((array == other.arrays[name]).all() for name, array in one.arrays.items())
