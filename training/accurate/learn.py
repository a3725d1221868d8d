"""Train the transformer: labelled documents with step 1's signals in, a network out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from accurate.network import Network
from accurate.published import Published
from adsift.document import Label
from adsift.model.classifier import KINDS, LABELS
from adsift.model.context import context_features, read_layout
from adsift.model.examples import counted_words
from adsift.model.fit import LabelledDocument
from adsift.model.transformer.sequences import Encode, Window, make_windows
from adsift.model.transformer.tokens import make_tokenizer

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """A part of a training run, in which the learning rates rise and fall once.

    Attributes:
        passes: over the documents, each over one half of them, in turn; two show a page twice, as
            it is and as text.
        rate, head_rate: learning rates (AdamW) of the encoder's layers and of what is new.
    """

    passes: int
    rate: float
    head_rate: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Of a training run.

    Attributes:
        rounds: one after the other, without the sites that are held out.
        last: what follows on everything.
        written: share of the written documents that a pass takes, at random.
        documents: in a step.
        warmup: share of a round's steps in which the rates rise; then they fall to 0.
        windows: of a long document that a step takes, beginning at random.
        stripped: share of the documents that are shown as a strip leaves them.
        smoothing: of the labels.
        side: weight of the side tasks, commerce kinds and the page's mix of labels.
        bfloat16: whether matrices are multiplied in bfloat16. A step takes less than half of the
            time on a processor that has instructions for it, many times as long on one that has
            not.
        seed: of everything random.
    """

    rounds: tuple[Round, ...] = (Round(3, 6e-5, 8e-4),)
    last: tuple[Round, ...] = (Round(2, 5e-5, 5e-4),)
    written: float = 0.075
    documents: int = 6
    warmup: float = 0.08
    windows: int = 2
    stripped: float = 0.12
    smoothing: float = 0.03
    side: float = 0.2
    bfloat16: bool = False
    seed: int = 1


class Example:
    """A document ready for the network: its windows, and arrays with a row for each paragraph."""

    def __init__(self, document: LabelledDocument, signals: np.ndarray, encode: Encode) -> None:
        self.windows: list[Window] = make_windows(
            document.paragraphs, signals, document.url, encode
        )
        self.features = context_features(signals, read_layout([document.paragraphs]))
        self.counted = counted_words(document.paragraphs)
        self.weights = np.sqrt(self.counted / self.counted.sum())
        self.labels = np.array([LABELS.index(x) if x else -1 for x in document.labels])
        self.kinds = np.array([KINDS.index(x) if x else -1 for x in document.kinds])


Pair = tuple[LabelledDocument, np.ndarray]
"""A document and its signals, shape (paragraphs, SIGNALS)."""


def learn(
    pairs: Sequence[Pair],
    written: Sequence[Pair],
    rounds: Sequence[Round],
    settings: Settings,
    say: Say,
    start: Network | Published,
) -> Network:
    """Fine-tune a published encoder, or a network that has learned before, on labelled documents.

    Args:
        pairs: the signals must come from a step 1 that has not seen the document.
        written: pairs of which a pass takes but a share.
        rounds: of the training.
        settings: see :class:`Settings`.
        say: told of the progress.
        start: a network goes on from what it knows; it is changed.
    """
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    encode = _remembering(make_tokenizer(start.tokenizer, start.count))
    pairs = [*pairs, *written]
    real = len(pairs) - len(written)
    extra = range(real, len(pairs))
    examples = [Example(document, signals, encode) for document, signals in pairs]
    network = start if isinstance(start, Network) else _new(start, examples)
    network.train()
    for number, part in enumerate(rounds, start=1):
        turn = rng.random(real) < 0.5
        order = np.concatenate(
            [
                drawn(np.flatnonzero(turn == bool(index % 2)), extra, settings.written, rng)
                for index in range(part.passes)
            ]
        )
        steps = max(len(order) // settings.documents, 1)
        optimizer, schedule = _optimizer(network, part, settings.warmup * steps, steps)
        for step, batch in enumerate(np.array_split(order, steps), start=1):
            optimizer.zero_grad()
            for index in batch:
                example = examples[index]
                if rng.random() < settings.stripped:
                    example = _stripped(pairs[index], example, rng, encode)
                with torch.autocast("cpu", torch.bfloat16, settings.bfloat16):
                    loss = _loss(network, example, settings, rng)
                if loss is not None:
                    (loss / len(batch)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 20 == 0:
                say(f"round {number} of {len(rounds)}, step {step} of {steps}")
    return network.eval()


def _new(published: Published, examples: Sequence[Example]) -> Network:
    features = np.concatenate([example.features for example in examples])
    scale = features.std(axis=0)
    scale[scale < 1e-6] = 6e4  # what never varied has no say
    return Network(published, features.mean(axis=0), scale)


def drawn(rows: np.ndarray, written: range, share: float, rng: np.random.Generator) -> np.ndarray:
    """One pass's order over documents: all of the given rows, and some of the written."""
    some = written.start + np.flatnonzero(rng.random(len(written)) < share)
    return rng.permutation(np.concatenate([rows, some]))


def _remembering(encode: Encode) -> Encode:
    known: dict[str, list[int]] = {}

    def remembered(texts: list[str]) -> list[list[int]]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encode(new), strict=True))
        return [known[text] for text in texts]

    return remembered


