"""What a corpus costs, from the results: the table of ``docs/scale.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contenders import STRIP, TAG

MARKERS = ("<!-- costs -->", "<!-- /costs -->")
"""Between these, ``docs/scale.md`` takes the table."""

DUMP = 2_500_000_000
"""Pages of a Common Crawl dump, about."""


def cost_table(results: Mapping[str, Any]) -> str:
    """Core-hours by what is done, and of a Common Crawl dump; empty without the measurements.

    Args:
        results: as in ``results.json``.
    """
    speed, text = results.get("speed", {}), results.get("text", {}).get("contenders", {})
    workers = results.get("workers", {"failed": ""})
    found = [speed.get("contenders", {}).get(name, {}) for name in (TAG, STRIP)]
    if not all("cpu_seconds_per_1000_pages" in one for one in found) or "failed" in workers:
        return ""
    tag, strip = (one["cpu_seconds_per_1000_pages"] for one in found)
    rates = workers["documents_per_second"]
    one, two = (1e6 * cores / rates[str(cores)] / 3600 for cores in (1, 2))
    rows = [
        (
            "tag, page in memory to labels",
            f"{tag:.2f} core-seconds per 1,000 pages",
            f"{tag / 3.6:.2f} core-hours per million pages",
        ),
        ("strip, page in memory to page", f"{strip:.2f}", f"{strip / 3.6:.2f}"),
        (
            "`adsift clean`, JSON lines to JSON lines with audit and patches",
            f"{rates['1']:.0f} pages/s, one worker, start included",
            f"{one:.1f} core-hours per million pages",
        ),
        (
            "… with two workers on two cores",
            f"{rates['2']:.0f} pages/s, {workers['gain']:.2f} times one",
            f"{two:.1f}",
        ),
    ]
    if "characters" in results.get("text", {}) and "failed" not in text.get(TAG, {"failed": ""}):
        cost = text[TAG]["cpu_seconds_per_million_paragraphs"]
        letters = results["text"]["characters"] / results["text"]["paragraphs"]
        rows.append(
            (
                "tag of plain text",
                f"{cost:.1f} core-seconds per million paragraphs, {letters / cost:.0f} million "
                "characters/s",
                f"{1e6 * cost / letters / 3600:.0f} core-hours per 10¹² characters",
            )
        )
    lines = ["| what | measured | makes |", "|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    each, billions = speed["bytes"] / speed["pages"], DUMP / 1e9
    tagging, stripping, cleaning = (DUMP / 1e6 * hours for hours in (tag / 3.6, strip / 3.6, one))
    return "\n".join(lines) + (
        f"\n\n**A Common Crawl dump**, projected and not run: for {billions:.1f} billion pages of "
        f"{each / 1e3:.0f} kB (assumed; real ones are smaller on average, and cost goes with size) "
        f"{tagging:,.0f} core-hours of tagging or {stripping:,.0f} of stripping in memory, and "
        f"{cleaning:,.0f} through `adsift clean` with its audit. On 1,000 cores that is "
        f"{tagging / 1000:.0f} to {cleaning / 1000:.0f} hours, if storage delivers "
        f"{DUMP * each / 1e12:,.0f} TB of HTML in that time: reading is the bottleneck long before "
        "the model is. WARC files are compressed about five to one, so the network carries a "
        "fifth of it."
    )
