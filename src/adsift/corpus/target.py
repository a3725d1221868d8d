"""What becomes of an input as a whole: the name of its output, and who writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from adsift.corpus.compression import Codec, without_suffix
from adsift.corpus.containers.files import Files
from adsift.corpus.convert import Converter
from adsift.corpus.options import CleanOptions
from adsift.corpus.sources import Source


class Joins(Protocol):
    """Whoever puts parts together."""

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """See :meth:`adsift.corpus.containers.base.Container.join`."""


@dataclass(frozen=True, slots=True)
class Target:
    """The output of an input.

    Attributes:
        stem: name that the files beside the output are called after.
        name: name of the output; empty if nothing is written but attributes.
        container: joins its parts.
        converter: makes its parts, if they are not of the input's format.
        codec: how each piece of it is compressed.
        single_files: whether each document has a file of its own, named in its part.
        attributes: name of the file of attributes; empty if there is none.
    """

    stem: str
    name: str
    container: Joins
    converter: Converter | None
    codec: Codec
    single_files: bool
    attributes: str

    @classmethod
    def of(cls, source: Source, options: CleanOptions) -> Target:
        """What becomes of this input."""
        beside = writes_attributes(source, options)
        attributes = f"{source.name}.jsonl.gz" if beside else ""
        if options.output_format != "same":
            stem = without_suffix(source.name)
            codec = Codec.NONE if options.output_format == "parquet" else source.codec
            name = f"{stem}.{options.output_format}{codec.suffix}"
            converter = Converter(options.output_format)
            return cls(source.name, name, converter, converter, codec, False, "")
        single = isinstance(source.container, Files)
        codec = source.codec if source.container.compressible else Codec.NONE
        name = "" if beside or single else source.name
        return cls(
            source.name, name, source.container, None, codec, single and not beside, attributes
        )


def writes_attributes(source: Source, options: CleanOptions) -> bool:
    """Whether the tags go into a file beside the corpus, which then is not copied."""
    if options.mode != "tag" or options.output_format != "same":
        return False
    if options.tags_in == "auto":
        return not source.container.stores_tags
    return options.tags_in == "attributes"