def _optimizer(
    network: Network, part: Round, warmup: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    encoder = [p for p in network.layers.parameters() if p.requires_grad]
    known = {id(p) for p in network.layers.parameters()}
    new = [p for p in network.parameters() if id(p) not in known]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": part.rate}, {"params": new, "lr": part.head_rate}],
        betas=(0.9, 0.98),
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / warmup) * max(0.0, 1 - step / steps),
    )
    return optimizer, schedule


def _stripped(pair: Pair, example: Example, rng: np.random.Generator, encode: Encode) -> Example:
    kept = stripped_rows(example.labels, rng)
    if len(kept) == len(example.labels):
        return example
    document, signals = pair
    left = replace(
        document,
        paragraphs=[document.paragraphs[row] for row in kept],
        labels=[document.labels[row] for row in kept],
        kinds=[document.kinds[row] for row in kept],
    )
    return Example(left, signals[kept], encode)


def stripped_rows(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rows of a document without its commerce, or without its commerce and boilerplate; all
    of them if hardly any would be left."""
    drop = [Label.COMMERCE] if rng.random() < 0.5 else [Label.COMMERCE, Label.BOILERPLATE]
    kept = np.flatnonzero(~np.isin(labels, [LABELS.index(label) for label in drop]))
    return kept if len(kept) > 2 else np.arange(len(labels))


def _loss(
    network: Network, example: Example, settings: Settings, rng: np.random.Generator
) -> Tensor | None:
    """Cross-entropy of the labels, weighted as the score weighs paragraphs (square root), and of
    the side tasks; ``None`` if nothing is to be learned."""
    windows = example.windows
    if len(windows) > settings.windows:
        start = int(rng.integers(0, len(windows) - settings.windows + 1))
        windows = windows[start : start + settings.windows]
    if not windows:
        return None
    rows, scores, kind_scores, page = _run(network, example, windows)
    labels = torch.from_numpy(example.labels[rows])
    known = labels >= 0
    if not known.any():
        return None
    weights = torch.from_numpy(example.weights[rows])
    share = max(float(example.weights.sum()) * len(rows) / len(example.labels), 1e-3)
    errors = functional.cross_entropy(
        scores[known], labels[known], reduction="none", label_smoothing=settings.smoothing
    )
    loss = (errors * weights[known]).sum() / share
    kinds = torch.from_numpy(example.kinds[rows])
    sold = kinds >= 0
    if sold.any():
        errors = functional.cross_entropy(kind_scores[sold], kinds[sold], reduction="none")
        loss = loss + settings.side * (errors * weights[sold]).sum() / share
    mix = torch.zeros(len(LABELS))
    mix.index_add_(0, labels[known], torch.from_numpy(example.counted[rows])[known])
    return loss - settings.side * (mix / mix.sum() * functional.log_softmax(page, -1)).sum()


def _run(
    network: Network, example: Example, windows: list[Window]
) -> tuple[np.ndarray, Tensor, Tensor, Tensor]:
    rows = np.concatenate([window.rows for window in windows])
    features = network.standardize(example.features[rows])
    counted = torch.from_numpy(example.counted[rows])
    return (rows, *network(windows, features, counted))
