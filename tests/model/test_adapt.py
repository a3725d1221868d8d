from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from seed_articles import SEEDS
from shops import C, N, bundle, document, documents

from adsift.document import CommerceKind, Label
from adsift.errors import LabelledDataError
from adsift.model.adapt import adapt
from adsift.model.adaptation.settings import AdaptSettings
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted
from adsift.model.labelled_document import LabelledDocument
from adsift.train.figures import label_scores


@pytest.fixture(scope="module")
def base(fitted: Fitted) -> Bundle:
    return bundle(fitted)


@pytest.fixture(scope="module")
def adapted(base: Bundle) -> Fitted:
    return adapt(base, documents(20))


class TestLearning:
    def test_a_new_shop_is_learnt(self, base: Bundle, adapted: Fitted) -> None:
        others = documents(12, first=100)
        before, after = label_scores(base, others), label_scores(bundle(adapted), others)
        assert after["F1 commerce"] > before["F1 commerce"] + 0.2
        assert after["macro-F1"] > 0.8

    def test_fewer_documents_than_there_are_parts_move_step_1_only(self, base: Bundle) -> None:
        few = adapt(base, documents(3))
        assert few.config["adapted"]["heads"]["plain"]["parts"] == 1
        assert (few.arrays["plain.output"] == base.arrays["plain.output"]).all()
        assert (few.arrays["plain.alone"] != base.arrays["plain.alone"]).any()
        assert few.config["temperature"] == base.config["temperature"]

    def test_kinds_are_learnt(self, base: Bundle) -> None:
        offers = [
            replace(d, kinds=[CommerceKind.MEMBERSHIP if k else None for k in d.kinds])
            for d in documents(20)
        ]
        classifier = Classifier(bundle(adapt(base, offers)))
        tagged = classifier.classify([d.paragraphs for d in documents(4, first=100)], [None] * 4)
        kinds = {p.kind for paragraphs in tagged for p in paragraphs if p.label == C}
        assert kinds == {CommerceKind.MEMBERSHIP}

    def test_kinds_are_learnt_where_labels_stay(self, base: Bundle) -> None:
        settings = AdaptSettings(penalties=(), output_penalties=())
        offers = [
            replace(d, kinds=[CommerceKind.MEMBERSHIP if k else None for k in d.kinds])
            for d in documents(20)
        ]
        found = adapt(base, offers, settings)
        assert found.config["adapted"]["heads"]["plain"]["penalty"] is None
        weights = found.arrays["plain.alone"] - base.arrays["plain.alone"]
        assert (weights[:, :4] == 0).all()
        assert (weights[:, 4:] != 0).any()

    def test_labels_as_the_base_would_draw_them_change_little(self, base: Bundle) -> None:
        articles = [seed.labelled() for seed in SEEDS if seed.format == "text"]
        paragraphs = [article.paragraphs for article in articles]
        said = Classifier(base).classify(paragraphs, [None] * len(articles))
        rng = np.random.default_rng(1)
        drawn = [
            replace(
                article,
                labels=[[*Label][rng.choice(4, p=[*p.probabilities.values()])] for p in tagged],
                kinds=[None] * len(tagged),
            )
            for article, tagged in zip(articles, said, strict=True)
        ]
        found = adapt(base, drawn)
        report = found.config["adapted"]["heads"]["plain"]
        assert (report["penalty"], report["output penalty"]) == (None, None)
        # By heart these could be known.
        eager = AdaptSettings(penalties=(1e-3,), output_penalties=(1e-3,))
        report = adapt(base, drawn, eager).config["adapted"]["heads"]["plain"]
        assert (report["penalty"], report["output penalty"]) == (None, None)
        again = Classifier(bundle(found)).classify(paragraphs, [None] * len(articles))
        moved = [
            abs(one.probabilities[label] - other.probabilities[label])
            for ones, others in zip(said, again, strict=True)
            for one, other in zip(ones, others, strict=True)
            for label in Label
        ]
        assert np.mean(moved) < 0.05


