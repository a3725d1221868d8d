"""Work on many processes, and what happens when one of them dies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adsift.compression import Codec
from adsift.corpus import CleanOptions, pool
from adsift.corpus.containers.jsonl import Jsonl
from adsift.corpus.feed import Ended
from adsift.corpus.manifest import Part
from adsift.corpus.pool import (
    TRIES,
    find_killers,
    run_tasks,
    survives,
    work_or_end,
    work_without_killers,
)
from adsift.corpus.record import Chunk, Fields, Outcome, Record, Rejected
from adsift.corpus.spool import LEAST, Spool, Spooled
from adsift.corpus.target import Target
from adsift.corpus.work import KILLED, Task, give_up, judge_chunk

CHUNKS, RECORDS = 6, 8


def die_of(killers: set[int], task: Task) -> tuple[int, list[int]]:
    """Stands for the work on a chunk: record numbers, unless one of them kills the process."""
    numbers = [
        number
        for number in range(task.chunk.first, task.chunk.first + task.chunk.count)
        if number not in task.killers
    ]
    if killers.intersection(numbers):
        os._exit(9)
    return task.chunk_number, numbers


class Deadly:
    """The work, picklable, with the records that kill."""

    def __init__(self, *killers: int) -> None:
        self.killers = set(killers)

    def __call__(self, task: Task) -> tuple[int, list[int]]:
        return die_of(self.killers, task)


def make_task(folder: Path, number: int, chunk: Chunk) -> Task:
    target = Target("a.jsonl", "a.jsonl", Jsonl(), None, Codec.NONE, False, "")
    return Task(0, number, "a", Jsonl(), target, chunk, CleanOptions(), folder)


@pytest.fixture
def tasks(tmp_path: Path) -> Callable[[set[int]], Iterator[Task | Ended]]:

    def remaining(done: set[int]) -> Iterator[Task | Ended]:
        for number in range(CHUNKS):
            if number not in done:
                data = b"{}\n" * RECORDS + b" " * (number % 2 * LEAST)
                chunk = Chunk(number * RECORDS, RECORDS, data)
                yield make_task(tmp_path, number, chunk)
        yield Ended(0, CHUNKS)

    return remaining


def collect(
    deadly: Deadly, tasks: Callable[[set[int]], Iterator[Task | Ended]], workers: int
) -> tuple[list[int], list[int]]:
    done: set[int] = set()
    chunks, records = [], []

    def rescue(task: Task) -> tuple[int, list[int]]:
        return deadly(replace(task, killers=find_killers(deadly, task)))

    for result in run_tasks(deadly, lambda: tasks(set(done)), workers, rescue):
        if isinstance(result, Ended):
            continue
        done.add(result[0])
        chunks.append(result[0])
        records += result[1]
    return chunks, records


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(
    workers: int, tasks: Callable[[set[int]], Iterator[Task | Ended]]
) -> None:
    chunks, records = collect(Deadly(), tasks, workers)
    assert chunks == list(range(CHUNKS))
    assert records == list(range(CHUNKS * RECORDS))


def test_a_record_that_kills_costs_only_itself(
    tasks: Callable[[set[int]], Iterator[Task | Ended]],
) -> None:
    killers = {13, 14, 40}
    chunks, records = collect(Deadly(*killers), tasks, 2)
    assert chunks == list(range(CHUNKS))
    assert records == [n for n in range(CHUNKS * RECORDS) if n not in killers]


def test_what_kills_is_kept_as_it_is_where_utf_8_has_no_bytes_for_it(tmp_path: Path) -> None:
    chunk = Chunk(0, 1, b'{"id": "a", "text": "It rained \\ud800."}\n')
    task = replace(make_task(tmp_path, 0, chunk), killers=frozenset({0}))
    judged, (reject,), _ = judge_chunk(task)
    assert (judged, reject.id, reject.reason) == ([], "a", KILLED)
    assert reject.raw.decode("utf-8", "surrogatepass") == "It rained \ud800."


def test_survives(tasks: Callable[[set[int]], Iterator[Task | Ended]]) -> None:
    first = next(tasks(set()))
    assert isinstance(first, Task)
    assert survives(Deadly(), first)
    assert not survives(Deadly(3), first)


class KilledFromOutside:
    """The work, whose process is killed a few times over each choice of records."""

    def __init__(self, folder: Path, deaths: int) -> None:
        self.folder, self.deaths = folder, deaths

    def __call__(self, task: Task) -> None:
        for death in range(self.deaths):
            mark = self.folder / f"{sorted(task.killers)} {death}"
            if not mark.exists():
                mark.touch()
                os._exit(9)


def tagged_lines(count: int) -> bytes:
    tag = {"index": 0, "start": 0, "end": 10, "label": "news", "kind": None, "probability": 1}
    return (json.dumps({"text": "It rained.", "adsift": [tag]}) + "\n").encode() * count


@pytest.mark.parametrize(("deaths", "kept"), [(TRIES - 1, 1), (TRIES, 0)])
def test_a_process_that_is_killed_from_outside_costs_nothing(
    deaths: int, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setattr(pool, "judge_chunk", KilledFromOutside(marks, deaths))
    task = make_task(tmp_path / "parts", 0, Chunk(0, 1, tagged_lines(1)))
    part = work_without_killers(replace(task, options=CleanOptions(mode="apply")))
    assert isinstance(part, Part)
    assert part.counts["documents"] == kept


class Unwritable(Jsonl):
    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        del chunk, fields, outcome
        raise RuntimeError("a mistake")


class Unreadable(Jsonl):
    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        del chunk, fields
        raise RuntimeError("a mistake")


@pytest.mark.parametrize(("container", "count"), [(Unwritable(), 4), (Unreadable(), 2)])
def test_rejects_of_a_chunk_that_is_given_up_are_as_many_as_are_counted(
    container: Jsonl, count: int, tmp_path: Path
) -> None:
    large = Rejected(3, "is too large", b"", 10**9)
    chunk = Chunk(0, 4, tagged_lines(2) + b"no JSON\n", oversize=(large,))
    task = make_task(tmp_path / "parts", 0, chunk)
    part = work_or_end(replace(task, options=CleanOptions(mode="apply"), container=container))
    assert isinstance(part, Part)
    (path,) = (tmp_path / "parts").rglob("*.rejects")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert part.counts["rejected"] == len(lines) == count
    assert any("a mistake" in line["reason"] for line in lines)


def test_rejects_of_a_chunk_that_is_given_up_are_in_order_and_each_has_its_reason(
    tmp_path: Path,
) -> None:
    large = Rejected(1, "is too large", b"", 10**9)
    chunk = Chunk(0, 3, tagged_lines(2), oversize=(large,))
    task = make_task(tmp_path / "parts", 0, chunk)
    give_up(replace(task, killers=frozenset({2})), "a mistake", readable=True)
    (path,) = (tmp_path / "parts").rglob("*.rejects")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["record"], line["reason"]) for line in lines] == [
        (0, "a mistake"),
        (1, "is too large"),
        (2, KILLED),
    ]


class KillsWhereItWrites(Jsonl):
    """Kills workers, and nobody who only judges: as records do that kill only now and then."""

    def __init__(self, folder: Path, deaths: int) -> None:
        self.folder, self.deaths, self.coordinator = folder, deaths, os.getpid()

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        assert os.getpid() != self.coordinator, "this would have killed the run"
        for death in range(self.deaths):
            mark = self.folder / str(death)
            if not mark.exists():
                mark.touch()
                os._exit(9)
        return super().render(chunk, fields, outcome)


@pytest.mark.parametrize(("deaths", "kept"), [(TRIES - 1, 2), (TRIES, 0)])
def test_what_kills_after_all_costs_its_chunk_and_not_the_run(
    deaths: int, kept: int, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    task = make_task(tmp_path / "parts", 0, Chunk(0, 2, tagged_lines(2)))
    options = CleanOptions(mode="apply")
    container = KillsWhereItWrites(marks, deaths)
    part = work_without_killers(replace(task, options=options, container=container))
    assert isinstance(part, Part)
    assert (part.counts["documents"], part.counts["rejected"]) == (kept, 2 - kept)
    lines = [line for path in tmp_path.rglob("*.rejects") for line in path.open()]
    assert [json.loads(line)["reason"] for line in lines] == [KILLED] * (2 - kept)


def digest(task: Task) -> tuple[int, str]:
    return task.chunk_number, hashlib.sha256(task.chunk.data).hexdigest()


@pytest.mark.parametrize("folder", ["parts", "missing"])
def test_chunks_of_all_sizes_reach_the_workers(folder: str, tmp_path: Path) -> None:
    """Large ones go through files; where these cannot be written, they go without."""
    (tmp_path / "parts").mkdir()
    sizes = [3 * LEAST, LEAST, 0, LEAST - 1, 2 * LEAST, 5, LEAST, 3 * LEAST + 1] * 3
    tasks = [
        make_task(tmp_path / folder, n, Chunk(n, 1, bytes([n]) * size))
        for n, size in enumerate(sizes)
    ]
    results = [*run_tasks(digest, lambda: iter([*tasks]), 2, digest)]
    assert results == [*map(digest, tasks)]
    assert [*(tmp_path / "parts").iterdir()] == []


def test_a_file_is_used_again_when_its_chunk_was_taken(tmp_path: Path) -> None:
    tasks = [
        make_task(tmp_path, n, Chunk(n, 1, data * LEAST))
        for n, data in enumerate([b"long", b"one", b"two", b"x"])
    ]
    with Spool() as spool:

        def put(task: Task) -> Spooled:
            spooled = spool.put(task)
            assert isinstance(spooled, Spooled)
            assert not spooled.task.chunk.data
            return spooled

        first, second = put(tasks[0]), put(tasks[1])
        assert first.path != second.path
        assert first.take() == tasks[0]
        third = put(tasks[2])  # shorter than what was there
        assert third.path == first.path
        assert (second.take(), third.take()) == (tasks[1], tasks[2])
        last = put(tasks[3])
        last.path.write_bytes(b"")
        with pytest.raises(OSError, match="cut short"):
            last.take()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("full", ["from the start", "halfway"])
def test_a_full_disk_is_left_to_the_parts(
    full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [make_task(tmp_path, n, Chunk(n, 1, b"x" * LEAST)) for n in range(3)]
    with Spool() as spool:
        first = spool.put(tasks[0])
        assert isinstance(first, Spooled)
        if full == "from the start":
            little = shutil.disk_usage(tmp_path)._replace(free=20 * LEAST)
            monkeypatch.setattr(shutil, "disk_usage", lambda _: little)
        else:
            opened = Path.open

            def refuse(path: Path, mode: str = "r", *rest: Any) -> Any:
                if mode == "r+b":
                    raise OSError(28, "No space left on device")
                return opened(path, mode, *rest)

            monkeypatch.setattr(Path, "open", refuse)
        assert spool.put(tasks[1]) is tasks[1]
        assert [path.name for path in tmp_path.glob("*/*")] == [first.path.name]
        monkeypatch.undo()
        assert spool.put(tasks[2]) is tasks[2]
        assert first.take() == tasks[0]
