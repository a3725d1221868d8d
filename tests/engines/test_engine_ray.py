"""Ray Data: a worker that dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from engine_adapters import DROP, require, start_ray

import adsift
from adsift.errors import BundleError

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"


def test_an_actor_that_is_killed(tmp_path: Path, shipped: adsift.Separator) -> None:
    require("ray")
    import ray

    from adsift.engines.ray import AdsiftStrip

    flag = tmp_path / "killed"
    texts = [f"{NEWS} Part {number}.\n\n{PITCH}\n" for number in range(40)]

    # Made here, so that it travels by value: the actors do not know this file.
    class Deadly(AdsiftStrip):
        def __call__(self, block: Any) -> Any:
            if 23 in block["id"].to_pylist() and not flag.exists():
                flag.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(block)

    start_ray()
    source = pa.table({"id": range(len(texts)), "text": texts})
    blocks = ray.data.from_arrow([source.slice(start, 5) for start in range(0, 40, 5)])
    mapped: Any = blocks.map_batches(
        Deadly,
        fn_constructor_kwargs={"drop": DROP},
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=2),
    )
    found = pa.concat_tables(ray.get(mapped.to_arrow_refs())).sort_by("id")
    assert int(flag.read_text()) != os.getpid()
    assert found["text"].to_pylist() == [shipped.strip(text, DROP).text for text in texts]


def test_a_model_that_is_not_there() -> None:
    require("ray")
    from adsift.engines.ray import AdsiftStrip

    with pytest.raises(BundleError):
        AdsiftStrip(model="there/is/none")


@pytest.mark.parametrize("block", [{"text": [NEWS]}, [NEWS]])
def test_blocks_that_are_no_tables(block: Any) -> None:
    require("ray")
    from adsift.engines.ray import AdsiftStrip, AdsiftTag

    for step in (AdsiftStrip(), AdsiftTag()):
        with pytest.raises(adsift.AdsiftError, match='batch_format="pyarrow"'):
            step(block)
