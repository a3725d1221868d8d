"""Train the convolutional tagger of :mod:`adsift.model.transformer.tagger`: the same network in
PyTorch, with the vectors of word pieces still a network over the published embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from accurate.learn import Pair, Say, drawn, remembering, stripped_rows
from adsift.model.classifier import LABELS
from adsift.model.context import context_features, read_layout
from adsift.model.examples import counted_words
from adsift.model.transformer.encoder import read_encoder, read_tokenizer
from adsift.model.transformer.network import standardize
from adsift.model.transformer.tagger import EPSILON, LOWEST, SMALL, word_pieces

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

EMBEDDING = 384
"""Of the published encoder."""


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """Of a training run.

    Attributes:
        passes: over the documents.
        written: share of the written documents that a pass takes, at random.
        documents: in a step.
        rate: learning rate (AdamW), which rises for ``warmup`` steps and then falls to 0.
        decay: of the weights.
        dropout: of units; of word pieces it is ``hidden``.
        stripped: share of the documents that are shown as a strip leaves them.
        smoothing: of the labels.
        vector, means, units, width: see :class:`adsift.model.transformer.tagger.Tagger`.
        inner: hidden units of the network that makes the pieces' vectors.
        seed: of everything random.
    """

    passes: int = 4
    written: float = 0.3
    documents: int = 6
    rate: float = 1e-3
    warmup: int = 60
    decay: float = 0.05
    dropout: float = 0.3
    hidden: float = 0.1
    stripped: float = 0.15
    smoothing: float = 0.02
    vector: int = 64
    means: int = 2
    units: int = 160
    width: int = 5
    inner: int = 256
    seed: int = 1


class TaggerNetwork(nn.Module):
    """One document at a time."""

    def __init__(self, mean: np.ndarray, scale: np.ndarray, settings: TaggerSettings) -> None:
        super().__init__()
        self.mean, self.scale, self.settings = mean, scale, settings
        published = torch.from_numpy(read_encoder(range(0))["words"])
        self.register_buffer("published", functional.layer_norm(published, (EMBEDDING,)))
        size, means, units = settings.vector, settings.means, settings.units
        self.pieces = nn.Sequential(
            nn.Linear(EMBEDDING, settings.inner),
            nn.GELU(),
            nn.Linear(settings.inner, size + means),
        )
        self.inner = nn.Linear(means * size + size + len(mean), units)
        self.page = nn.Linear(2 * units, units)
        self.near = nn.Conv1d(units, units, settings.width, padding="same")
        self.far = nn.Conv1d(units, units, settings.width, padding="same")
        self.norm = nn.LayerNorm(units, EPSILON)
        self.output = nn.Linear(units, len(LABELS))

    def forward(self, pieces: list[list[int]], features: np.ndarray, counted: Tensor) -> Tensor:
        """Scores of the labels, shape (n, labels).

        Args:
            pieces: of each of the ``n`` paragraphs.
            features: of step 2, shape (n, F).
            counted: the paragraphs' weights in the page's mean, shape (n,).
        """
        standard = torch.from_numpy(standardize(features, self.mean, self.scale))
        pooled = torch.cat([*self._pool(pieces), standard], 1)
        x = functional.gelu(self.inner(self._drop(pooled)))
        whole = torch.cat([counted @ x / counted.sum(), x.max(0).values])
        x = x + functional.gelu(self.page(self._drop(whole)))
        for convolution in (self.near, self.far):
            x = x + self._drop(functional.gelu(convolution(x.T[None])[0].T))
        scores: Tensor = self.output(self._drop(self.norm(x)))
        return scores

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.settings.dropout, self.training)

    def _pool(self, pieces: list[list[int]]) -> list[Tensor]:
        every = np.concatenate([np.array(own, np.int64) for own in pieces])
        distinct, places = np.unique(every, return_inverse=True)
        made = self._made(torch.from_numpy(distinct))[torch.from_numpy(places)]
        vectors, weights = made[:, : self.settings.vector], made[:, self.settings.vector :].exp()
        if self.training:
            weights = weights * (torch.rand(len(every), 1) >= self.settings.hidden)
        count = len(pieces)
        row = torch.from_numpy(np.repeat(np.arange(count), [len(own) for own in pieces]))
        parts = []
        for weight in weights.T:
            total = torch.zeros(count, vectors.shape[1]).index_add(
                0, row, vectors * weight[:, None]
            )
            parts.append(total / (torch.zeros(count).index_add(0, row, weight)[:, None] + SMALL))
        lowest = torch.full((count, vectors.shape[1]), LOWEST)
        spread = row[:, None].expand(-1, vectors.shape[1])
        return [*parts, lowest.scatter_reduce(0, spread, vectors, "amax")]

    def _made(self, pieces: Tensor) -> Tensor:
        """Vectors and the logarithms of weights."""
        made: Tensor = self.pieces(self.published[pieces])
        size = self.settings.vector
        return torch.cat([made[:, :size], made[:, size:].clamp(-6, 6)], 1)

    @torch.no_grad()
    def arrays(self) -> Arrays:
        """What a bundle holds of the network, matrices as (in, out)."""
        made = self._made(torch.arange(len(self.published)))
        size = self.settings.vector
        arrays = {
            "vectors": made[:, :size].half(),
            "weights": made[:, size:].exp().half(),
            "mean": torch.from_numpy(self.mean),
            "scale": torch.from_numpy(self.scale),
        }
        for name in ("inner", "page", "output"):
            layer = getattr(self, name)
            arrays |= {name: layer.weight.T, f"{name}_bias": layer.bias}
        for name in ("near", "far"):
            layer = getattr(self, name)
            arrays |= {name: layer.weight.permute(2, 1, 0), f"{name}_bias": layer.bias}
        arrays |= {"norm": self.norm.weight, "norm_bias": self.norm.bias}
        return {
            f"tagger.{name}": np.ascontiguousarray(tensor.detach().numpy())
            for name, tensor in arrays.items()
        }


class _Example:
    """A document ready for the network, some of its paragraphs perhaps left out."""

    def __init__(self, pair: Pair, pieces: list[list[int]], rows: np.ndarray) -> None:
        document, signals = pair
        paragraphs = [document.paragraphs[row] for row in rows]
        self.pieces = [pieces[row] for row in rows]
        self.features = context_features(signals[rows], read_layout([paragraphs]))
        self.counted = torch.from_numpy(counted_words(paragraphs))
        labels = [document.labels[row] for row in rows]
        self.labels = torch.tensor([LABELS.index(x) if x else -1 for x in labels])


def learn_tagger(
    pairs: Sequence[Pair], written: Sequence[Pair], settings: TaggerSettings, say: Say
) -> TaggerNetwork:
    """Train the tagger from scratch: some minutes on one core.

    Args:
        pairs: the signals must come from a step 1 that has not seen the document.
        written: pairs of which a pass takes but a share.
        settings: see :class:`TaggerSettings`.
        say: told of the progress.
    """
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    encode = remembering(read_tokenizer())
    pairs, real = [*pairs, *written], len(pairs)
    pieces = [word_pieces(document.paragraphs, encode) for document, _ in pairs]
    examples = [
        _Example(pair, own, np.arange(len(own))) for pair, own in zip(pairs, pieces, strict=True)
    ]
    features = np.concatenate([example.features for example in examples[:real]])
    scale = features.std(axis=0)
    scale[scale < 1e-6] = 6e4  # what never varied has no say
    network = TaggerNetwork(features.mean(axis=0), scale, settings)
    network.train()
    order = np.concatenate(
        [drawn(real, len(written), settings.written, rng) for _ in range(settings.passes)]
    )
    steps = len(order) // settings.documents
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / settings.warmup) * max(0.0, 1 - step / steps),
    )
    for step, batch in enumerate(np.array_split(order, steps), start=1):
        optimizer.zero_grad()
        for index in batch:
            example = examples[index]
            if rng.random() < settings.stripped:
                rows = stripped_rows(example.labels.numpy(), rng)
                example = _Example(pairs[index], pieces[index], rows)
            loss = _loss(network, example, settings)
            if loss is not None:
                (loss / len(batch)).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            say(f"tagger, step {step} of {steps}")
    return network.eval()


def _loss(network: TaggerNetwork, example: _Example, settings: TaggerSettings) -> Tensor | None:
    """Cross-entropy, weighted as the score weighs paragraphs (square root)."""
    known = example.labels >= 0
    if not known.any():
        return None
    weights = (example.counted / example.counted.sum()).sqrt()
    scores = network(example.pieces, example.features, example.counted)
    errors = functional.cross_entropy(
        scores[known],
        example.labels[known],
        reduction="none",
        label_smoothing=settings.smoothing,
    )
    loss: Tensor = (errors * weights[known]).sum() / weights.sum()
    return loss
