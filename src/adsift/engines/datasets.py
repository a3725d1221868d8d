"""Hugging Face datasets: those on disk, and those that stream.

>>> from adsift.engines.datasets import strip
>>> clean = strip(dataset)

A second run takes its result from the cache of ``datasets``, unless the options, the model or the
version of adsift are others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.columns import changed_columns
from adsift.engines.documents import identity
from adsift.engines.extras import need
from adsift.errors import AdsiftError

datasets = need("datasets", "datasets")
arrow = need("pyarrow", "datasets")

BATCH_SIZE = 256
"""Rows that are judged together."""


def strip(
    dataset: Any, num_proc: int | None = None, batch_size: int = BATCH_SIZE, **options: Any
) -> Any:
    """Strip the documents of a ``Dataset`` or an ``IterableDataset``, or of a dictionary of them.

    Args:
        dataset: has the columns of texts and, maybe, of addresses. One that streams and has a
            format gives that format to adsift too, so give it one after this.
        num_proc: processes, as for ``Dataset.map``; not for one that streams.
        batch_size: rows that are judged together.
        options: of :class:`adsift.engines.arrow.StripBatch`.

    Returns:
        The dataset with other texts and three columns more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(dataset, StripBatch(**options), num_proc, batch_size)


def tag(
    dataset: Any, num_proc: int | None = None, batch_size: int = BATCH_SIZE, **options: Any
) -> Any:
    """Tag the documents of a ``Dataset`` or an ``IterableDataset``, or of a dictionary of them.

    Args:
        dataset, num_proc, batch_size: as for :func:`strip`.
        options: of :class:`adsift.engines.arrow.TagBatch`.

    Returns:
        The dataset with two columns more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(dataset, TagBatch(**options), num_proc, batch_size)


@dataclass(frozen=True, slots=True)
class AdsiftBatch:
    """What ``dataset.map(…, batched=True)`` takes: a dictionary of lists in, the columns that
    change out; or, of a dataset in the format ``arrow``, a table in and a table out.

    Attributes:
        function: what to do.
    """

    function: StripBatch | TagBatch

    def __call__(self, batch: Any) -> Any:
        """Strip or tag a batch."""
        if isinstance(batch, arrow.Table):
            # The metadata name the types of the old columns alone.
            return self.function(batch.replace_schema_metadata())
        function = self.function
        if not isinstance(batch, Mapping):
            raise AdsiftError(
                "adsift takes batches as dictionaries or Arrow tables, not "
                f"{type(batch).__name__}: set such a format after this step, and give map no "
                "input_columns"
            )
        if isinstance(batch.get(function.text_column), (str, bytes)):
            raise AdsiftError("adsift takes batches: use map(…, batched=True)")
        size = len(next(iter(batch.values()), ()))
        changed = changed_columns(function, [*batch], size, lambda name: arrow.array(batch[name]))
        return {name: column.to_pylist() for name, column in changed.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        # datasets takes what pickling gives for the function's fingerprint.
        return _unpickled, (self.function, identity(self.function.model))


def _unpickled(function: StripBatch | TagBatch, _identity: str) -> AdsiftBatch:
    return AdsiftBatch(function)


adsift_batch = AdsiftBatch(StripBatch())
"""Strips commerce with the default model: ``dataset.map(adsift_batch, batched=True)``."""


def features(dataset: Any, function: StripBatch | TagBatch) -> Any:
    """The features of what comes out, for ``dataset.map(…, features=…)``.

    Without them ``datasets`` takes the types from the first rows, and an error that comes after
    many rows without one stops it.

    Args:
        dataset: a dataset whose features are known.
        function: what to do.

    Raises:
        AdsiftError: as for that function's ``output_schema``.
    """
    known = dataset.features
    schema = function.output_schema(known.arrow_schema.remove_metadata())
    new = arrow.schema([field for field in schema if field.name not in known])
    return datasets.Features({**known, **datasets.Features.from_arrow_schema(new)})


def _mapped(
    dataset: Any, function: StripBatch | TagBatch, num_proc: int | None, batch_size: int
) -> Any:
    if isinstance(dataset, dict):  # of splits
        return type(dataset)(
            {
                name: _mapped(split, function, num_proc, batch_size)
                for name, split in dataset.items()
            }
        )
    if not isinstance(dataset, (datasets.Dataset, datasets.IterableDataset)):
        raise AdsiftError(
            "adsift.engines.datasets takes a Dataset, an IterableDataset or a dictionary of them, "
            f"not {type(dataset).__name__}: Dataset.from_list and Dataset.from_dict make one"
        )
    arguments: dict[str, Any] = {"batched": True, "batch_size": batch_size}
    if dataset.features is not None:
        arguments["features"] = features(dataset, function)
    if isinstance(dataset, datasets.IterableDataset):
        # Not in the format arrow: behind a filter it gives tables of types that vary.
        return dataset.map(AdsiftBatch(function), **arguments)
    if not len(dataset):  # map would not call the function, nor add its columns
        columns: dict[str, list[Any]] = {name: [] for name in arguments["features"]}
        mapped = datasets.Dataset.from_dict(columns, arguments["features"])
    else:
        mapped = dataset.with_format("arrow").map(
            AdsiftBatch(function), num_proc=num_proc, desc="adsift", **arguments
        )
    form = dataset.format
    shown = form["columns"]
    if shown != dataset.column_names:
        shown = [*shown, *(name for name in mapped.column_names if name not in dataset.features)]
    else:
        shown = None
    return mapped.with_format(
        form["type"], shown, form["output_all_columns"], **form["format_kwargs"]
    )
