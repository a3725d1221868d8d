"""Line charts as inline SVG. Colours are CSS variables of the page around them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 44
TICKS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or the points of one.

    Attributes:
        name: for the legend.
        points: x and y, in the units of the axes.
        colour: a CSS colour.
        dashed: whether the line is dashed.
        sizes: if given, a dot for each point with this radius in pixels.
        line: whether the points are joined.
    """

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False
    sizes: Sequence[float] | None = None
    line: bool = True


def chart(
    title: str,
    x_label: str,
    y_label: str,
    series: Sequence[Series],
    x_max: float = 1.0,
    y_max: float = 1.0,
    diagonal: bool = False,
) -> str:
    """One chart with its title and legend, as an HTML ``figure``. Several lines are numbered, for
    those to whom colours say nothing.

    Args:
        title: over the chart.
        x_label, y_label: along the axes, which begin at 0.
        series: the lines; those without points are left out.
        x_max, y_max: where the axes end. What lies beyond is cut off.
        diagonal: whether to draw the line from corner to corner.
    """
    drawn = [entry for entry in series if entry.points]
    plot = _Plot(x_max, y_max)
    label = escape(f"{title}: {y_label} against {x_label}", quote=True)
    parts = [
        f'<figure><figcaption>{escape(title)}</figcaption><svg role="img" aria-label="{label}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">',
        *plot.axes(x_label, y_label),
    ]
    if diagonal:
        parts.append(plot.line([(0, 0), (min(x_max, y_max),) * 2], "var(--grid)", True))
    parts.append(f'<svg x="{LEFT}" y="{TOP}" width="{plot.width}" height="{plot.height}" ')
    parts.append(f'viewBox="{LEFT} {TOP} {plot.width} {plot.height}">')
    numbers = _numbers(drawn)
    for entry in drawn:
        if entry.line:
            parts.append(plot.line(entry.points, entry.colour, entry.dashed))
        for point, size in zip(entry.points, entry.sizes or (), strict=False):
            parts.append(plot.dot(point, entry.colour, size))
    parts.append("</svg>")  # within which what reaches over the edge is cut off
    for entry, number in zip(drawn, numbers, strict=True):
        seen = [point for point in entry.points if point[0] <= x_max and point[1] <= y_max]
        if number and seen:
            # At another part of each line, as lines meet at their ends.
            place = len(seen) * number // (max(numbers) + 1)
            parts.append(plot.number(seen[place], entry.colour, number))
    parts.append("</svg>")
    keys = " ".join(map(_key, drawn, numbers))
    parts.append(f'<p class="legend">{keys}</p>' if drawn else _EMPTY)
    return "".join([*parts, "</figure>"])


_EMPTY = '<p class="legend">nothing to draw: the data has no such blocks</p>'


def _numbers(drawn: Sequence[Series]) -> list[int]:
    """From 1 on for the lines; 0 for what needs none."""
    if sum(entry.line for entry in drawn) < 2:
        return [0] * len(drawn)
    count = itertools.count(1)
    return [next(count) if entry.line else 0 for entry in drawn]


def _key(series: Series, number: int) -> str:
    mark = "┄" if series.dashed else "━" if series.line else "●"
    shown = f"{mark} {number}" if number else mark
    return (
        f'<span><b style="color:{series.colour}" aria-hidden="true">{shown}</b> '
        f"{escape(series.name)}</span>"
    )


class _Plot:
    """The area within the axes, and where a point lies in it."""

    def __init__(self, x_max: float, y_max: float) -> None:
        self.x_max, self.y_max = x_max, y_max
        self.width, self.height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(self, x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + self.width * x / self.x_max,
            TOP + self.height * (1 - y / self.y_max),
        )

    def line(self, points: Sequence[tuple[float, float]], colour: str, dashed: bool) -> str:
        path = " ".join("{:.1f},{:.1f}".format(*self.place(*point)) for point in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        return f'<polyline points="{path}" style="stroke:{colour}"{dash}/>'

    def dot(self, point: tuple[float, float], colour: str, size: float) -> str:
        x, y = self.place(*point)
        said = f"{point[0]:.3f}, {point[1]:.3f}"
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" style="fill:{colour}">'
            f"<title>{said}</title></circle>"
        )

    def number(self, point: tuple[float, float], colour: str, number: int) -> str:
        x, y = self.place(*point)
        return (
            f'<text class="number" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" '
            f'style="fill:{colour}">{number}</text>'
        )

    def axes(self, x_label: str, y_label: str) -> list[str]:
        out = []
        for step in range(TICKS + 1):
            share = step / TICKS
            x, y = self.place(self.x_max * share, self.y_max * share)
            right, bottom = LEFT + self.width, TOP + self.height
            out += [
                f'<path class="grid" d="M{LEFT} {y:.1f}H{right}M{x:.1f} {TOP}V{bottom}"/>',
                f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
                f"{_tick(self.y_max * share)}</text>",
                f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
                f"{_tick(self.x_max * share)}</text>",
            ]
        middle = LEFT + self.width / 2, TOP + self.height / 2
        out += [
            f'<text x="{middle[0]}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>',
            f'<text transform="translate(13 {middle[1]}) rotate(-90)" text-anchor="middle">'
            f"{escape(y_label)}</text>",
        ]
        return out


def _tick(value: float) -> str:
    return f"{value:.3g}"


def round_up(value: float) -> float:
    """The next end of an axis that reads well: 0.01, 0.02, 0.05, 0.1, 0.2, 0.5 or 1."""
    return next((end for end in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if value <= end), 1.0)
