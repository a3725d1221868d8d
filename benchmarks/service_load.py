"""What the service bears: throughput, latencies, and whether anything is lost when it is too much.

    python benchmarks/service_load.py --seconds 60            # the seeds; wrk must be installed
    python benchmarks/service_load.py --seconds 300 --pages ../shared/data/pages --load 1 4

wrk posts documents to /v1/strip over as many connections as there are places (workers and queue)
times the load, each sending the next document when the last is answered: up to a load of 1 all
must be served, above it some must be refused. Beside it a client of our own sends documents whose
right answer it knows, and compares. Memory is that of the server and its workers together.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import adsift
from adsift.decode import decode

SEEDS = Path(__file__).parents[1] / "seeds"
SCRIPT = Path(__file__).with_suffix(".lua")
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=20, help="of each load")
    parser.add_argument("--load", type=float, nargs="+", default=[0.1, 1, 4])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--queue", type=int, default=64)
    parser.add_argument("--pages", type=Path, help="folder of .html.gz files, not the seeds")
    parser.add_argument(
        "--pause", type=int, default=0, help="ms for which a refused connection is silent"
    )
    parser.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args()
    bodies = read_bodies(arguments.pages)
    sift = adsift.load()
    known = [(body, sift.strip(next(iter(body.values()))).text) for body in bodies[:20]]
    places = arguments.workers + arguments.queue
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "bodies.jsonl"
        lines.write_text("".join(json.dumps(body) + "\n" for body in bodies))
        print(f"{len(bodies)} documents, {lines.stat().st_size / len(bodies) / 1e3:.1f} kB each\n")
        service = start(arguments)
        try:
            header = (
                "load",
                "connections",
                "served/s",
                "refused/s",
                "p50 ms",
                "p99 ms",
                "other answers",
                "lost",
                "checked",
                "wrong",
                "server CPU ms/request",
                "worker CPU ms/served",
                "memory MB before",
                "after",
            )
            print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
            for load in arguments.load:
                connections = max(1, round(load * places) - 1)  # and the one that checks
                row = measure(arguments, service, connections, lines, known)
                print(f"| {load:g} | {connections} | {' | '.join(row)} |", flush=True)
        finally:
            service.terminate()
            code = service.wait(60)
    print(f"\nThe service ended with code {code}.")


def start(arguments: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "adsift", "serve", "--quiet"]
    for name in ("port", "workers", "queue"):
        command += [f"--{name}", str(getattr(arguments, name))]
    service = subprocess.Popen(command)
    for _ in range(600):
        time.sleep(0.1)
        if len(family(service.pid)) > arguments.workers and ask(arguments.port) == 200:
            return service
    raise SystemExit("the service did not start")


def ask(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def measure(
    arguments: argparse.Namespace,
    service: subprocess.Popen[bytes],
    connections: int,
    lines: Path,
    known: list[tuple[dict[str, str], str]],
) -> list[str]:
    before = usage(service.pid)
    checker = Checker(arguments.port, known)
    checker.start()
    command = ["wrk", "-t1", f"-c{connections}", f"-d{arguments.seconds}s", "--timeout", "60s"]
    command += ["-s", str(SCRIPT), f"http://127.0.0.1:{arguments.port}/v1/strip", "--"]
    done = subprocess.run(
        [*command, str(lines), str(arguments.pause)], capture_output=True, text=True, check=True
    )
    checker.stop = True
    checker.join()
    after = usage(service.pid)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    statuses = Counter(found["statuses"])
    served, refused = statuses.pop("200", 0), statuses.pop("503", 0)
    total = Counter(checker.statuses)
    every = served + refused + sum(statuses.values()) + sum(total.values())
    lost = sum(found[name] for name in ("connect", "read", "write", "timeout")) + checker.lost
    odd = statuses + Counter(
        {str(status): count for status, count in total.items() if status not in (200, 503)}
    )
    seconds = found["seconds"]
    server = after["server"] - before["server"]
    workers = after["workers"] - before["workers"]
    return [
        f"{served / seconds:.0f}",
        f"{refused / seconds:.0f}",
        f"{found['p50_ms']:.1f}",
        f"{found['p99_ms']:.1f}",
        str(dict(odd) or "none"),
        str(lost),
        str(total[200]),
        str(checker.wrong),
        f"{server / every * 1e3:.2f}",
        f"{workers / max(1, served + total[200]) * 1e3:.2f}",
        f"{before['memory'] / 1e6:.0f}",
        f"{after['memory'] / 1e6:.0f}",
    ]


class Checker(threading.Thread):
    """Sends documents one after the other, and compares what comes back."""

    def __init__(self, port: int, known: list[tuple[dict[str, str], str]]) -> None:
        super().__init__()
        self.port = port
        self.known = known
        self.statuses: Counter[int] = Counter()
        self.lost = self.wrong = 0
        self.stop = False

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        turn = 0
        while not self.stop:
            body, right = self.known[turn % len(self.known)]
            turn += 1
            try:
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/v1/strip", json.dumps(body), headers)
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                self.lost += 1
                connection.close()
                continue
            self.statuses[answer.status] += 1
            if answer.status == 200 and json.loads(text)["text"] != right:
                self.wrong += 1
            time.sleep(0.01)
        connection.close()


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def usage(pid: int) -> dict[str, float]:
    """Seconds of CPU of the server and of its workers, and bytes of memory that are theirs alone
    or, shared, counted once (the proportional set size)."""

    def seconds(process: int) -> float:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    processes = family(pid)
    memory = 0
    for process in processes:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                memory += int(line.split()[1]) * 1024
    return {
        "server": seconds(pid),
        "workers": sum(map(seconds, processes[1:])),
        "memory": memory,
    }


def read_bodies(pages: Path | None) -> list[dict[str, str]]:
    if pages is None:
        paths = sorted(path for path in SEEDS.iterdir() if path.suffix in (".txt", ".md", ".html"))
        paths = [path for path in paths if path.stem != "README"]
        texts = [(path.suffix, path.read_text(encoding="utf-8")) for path in paths]
        return [{"html" if suffix == ".html" else "text": text} for suffix, text in texts]
    found = sorted(pages.glob("*.html.gz"))[:300]
    return [{"html": decode(gzip.decompress(path.read_bytes()))} for path in found]


if __name__ == "__main__":
    main()
