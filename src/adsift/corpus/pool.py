"""Tasks on many processes: results in the order of the tasks, and no document that kills a process
stops a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import cast

from adsift.corpus.feed import Ended
from adsift.corpus.manifest import Part
from adsift.corpus.work import Task, judge_chunk, work

Job = Task | Ended
Result = Part | Ended

AHEAD = 2
"""Tasks that a worker has waiting, its present one among them. Chunks in memory at any time are
this number times the workers."""


def run_tasks(tasks: Callable[[], Iterator[Job]], workers: int) -> Iterator[Result]:
    """Work on all tasks.

    Args:
        tasks: gives the tasks that are not done. It is asked again when a worker has died, so it must
            know which results have been taken from here.
        workers: processes; 1 works in this one, where nothing protects from a crash.
    """
    if workers == 1:
        yield from map(_do, tasks())
        return
    while True:
        try:
            yield from _parallel(_do, tasks(), workers)
            return
        except _worker_died():
            # The killer is among those that were under way.
            for task in islice(tasks(), AHEAD * workers + 1):
                yield _do_carefully(task)


def _do(job: Job) -> Result:
    return job if isinstance(job, Ended) else work(job)


def _do_carefully(job: Job) -> Result:
    if isinstance(job, Ended):
        return job
    numbers = range(job.chunk.first, job.chunk.first + job.chunk.count)
    killers = _killers(job, frozenset(numbers), list(numbers))
    return work(replace(job, killers=killers))


def _killers(task: Task, everything: frozenset[int], numbers: list[int]) -> frozenset[int]:
    """Which of these records no process survives."""
    if not numbers or _survives(replace(task, killers=everything.difference(numbers))):
        return frozenset()
    if len(numbers) == 1:
        return frozenset(numbers)
    middle = len(numbers) // 2
    return _killers(task, everything, numbers[:middle]) | _killers(
        task, everything, numbers[middle:]
    )


def _survives(task: Task) -> bool:
    try:
        for _ in _parallel(_try, iter([task]), 2):
            pass
    except _worker_died():
        return False
    return True


def _try(task: Task) -> None:
    judge_chunk(task)


def _parallel[T, R](function: Callable[[T], R], jobs: Iterator[T], workers: int) -> Iterator[R]:
    from joblib import Parallel, delayed

    parallel = Parallel(
        n_jobs=workers,
        return_as="generator",
        batch_size=1,
        pre_dispatch=AHEAD * workers,
        max_nbytes=None,
    )
    return cast("Iterator[R]", parallel(delayed(function)(job) for job in jobs))


def _worker_died() -> type[BaseException]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return cast("type[BaseException]", BrokenProcessPool)
