"""A plot of a few curves as SVG: mean and spread over draws, one panel a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean
from xml.sax.saxutils import escape

Curve = Sequence[tuple[float, Sequence[float]]]
"""Points: the place on the horizontal axis, and the values of all draws there."""

COLOURS = ("#666666", "#0072b2", "#d55e00")  # told apart by colour-blind readers too
WIDTH, HEIGHT = 340, 260
LEFT, RIGHT, TOP, BOTTOM = 50, 16, 34, 46


def plot(panels: dict[str, dict[str, Curve]], axis: str) -> str:
    """Draw the panels side by side, with a common legend below.

    Args:
        panels: title of each panel, name of each of its curves, and the curve.
        axis: what the horizontal axis shows; it is logarithmic.
    """
    total = WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {HEIGHT + 30}" '
        f'width="{total}" height="{HEIGHT + 30}" font-family="sans-serif" font-size="12">',
        f'<rect width="{total}" height="{HEIGHT + 30}" fill="white"/>',
    ]
    for number, (title, curves) in enumerate(panels.items()):
        parts.append(f'<g transform="translate({number * WIDTH} 0)">')
        parts += _panel(title, curves, axis)
        parts.append("</g>")
    x = LEFT
    for name, colour in zip(next(iter(panels.values())), COLOURS, strict=False):
        parts.append(f'<rect x="{x}" y="{HEIGHT + 8}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="{HEIGHT + 15}">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, curves: dict[str, Curve], axis: str) -> list[str]:
    places = sorted({x for curve in curves.values() for x, _ in curve})
    values = [value for curve in curves.values() for _, found in curve for value in found]
    low = math.floor(min(values) * 10) / 10
    high = max(math.ceil(max(values) * 10) / 10, low + 0.1)
    first, last = math.log(places[0]), math.log(places[-1])

    def right(x: float) -> float:
        share = (math.log(x) - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(y: float) -> float:
        return round(TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    out = [f'<text x="{LEFT}" y="20" font-weight="bold">{escape(title)}</text>']
    for step in range(round((high - low) * 10) + 1):
        level = low + step / 10
        out.append(
            f'<path d="M{LEFT} {down(level)}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
            f'<text x="{LEFT - 8}" y="{down(level) + 4}" text-anchor="end">{level:.1f}</text>'
        )
    below = f'y="{HEIGHT - BOTTOM + 18}" text-anchor="middle"'
    out += [f'<text x="{right(place)}" {below}>{place:,g}</text>' for place in places]
    out.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(axis)}</text>"
    )
    for curve, colour in zip(curves.values(), COLOURS, strict=False):
        points = " ".join(f"{right(x)},{down(mean(found))}" for x, found in curve)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, found in curve:
            out.append(
                f'<path d="M{right(x)} {down(min(found))}V{down(max(found))}" stroke="{colour}" '
                f'stroke-opacity="0.5"/><circle cx="{right(x)}" cy="{down(mean(found))}" r="3" '
                f'fill="{colour}"/>'
            )
    return out
