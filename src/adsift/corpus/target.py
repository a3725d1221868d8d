"""What becomes of an input as a whole: the name of its output, and who writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, Protocol

from adsift.compression import Codec, named_codec
from adsift.corpus.attributes import attribute_paths
from adsift.corpus.containers.files import Files
from adsift.corpus.convert import Conversion, conversion
from adsift.corpus.kinds import without_endings
from adsift.corpus.options import CleanOptions
from adsift.corpus.sources import Source
from adsift.paths import with_ending


class Joins(Protocol):
    """Whoever puts parts together; both as in :class:`adsift.corpus.containers.base.Container`."""

    appends: ClassVar[bool]

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts together."""


@dataclass(frozen=True, slots=True)
class Target:
    """The output of an input.

    Attributes:
        stem: name that the files beside the output are called after.
        name: name of the output; empty if nothing is written but attributes.
        container: joins its parts.
        conversion: makes its parts, if they are not of the input's format.
        codec: how each piece of it is compressed.
        single_files: whether each document has a file of its own, named in its part.
        attributes: name of the file of attributes; empty if there is none.
    """

    stem: str
    name: str
    container: Joins
    conversion: Conversion | None
    codec: Codec
    single_files: bool
    attributes: str

    @classmethod
    def of(cls, source: Source, options: CleanOptions) -> Target:
        """What becomes of this input."""
        if options.output_format != "same":
            made = conversion(options.output_format)
            codec = source.codec if made.compressible else Codec.NONE
            name = with_ending(without_endings(source.name), made.suffix + codec.suffix)
            return cls(source.name, name, made, made, codec, False, "")
        beside = writes_attributes(source, options)
        (attributes,) = attribute_paths([source.name]) if beside else [""]
        single = isinstance(source.container, Files) and not source.is_stream and not beside
        codec = source.codec if source.container.compressible else Codec.NONE
        name = "" if beside or single else source.name
        return cls(source.name, name, source.container, None, codec, single, attributes)

    @property
    def attributes_codec(self) -> Codec:
        """How the file of attributes is compressed: as its name says."""
        return named_codec(self.attributes)


def writes_attributes(source: Source, options: CleanOptions) -> bool:
    """Whether the tags go into a file beside the corpus, which then is not copied."""
    if options.mode != "tag" or options.output_format != "same":
        return False
    if options.tags_in == "auto":
        return not source.container.stores_tags
    return options.tags_in == "attributes"
