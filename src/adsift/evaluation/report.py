"""The report: one HTML file that needs nothing else, no script and no network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from adsift import __version__
from adsift.document import Label
from adsift.evaluation.breakdown import WorstPage, by_site, worst_pages
from adsift.evaluation.charts import Series, chart, round_up
from adsift.evaluation.content import (
    SITE_FIGURES,
    THRESHOLD_LABELS,
    Run,
    counts,
    draw_curves,
)
from adsift.evaluation.curves import Curve, reliability
from adsift.evaluation.judged import KINDS, LABELS, Judged
from adsift.evaluation.measure import Evaluation, Measured, ViewResult
from adsift.evaluation.metrics import CALIBRATION_ERROR, POLICIES
from adsift.evaluation.wording import HEADLINE, shown, signed, with_interval

EXCERPTS = 3
EXCERPT = 200
"""Blocks shown of a bad page, and the characters shown of each."""

VIEW_HELP = {
    "html": "the pages as they were fetched",
    "text": "the same pages without markup and links",
    "extracted": "what trafilatura makes of them; blocks that it dropped do not count",
}
HELP = (
    "Every page weighs 1; in its page a block weighs min(words, 60) + 1. A labelled block takes "
    "the label of the paragraph that holds its words; one that no paragraph holds counts as "
    "boilerplate. Content is news and analysis: “lost” is the share of it that a strip "
    "removes, “leaked” the share of commerce or boilerplate that it leaves. Intervals "
    "are 95 % by bootstrap over pages; pages of one site resemble each other, so with few sites "
    "they are too narrow. A dash: the data has nothing that the figure could be taken from."
)
COMPARE_HELP = (
    "Difference: the model less the other one, on the same pages and the same draws (paired "
    "bootstrap). p is two-sided. Each stands for itself: of twenty figures one has p below 0.05 "
    "by chance."
)

_COLOURS = {label: f"var(--{label})" for label in LABELS}
_POLICY_COLOURS = dict(zip(POLICIES, ("var(--commerce)", "var(--news)"), strict=True))

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#5b6570;--grid:#d5dae0;
--shade:#2a78d6;--news:#2a78d6;--analysis:#8a4fbf;--boilerplate:#6b7280;--commerce:#c8501e}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#15181c;--soft:#9aa5b1;
--grid:#3a4149;--shade:#4b93e8;--news:#62a8f5;--analysis:#bb8ae8;--boilerplate:#a3adb8;
--commerce:#f08a55}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:1180px;margin:0 auto;padding:1.5rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem;border-bottom:1px solid var(--grid)}
p.help,.legend,figcaption,caption{color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0 1rem}
caption{text-align:left;padding:.2rem 0}
th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--grid);
font-variant-numeric:tabular-nums}
th:first-child,td:first-child,td.text{text-align:left}td.text{min-width:22rem;max-width:44rem;
overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:1rem}
figure{margin:0}figure>svg{width:100%;height:auto}polyline{fill:none;stroke-width:2}
circle{fill-opacity:.75}.grid{stroke:var(--grid);stroke-width:.7;fill:none}
svg text{font-size:11px;fill:var(--soft)}svg text.number{font-size:13px;font-weight:700;
stroke:var(--paper);stroke-width:4;paint-order:stroke}.legend{font-size:13px;margin:.2rem 0}
.legend span{margin-right:.8rem;white-space:nowrap}summary{cursor:pointer;font-weight:600}
"""


def render_report(run: Run, evaluation: Evaluation) -> str:
    """The whole report. It holds excerpts of the user's own pages."""
    title = f"adsift evaluate: {run.model}"
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_about(run))}</p>",
        *(f"<p><strong>{escape(note)}</strong></p>" for note in run.notes),
        f'<p class="help">{HELP}</p>',
        _overview(evaluation),
    ]
    for view, result in evaluation.items():
        parts += _view(run, view, result)
    return "\n".join([*parts, "</body></html>\n"])


def _about(run: Run) -> str:
    other = f", compared with {run.other}" if run.other is not None else ""
    return (
        f"Data: {run.data}. Model: {run.model}{other}. Seed {run.seed}, {run.resamples} "
        f"resamples. adsift {__version__}."
    )


