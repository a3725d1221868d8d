"""The transformer in PyTorch, as it is trained; :mod:`.graph` is the same network as it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from accurate.graph import EPSILON
from adsift.model.classifier import KINDS, LABELS
from adsift.model.transformer.encoder import read_encoder
from adsift.model.transformer.network import Head, standardize
from adsift.model.transformer.sequences import CLS, SEP, Window

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

LAYERS, FROZEN, HEADS, SIZE, INNER = 6, 2, 12, 384, 1536
"""Of MiniLM; the first layers stay as published, which costs little and saves time and space."""

HIDDEN = 256
DROPOUT = 0.2
"""In the head alone: in the encoder it halves the speed and changes little in two passes."""

MASK, MASKED = 103, 0.07
"""The vocabulary's mask, which hides this share of the words in training."""


class Network(nn.Module):
    """Encoder and head; one document at a time."""

    def __init__(self, mean: np.ndarray, scale: np.ndarray) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        features = len(mean)
        published = read_encoder(range(LAYERS))
        embeddings = ("words", "positions", "embedding.norm.weight", "embedding.norm.bias")
        for name in embeddings:
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(published[name]))
        self.layers = nn.ModuleList(_Layer(number, published) for number in range(LAYERS))
        self.layers[:FROZEN].requires_grad_(False)
        self.inject = nn.Linear(features, SIZE)
        nn.init.zeros_(self.inject.weight)
        nn.init.zeros_(self.inject.bias)
        self.hidden = nn.Linear(3 * SIZE + features, HIDDEN)
        self.output = nn.Linear(HIDDEN, len(LABELS))
        # Two side tasks, which are not shipped: the commerce kind, and the page's mix of labels.
        self.kinds = nn.Linear(HIDDEN, len(KINDS))
        self.page = nn.Linear(2 * SIZE, len(LABELS))

    def forward(
        self, windows: list[Window], features: Tensor, counted: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of labels and kinds for each paragraph of the windows, and of the page's mix.

        Args:
            windows: of one document.
            features: standardized, of the windows' paragraphs, shape (m, features).
            counted: their weights in the page's mean, shape (m,).
        """
        sizes = [len(window.rows) for window in windows]
        states = torch.cat(
            [self._encode(w, f) for w, f in zip(windows, features.split(sizes), strict=True)]
        )
        shares = counted[:, None] / counted.sum()
        page = torch.cat([(states * shares).sum(0), states.max(0).values])
        seen = torch.cat([self._drop(states), page.expand(len(states), -1), features], 1)
        hidden = self._drop(functional.gelu(self.hidden(seen)))
        return self.output(hidden), self.kinds(hidden), self.page(self._drop(page))

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)

    def _encode(self, window: Window, features: Tensor) -> Tensor:
        tokens = torch.from_numpy(window.tokens)
        places = torch.from_numpy(window.places)
        if self.training:
            hide = (torch.rand(tokens.shape) < MASKED) & (tokens != SEP) & (tokens != CLS)
            tokens = torch.where(hide, MASK, tokens)
        with torch.no_grad():
            x = self.words[tokens] + self.positions[: len(tokens)]
            x = functional.layer_norm(
                x, (SIZE,), self.embedding_norm_weight, self.embedding_norm_bias, EPSILON
            )
            for layer in self.layers[:FROZEN]:
                x = layer(x)
        x = x.index_add(0, places, self.inject(features).to(x.dtype))
        for layer in self.layers[FROZEN:]:
            x = layer(x)
        return x[places]

    def standardize(self, features: np.ndarray) -> Tensor:
        """Context features as the network takes them."""
        return torch.from_numpy(standardize(features, self.mean, self.scale))

    def arrays(self) -> Arrays:
        """What a bundle holds of the network, matrices as (in, out)."""
        arrays: Arrays = {"inject.weight": _turned(self.inject), "inject.bias": _bias(self.inject)}
        for number in range(FROZEN, LAYERS):
            for name, part in self.layers[number].named_children():
                weight = _turned(part) if isinstance(part, nn.Linear) else _numpy(part.weight)
                arrays[f"layer.{number}.{name}.weight"] = weight
                arrays[f"layer.{number}.{name}.bias"] = _bias(part)
        dense = (self.hidden, self.output)
        head = Head(
            self.mean, self.scale, *(half(layer) for layer in dense for half in (_turned, _bias))
        )
        return arrays | {f"head.{name}": array for name, array in head._asdict().items()}


class _Layer(nn.Module):
    """One of BERT's layers (Devlin et al. 2019), with the published weights."""

    def __init__(self, number: int, published: Arrays) -> None:
        super().__init__()
        self.query = nn.Linear(SIZE, SIZE)
        self.key = nn.Linear(SIZE, SIZE)
        self.value = nn.Linear(SIZE, SIZE)
        self.output = nn.Linear(SIZE, SIZE)
        self.norm1 = nn.LayerNorm(SIZE, EPSILON)
        self.up = nn.Linear(SIZE, INNER)
        self.down = nn.Linear(INNER, SIZE)
        self.norm2 = nn.LayerNorm(SIZE, EPSILON)
        for name, part in self.named_children():
            weight = torch.from_numpy(published[f"layer.{number}.{name}.weight"])
            part.weight.data = weight.T.contiguous() if weight.ndim == 2 else weight
            part.bias.data = torch.from_numpy(published[f"layer.{number}.{name}.bias"])

    def forward(self, x: Tensor) -> Tensor:
        split = (len(x), HEADS, SIZE // HEADS)
        query, key, value = (
            part(x).view(split).transpose(0, 1)[None].float()
            for part in (self.query, self.key, self.value)
        )
        with torch.autocast("cpu", enabled=False):  # in bfloat16 this part is slower, not faster
            mixed = functional.scaled_dot_product_attention(query, key, value)[0]
        x = self.norm1(x + self.output(mixed.transpose(0, 1).reshape(len(x), SIZE)))
        return self.norm2(x + self.down(functional.gelu(self.up(x))))


def _numpy(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)


def _turned(layer: nn.Linear) -> np.ndarray:
    return _numpy(layer.weight.T)


def _bias(layer: nn.Module) -> np.ndarray:
    return _numpy(layer.bias)
