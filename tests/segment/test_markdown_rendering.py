"""What a cut leaves of Markdown is rendered as it was, by a parser that adsift does not use."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bs4 import BeautifulSoup
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adsift.segment.markdown import segment_markdown

RENDERER = MarkdownIt("commonmark").enable("table")
WORD = re.compile(r"w\d+")
ELEMENTS = {"details", "summary", "div", "section"}
CONTAINERS = {"blockquote", "bullet_list", "ordered_list", "list_item", "table"}

# ------------------------------------------------------------------------- random documents

# "{}" becomes a word of its own.
LEAVES = st.sampled_from(
    [
        *(["{}"], ["{}"], ["{}"], ["{}", "{} {}"], ["# {}"], ["{}", "---"], ["    {}", "      {}"]),
        *(
            ["```", "{}", "    {}", "```"],
            ["~~~", "{}"],
            ["| {} |", "|---|", "| {} |", ""],
            ["> {}"],
        ),
        *(["- -", "  {}"], ["***"], ["<div>{}</div>"], ["```", "- {}", "", "1. {}", "```"]),
    ]
)
MARKERS = st.sampled_from(["- ", "* ", "*   ", "1. ", "2. ", "10. ", "> ", "> - ", "-\n"])


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> list[str]:
    """Lines of blocks in lists and quotes, indented as people and their editors do it."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.booleans()):
            marker = draw(MARKERS)
            inside = draw(nested(depth - 1))
            if marker.endswith("\n"):
                inside, marker = ["", *inside], marker.strip()
            prefix = "> " if marker.startswith("> ") else ""
            indent = draw(st.sampled_from([len(marker) - len(prefix), 2, 3, 4])) * " "
            part = [prefix + indent + line if line else prefix.rstrip() for line in inside]
            part[0] = marker + inside[0]
        else:
            part = draw(LEAVES)
        if lines and draw(st.integers(0, 3)):
            lines.append("")
        lines += part
    return lines


@st.composite
def articles(draw: st.DrawFn) -> str:
    return numbered("\n".join(draw(nested())))


# Elements that begin in one block and end in another, or amid one.
HALVES = st.sampled_from(
    [
        *("{}", "{}", "{} <i>{}</i>", "<p>{}</p>", "<div>{}</div>", "- {}\n- {}", "## {}"),
        *("<details><summary>{}</summary>", "<details>\n{}", "</details>", "{}\n</details>"),
        *("<p>{}</p></details>", "<div class='box'>{}", "<div>\n\n{}", "{}</div>", "</div>\n{}"),
        *("{}\n\n</div>", "</section><div>{}", "<section>", "{}</section>", "<!-- <div> -->{}"),
        *("- <div>{}\n\n  {}\n\n  </div>", "- {}</div>", "`<div>` {}", "{}<br>{}<img src='<p>'>"),
    ]
)
PAGES = st.lists(HALVES, min_size=1, max_size=7).map(lambda blocks: numbered("\n\n".join(blocks)))


def numbered(source: str) -> str:
    parts = source.split("{}")
    return "".join(f"{part}w{i}" for i, part in enumerate(parts[:-1])) + parts[-1]


# ----------------------------------------------------------------------------- what is seen


class Leaf(NamedTuple):
    """A block without others in it, as it is rendered.

    Attributes:
        kind: of the block.
        text: what is in it.
        around: the containers around it: their kind and their number in the document.
        numbers: what is shown before the items around it that are of ordered lists.
    """

    kind: str
    text: str
    around: tuple[tuple[str, int], ...]
    numbers: tuple[int, ...]

    def is_code(self) -> bool:
        return self.kind in ("fence", "code_block")

    def words(self) -> set[str]:
        return set(WORD.findall(self.text))


