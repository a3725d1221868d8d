"""The transformer in PyTorch, as it is trained; :mod:`.graph` is the same network as it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from accurate.graph import EPSILON
from adsift.model.classifier import KINDS, LABELS
from adsift.model.transformer.network import Head, standardize
from adsift.model.transformer.nibbles import to_nibbles
from adsift.model.transformer.sequences import CLS, SEP, WINDOW, Window

if TYPE_CHECKING:
    from accurate.published import Published
    from adsift.model.bundle import Arrays

HIDDEN = 384
DROPOUT = 0.2
"""In the head alone: in the encoder it halves the speed and changes little in so few passes."""

MASKED = 0.07
"""Share of the words that the vocabulary's last entry, its mask, hides in training."""

PADDING = 1
"""The vocabulary's token of nothing."""

UNSEEN = -1e4
"""Added to the attention that padding would get."""

MATRICES = ("attention", "output", "up", "down")
NORMS = ("norm1", "norm2")


class Network(nn.Module):
    """Encoder and head; one document at a time.

    The embeddings and the first layers stay as published, which costs little, saves time, and keeps
    what a few hundred pages cannot teach. They are of four bits from the start, as the bundle will
    hold them, so that the other layers learn to live with it.
    """

    def __init__(self, published: Published, mean: np.ndarray, scale: np.ndarray) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        self.sizes, self.tokenizer = published.sizes, published.tokenizer
        self.count = published.count
        size, features = self.sizes.size, len(mean)
        arrays = published.arrays
        words = to_nibbles(arrays["words"]).matrix()
        self.register_buffer("words", torch.from_numpy(words))
        for ours, name in (
            ("positions", "positions"),
            ("norm_weight", "embedding.norm.weight"),
            ("norm_bias", "embedding.norm.bias"),
            ("distances", "attention.distances"),
        ):
            self.register_buffer(ours, torch.from_numpy(arrays[name]))
        self.layers = nn.ModuleList(
            _Layer(number, published, number < self.sizes.frozen)
            for number in range(self.sizes.layers)
        )
        self.inject = nn.Linear(features, size)
        nn.init.zeros_(self.inject.weight)
        nn.init.zeros_(self.inject.bias)
        self.hidden = nn.Linear(3 * size + features, HIDDEN)
        self.output = nn.Linear(HIDDEN, len(LABELS))
        # Two side tasks, which are not shipped: the commerce kind, and the page's mix of labels.
        self.kinds = nn.Linear(HIDDEN, len(KINDS))
        self.page = nn.Linear(2 * size, len(LABELS))

    def forward(
        self, windows: list[Window], features: Tensor, counted: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of labels and kinds for each paragraph of the windows, and of the page's mix.

        Args:
            windows: of one document.
            features: standardized, of the windows' paragraphs, shape (m, features).
            counted: their weights in the page's mean, shape (m,).
        """
        states = self._encode(windows, features)
        shares = counted[:, None] / counted.sum()
        page = torch.cat([(states * shares).sum(0), states.max(0).values])
        seen = torch.cat([self._drop(states), page.expand(len(states), -1), features], 1)
        hidden = self._drop(functional.gelu(self.hidden(seen)))
        return self.output(hidden), self.kinds(hidden), self.page(self._drop(page))

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)

    def _encode(self, windows: list[Window], features: Tensor) -> Tensor:
        longest = max(len(window.tokens) for window in windows)
        tokens = torch.full((len(windows), longest), PADDING)
        for row, window in enumerate(windows):
            tokens[row, : len(window.tokens)] = torch.from_numpy(window.tokens)
        lengths = torch.tensor([len(window.tokens) for window in windows])
        nothing = torch.arange(longest) >= lengths[:, None]
        if self.training:
            hide = (torch.rand(tokens.shape) < MASKED) & (tokens != SEP) & (tokens != CLS)
            tokens = torch.where(hide & ~nothing, len(self.words) - 1, tokens)
        own = torch.repeat_interleave(torch.tensor([len(window.rows) for window in windows]))
        places = own, torch.cat([torch.from_numpy(window.places) for window in windows])
        with torch.no_grad():
            bias = self._bias(nothing)
            x = self.words[tokens] + self.positions[:longest]
            x = functional.layer_norm(x, x.shape[-1:], self.norm_weight, self.norm_bias, EPSILON)
            for layer in self.layers[: self.sizes.frozen]:
                x = layer(x, bias)
        x = x.index_put(places, self.inject(features).to(x.dtype), accumulate=True)
        for layer in self.layers[self.sizes.frozen :]:
            x = layer(x, bias)
        return x[places].float()

    def _bias(self, nothing: Tensor) -> Tensor:
        """What is added to the attention, shape (windows, heads, length, length)."""
        counted = torch.arange(nothing.shape[1])
        ahead = counted[None] - counted[:, None]
        bias = self.distances[ahead + WINDOW - 1].permute(2, 0, 1)
        spread = bias[None].expand(len(nothing), -1, -1, -1)
        return spread.masked_fill(nothing[:, None, None], UNSEEN)

    def standardize(self, features: np.ndarray) -> Tensor:
        """Context features as the network takes them."""
        return torch.from_numpy(standardize(features, self.mean, self.scale))

    def arrays(self) -> Arrays:
        """What a bundle holds of the network: the encoder's matrices of four bits as (out, in), the
        others as (in, out)."""
        arrays: Arrays = {
            **to_nibbles(_numpy(self.words)).arrays("words"),
            "positions": _numpy(self.positions),
            "embedding.norm.weight": _numpy(self.norm_weight),
            "embedding.norm.bias": _numpy(self.norm_bias),
            "attention.distances": _numpy(self.distances),
            "inject.weight": _turned(self.inject),
            "inject.bias": _bias(self.inject),
        }
        for number, layer in enumerate(self.layers):
            for name in MATRICES:
                arrays |= to_nibbles(_numpy(getattr(layer, name).weight)).arrays(
                    f"layer.{number}.{name}"
                )
            for name in NORMS:
                arrays[f"layer.{number}.{name}.weight"] = _numpy(getattr(layer, name).weight)
            for name in (*MATRICES, *NORMS):
                arrays[f"layer.{number}.{name}.bias"] = _bias(getattr(layer, name))
        dense = (self.hidden, self.output)
        head = Head(
            self.mean, self.scale, *(half(layer) for layer in dense for half in (_turned, _bias))
        )
        return arrays | {f"head.{name}": array for name, array in head._asdict().items()}


class _Layer(nn.Module):
    """One of MPNet's layers, with the published weights."""

    def __init__(self, number: int, published: Published, frozen: bool) -> None:
        super().__init__()
        sizes = published.sizes
        self.heads = sizes.heads
        self.attention = nn.Linear(sizes.size, 3 * sizes.size)
        self.output = nn.Linear(sizes.size, sizes.size)
        self.norm1 = nn.LayerNorm(sizes.size, EPSILON)
        self.up = nn.Linear(sizes.size, sizes.inner)
        self.down = nn.Linear(sizes.inner, sizes.size)
        self.norm2 = nn.LayerNorm(sizes.size, EPSILON)
        for name, part in self.named_children():
            weight = published.arrays[f"layer.{number}.{name}.weight"]
            if frozen and name in MATRICES:
                weight = to_nibbles(weight).matrix()
            bias = published.arrays[f"layer.{number}.{name}.bias"]
            # Copies: training is not to change what was published.
            part.weight.data = torch.from_numpy(weight.copy())
            part.bias.data = torch.from_numpy(bias.copy())
        self.requires_grad_(not frozen)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        count, length, size = x.shape
        split = (count, length, 3, self.heads, size // self.heads)
        query, key, value = self.attention(x).view(split).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, bias.to(query.dtype))
        x = self.norm1(x + self.output(mixed.transpose(1, 2).reshape(x.shape)))
        return self.norm2(x + self.down(functional.gelu(self.up(x))))


def _numpy(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)


def _turned(layer: nn.Linear) -> np.ndarray:
    return _numpy(layer.weight.T)


def _bias(layer: nn.Module) -> np.ndarray:
    return _numpy(layer.bias)
