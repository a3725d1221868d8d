"""What the first line of a manifest must say for its run to be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from adsift.compression import Codec
from adsift.corpus.containers import NAMES
from adsift.corpus.options import Mode, OutputFormat
from adsift.corpus.record import Fields
from adsift.document import DOCUMENT_FORMATS
from adsift.errors import CorpusStartError


def check_header(header: Mapping[str, Any], where: str) -> None:
    """See that a header is as runs write it.

    Args:
        header: the first line of a manifest.
        where: how messages call the run.

    Raises:
        CorpusStartError: something is missing, or something else than what a run writes.
    """
    if wrong := _wrong(header):
        raise CorpusStartError(
            f"the manifest of {where} is damaged, or of another version of adsift: its first line "
            f"has no {wrong} as adsift writes it"
        )


def _wrong(header: Mapping[str, Any]) -> str:
    """What is not as it should be; empty if all is."""
    inputs, options = header.get("inputs"), header.get("options")
    if not isinstance(inputs, list) or not all(map(_is_input, inputs)):
        return "inputs"
    if not isinstance(options, dict):
        return "options"
    sound = {
        "mode": options.get("mode") in get_args(Mode),
        "output_format": options.get("output_format") in get_args(OutputFormat),
        "keep_patches": isinstance(options.get("keep_patches"), bool),
        "fields": _are_fields(options.get("fields")),
    }
    return next((f"options.{name}" for name, is_sound in sound.items() if not is_sound), "")


def _is_input(given: object) -> bool:
    if not isinstance(given, dict):
        return False
    named = isinstance(given.get("shown"), str) and isinstance(given.get("name"), str)
    return named and given.get("container") in NAMES and given.get("codec") in [*Codec]


def _are_fields(given: object) -> bool:
    known = {field.name for field in fields(Fields)}
    return (
        isinstance(given, dict)
        and given.keys() <= known
        and all(isinstance(name, str | None) for name in given.values())
        and given.get("format", "auto") in DOCUMENT_FORMATS
    )
