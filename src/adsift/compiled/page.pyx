"""Pages read from lexbor's nodes in memory, and written out of them.

Stands for what :mod:`adsift.segment.lexbor` does with events and with selectolax's nodes.
"""

from adsift.compiled.lexbor_names import PROBE, Unknown, learn_names
from adsift.compiled.page_paragraphs import Spans, read_tree
from adsift.compiled.page_removal import Removals
from adsift.compiled.page_stability import PROBE as COVERED, Stability
from adsift.compiled.page_writing import write_without


class PageReader:
    """Reads trees of which it is proven where in memory they have what."""

    def __init__(self, names):
        self._names = names
        self._stability = Stability(names)

    def read(self, tree):
        """The paragraphs of a page.

        Args:
            tree: a ``LexborHTMLParser``, as parsed.

        Returns:
            What :func:`adsift.segment.html.read_paragraphs` returns; ``None`` for a page that has
            to be read in Python, because it has something that is not known.
        """
        return self._try(tree, read_tree)

    def write_without(self, tree, paragraphs, texts, drop, removed=None, size=0):
        """A page without some of its paragraphs, as HTML.

        Args:
            tree: that was read; it stays as it is.
            paragraphs, texts: that were found then.
            drop: indexes of paragraphs.
            removed: what of the tree is not in the page any more, as this function has returned it
                with the texts that are left.
            size: about how many bytes the page has, if that is known.

        Returns:
            UTF-8, what of the tree is not in it, and what :meth:`read` would find if that were
            parsed, or ``None`` where it has to be; ``None`` for a page that has to be written by
            Python.
        """
        if not isinstance(texts, Spans):
            return None
        removed = removed or Removals()
        return self._try(
            tree, write_without, removed, paragraphs, texts, drop, size, self._stability
        )

    def _try(self, tree, function, *arguments):
        for _ in range(2):
            try:
                return function(self._names, tree, *arguments)
            except Unknown:
                self._names.learn(tree)
        return None


def make_reader(parse, read):
    """A reader of pages, or ``None`` where it would not do the same as Python.

    Args:
        parse: makes a ``LexborHTMLParser`` of a page, as all pages to be read are made.
        read: makes paragraphs of it in Python.
    """
    try:
        names = learn_names(parse)
        reader = None if names is None else PageReader(names)
        if reader is None or not _agrees(reader, parse(PROBE), read):
            return None
        return reader if _comes_back(reader, parse, read) else None
    except Exception:  # another release may lack anything
        return None


def _comes_back(reader, parse, read):
    """Whether a page that is not parsed anew is what parsing it makes."""
    tree = parse(COVERED)
    written, _, blocks = reader.write_without(tree, *reader.read(tree), ())
    again = parse(written)
    return (
        blocks is not None
        and blocks[0] == read(again)[0]
        and written.decode("utf-8", "replace") == again.html
    )


def _agrees(reader, tree, read):
    paragraphs, texts = reader.read(tree)
    wanted = read(tree)
    written, _, _ = reader.write_without(tree, paragraphs, texts, ())
    return (
        paragraphs == wanted[0]
        and [*texts] == [*wanted[1]]
        and written.decode("utf-8", "replace") == tree.html
    )
