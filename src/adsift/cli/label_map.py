"""What other names of labels stand for, by the option that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adsift.cli.exits import UsageError
from adsift.errors import LabelledDataError

if TYPE_CHECKING:
    from adsift.labelled.labels import LabelMap


def named_labels(label_map: str | None) -> LabelMap | None:
    """The names in the argument of ``--label-map``, if it was given.

    Raises:
        UsageError: the map is wrong.
    """
    if not label_map:
        return None
    from adsift.labelled import read_label_map

    try:
        return read_label_map(label_map)
    except LabelledDataError as error:
        raise UsageError(f"--label-map: {error}") from None