class TestWhatStays:
    def test_the_head_that_no_document_is_for(self, base: Bundle, adapted: Fitted) -> None:
        for name, array in base.arrays.items():
            if name.startswith("markup.") and ".risk." not in name:
                assert adapted.arrays[name] is array
        assert not any(".risk." in name for name in adapted.arrays)  # true of the base alone
        assert "risk" not in adapted.config
        old, new = base.config["temperature"], adapted.config["temperature"]
        assert old["markup"] == new["markup"]
        assert {*adapted.config["adapted"]["heads"]} == {"plain"}

    def test_a_head_with_one_label(self, base: Bundle) -> None:
        fitted = adapt(base, [*documents(20), *(document(n, "p", (C,)) for n in range(20))])
        assert fitted.arrays["markup.alone"] is base.arrays["markup.alone"]

    def test_both_heads_can_be_adapted_at_once(self, base: Bundle, adapted: Fitted) -> None:
        fitted = adapt(base, [*documents(20), *documents(20, tag="p")])
        assert {*fitted.config["adapted"]["heads"]} == {"markup", "plain"}
        name = "plain.alone"
        assert fitted.arrays[name].tobytes() == adapted.arrays[name].tobytes()
        assert fitted.arrays["markup.alone"].tobytes() != base.arrays["markup.alone"].tobytes()

    def test_unknown_arrays_and_configuration(self, base: Bundle) -> None:
        extra = np.ones(3, np.float32)
        arrays = {**base.arrays, "plain.extra": extra}
        config = {**base.config, "extra": {"a": 1}, "scores": {"html": {}}, "name": "b"}
        fitted = adapt(Bundle(config, arrays, ""), documents(20))
        assert fitted.arrays["plain.extra"] is extra
        assert fitted.config["extra"] == {"a": 1}
        assert "scores" not in fitted.config
        assert fitted.config["adapted"]["base"]["name"] == "b"

    def test_columns_that_no_document_has(self, base: Bundle, adapted: Fitted) -> None:
        same = (base.arrays["plain.alone"] == adapted.arrays["plain.alone"]).all(axis=1)
        assert 0.5 < same.mean() < 1.0

    def test_the_base_itself(self, base: Bundle) -> None:
        before = {name: array.tobytes() for name, array in base.arrays.items()}
        adapt(base, documents(6))
        assert before == {name: array.tobytes() for name, array in base.arrays.items()}


class TestRepeatability:
    def test_the_same_data_give_the_same_model(self, base: Bundle, adapted: Fitted) -> None:
        again = adapt(base, documents(20))
        assert again.config == adapted.config
        for name, array in again.arrays.items():
            assert array.tobytes() == adapted.arrays[name].tobytes()
            assert array.dtype == np.float32

    def test_the_seed_is_of_the_settings(self, base: Bundle) -> None:
        settings = AdaptSettings(seed=5, penalties=(1.0,))
        assert adapt(base, documents(6), settings).config["adapted"]["settings"]["seed"] == 5

    def test_progress_goes_from_the_beginning_to_the_end(self, base: Bundle) -> None:
        told: list[tuple[float, str]] = []
        both = [*documents(6), *documents(6, tag="p")]
        adapt(base, both, progress=lambda done, what: told.append((done, what)))
        shares = [done for done, _ in told]
        assert shares == sorted(shares)
        assert shares[0] == 0.0
        assert told[-1] == (1.0, "done")
        assert any(what.startswith("plain head: ") for _, what in told)


class TestErrors:
    @pytest.mark.parametrize(
        "data", [[], [document(1, labels=[None])], [document(n, labels=[N]) for n in range(9)]]
    )
    def test_too_little_data(self, base: Bundle, data: list[LabelledDocument]) -> None:
        with pytest.raises(LabelledDataError, match="nothing to adapt to"):
            adapt(base, data)

    @pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
    def test_weights_that_are_none(self, base: Bundle, weight: float) -> None:
        with pytest.raises(LabelledDataError, match="weight"):
            adapt(base, [replace(d, weight=weight) for d in documents(9)])

    def test_documents_without_weight_are_not_there(self, base: Bundle, adapted: Fitted) -> None:
        with pytest.raises(LabelledDataError, match="nothing to adapt to"):
            adapt(base, [replace(d, weight=0.0) for d in documents(9)])
        more = [*documents(20), *(replace(d, weight=0.0) for d in documents(3, first=50))]
        found = adapt(base, more)
        assert all((found.arrays[name] == array).all() for name, array in adapted.arrays.items())

    def test_labels_that_do_not_fit_the_paragraphs(self, base: Bundle) -> None:
        wrong = replace(document(7), labels=[N])
        with pytest.raises(LabelledDataError, match="has 4 paragraphs, 1 labels"):
            adapt(base, [*documents(6), wrong])


_THREADS = """
import sys
from pathlib import Path
from threadpoolctl import threadpool_info
sys.path.insert(0, sys.argv[1])
from shops import documents
from adsift.model.adapt import adapt
from adsift.model.bundle import read_bundle
found = set()
def note(done, what):
    if done < 1:
        found.update(library["num_threads"] for library in threadpool_info())
adapt(read_bundle(Path(sys.argv[2])), documents(20), progress=note)
print(sorted(found))
"""


def test_all_sums_are_taken_on_one_thread(bundle_folder: Path) -> None:
    # In a process of its own: in this one others have loaded all libraries long ago.
    run = subprocess.run(
        [sys.executable, "-c", _THREADS, str(Path(__file__).parent), str(bundle_folder)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[1]\n"