def _overview(evaluation: Evaluation) -> str:
    rows = [
        [name, *(with_interval(*result.figures[name]) for result in evaluation.values())]
        for name in HEADLINE
    ]
    return _table(["figure", *evaluation], rows)


def _view(run: Run, view: str, result: ViewResult) -> list[str]:
    pages, blocks, sites = counts(result.ours)
    measured = result.ours
    return [
        f"<h2>{view}</h2>",
        f'<p class="help">{VIEW_HELP[view]}: {pages} pages'
        f"{f' of {sites} sites' if sites else ''}, {blocks} labelled blocks.</p>",
        *_comparison(run, result),
        "<h3>Labels</h3>",
        _labels(measured),
        _confusion(measured),
        "<h3>Commerce kinds</h3>",
        _kinds(measured),
        "<h3>Curves</h3>",
        _charts(run, result),
        *_sites(measured),
        "<h3>Worst pages</h3>",
        *_worst(measured.judged),
    ]


def _comparison(run: Run, result: ViewResult) -> list[str]:
    if result.theirs is None or result.differences is None:
        return []
    rows = {
        name: [
            name,
            shown(result.figures[name].value),
            shown(result.theirs.figures[name].value),
            signed(difference.value),
            f"{signed(difference.low)} to {signed(difference.high)}",
            shown(difference.p),
        ]
        for name, difference in result.differences.items()
    }
    heads = ["figure", run.model, run.other or "", "difference", "95 % interval", "p"]
    return [
        "<h3>Comparison</h3>",
        f'<p class="help">{COMPARE_HELP}</p>',
        _table(heads, [rows[name] for name in HEADLINE]),
        f"<details><summary>All figures</summary>{_table(heads, rows.values())}</details>",
    ]


def _labels(measured: Measured) -> str:
    rows = [
        [
            label,
            *(
                with_interval(*measured.figures[f"{name} {label}"])
                for name in ("precision", "recall", "F1", CALIBRATION_ERROR)
            ),
        ]
        for label in LABELS
    ]
    return _table(["label", "precision", "recall", "F1", "calibration error"], rows)


def _confusion(measured: Measured) -> str:
    confusion = measured.sums.total().confusion
    rows = []
    for label, weights in zip(LABELS, confusion, strict=True):
        whole = weights.sum()
        cells = "".join(_shaded(weight / whole if whole else 0.0, weight) for weight in weights)
        rows.append(f"<tr><th>{label}</th>{cells}</tr>")
    heads = "".join(f"<th>{label}</th>" for label in LABELS)
    return (
        '<div class="scroll"><table><caption>Rows: true label, columns: predicted. Share of the '
        f"row, and its weight in pages.</caption><tr><th></th>{heads}</tr>{''.join(rows)}"
        "</table></div>"
    )


def _shaded(share: float, weight: float) -> str:
    return (
        f'<td style="background:color-mix(in srgb,var(--shade) {60 * share:.0f}%,transparent)">'
        f"{share:.3f} ({weight:.2f})</td>"
    )


def _kinds(measured: Measured) -> str:
    names = ("precision", "recall", "F1", "leaked")
    weights = measured.sums.total().kinds.sum(-1)
    rows = [
        [
            kind,
            f"{weight:.2f}",
            *(with_interval(*measured.figures[f"{name} {kind}"]) for name in names),
        ]
        for kind, weight in zip(KINDS, weights, strict=False)
    ]
    right = with_interval(*measured.figures["right kind of commerce found"])
    return _table(["kind", "weight in pages", *names[:3], "leaked (strip commerce)"], rows) + (
        f'<p class="help">Of the commerce that was found, {right} is of the kind said.</p>'
    )


def _charts(run: Run, result: ViewResult) -> str:
    measured = [("", result.ours)]
    if result.theirs is not None:
        measured = [(f"{run.model}: ", result.ours), (f"{run.other}: ", result.theirs)]
    curves = [(prefix, draw_curves(model)) for prefix, model in measured]
    parts = [_reliability(f"{prefix}reliability", model) for prefix, model in measured]
    parts.append(
        chart(
            "Precision and recall",
            "recall",
            "precision",
            [
                _line(prefix + label, of[f"precision and recall: {label}"], _COLOURS[label], i)
                for i, (prefix, of) in enumerate(curves)
                for label in THRESHOLD_LABELS
            ],
        )
    )
    risks = [of["risk and coverage"] for _, of in curves]
    highest = max((float(curve.y.max()) for curve in risks if len(curve.y)), default=1.0)
    parts.append(
        chart(
            "Risk and coverage",
            "coverage: share of blocks judged, surest first",
            "risk: share of wrong labels",
            [
                _line(f"{prefix}all labels", of["risk and coverage"], "var(--news)", i)
                for i, (prefix, of) in enumerate(curves)
            ],
            y_max=round_up(highest),
        )
    )
    parts.append(_loss_and_leak(measured, curves))
    return f'<div class="charts">{"".join(parts)}</div>'


