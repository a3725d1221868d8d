"""A flame graph as SVG, drawn from sampled stacks.

Each box is a function, as wide as its share of the samples, above what called it; a tooltip says
the share.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, ROW, TOP = 1200, 18, 30
SMALLEST = 0.002
"""Share of the samples below which a box is not drawn."""

LETTER = 6.5
"""Width of a letter, about."""

Stack = tuple[str, ...]
"""Functions from the outermost in."""

_FILE = re.compile(r"\((?:[^()]*[/\\])?([^()/\\:]+)(?::\d+)?\)$")
_ADDRESS = re.compile(r"^0x[0-9a-f]+")


def read_stacks(text: str, root: str = "") -> Counter[Stack]:
    """The stacks of py-spy's raw format by function, without line numbers and folders.

    Args:
        text: a stack a line: functions parted by ``;``, a space, and how often it was seen.
        root: the function from which on stacks are of interest; what has none is left out.
    """
    stacks: Counter[Stack] = Counter()
    for line in text.splitlines():
        frames, _, number = line.rpartition(" ")
        if not number.isdecimal():
            continue
        names = _tidy(_FILE.sub(r"(\1)", frame) for frame in frames.split(";"))
        if root:
            places = [place for place, name in enumerate(names) if name.split(" ")[0] == root]
            names = names[places[0] + 1 :] if places else []
        if names:
            stacks[tuple(names)] += int(number)
    return stacks


def _tidy(frames: Iterable[str]) -> list[str]:
    names: list[str] = []
    for frame in frames:
        # What is inlined from a header is told apart badly, and an address says nothing.
        if frame.endswith(".h)"):
            continue
        name = _ADDRESS.sub("?", frame)
        if names[-1:] != [name]:
            names.append(name)
    return names


@dataclass(slots=True)
class _Box:
    samples: int = 0
    inner: dict[str, _Box] = field(default_factory=dict)


def draw_flame_graph(stacks: Mapping[Stack, int], title: str) -> str:
    """The graph.

    Args:
        stacks: how often each was seen.
        title: above it.
    """
    root = _Box()
    for stack, number in stacks.items():
        root.samples += number
        box = root
        for name in stack:
            box = box.inner.setdefault(name, _Box())
            box.samples += number
    boxes: list[tuple[int, float, float, str]] = []  # depth, left, share, name
    todo = [(root, 0, 0.0)]
    while todo:
        box, depth, left = todo.pop()
        for name, inner in sorted(box.inner.items()):
            share = inner.samples / root.samples
            if share >= SMALLEST:
                boxes.append((depth, left, share, name))
                todo.append((inner, depth + 1, left))
            left += share
    depths = 1 + max((depth for depth, *_ in boxes), default=0)
    height = TOP + depths * ROW + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="8" y="18" font-weight="bold">{escape(title)} ({root.samples:,})</text>',
    ]
    parts += [_draw(*box, bottom=height - 10) for box in sorted(boxes)]
    return "\n".join([*parts, "</svg>", ""])


def _draw(depth: int, left: float, share: float, name: str, bottom: int) -> str:
    x, width = left * WIDTH, share * WIDTH
    y = bottom - (depth + 1) * ROW
    letters = int((width - 6) / LETTER)
    shown = name if len(name) <= letters else f"{name[: letters - 1]}…" if letters > 3 else ""
    # A function has the same colour everywhere and on every run.
    colour = (
        f"hsl({20 + zlib.crc32(name.encode()) % 35} 85% {62 + zlib.crc32(name.encode()) % 17}%)"
    )
    return (
        f"<g><title>{escape(name)}: {share:.1%}</title>"
        f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" height="{ROW - 1}" '
        f'fill="{colour}"/><text x="{x + 3:.1f}" y="{y + 13}">{escape(shown)}</text></g>'
    )
