"""Paragraphs of Markdown (CommonMark with tables and strikethrough).

The way of a file: :mod:`.parser` knows the grammar, :mod:`.lines` where each line stands in
the file, :mod:`.visible` what a reader sees, :mod:`.reader` puts the three together to
:mod:`.blocks` with positions, and :mod:`.layout` knows how to cut blocks out of the file, but for
the :mod:`.tags` of elements that reach further. Of its proposals :mod:`.settling` takes those
after which, by :mod:`.checking`, all else is read as it was.
"""

from __future__ import annotations

from adsift.segment.markdown.layout import MarkdownLayout
from adsift.segment.markdown.reader import read_blocks
from adsift.segment.spans import SpanSegmentation

__all__ = ["segment_markdown"]


def segment_markdown(source: str) -> SpanSegmentation:
    """Cut Markdown into headings, paragraphs, list items, table rows, code and HTML blocks.

    Args:
        source: any string; line ends are ``\\n``, ``\\r\\n`` and ``\\r``.

    Returns:
        the paragraphs, with the text that a reader sees. A list item spans from its marker,
        everything else from its first character; quote marks at the start of the first
        line, front matter, link definitions, thematic breaks, images, and HTML without
        text are gaps.
    """
    blocks = read_blocks(source)
    paragraphs = []
    visible = []
    for index, block in enumerate(blocks):
        if block.paragraph is not None:
            paragraphs.append(block.paragraph)
            visible.append(index)
    layout = MarkdownLayout(source, blocks, visible)
    return SpanSegmentation(source, paragraphs, layout, segment_markdown)
