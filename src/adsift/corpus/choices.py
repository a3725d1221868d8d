"""Checks of options as they are made: a value that nobody knows would pass for the usual one."""

from __future__ import annotations

from typing import Any, get_args

from adsift.errors import CorpusStartError, PolicyError


def check_choice(name: str, value: object, choices: Any) -> None:
    """See that an option has one of its values.

    Args:
        name: of the option, for the message.
        value: what was given.
        choices: a ``Literal`` of all values.

    Raises:
        CorpusStartError: it has another.
    """
    allowed = get_args(choices)
    if value not in allowed:
        raise CorpusStartError(f"no {name} {value!r}: choose one of {', '.join(allowed)}")


def check_count(name: str, value: object, least: int, most: int | None = None) -> None:
    """See that an option is a whole number, large enough and not too large.

    Args:
        name, value: as for :func:`check_choice`.
        least, most: what makes sense.

    Raises:
        PolicyError: it is not.
    """
    if not isinstance(value, int) or value < least or (most is not None and value > most):
        span = f"from {least} on" if most is None else f"from {least} to {most}"
        raise PolicyError(f"{name} must be a whole number {span}, not {value!r}")
