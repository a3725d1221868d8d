"""Where the time goes: a table by phase, and a flame graph. ``make bench-profile``, or

    python benchmarks/phases.py --pages ../shared/data/pages

The phases are told by timing the functions that ``PHASES`` names while documents are tagged and
stripped as a user does it. The time of a phase is without that of phases inside it. The table goes
to ``docs/benchmarks/phases.md``, the flame graph, which py-spy samples, beside it.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

from adsift.errors import AdsiftError
from flame import draw_flame_graph, read_stacks
from machine import describe_machine
from pages import MARKDOWN, ROOT, choose_pages, find_folder
from processes import usable_cores

OUTPUT = ROOT / "docs" / "benchmarks"

PHASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("decode", ("adsift.segment:as_utf8", "adsift.segment:decode")),
    ("detect the format", ("adsift.segment:detect_format",)),
    ("parse", ("adsift.segment.lexbor:parse_html",)),
    ("paragraphs", ("adsift.segment.lexbor:read_page", "adsift.segment:_segment_spans")),
    ("step 1", ("adsift.model.alone:Alone.score",)),
    ("layout", ("adsift.model.classifier:read_layout",)),
    ("context features", ("adsift.model.classifier:context_features",)),
    ("step 2", ("adsift.model.heads:Head.in_context",)),
    ("tag objects", ("adsift.model.classifier:tag_paragraphs",)),
    ("policy", ("adsift.policy:Policy.choose",)),
    (
        "removal",
        (
            "adsift.segment.lexbor:LexborSegmentation.without",
            "adsift.segment.spans:SpanSegmentation.without",
        ),
    ),
    (
        "serialise",
        (
            "adsift.segment.lexbor:LexborSegmentation.render",
            "adsift.segment.spans:SpanSegmentation.render",
        ),
    ),
)
"""Each phase, and its functions as ``module:name``, where they are looked up when called."""

REST = "everything else"

ROUNDS = 5
"""The least time of so many rounds counts, phase by phase."""

SAMPLES_A_SECOND = 400
FLAME_SECONDS = 15.0

Act = Callable[[], object]


class Clock:
    """Adds up the processor time of nested phases, each without those inside it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """What runs inside counts for this phase."""
        self._switch()
        self._open.append(name)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    def _switch(self) -> None:
        now = time.process_time()  # others on the machine disturb it less than the clock
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


@dataclass(frozen=True, slots=True)
class Place:
    """A function that can be replaced: an attribute of a module or a class."""

    owner: Any
    name: str

    @classmethod
    def of(cls, path: str) -> Place:
        """The place of a ``module:name``.

        Raises:
            AttributeError, ImportError: there is none.
        """
        module, _, rest = path.partition(":")
        owner: Any = importlib.import_module(module)
        *outer, name = rest.split(".")
        for part in outer:
            owner = getattr(owner, part)
        getattr(owner, name)
        return cls(owner, name)


@contextmanager
def timed(clock: Clock, phases: Sequence[tuple[str, Sequence[str]]] = PHASES) -> Iterator[None]:
    """Time the phases' functions while something runs."""
    places = [(name, Place.of(path)) for name, paths in phases for path in paths]
    before = [getattr(place.owner, place.name) for _, place in places]
    for (name, place), function in zip(places, before, strict=True):
        setattr(place.owner, place.name, _timing(clock, name, function))
    try:
        yield
    finally:
        for (_, place), function in zip(places, before, strict=True):
            setattr(place.owner, place.name, function)