def _line(name: str, curve: Curve, colour: str, model: int) -> Series:
    points = list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
    area = "" if math.isnan(curve.area) else f" (area {curve.area:.3f})"
    return Series(name + area, points, colour, dashed=model > 0)


def _reliability(title: str, measured: Measured) -> str:
    series = [
        Series(
            label,
            list(zip(points.said.tolist(), points.true.tolist(), strict=True)),
            _COLOURS[label],
            sizes=[2 + 8 * math.sqrt(weight) for weight in points.weight.tolist()],
        )
        for label, points in reliability(measured.sums.total()).items()
    ]
    return chart(title, "probability said", "share of blocks", series, diagonal=True)


def _loss_and_leak(
    measured: Sequence[tuple[str, Measured]], curves: Sequence[tuple[str, dict[str, Curve]]]
) -> str:
    series = []
    furthest = 0.02
    for i, ((prefix, model), (_, of)) in enumerate(zip(measured, curves, strict=True)):
        for policy, colour in _POLICY_COLOURS.items():
            curve = of[f"{policy}: content lost and commerce leaked"]
            series.append(_line(prefix + policy, curve, colour, i))
            point = tuple(
                model.figures[f"{policy}: {name}"].value
                for name in ("content lost", "commerce leaked")
            )
            if not any(map(math.isnan, point)):
                furthest = max(furthest, point[0])
                here = f"{prefix}{policy}, most probable label"
                series.append(Series(here, [(point[0], point[1])], colour, sizes=[5], line=False))
    return chart(
        "Content lost against commerce leaked, over thresholds",
        "content lost",
        "commerce leaked",
        series,
        x_max=round_up(2 * furthest),
    )


def _sites(measured: Measured) -> list[str]:
    sites = by_site(measured.judged, measured.sums)
    if len(sites) < 2:
        return []
    rows = [
        [
            site.site,
            str(site.pages),
            str(site.blocks),
            shown(site.wrong),
            *(shown(site.figures[name]) for name in SITE_FIGURES),
        ]
        for site in sites
    ]
    table = _table(["site", "pages", "blocks", "wrong", *SITE_FIGURES], rows)
    return [
        f"<h3>Sites</h3><details><summary>{len(sites)} sites, the one with the most wrong weight "
        f"first</summary>{table}</details>"
    ]


def _worst(judged: Judged) -> Iterable[str]:
    for name, pages in worst_pages(judged).items():
        if pages:
            rows = "".join(_worst_rows(judged, page) for page in pages)
            yield (
                f'<details><summary>{escape(name)}</summary><div class="scroll"><table><tr>'
                "<th>page</th><th>share of the page</th><th>true</th><th>predicted</th>"
                f"<th>text</th></tr>{rows}</table></div></details>"
            )
        else:
            yield f"<p>{escape(name)}: none.</p>"


def _worst_rows(judged: Judged, worst: WorstPage) -> str:
    out = []
    for index, row in enumerate(worst.rows[:EXCERPTS]):
        text = " ".join(worst.page.blocks[judged.block[row]].text.split())
        excerpt = text if len(text) <= EXCERPT else text[:EXCERPT] + "…"
        predicted: Label = LABELS[judged.label[row]]
        probability = judged.probabilities[row, judged.label[row]]
        said = f"{predicted} {probability:.2f}" if judged.held[row] else "not emitted"
        first = (worst.page.id, f"{worst.weight:.3f}") if index == 0 else ("", "")
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in first)
        out.append(
            f"<tr>{cells}<td>{LABELS[judged.gold[row]]}</td><td>{said}</td>"
            f'<td class="text" dir="auto">{escape(excerpt)}</td></tr>'
        )
    return "".join(out)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