def leaves(source: str) -> Iterator[Leaf]:
    around: list[tuple[str, int]] = []
    numbers: list[int] = []
    for count, token in enumerate(tokens := RENDERER.parse(source)):
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in CONTAINERS and token.nesting == 1:
            around.append((name, count))
            if name == "ordered_list":
                numbers.append(int(token.attrs.get("start", 1)) - 1)
            elif name == "list_item" and around[-2][0] == "ordered_list":
                numbers[-1] += 1
        elif name in CONTAINERS and token.nesting == -1:
            if around.pop()[0] == "ordered_list":
                numbers.pop()
        elif token.type == "inline":
            kind = tokens[count - 1].tag
            yield Leaf(kind, " ".join(token.content.split()), tuple(around), tuple(numbers))
        elif token.type in ("fence", "code_block"):
            yield Leaf(token.type, token.content.rstrip("\n"), tuple(around), tuple(numbers))
        elif token.type == "html_block":
            text = " ".join(token.content.split())
            yield Leaf(token.type, text, tuple(around), tuple(numbers))


def looks(seen: Iterable[Leaf]) -> list[tuple[object, ...]]:
    """How leaves look if they are all that is there, but for numbers."""
    looked: list[tuple[object, ...]] = []
    before: tuple[tuple[str, int], ...] = ()
    for leaf in seen:
        around = tuple(c for c in leaf.around if not c[0].endswith("_list"))
        shared = sum(1 for a, b in zip(before, around, strict=False) if a == b)
        looked.append((leaf.kind, leaf.text, shared, tuple(kind for kind, _ in leaf.around)))
        before = around
    return looked


def counted(seen: Iterable[Leaf]) -> list[tuple[bool, int]]:
    """For each numbered item around each leaf, whether its list begins there, and its number."""
    lists: set[int] = set()
    found = []
    for leaf in seen:
        numbered_lists = [number for kind, number in leaf.around if kind == "ordered_list"]
        found += [(a not in lists, b) for a, b in zip(numbered_lists, leaf.numbers, strict=True)]
        lists.update(numbered_lists)
    return found


def elements(source: str) -> dict[str, list[str]]:
    """For each word the elements around it that a block of Markdown does not make."""
    tree = BeautifulSoup(RENDERER.render(source), "html5lib")
    return {
        word: [around.name for around in text.parents if around.name in ELEMENTS]
        for text in tree.find_all(string=True)
        for word in WORD.findall(text)
    }


def agrees(source: str) -> bool:
    """Whether adsift's own parser finds the same blocks of text and of code."""
    found = [(p.tag == "pre", WORD.findall(p.text)) for p in segment_markdown(source).paragraphs]
    seen = [(leaf.is_code(), WORD.findall(leaf.text)) for leaf in leaves(source)]
    return found == [(is_code, words) for is_code, words in seen if words]


def cut(source: str, chance: random.Random) -> tuple[str, set[str]]:
    """What is left without some paragraphs, and the words of those that are gone."""
    segmentation = segment_markdown(source)
    drop = {i for i in range(len(segmentation.paragraphs)) if chance.random() < 0.4}
    left = segmentation.without(drop).render()
    gone = set(WORD.findall(source)).difference(WORD.findall(left))
    chosen = " ".join(segmentation.paragraphs[i].text for i in drop)
    assert gone <= set(WORD.findall(chosen))
    return left, gone


CHANCE = st.randoms(use_true_random=False)


class TestRendering:
    @settings(max_examples=200, deadline=None)
    @given(articles(), CHANCE)
    def test_what_is_left_looks_as_before(self, source: str, chance: random.Random) -> None:
        # On some indentation before a marker, and where a table ends, the parsers differ.
        assume(agrees(source))
        left, gone = cut(source, chance)
        before = [leaf for leaf in leaves(source) if leaf.words() and not leaf.words() & gone]
        after = [leaf for leaf in leaves(left) if leaf.words()]
        assert looks(after) == looks(before)
        # An item that begins a list still does, or the list before it comes to its number.
        for now, was in zip(counted(after), counted(before), strict=True):
            assert now[0] == was[0] or (was[0] and now[1] == was[1])

    @settings(max_examples=200, deadline=None)
    @given(PAGES, CHANCE)
    def test_what_is_left_is_in_the_same_elements(self, source: str, chance: random.Random) -> None:
        left, gone = cut(source, chance)
        before = elements(source)
        assert elements(left) == {w: before[w] for w in before if w not in gone}
