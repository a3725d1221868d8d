"""Lines: what Markdown's blocks are made of, and where they stand in the file."""

from __future__ import annotations

import re
from bisect import bisect_right

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
    """

    def __init__(self, source: str, start: int) -> None:
        self.texts: list[str] = []
        self.offsets: list[int] = []
        for match in _LINE.finditer(source, start):
            text = match["text"]
            if text is not None:
                self.texts.append(text)
                self.offsets.append(match.start())
            else:
                count = 1 if match["blank"].strip(" \t") in ONE_BREAK else 2
                self.texts += [""] * count
                self.offsets += [match.start()] * count

    def joined(self) -> str:
        """The text for the parser."""
        return "\n".join(self.texts)

    def line(self, position: int) -> int:
        """The line that a position of the source is on, if it is no blank one."""
        return bisect_right(self.offsets, position) - 1

    def is_blank(self, line: int) -> bool:
        """Whether a line has nothing but spaces and tabs."""
        return not self.texts[line].strip(" \t")

    def end(self, line: int) -> int:
        """Where a line ends in the source."""
        return self.offsets[line] + len(self.texts[line])

    def content_end(self, line: int) -> int:
        """Where the last character of a line that is no space or tab ends."""
        return self.offsets[line] + len(self.texts[line].rstrip(" \t"))


class Places:
    """Tells which line and which position in the source a byte of the parser's text is.

    Args:
        lines: of the source.
        text: what the parser reads: as many characters as the joined lines.
    """

    def __init__(self, lines: Lines, text: str) -> None:
        self._offsets = lines.offsets
        self._encoded = None if text.isascii() else text.encode().split(b"\n")
        self._starts: list[int] = []
        length = 0
        for line in lines.texts if self._encoded is None else self._encoded:
            self._starts.append(length)
            length += len(line) + 1

    def line(self, byte: int) -> int:
        """The line that a byte is on."""
        return bisect_right(self._starts, byte) - 1

    def position(self, line: int, byte: int) -> int:
        """Where a byte of this line stands in the source, in characters."""
        column = byte - self._starts[line]
        if self._encoded is not None:
            column = len(self._encoded[line][:column].decode())
        return self._offsets[line] + column
