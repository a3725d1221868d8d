"""Outputs that would be written over each other, or over an input."""

from __future__ import annotations

import os
from collections.abc import Sequence

from adsift.corpus.below import below
from adsift.corpus.options import CleanOptions
from adsift.corpus.remote import is_remote
from adsift.corpus.sources import Source
from adsift.corpus.target import Target
from adsift.errors import CorpusStartError


def check_outputs(sources: Sequence[Source], options: CleanOptions, output: str) -> None:
    """See that each output has a place of its own.

    Raises:
        CorpusStartError: naming the inputs.
    """
    taken: dict[str, str] = {}
    inputs = {} if is_remote(output) else _places(sources)
    for source in sources:
        target = Target.of(source, options)
        names = {target.name, target.attributes} - {""}
        if target.single_files:
            names.update(file.name for file in source.files)
        for name in names:
            other = taken.setdefault(name, source.shown)
            if other != source.shown:
                raise CorpusStartError(
                    f"{other} and {source.shown} would both be written to {name}: clean them in "
                    "two runs"
                )
            place = os.path.realpath(below(output, name))
            if place in inputs:
                raise CorpusStartError(
                    f"{inputs[place]} would be overwritten: choose another output"
                )


def _places(sources: Sequence[Source]) -> dict[str, str]:
    return {
        os.path.realpath(file.path): file.shown
        for source in sources
        for file in source.files
        if file.system is None
    }
