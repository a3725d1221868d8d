"""Lines: what the parser counts in, and where they stand in the file."""

from __future__ import annotations

import re

ONE_BREAK = ("\n", "\r\n", "\r")
"""All forms of a line's end; CommonMark knows no others."""

# A run of blank lines, or one line that is not blank, with its end.
_LINE = re.compile(r"(?P<blank>[ \t\r\n]*[\r\n])|(?P<text>[^\r\n]+)(?:\r\n?|\n|\Z)")


class Lines:
    """The source as the parser sees it, and where each of its lines stands in the source.

    A run of blank lines is shortened to two. That means the same, and a file of nothing
    but line ends costs no memory.

    Attributes:
        texts: the lines, without their ends.
        offsets: where each line starts in the source.
        parsed: where each line starts in ``joined``.
    """

    def __init__(self, source: str, start: int) -> None:
        self.texts: list[str] = []
        self.offsets: list[int] = []
        self.parsed: list[int] = []
        length = 0
        for match in _LINE.finditer(source, start):
            if match["text"] is not None:
                texts = [match["text"]]
            elif match["blank"].strip(" \t") in ONE_BREAK:
                texts = [""]
            else:
                texts = ["", ""]
            for text in texts:
                self.texts.append(text)
                self.offsets.append(match.start())
                self.parsed.append(length)
                length += len(text) + 1

    def joined(self) -> str:
        """The text for the parser."""
        # U+0000 is what CommonMark forbids; it has the same length as its replacement.
        return "\n".join(self.texts).replace("\0", "\ufffd")

    def text(self, first: int, end: int) -> str:
        """The lines from ``first`` to before ``end``."""
        return "\n".join(self.texts[first:end])

    def is_blank(self, line: int) -> bool:
        """Whether a line has nothing but spaces and tabs."""
        return not self.texts[line].strip(" \t")

    def end(self, line: int) -> int:
        """Where a line ends in the source."""
        return self.offsets[line] + len(self.texts[line])

    def content_end(self, line: int) -> int:
        """Where the last character of a line that is no space or tab ends."""
        return self.offsets[line] + len(self.texts[line].rstrip(" \t"))
