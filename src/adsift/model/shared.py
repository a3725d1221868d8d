"""A model that many processes hold together: its arrays lie in files that all of them map, so that
the system keeps each in memory once."""

from __future__ import annotations

import io
import json
from pathlib import Path

from adsift.model.bundle import Bundle
from adsift.model.load import Model, assemble, read_bundles

_CONFIG, _CARD, _GRAPH, _TOKENIZER = "config.json", "card.md", "graph.onnx", "tokenizer.json"


def share_model(name: str | Path | None, folder: Path) -> None:
    """Lay a model out to be mapped.

    Args:
        name: as for :func:`adsift.load`.
        folder: made if missing. It is not checked again when it is read, so it is for processes of
            one run, not for keeping.

    Raises:
        BundleError: as for :func:`adsift.load`.
        OSError: the folder cannot be written.
    """
    import numpy as np

    for number, bundle in enumerate(read_bundles(name)):
        place = folder / str(number)
        place.mkdir(parents=True, exist_ok=True)
        for array_name, array in bundle.arrays.items():
            # Into memory first: of a full disk NumPy does not say that it is one.
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            (place / f"{array_name}.npy").write_bytes(buffer.getbuffer())
        (place / _GRAPH).write_bytes(bundle.graph)
        (place / _TOKENIZER).write_bytes(bundle.tokenizer)
        (place / _CARD).write_text(bundle.card, encoding="utf-8")
        (place / _CONFIG).write_text(json.dumps(bundle.config), encoding="utf-8")


def load_shared(folder: Path) -> Model:
    """The model that lies in a folder; its arrays are mapped and read-only.

    Raises:
        OSError: it does not.
    """
    return assemble([_mapped(place) for place in sorted(folder.iterdir())])


def _mapped(place: Path) -> Bundle:
    import numpy as np

    return Bundle(
        json.loads((place / _CONFIG).read_text(encoding="utf-8")),
        {
            path.name.removesuffix(".npy"): np.load(path, mmap_mode="r", allow_pickle=False)
            for path in sorted(place.glob("*.npy"))
        },
        (place / _CARD).read_text(encoding="utf-8"),
        (place / _GRAPH).read_bytes(),
        (place / _TOKENIZER).read_bytes(),
    )
