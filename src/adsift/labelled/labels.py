"""Names of labels, as people write them, become labels."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from adsift.document import CommerceKind, Label
from adsift.errors import LabelledDataError
from adsift.labelled.files import read_text

SHOWN = 20
"""So many unknown names are listed."""

LabelMap = Mapping[str, str]
"""Other names for labels, in lower case, and the label that each stands for."""


class Mark(NamedTuple):
    """A label and, for commerce, its kind; both ``None`` where nobody has labelled."""

    label: Label | None = None
    kind: CommerceKind | None = None


NO_MARK = Mark()


class Vocabulary:
    """Reads label names, and remembers those that it does not know."""

    def __init__(self, label_map: LabelMap | None = None) -> None:
        self._map = dict(label_map or {})
        self._unknown: Counter[str] = Counter()
        self._first: str | None = None

    def read(self, name: object, place: str, kind: object = None) -> Mark:
        """The label that a name stands for.

        Args:
            name: a label in any case, ``commerce/product`` for one with its kind, or a name
                of the label map; nothing if the paragraph is not labelled.
            place: file and line, for messages.
            kind: of the commerce; ignored for other labels, so that a corrected label need
                not have its kind corrected too.

        Raises:
            LabelledDataError: the name is no text, or the kind is none that there is. An
                unknown name is none yet, see :meth:`check`.
        """
        if name is None:
            return NO_MARK
        if isinstance(name, bool) or not isinstance(name, (str, int)):
            raise LabelledDataError(f"{place}: a label must be text, not {type(name).__name__}")
        written = str(name).strip()
        label_name, _, own_kind = self._meaning(written)
        if not label_name:
            return NO_MARK
        try:
            label = Label(label_name)
        except ValueError:
            self._unknown[written] += 1
            self._first = self._first or place
            return NO_MARK
        if label is not Label.COMMERCE:
            return Mark(label)
        return Mark(label, _kind(own_kind or kind, place))

    def copy(self) -> Vocabulary:
        """One with the same names, that has met none yet."""
        return Vocabulary(self._map)

    def knows(self, value: object) -> bool:
        """Whether a value is a name that stands for a label, or by the label map for nothing."""
        if not isinstance(value, str):
            return False
        written = value.strip()
        return written.lower() in self._map or self._meaning(written)[0] in [*Label]

    def _meaning(self, written: str) -> tuple[str, str, str]:
        return self._map.get(written.lower(), written.lower()).partition("/")

    def check(self) -> None:
        """See that all names were known.

        Raises:
            LabelledDataError: naming those that were not, and the labels that there are.
        """
        if not self._unknown:
            return
        listed = [f"{name!r} ({count})" for name, count in self._unknown.most_common(SHOWN)]
        if len(self._unknown) > len(listed):
            listed.append(f"{len(self._unknown) - len(listed)} more")
        raise LabelledDataError(
            f"{self._first}: unknown labels {', '.join(listed)}; allowed "
            f"are {', '.join(Label)}; give other names a meaning by a label map, such as "
            f"{next(iter(self._unknown))}=LABEL"
        )


def _kind(kind: object, place: str) -> CommerceKind | None:
    if kind is None or kind == "":
        return None
    try:
        return CommerceKind(str(kind).strip().lower())
    except ValueError:
        raise LabelledDataError(
            f"{place}: unknown kind {str(kind)[:40]!r}; allowed are {', '.join(CommerceKind)}"
        ) from None


def read_label_map(argument: str) -> dict[str, str]:
    """Read a label map: ``ad=commerce,report=news``, or a file of it.

    A name may stand for ``commerce/product`` and the like, or for nothing (``mixed=``): what
    has that label counts as not labelled. A file holds a JSON object, or a line for each name.

    Raises:
        LabelledDataError: the file cannot be read, or a name stands for no label.
    """
    if "=" in argument:
        pairs = [part for part in argument.split(",") if part.strip()]
        return _label_map(pairs, "the label map")
    text = read_text(Path(argument))
    if not text.lstrip().startswith("{"):
        lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
        return _label_map(lines, argument)
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise LabelledDataError(f"{argument} is not valid JSON") from None
    return _label_map([f"{name}={label or ''}" for name, label in record.items()], argument)


def _label_map(pairs: list[str], where: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, label = (part.strip().lower() for part in pair.rpartition("="))
        if not equals or not name:
            raise LabelledDataError(f"{where}: expected NAME=LABEL, not {pair.strip()!r}")
        base, _, kind = label.partition("/")
        if base and base not in [*Label]:
            raise LabelledDataError(
                f"{where}: {name} stands for {label!r}, which is no label; there are "
                f"{', '.join(Label)}"
            )
        if kind:
            _kind(kind, where)
        found[name] = label
    return found
