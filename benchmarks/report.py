"""The results as Markdown: all in ``benchmarks/README.md``, the main ones in the README, what a
corpus costs in ``docs/scale.md``.

``python benchmarks/report.py`` writes them anew from ``benchmarks/results.json``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import costs
from contenders import FAST_REFERENCE, REFERENCE, STRIP, TAG
from costs import cost_table
from pages import ROOT
from quality import FIGURES, POLICY
from speed import WARM_UP, by_round
from text_contenders import REFERENCE as TEXT_REFERENCE

Results = Mapping[str, Any]

MARKERS = ("<!-- bench -->", "<!-- /bench -->")
"""Between these, a README takes the short table."""

RESULTS = ("<!-- results -->", "<!-- /results -->")
"""Between these, `benchmarks/README.md` takes everything; the rest of it is written by hand."""

HOW_SPEED = """Each contender is a process of its own on one core with one thread, and reads the
same {pages} pages ({megabytes:.1f} MB, {each:.0f} KB a page) from their bytes; {rounds} round(s),
every other one in the reverse order. Pages/s is the median over rounds, with the slowest and
the fastest; ratios are of processor time within a round, medians over the rounds. Where other
work on the machine comes and goes between rounds, they are not the ratios of the medians beside
them. Start-up and the first {warm_up} pages are not counted. Where nothing else is said, adsift
reads many pages at once (`tag_many`, `strip_many`). Memory is the process's most, pages and
libraries included.
Extractors that take only `str` get the bytes as UTF-8."""

HOW_TEXT = """{texts:,} texts of {paragraphs:,} paragraphs ({source}). adsift cuts the texts
itself and judges each paragraph among its neighbours; the others get the paragraphs ready-made
and judge each alone. fastText (supervised, 16 dimensions, word bigrams) and the linear model
(hashed words and word pairs) were trained on {trained:,} labelled paragraphs of the same data.
MiniLM is a published encoder (all-MiniLM-L6-v2, six layers), a line a sequence, 32 at a time
through ONNX Runtime with one thread; it reads as many paragraphs as it can in a minute."""

HOW_QUALITY = """What `strip --drop commerce,boilerplate` and main-text extractors are both for,
on labelled pages, by the metric of `adsift evaluate`: a labelled block is kept if the result
holds its words. Extractors: {pages} HTML pages, in brackets the 95 % interval of a bootstrap
over pages. **adsift's figures are not measured here: its shipped model was trained on these
pages.** They are the cross-validated ones of its [model card](../models/default/README.md),
mean ± standard deviation over folds by site, for HTML and Markdown documents together. The
labels are those of a large language model. Core-seconds are those of the table above."""

HOW_SCALING = """Made-up pages and texts (`made_pages.py`); the least of several measurements,
one core. The exponent is the slope of log time over log size over the largest two powers of
ten: 1 is linear. "html parse" is lexbor's parser alone, and no page that is read can cost less."""


def write_report(results: Results, folder: Path, root: Path | None = None) -> None:
    """Write everything into the folder's ``README.md``, and what others need into their files.

    Args:
        results: as in ``results.json``.
        folder: of the full report; a README with nothing but markers is made if there is none.
        root: of the repository, whose README takes the short table, and ``docs/scale.md`` the
            costs, where they are there and have the markers.
    """
    own = folder / "README.md"
    if not own.is_file():
        own.write_text("\n".join(["# Benchmarks", "", *RESULTS, ""]), encoding="utf-8")
    _paste_into(own, full_report(results), RESULTS)
    if root is None:
        return
    for path, table, markers in (
        (root / "README.md", short_table(results), MARKERS),
        (root / "docs" / "scale.md", cost_table(results), costs.MARKERS),
    ):
        if table and path.is_file():
            _paste_into(path, table, markers)


