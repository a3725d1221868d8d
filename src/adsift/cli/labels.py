"""What a strip takes out, by the options that say so."""

from __future__ import annotations

from adsift.cli.exits import UsageError
from adsift.errors import PolicyError
from adsift.policy import CONFIDENCE, Bound, Policy


def chosen_labels(
    drop: str, min_probability: float, max_content_loss: float | None, confidence: float
) -> tuple[str, ...]:
    """The labels to drop, from names with commas between.

    Args:
        drop: the names.
        min_probability, max_content_loss, confidence: as for :meth:`adsift.Separator.strip`.

    Raises:
        UsageError: there is no such label, or the conditions on them make no sense.
    """
    labels = tuple(name.strip() for name in drop.split(",") if name.strip())
    if not labels:
        raise UsageError("--drop names no label")
    try:
        Policy.of(labels, min_probability)
        if max_content_loss is not None:
            Bound.of(labels, max_content_loss, confidence)
    except PolicyError as error:
        raise UsageError(str(error)) from None
    if max_content_loss is not None and min_probability:
        raise UsageError("--min-probability and --max-content-loss cannot be used together")
    return labels


def chosen_confidence(confidence: float | None, max_content_loss: float | None) -> float:
    """How sure a bound must be.

    Raises:
        UsageError: there is no bound.
    """
    if confidence is not None and max_content_loss is None:
        raise UsageError("--confidence is that of --max-content-loss, which is missing")
    return CONFIDENCE if confidence is None else confidence
