"""A worker whose model goes by a few words: ``$`` is commerce, and others do harm.

An answer that has ``TRICKLE`` in it comes by single bytes from its middle on.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import BinaryIO, cast

from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.separator import Separator
from adsift.service.worker import run


class HarmfulClassifier:
    """``DIE`` kills the process, ``HANG`` never ends, ``SLOW`` takes half a second, ``EXPLODE``
    raises."""

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del memories
        assert len(documents) == len(urls)
        return [[_tagged(paragraph) for paragraph in document] for document in documents]


def _tagged(paragraph: Paragraph) -> TaggedParagraph:
    if "DIE" in paragraph.text:
        os.kill(os.getpid(), signal.SIGKILL)
    while "HANG" in paragraph.text:
        pass
    if "SLOW" in paragraph.text:
        time.sleep(0.5)
    if "EXPLODE" in paragraph.text:
        raise ZeroDivisionError("the secret reason")
    sells = "$" in paragraph.text
    label = Label.COMMERCE if sells else Label.NEWS
    probabilities = {**dict.fromkeys(Label, 0.1), label: 0.7}
    return TaggedParagraph(paragraph, label, CommerceKind.PRODUCT if sells else None, probabilities)


class TricklingAnswers:
    """A pipe for answers."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers

    def write(self, data: bytes) -> None:
        middle = len(data) // 2 if b"TRICKLE" in data else len(data)
        self._answers.write(data[:middle])
        for start in range(middle, len(data)):
            self._answers.write(data[start : start + 1])
            self._answers.flush()

    def flush(self) -> None:
        self._answers.flush()


def open_answers(number: int, mode: str) -> BinaryIO:
    return cast("BinaryIO", TricklingAnswers(_fdopen(number, mode)))


_fdopen = os.fdopen

if __name__ == "__main__":
    os.fdopen = open_answers  # type: ignore[assignment]
    run(Separator(HarmfulClassifier()), float(sys.argv[2]))  # type: ignore[arg-type]