def _paste_into(path: Path, table: str, markers: tuple[str, str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = paste(before, table, markers)
    if after != before:
        path.write_text(after, encoding="utf-8")


def paste(text: str, table: str, markers: tuple[str, str] = MARKERS) -> str:
    """A text with a table between two markers; as it was if it has none."""
    first, last = map(re.escape, markers)
    return re.sub(
        f"{first}.*?{last}",
        lambda _: f"{markers[0]}\n{table}\n{markers[1]}",
        text,
        count=1,
        flags=re.DOTALL,
    )


def full_report(results: Results) -> str:
    """Everything that was measured."""
    parts: list[str] = []
    if machine := results.get("machine"):
        parts.append("## Where\n\n" + _machine(machine))
    for name, section in (
        ("speed", _speed),
        ("text", _text),
        ("quality", _quality),
        ("workers", _workers),
        ("scaling", _scaling),
    ):
        if name in results:
            parts.append(section(results))
    return "\n\n".join(part.rstrip() for part in parts)


def short_table(results: Results) -> str:
    """The main ways of adsift beside the peers: speed, and quality where it is known; and below
    what of its goals was reached."""
    contenders = results.get("speed", {}).get("contenders", {})
    quality = results.get("quality", {})
    rows = []
    for name, found in contenders.items():
        if "failed" in found or (found["group"] == "adsift" and name not in (TAG, STRIP)):
            continue
        lost, leaked = _lost_and_leaked(name, quality)
        rows.append(
            [
                name,
                f"{found['pages_per_second']:,.0f}",
                _times(found["times_trafilatura"]),
                lost,
                leaked,
            ]
        )
    header = ["", "pages/s", "times trafilatura", "content lost", "commerce leaked"]
    goals = _goals(results) if contenders else ""
    return "\n\n".join(part for part in (_table(header, rows), goals) if part)


def _machine(machine: Results) -> str:
    return (
        f"{machine['processor']}, {machine['cores']} cores lent, {machine['system']}, "
        f"Python {machine['python']}; adsift {machine['adsift']} "
        f"with {'its compiled core' if machine['compiled'] else 'no compiled core'}."
    )


def _speed(results: Results) -> str:
    speed = results["speed"]
    rows = []
    for name, found in speed["contenders"].items():
        if "failed" in found:
            rows.append([name, f"not measured: {_cell(found['failed'])}", *[""] * 8])
            continue
        rows.append(
            [
                name,
                f"{found['pages_per_second']:,.1f}",
                f"{found['slowest']:,.1f} to {found['fastest']:,.1f}",
                f"{1000 / found['pages_per_second']:.2f}",
                f"{found['megabytes_per_second']:,.1f}",
                f"{found['cpu_seconds_per_1000_pages']:,.1f}",
                f"{found['peak_memory_bytes'] / 1e6:,.0f}",
                _times(found["times_trafilatura"]),
                _times(found["times_resiliparse"]),
                str(found["errors"]),
            ]
        )
    header = [
        "HTML",
        "pages/s",
        "slowest to fastest round",
        "ms a page",
        "MB/s",
        "core-seconds per 1,000 pages",
        "peak memory, MB",
        "times trafilatura",
        "times resiliparse",
        "errors",
    ]
    how = HOW_SPEED.format(
        pages=speed["pages"],
        megabytes=speed["bytes"] / 1e6,
        each=speed["bytes"] / speed["pages"] / 1e3,
        rounds=speed["rounds"],
        warm_up=WARM_UP,
    )
    plot = "![Pages a second](../docs/benchmarks/speed.svg)"
    parts = ["## HTML", how, _table(header, rows), _versions(results), _goals(results), plot]
    return "\n\n".join(part for part in parts if part)


def _versions(results: Results) -> str:
    found = results["speed"]["contenders"].values()
    packages = {one["package"]: one["version"] for one in found if one["group"] != "adsift"}
    return (
        "Versions: "
        + ", ".join(f"{name} {version}" for name, version in packages.items() if version)
        + "."
    )


def _goals(results: Results) -> str:
    """The speed that the project wants, and whether it has it."""
    contenders = results["speed"]["contenders"]
    lines = []
    for name in (TAG, STRIP):
        for reference, key, goal in (
            (REFERENCE, "times_trafilatura", 10.0),
            (FAST_REFERENCE, "times_resiliparse", 0.8),
        ):
            if contenders.get(name, {}).get(key) is not None:
                lines.append(_goal(name, reference, contenders[name], key, goal))
    text = results.get("text", {}).get("contenders", {}).get("adsift tag", {})
    if text.get("times_fasttext") is not None:
        lines.append(_goal("adsift tag (text)", TEXT_REFERENCE, text, "times_fasttext", 1.0))
    return "Goals: " + "; ".join(lines) + "." if lines else ""


def _goal(name: str, reference: str, found: Mapping[str, Any], key: str, goal: float) -> str:
    value = found[key]
    said, other = ("reached", "missed") if value >= goal else ("missed", "reached")
    rounds = found.get(by_round(key)) or [value]
    exceptions = sum((one >= goal) != (value >= goal) for one in rounds)
    if exceptions:
        said += f" by the median, {other} in {exceptions} of {len(rounds)} rounds"
    apart = f"; {_times(min(rounds))} to {_times(max(rounds))}" if len(rounds) > 1 else ""
    return f"{name} at {goal:g} times {reference} or more: {said} ({_times(value)}{apart})"


def _text(results: Results) -> str:
    text = results["text"]
    rows = []
    for name, found in text["contenders"].items():
        if "failed" in found:
            rows.append([name, f"not measured: {_cell(found['failed'])}", *[""] * 5])
            continue
        rows.append(
            [
                name,
                f"{found['paragraphs_per_second']:,.0f}",
                f"{found['slowest']:,.0f} to {found['fastest']:,.0f}",
                f"{found['cpu_seconds_per_million_paragraphs']:,.1f}",
                f"{found['peak_memory_bytes'] / 1e6:,.0f}",
                _times(found["times_fasttext"]),
                f"{found['paragraphs_read']:,}",
            ]
        )
    header = [
        "plain text",
        "paragraphs/s",
        "slowest to fastest round",
        "core-seconds per million paragraphs",
        "peak memory, MB",
        "times fastText",
        "paragraphs read",
    ]
    return "\n\n".join(["## Plain text", HOW_TEXT.format(**text), _table(header, rows)])


def _quality(results: Results) -> str:
    quality = results["quality"]
    rows = []
    for policy, name in (
        ("strip commerce", "adsift strip commerce"),
        (POLICY, STRIP),
    ):
        figures = quality["cross-validated"][policy]
        values = [f"{figures[key][0]:.3f} ± {figures[key][1]:.3f}" for key in FIGURES]
        rows.append([f"{name} (cross-validated)", *values, _cost(name, results), ""])
    for name, found in quality.get("extractors", {}).items():
        if "failed" in found:
            rows.append([name, f"not measured: {_cell(found['failed'])}", *[""] * 4])
            continue
        values = [_interval(found[key]) for key in FIGURES]
        rows.append([name, *values, _cost(name, results), str(found["errors"])])
    header = [
        "",
        *FIGURES,
        "core-seconds per 1,000 pages",
        "errors",
    ]
    how = HOW_QUALITY.format(pages=quality.get("pages", 0))
    plot = "![Content lost against commerce leaked](../docs/benchmarks/quality.svg)"
    return "\n\n".join(["## Quality beside speed", how, _table(header, rows), plot])


def _workers(results: Results) -> str:
    workers = results["workers"]
    if "failed" in workers:
        return f"## Two workers\n\nNot measured: {workers['failed']}."
    rates = workers["documents_per_second"]
    return (
        "## Two workers\n\n"
        f"`adsift.corpus.clean` over {workers['documents']:,} pages as JSON lines "
        f"({workers['bytes'] / 1e6:.0f} MB), start of the processes included, median of "
        f"{workers['rounds']} round(s): {rates['1']:,.1f} documents/s with one worker, "
        f"{rates['2']:,.1f} with two, {workers['gain']:.2f} times as many. Two runs of one worker "
        "that share nothing, each over half of the pages, make "
        f"{rates['apart']:,.1f}, {workers['gain_apart']:.2f} times as many: more than that this "
        "machine's second core does not give."
    )


def _scaling(results: Results) -> str:
    rows = []
    for curve in results["scaling"]:
        name = [curve["axis"], curve["operation"]]
        if "failed" in curve:
            rows.append([*name, f"not measured: {_cell(curve['failed'])}", "", "", ""])
            continue
        exponent = curve["exponent"]
        times = ", ".join(
            f"{point['size']:,}: {_seconds(point['seconds'])}" for point in curve["points"]
        )
        rows.append(
            [
                *name,
                "" if exponent is None else f"{exponent:.2f}",
                times,
                f"{curve['peak_memory_bytes'] / 1e6:,.0f}",
                curve["note"],
            ]
        )
    header = ["what grows", "operation", "exponent", "time by size", "peak memory, MB", "note"]
    plot = "![Time against size](../docs/benchmarks/scaling.svg)"
    return "\n\n".join(["## Time against size", HOW_SCALING, _table(header, rows), plot])


def _lost_and_leaked(name: str, quality: Results) -> tuple[str, str]:
    if name == STRIP and "cross-validated" in quality:
        figures = quality["cross-validated"][POLICY]
        return (f"{figures[FIGURES[0]][0]:.3f} \\*", f"{figures[FIGURES[1]][0]:.3f} \\*")
    found = quality.get("extractors", {}).get(name)
    if not found or "failed" in found:
        return "", ""
    lost, leaked = (_fixed(found[key][0]) for key in FIGURES[:2])
    return lost, leaked


def _cost(name: str, results: Results) -> str:
    found = results.get("speed", {}).get("contenders", {}).get(name, {})
    cost = found.get("cpu_seconds_per_1000_pages")
    return "" if cost is None else f"{cost:,.1f}"


def _interval(values: Sequence[float | None]) -> str:
    value, low, high = map(_fixed, values)
    return f"{value} ({low} to {high})"


def _fixed(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _seconds(value: float) -> str:
    return f"{value:,.1f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")[:120]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results.json")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text(encoding="utf-8"))
    write_report(results, ROOT / "benchmarks", ROOT)


if __name__ == "__main__":
    main()
