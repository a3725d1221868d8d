"""The files of a part, while its input is under way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PartFiles:
    """Where they lie. Those that would be empty are missing."""

    output: Path
    patch: Path
    removed: Path
    rejects: Path
    attributes: Path

    @classmethod
    def of(cls, folder: Path, input: int, chunk: int) -> PartFiles:
        """The files of one part: numbers from 0."""
        stem = folder / f"{input:06d}" / f"{chunk:08d}"
        return cls(
            *(
                stem.with_suffix(f".{name}")
                for name in ("output", "patch", "removed", "rejects", "attributes")
            )
        )

    @property
    def all(self) -> tuple[Path, ...]:
        """All of them, missing ones too."""
        return self.output, self.patch, self.removed, self.rejects, self.attributes