def _timing(clock: Clock, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def timing(*arguments: Any, **named: Any) -> Any:
        with clock.phase(name):
            return function(*arguments, **named)

    return timing


def measure_phases(act: Act, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of one core for each phase in one call, the least of several.

    Args:
        act: what is measured.
        rounds: how often it is called, after once without the clock.
    """
    act()
    found: list[defaultdict[str, float]] = []
    for _ in range(rounds):
        clock = Clock()
        with timed(clock), clock.phase(REST):
            act()
        found.append(clock.seconds)
    names = [*(name for name, _ in PHASES), REST]
    return {name: min(seconds[name] for seconds in found) for name in names}


def make_acts(pages: Sequence[bytes], files: Sequence[bytes]) -> dict[str, tuple[Act, int]]:
    """What is measured: each operation by its name, and of how many documents it is.

    Args:
        pages: HTML; their text is measured too.
        files: Markdown, if there is any.
    """
    import adsift
    from adsift.segment import segment

    sift = adsift.load()
    texts = [
        adsift.Document(
            "\n\n".join(p.text for p in segment(adsift.Document(page, format="html")).paragraphs),
            format="text",
        )
        for page in pages
    ]
    both = ("commerce", "boilerplate")

    def tag(documents: Sequence[bytes | adsift.Document]) -> None:
        for _ in sift.tag_many(documents):
            pass

    def strip(documents: Sequence[bytes | adsift.Document]) -> None:
        for _ in sift.strip_many(documents, both):
            pass

    acts: dict[str, tuple[Act, int]] = {}
    kinds: dict[str, Sequence[bytes | adsift.Document]] = {
        "html": pages,
        "text": texts,
        "markdown": [adsift.Document(file, format="markdown") for file in files],
    }
    for kind, documents in kinds.items():
        if documents:
            acts[f"{kind} tag"] = partial(tag, documents), len(documents)
            acts[f"{kind} strip"] = partial(strip, documents), len(documents)
    return acts


def phase_table(found: dict[str, dict[str, float]], counts: dict[str, int]) -> str:
    """A Markdown table in milliseconds a document: a row for each phase, a column an operation.

    Args:
        found: seconds by operation and phase.
        counts: documents that they were for, by operation.
    """
    rows = [["phase", *found], ["---"] * (1 + len(found))]
    for name in next(iter(found.values())):
        cells = [1000 * found[of][name] / counts[of] for of in found]
        rows.append([name, *(f"{cell:.3f}" if cell else "" for cell in cells)])
    totals = [1000 * sum(found[of].values()) / counts[of] for of in found]
    rows.append(["**together**", *(f"**{total:.3f}**" for total in totals)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def record_flame_graph(pages_folder: Path, count: int, seconds: float) -> str | None:
    """Sample a process that tags and strips; the graph as SVG, ``None`` if py-spy is not installed.

    Raises:
        RuntimeError: py-spy failed; some systems do not let it look into a process.
    """
    program = Path(sys.executable).with_name("py-spy")
    if not program.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "stacks.txt"
        options = ["--format", "raw", "--rate", str(SAMPLES_A_SECOND)]
        if sys.platform == "linux":  # elsewhere py-spy does not see into the compiled core
            options.append("--native")
        child = [str(Path(__file__).resolve()), "--child", str(seconds)]
        pages = ["--pages", str(pages_folder), "--count", str(count)]
        command = [str(program), "record", *options, "--output", str(raw), "--", sys.executable]
        done = subprocess.run([*command, *child, *pages], capture_output=True)
        if done.returncode or not raw.is_file():
            raise RuntimeError(f"py-spy failed: {done.stderr.decode(errors='replace')[-500:]}")
        stacks = read_stacks(raw.read_text(encoding="utf-8", errors="replace"), "run_for")
    return draw_flame_graph(stacks, "adsift: html tag and html strip, samples by function")


def run_for(acts: Sequence[Act], seconds: float) -> None:
    """Repeat what is sampled."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for act in acts:
            act()


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, help="folder of pages, ID.html or ID.html.gz")
    parser.add_argument("--count", type=int, default=100, help="pages")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--no-flame-graph", action="store_true")
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    try:
        folder = find_folder(arguments.pages)
    except AdsiftError as error:
        sys.exit(f"error: {error}")
    pages = choose_pages(folder, arguments.count)
    files = choose_pages(folder, arguments.count, endings=MARKDOWN)
    acts = make_acts(pages, files)
    if arguments.child:
        run_for([acts["html tag"][0], acts["html strip"][0]], arguments.child)
        return
    found = {name: measure_phases(act, arguments.rounds) for name, (act, _) in acts.items()}
    machine = describe_machine()
    table = phase_table(found, {name: count for name, (_, count) in acts.items()})
    print(table)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "phases.md").write_text(
        "# Where the time goes\n\n"
        f"Milliseconds of one core a document, {len(pages)} pages, their texts and {len(files)} "
        f"Markdown files, the least of {arguments.rounds} rounds phase by phase; "
        f"{machine['processor']}, Python {machine['python']}, adsift with "
        f"{'its compiled core' if machine['compiled'] else 'no compiled core'}. "
        f"`make bench-profile` measures it anew.\n\n{table}\n\n"
        "![Flame graph](flame.svg)\n",
        encoding="utf-8",
    )
    if arguments.no_flame_graph:
        return
    try:
        graph = record_flame_graph(folder, arguments.count, FLAME_SECONDS)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
    if graph is None:
        print("py-spy is not installed: no flame graph", file=sys.stderr)
    else:
        (arguments.output / "flame.svg").write_text(graph, encoding="utf-8")


if __name__ == "__main__":
    import os

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {usable_cores()[-1]})
    main()
