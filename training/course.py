"""Training runs over whole documents, for step 2 of either tier: what a network is shown of a
document, and the loop that teaches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from adsift.document import Label
from adsift.model.context import context_features, read_layout
from adsift.model.examples import counted_words
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import LABELS, columns, indices
from adsift.model.tagger import page_weights, reads
from recipe import Schedule

Say = Callable[[str], None]

Pair = tuple[LabelledDocument, np.ndarray]
"""A document and its signals, shape (paragraphs, SIGNALS)."""


class Example:
    """What a network is shown of a document, of which some paragraphs are perhaps left out.

    Attributes:
        inputs: what it reads of each paragraph beside the context features.
        features: of the context, shape (n, F).
        letters: the paragraphs' weights in the page's mean, shape (n,).
        paragraphs: themselves.
        labels: their indices, -1 where nobody labelled them, shape (n,).
        weights: of the paragraphs in the loss, shape (n,).
    """

    def __init__(self, pair: Pair, inputs: Sequence[Any], rows: np.ndarray) -> None:
        document, signals = pair
        paragraphs = [document.paragraphs[row] for row in rows]
        layout = read_layout([paragraphs])
        features = context_features(signals[rows], layout)
        read = reads(features, layout.document)
        rows = rows[read]
        self.inputs = [inputs[row] for row in rows]
        self.features = features[read]
        self.letters = torch.from_numpy(page_weights(layout)[read].astype(np.float32))
        self.paragraphs = [document.paragraphs[row] for row in rows]
        labels = [document.labels[row] for row in rows]
        self.labels = torch.tensor(indices(labels, LABELS))
        self.weights = torch.from_numpy(np.sqrt(counted_words(self.paragraphs)))


class Course:
    """Training runs over the same documents, which differ in their seeds.

    Attributes:
        real: how many of the examples are pages with labels; the others were written.
        examples: whole documents.
        mean, scale: of the context features of the real ones, shape (F,).

    Args:
        pairs: documents with labels. The signals must come from a step 1 that has not seen the
            document.
        written: pairs of which a pass takes but a share.
        inputs: what is read of a document's paragraphs, one for each.
        schedule: see :class:`recipe.Schedule`.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        written: Sequence[Pair],
        inputs: Callable[[LabelledDocument], Sequence[Any]],
        schedule: Schedule,
    ) -> None:
        torch.set_num_threads(1)  # so that sums come out the same everywhere
        self.schedule = schedule
        real = [pair for pair in pairs if any(pair[0].labels)]
        self.real = len(real)
        self.pairs = [*real, *written]
        self.inputs = [inputs(document) for document, _ in self.pairs]
        self.examples = [
            Example(pair, own, np.arange(len(own)))
            for pair, own in zip(self.pairs, self.inputs, strict=True)
        ]
        features = np.concatenate([example.features for example in self.examples[: self.real]])
        self.mean, self.scale = features.mean(axis=0), features.std(axis=0)
        self.scale[self.scale < 1e-6] = 6e4  # what never varied has no say

    def train(
        self,
        network: nn.Module,
        seed: int,
        opinions: Sequence[Tensor] | None,
        say: Callable[[int, int], None],
    ) -> None:
        """Teach a network: some minutes on one core.

        Args:
            network: gives scores for an example, shape (n, labels).
            seed: of everything random from here on.
            opinions: for each document the probabilities of the paragraphs that are read, which
                count as much as its labels; shape (n, labels).
            say: told every few steps which step of how many it is.
        """
        schedule = self.schedule
        rng = np.random.default_rng(seed)
        network.train()
        rows, extra = np.arange(self.real), range(self.real, len(self.pairs))
        order = np.concatenate(
            [drawn(rows, extra, schedule.written, rng) for _ in range(schedule.passes)]
        )
        steps = max(len(order) // schedule.documents, 1)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=schedule.rate, weight_decay=schedule.decay
        )
        rates = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: min(1.0, (step + 1) / schedule.warmup) * max(0.0, 1 - step / steps),
        )
        for step, batch in enumerate(np.array_split(order, steps), start=1):
            optimizer.zero_grad()
            for index in batch:
                example = self.examples[index]
                opinion = opinions[index] if opinions is not None else None
                if rng.random() < schedule.stripped:
                    # Of what a strip leaves, nobody has an opinion.
                    example, opinion = self._stripped(index, rng), None
                if not (example.labels >= 0).any():
                    continue
                (_loss(network, example, opinion, schedule.smoothing) / len(batch)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            rates.step()
            if step % 400 == 0:
                say(step, steps)
        network.eval()

    @torch.no_grad()
    def opinions(self, network: nn.Module) -> list[Tensor]:
        """What a network thinks of the documents: probabilities, shape (n, labels)."""
        return [network(example).softmax(1) for example in self.examples]

    def _stripped(self, index: int, rng: np.random.Generator) -> Example:
        labels = self.pairs[index][0].labels
        left = stripped_rows(np.array(indices(labels, LABELS)), rng)
        return Example(self.pairs[index], self.inputs[index], left)


def drawn(rows: np.ndarray, written: range, share: float, rng: np.random.Generator) -> np.ndarray:
    """One pass's order over documents: all of the given rows, and some of the written."""
    some = written.start + np.flatnonzero(rng.random(len(written)) < share)
    return rng.permutation(np.concatenate([rows, some]))


def stripped_rows(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rows of a document without its commerce, or without its commerce and boilerplate; all
    of them if hardly any would be left."""
    drop = [Label.COMMERCE] if rng.random() < 0.5 else [Label.COMMERCE, Label.BOILERPLATE]
    kept = np.flatnonzero(~np.isin(labels, columns(drop)))
    return kept if len(kept) > 2 else np.arange(len(labels))


def teller(say: Say, name: str) -> Callable[[int, int], None]:
    """Says of a run of this name which step it is at."""
    return lambda step, steps: say(f"{name}, step {step} of {steps}")


def _loss(network: nn.Module, example: Example, opinion: Tensor | None, smoothing: float) -> Tensor:
    """Cross-entropy, weighted as the score weighs paragraphs (square root)."""
    scores = network(example)
    known = example.labels >= 0
    errors = functional.cross_entropy(
        scores[known], example.labels[known], reduction="none", label_smoothing=smoothing
    )
    loss: Tensor = (errors * example.weights[known]).sum()
    if opinion is not None:
        apart = -(opinion * scores.log_softmax(1)).sum(1)
        loss = (loss + (apart * example.weights).sum()) / 2
    return loss / example.weights.sum()
