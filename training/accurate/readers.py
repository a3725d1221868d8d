"""Train the readers of :mod:`adsift.model.transformer.reader`: the same layers in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from adsift.model.probabilities import LABELS
from adsift.model.tagger import CLIP
from course import Course, Example, Pair, Say, teller
from recipe import ReaderSettings

if TYPE_CHECKING:
    from accurate.encode import States
    from adsift.model.bundle import Arrays


class ReaderNetwork(nn.Module):
    """One document at a time.

    Args:
        states: of all texts; an example's inputs are rows of its table.
        learnt: the rows that are learned from.
        mean, scale: of the context features.
        settings: see :class:`recipe.ReaderSettings`.
    """

    def __init__(
        self,
        states: States,
        learnt: np.ndarray,
        mean: np.ndarray,
        scale: np.ndarray,
        settings: ReaderSettings,
    ) -> None:
        super().__init__()
        self.table, self.settings = states.table, settings
        some = self.table[learnt].astype(np.float32)
        self.states_mean, self.states_scale = some.mean(axis=0), some.std(axis=0) + 1e-3
        self.mean, self.scale = mean, scale
        own, units = settings.own, settings.units
        self.states = nn.Linear(self.table.shape[1], own)
        self.inner = nn.Linear(own + len(mean), units)
        self.page = nn.Linear(2 * units, units)
        self.near = nn.Conv1d(units, units, settings.width, padding="same")
        self.far = nn.Conv1d(units, units, settings.width, padding="same")
        self.output = nn.Linear(units, len(LABELS))

    def forward(self, example: Example) -> Tensor:
        """Scores of the labels, shape (n, labels)."""
        states = self.table[example.inputs].astype(np.float32)
        read = functional.relu(
            self.states(self._drop(_standard(states, self.states_mean, self.states_scale)))
        )
        context = _standard(example.features, self.mean, self.scale)
        x = functional.relu(self.inner(self._drop(torch.cat([read, context], 1))))
        whole = torch.cat([example.letters @ x / example.letters.sum(), x.max(0).values])
        x = x + functional.relu(self.page(self._drop(whole)))
        x = self._convolved(self._convolved(x, self.near), self.far)
        scores: Tensor = self.output(self._drop(x))
        return scores

    def _convolved(self, x: Tensor, convolution: nn.Conv1d) -> Tensor:
        return x + self._drop(functional.relu(convolution(x.T[None])[0].T))

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.settings.dropout, self.training)

    @torch.no_grad()
    def arrays(self) -> Arrays:
        """What a bundle holds of the network, matrices as (in, out)."""
        arrays = {
            "states_mean": self.states_mean,
            "states_scale": self.states_scale,
            "mean": self.mean,
            "scale": self.scale,
        }
        for name in ("states", "inner", "page", "output"):
            layer = getattr(self, name)
            arrays |= {name: layer.weight.T.numpy(), f"{name}_bias": layer.bias.numpy()}
        for name in ("near", "far"):
            layer = getattr(self, name)
            arrays[name] = layer.weight.permute(2, 1, 0).numpy()
            arrays[f"{name}_bias"] = layer.bias.numpy()
        return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def learn_readers(
    pairs: Sequence[Pair],
    written: Sequence[Pair],
    states: States,
    settings: ReaderSettings,
    numbers: range,
    say: Say,
) -> Arrays:
    """Train readers that differ in their seeds alone: some minutes on one core for each.

    Args:
        pairs, written: as for :class:`course.Course`.
        states: of all their paragraphs.
        settings: see :class:`recipe.ReaderSettings`.
        numbers: theirs in the bundle; the seeds follow them.
        say: told of the progress.
    """
    course = Course(
        pairs,
        written,
        lambda document: states.rows_of([p.text for p in document.paragraphs]),
        settings.schedule,
    )
    learnt = np.unique([row for inputs in course.inputs for row in inputs])
    arrays: Arrays = {}
    for number in numbers:
        torch.manual_seed(settings.seed + number)
        network = ReaderNetwork(states, learnt, course.mean, course.scale, settings)
        name = f"reader {number}"
        course.train(network, settings.seed + number, None, teller(say, name))
        arrays |= {f"reader.{number}.{part}": array for part, array in network.arrays().items()}
    return arrays


def _standard(x: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Tensor:
    return torch.from_numpy(np.clip((x - mean) / scale, -CLIP, CLIP).astype(np.float32))
