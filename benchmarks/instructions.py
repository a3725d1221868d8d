"""How many instructions adsift executes for a fixed set of documents: ``make bench-instructions``.

    python benchmarks/instructions.py             # compare with instructions.json, fail on growth
    python benchmarks/instructions.py --update    # record

Times differ from run to run and from machine to machine; counts by valgrind's callgrind repeat to a
few parts in a thousand. The documents are our own: the seeds, and pages that are made up. Start-up,
and a first round over all documents, are not counted. The counts hold for one compiler, one Python
and one NumPy, so they stand on record with these; it takes about a minute of processor time.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from made_pages import nested_page, page_of_links, page_of_size, text_of_size
from pages import ROOT, SEEDS
from processes import ONE_THREAD

RECORD = ROOT / "benchmarks" / "instructions.json"
LIMIT = 0.03
"""Growth that fails."""

OF_EACH = 5
"""Seeds of each format; all of them would take minutes."""

BOTH = ("commerce", "boilerplate")

MARK = "ctermid"
"""A function of the C library that nothing calls but :func:`_mark`. Callgrind closes its books
whenever it is called, so that one process can count many things one by one."""

Case = Callable[[], object]


def make_cases() -> dict[str, Case]:
    """What is counted."""
    import adsift

    sift = adsift.load()
    seeds: dict[str, list[Any]] = {
        form: [
            adsift.Document(path.read_bytes(), name=path.name)
            for path in sorted(SEEDS.glob(f"*{ending}"))[:OF_EACH]
        ]
        for form, ending in (("text", ".txt"), ("markdown", ".md"), ("html", ".html"))
    }
    made = {
        "large page": page_of_size(200_000),
        "nested page": nested_page(500),
        "links": page_of_links(1000),
    }
    text = adsift.Document(text_of_size(50_000), format="text")
    cases: dict[str, Case] = {}
    for form, documents in seeds.items():
        cases[f"seeds, {form}: tag"] = _tag(sift, documents)
        cases[f"seeds, {form}: strip"] = _strip(sift, documents)
    for name, page in made.items():
        document = adsift.Document(page.encode(), format="html")
        cases[f"{name}: tag"] = _tag(sift, [document])
        cases[f"{name}: strip"] = _strip(sift, [document])
    cases["long text: tag"] = _tag(sift, [text])
    cases["long text: strip"] = _strip(sift, [text])
    return cases


def _tag(sift: Any, documents: list[Any]) -> Case:
    return lambda: [*sift.tag_many(documents)]


def _strip(sift: Any, documents: list[Any]) -> Case:
    return lambda: [*sift.strip_many(documents, BOTH)]


def run_cases() -> None:
    """Under callgrind: every case once, each after a mark and before one."""
    cases = make_cases()
    for case in cases.values():
        case()
    # When the collector runs depends on all that went before.
    gc.collect()
    gc.disable()
    for case in cases.values():
        _mark()
        case()
        _mark()
        gc.collect()


def _mark() -> None:
    os.ctermid()


def count() -> dict[str, int]:
    """The instructions of each case."""
    names = list(make_cases())
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counts"
        command = [
            "valgrind",
            "--tool=callgrind",
            f"--dump-before={MARK}",
            f"--callgrind-out-file={out}",
            sys.executable,
            str(Path(__file__).resolve()),
            "--child",
        ]
        if shutil.which("setarch"):  # hashes of addresses are then the same on every run
            command = ["setarch", "-R", *command]
        done = subprocess.run(
            command,
            env={**os.environ, **ONE_THREAD},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            sys.exit(f"error: valgrind failed: {done.stderr.decode(errors='replace')[-500:]}")
        # Dump 1 ends where the first case starts, dump 2 where it ends, and so on.
        return {
            name: read_total(out.with_name(f"{out.name}.{2 * number}"))
            for number, name in enumerate(names, 1)
        }


def read_total(dump: Path) -> int:
    """The instructions in a file of callgrind's."""
    found = re.search(r"^(?:totals|summary): (\d+)", dump.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{dump} holds no total")
    return int(found[1])


def describe_build() -> dict[str, str]:
    """What the counts depend on besides adsift."""
    from machine import is_compiled, processor

    return {
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
        "machine": platform.machine(),
        "processor": processor(),
        **{name: version(name) for name in ("numpy", "scipy", "selectolax")},
        "adsift": "compiled" if is_compiled() else "pure Python",
    }


def compare(
    recorded: Mapping[str, int], counted: Mapping[str, int], limit: float = LIMIT
) -> tuple[list[str], list[str]]:
    """Lines that show the change of each case, and the names of those that have grown too much.

    Args:
        recorded, counted: instructions by case.
        limit: the growth that is too much, as a share.
    """
    lines, grown = [], []
    for name, now in counted.items():
        before = recorded.get(name)
        if before is None:
            lines.append(f"{name:32} {now / 1e6:10.1f} M   not on record")
            continue
        change = now / before - 1
        lines.append(f"{name:32} {now / 1e6:10.1f} M   {change:+.1%}")
        if change > limit:
            grown.append(name)
    lines += [f"{name:32} no longer counted" for name in recorded if name not in counted]
    return lines, grown


def main(argv: list[str] | None = None) -> int:
    """Compare or record; 1 if a case has grown too much."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true", help="record instead of comparing")
    parser.add_argument("--record", type=Path, default=RECORD)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.child:
        run_cases()
        return 0
    if shutil.which("valgrind") is None:
        sys.exit("error: valgrind is not installed; your system's package of that name has it")
    record: dict[str, Any] = {"build": {}, "instructions": {}}
    if arguments.record.is_file():
        record = json.loads(arguments.record.read_text(encoding="utf-8"))
    elif not arguments.update:
        sys.exit(f"error: {arguments.record} does not exist: --update makes it")
    build, counted = describe_build(), count()
    lines, grown = compare(record["instructions"], counted)
    print("\n".join(lines))
    if arguments.update:
        text = json.dumps({"build": build, "instructions": counted}, indent=1)
        arguments.record.write_text(text + "\n", encoding="utf-8")
        return 0
    for name, value in build.items():
        if record["build"].get(name) != value:
            print(f"note: {name} is {value}; on record is {record['build'].get(name)}")
    if grown:
        print(f"more than {LIMIT:.0%} more instructions: {', '.join(grown)}", file=sys.stderr)
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main())
