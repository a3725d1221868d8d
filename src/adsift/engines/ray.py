"""Ray Data: actors that each hold the model.

>>> from adsift.engines.ray import AdsiftStrip
>>> actors = ray.data.ActorPoolStrategy(size=2)
>>> clean = dataset.map_batches(AdsiftStrip, batch_format="pyarrow", compute=actors)

Options go by ``fn_constructor_kwargs``. An actor whose process dies is started again by Ray, and
what it had not delivered is done anew; the result is the same.
"""

from __future__ import annotations

from typing import Any

from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.documents import separator
from adsift.engines.extras import need
from adsift.errors import AdsiftError

need("ray.data", "ray")
arrow = need("pyarrow", "ray")


class AdsiftStrip:
    """Strips blocks; the options are those of :class:`adsift.engines.arrow.StripBatch`."""

    def __init__(self, **options: Any) -> None:
        """Load the model.

        Raises:
            AdsiftError: an option makes no sense, or the model cannot be loaded.
        """
        self._strip = StripBatch(**options)
        separator(self._strip.model)

    def __call__(self, block: Any) -> Any:
        """Strip a ``pyarrow.Table``; see :class:`adsift.engines.arrow.StripBatch`."""
        return self._strip(_table(block))


class AdsiftTag:
    """Tags blocks; the options are those of :class:`adsift.engines.arrow.TagBatch`."""

    def __init__(self, **options: Any) -> None:
        """As for :class:`AdsiftStrip`."""
        self._tag = TagBatch(**options)
        separator(self._tag.model)

    def __call__(self, block: Any) -> Any:
        """Tag a ``pyarrow.Table``; see :class:`adsift.engines.arrow.TagBatch`."""
        return self._tag(_table(block))


def _table(block: Any) -> Any:
    if isinstance(block, arrow.Table):
        return block
    raise AdsiftError(
        f"adsift takes blocks as Arrow tables, not {type(block).__name__}: call map_batches with "
        'batch_format="pyarrow"'
    )
