"""The grammar: markdown-it, set up to note positions and to leave the text as it is written."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.token import Token

# Quotes and lists nested deeper than this are read as paragraphs. The parser calls itself
# at every level, and Python's stack is short.
_DEEPEST_LEVEL = 50

_POSITIONS = "adsift_positions"  # key of the parser's environment: see _note_position


class ParsedBlocks:
    """A text cut into block tokens.

    Attributes:
        tokens: in the order of the text.
        positions: for lines on which a block starts, the position of the innermost one.
    """

    def __init__(self, text: str) -> None:
        self.positions: dict[int, int] = {}
        self.tokens: list[Token] = []
        self._env: dict[str, Any] = {_POSITIONS: self.positions}
        _BLOCKS.block.parse(text, _BLOCKS, self._env, self.tokens)
        # What looks like the definition of a link is a footnote to most tools. A mark in the
        # text stays a mark, whether its footnote is there or has been cut out.
        references = self._env.get("references", {})
        for label in [label for label in references if label.startswith("^")]:
            del references[label]

    def inline_html(self, content: str) -> str:
        """Turn the inline text of one of the blocks, or a part of it, into HTML."""
        return str(_INLINES.renderInline(content, self._env))


class _Parser(MarkdownIt):
    """A parser that leaves link targets as they are written."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the name is markdown-it's
        return url

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802
        return True


def _note_position(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A block rule that comes before all others, to look at where a block starts.

    Where several blocks start on one line, as in ``- > text``, the innermost comes last.
    Nested too deep, the block is a paragraph; else the other rules decide.
    """
    state.env[_POSITIONS][line] = state.bMarks[line] + state.tShift[line]
    return state.level >= _DEEPEST_LEVEL and paragraph(state, line, end, silent)


def _parser(**options: Any) -> MarkdownIt:
    parser = _Parser("commonmark", options_update=options)
    return parser.enable(["table", "strikethrough"])


_INLINES = _parser()
# The limit of the parser itself would skip the rest of the document.
_BLOCKS = _parser(maxNesting=_DEEPEST_LEVEL + 10, inline_definitions=True)
_BLOCKS.block.ruler.before("table", "adsift_position", _note_position)
