"""The plots of the results as SVG: pages a second, quality beside cost, time against size."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contenders import STRIP
from quality import FIGURES, POLICY

Results = Mapping[str, Any]

COLOURS = {"adsift": "#d55e00", "peer": "#0072b2", "floor": "#666666"}
"""Told apart by colour-blind readers too."""


def can_plot() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Draw what was measured; the files that were written.

    Args:
        results: as in ``results.json``.
        folder: made if missing.
    """
    import matplotlib as mpl

    mpl.use("svg")
    # The same results give the same file, and text that can be searched.
    mpl.rcParams.update({"svg.hashsalt": "adsift", "svg.fonttype": "none", "font.size": 9})
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, section, draw in (
        ("speed", "speed", _bars),
        ("quality", "quality", _bubbles),
        ("scaling", "scaling", _curves),
    ):
        figure = draw(results) if section in results else None
        if figure is not None:
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
            written.append(path)
    return written


def _bars(results: Results) -> Any:
    from matplotlib.figure import Figure

    found = {
        name: values
        for name, values in results["speed"]["contenders"].items()
        if "failed" not in values
    }
    if not found:
        return None
    names = sorted(found, key=lambda name: found[name]["pages_per_second"])
    rates = [found[name]["pages_per_second"] for name in names]
    spread = [
        [rate - found[name]["slowest"] for name, rate in zip(names, rates, strict=True)],
        [found[name]["fastest"] - rate for name, rate in zip(names, rates, strict=True)],
    ]
    figure = Figure(figsize=(8, 0.3 * len(names) + 1))
    axes = figure.subplots()
    colours = [COLOURS[found[name]["group"]] for name in names]
    axes.barh(names, rates, color=colours, xerr=spread, error_kw={"elinewidth": 1, "alpha": 0.6})
    axes.set_xscale("log")
    axes.set_xlabel("pages a second on one core (logarithmic), with slowest and fastest round")
    for place, rate in enumerate(rates):
        axes.annotate(
            f" {rate:,.0f}", (rate, place), va="center", textcoords="offset points", xytext=(6, 0)
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.15)
    return figure


def _bubbles(results: Results) -> Any:
    from matplotlib.figure import Figure

    contenders = results.get("speed", {}).get("contenders", {})
    points = []
    for policy, name in (("strip commerce", "adsift strip commerce"), (POLICY, STRIP)):
        figures = results["quality"]["cross-validated"][policy]
        points.append((name, "adsift", *(figures[key][0] for key in FIGURES[:2])))
    for name, values in results["quality"].get("extractors", {}).items():
        if "failed" not in values and None not in (values[key][0] for key in FIGURES[:2]):
            points.append((name, "peer", *(values[key][0] for key in FIGURES[:2])))
    figure = Figure(figsize=(8, 5))
    axes = figure.subplots()
    for name, group, lost, leaked in points:
        cost = contenders.get(name, {}).get("cpu_seconds_per_1000_pages")
        # The area is the cost; what has none on record is a ring.
        size = 20 if cost is None else max(12.0, 12 * cost)
        style = {"facecolors": "none"} if cost is None else {"color": COLOURS[group], "alpha": 0.5}
        axes.scatter([lost], [leaked], s=size, edgecolors=COLOURS[group], **style)
        note = name if cost is None else f"{name} ({cost:,.1f})"
        axes.annotate(note, (lost, leaked), textcoords="offset points", xytext=(6, 6))
    axes.set_xlabel("content lost (less is better)")
    axes.set_ylabel("commerce leaked (less is better)")
    axes.set_title(
        "Area and number: core-seconds per 1,000 pages. adsift: cross-validated", fontsize=9
    )
    axes.grid(alpha=0.3)
    axes.margins(0.15)
    return figure


def _curves(results: Results) -> Any:
    from matplotlib.figure import Figure

    curves = [curve for curve in results["scaling"] if curve.get("points")]
    if not curves:
        return None
    names = [*dict.fromkeys(curve["axis"] for curve in curves)]
    figure = Figure(figsize=(3.2 * len(names), 3))
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        chosen = [curve for curve in curves if curve["axis"] == name]
        for curve, colour in zip(
            chosen, ("#666666", "#0072b2", "#d55e00")[-len(chosen) :], strict=True
        ):
            exponent = curve["exponent"]
            slope = "" if exponent is None else f", exponent {exponent:.2f}"
            axes.loglog(
                [point["size"] for point in curve["points"]],
                [point["seconds"] for point in curve["points"]],
                marker="o",
                markersize=3,
                color=colour,
                label=f"{curve['operation']}{slope}",
            )
        axes.set_xlabel(f"{name}, bytes" if name.endswith("size") else name)
        axes.set_title(name, fontsize=9)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    panels[0].set_ylabel("seconds")
    figure.tight_layout()
    return figure
