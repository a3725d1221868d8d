"""Tasks on many processes: results in the order of the tasks, and no document that kills a process
stops a run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar, cast

from adsift.corpus.collector import spare_for_good, spared
from adsift.corpus.feed import Ended
from adsift.corpus.manifest import Part
from adsift.corpus.spool import Spool, Spooled
from adsift.corpus.work import KILLED, Task, give_up, judge_chunk, work
from adsift.errors import AdsiftError, DocumentError, reason
from adsift.orphans import end_with, is_worker

R = TypeVar("R")
T = TypeVar("T")
Job = Task | Ended

AHEAD = 2
"""Tasks that a worker has waiting, its present one among them. Chunks in memory at any time are
this number times the workers."""


TRIES = 3
"""Processes that must die of a record before it is blamed: the system kills for memory that others
took, too, and so do people."""


def run_tasks(
    function: Callable[[Task], R],
    tasks: Callable[[], Iterator[Job]],
    workers: int,
    rescue: Callable[[Task], R],
) -> Iterator[R | Ended]:
    """Work on all tasks; results come in their order, and marks of an input's end between them.

    Args:
        function: does a task; picklable.
        tasks: gives those that are not done. It is asked again when a worker has died, so it must
            know which results have been taken from here.
        workers: processes; 1 works in this one, where nothing protects from a crash.
        rescue: does a task that a worker may have died of, here.
    """
    if workers == 1:
        with spared():
            for job in tasks():
                yield job if isinstance(job, Ended) else function(job)
        return
    while True:
        try:
            with Spool() as spool:
                jobs = (_hand(job, spool) for job in tasks())
                yield from _parallel(partial(_do, function), jobs, workers)
            return
        except _worker_died():
            # The killer is among those that were under way.
            for job in islice(tasks(), AHEAD * workers + 1):
                yield job if isinstance(job, Ended) else rescue(job)


def work_or_end(task: Task) -> Part | Ended:
    """Do a task; the input ends there if nothing of it can be read.

    Raises:
        AdsiftError: the run cannot go on, as when a package is missing.
        OSError: the part's files cannot be written.
    """
    try:
        return work(task)
    except DocumentError as error:
        return Ended(task.input, task.chunk_number, reason(error))
    except (AdsiftError, OSError, MemoryError):
        raise
    except Exception as error:  # a mistake of ours, or of a library: it costs this chunk alone
        return give_up(task, f"the chunk cannot be worked on: {reason(error)}", readable=True)


def work_without_killers(task: Task) -> Part | Ended:
    """Do a task, but for the records that no process survives; these are rejected.

    Raises:
        AdsiftError, OSError: as for :func:`work_or_end`.
    """
    everything = frozenset(range(task.chunk.first, task.chunk.first + task.chunk.count))
    if not survives(judge_chunk, replace(task, killers=everything), TRIES):
        return give_up(task, KILLED)  # even to read it
    rest = replace(task, killers=find_killers(judge_chunk, task))
    # Not here: what kills only together, or now and then, is not found, and would end the run.
    for _ in range(TRIES):
        try:
            [part] = _parallel(work_or_end, iter([rest]), 2)
        except _worker_died():
            continue
        return part
    return give_up(rest, KILLED, readable=True)


def find_killers(function: Callable[[Task], object], task: Task) -> frozenset[int]:
    """The numbers of the records that no process survives that does this with the task."""
    numbers = range(task.chunk.first, task.chunk.first + task.chunk.count)
    return _killers(function, task, frozenset(numbers), list(numbers))


def survives(function: Callable[[Task], object], task: Task, tries: int = 1) -> bool:
    """Whether a process that does this task lives on, at least one of so many."""
    return any(_survives_once(function, task) for _ in range(tries))


def _survives_once(function: Callable[[Task], object], task: Task) -> bool:
    try:
        for _ in _parallel(function, iter([task]), 2):
            pass
    except _worker_died():
        return False
    return True


def _hand(job: Job, spool: Spool) -> Job | Spooled:
    return job if isinstance(job, Ended) else spool.put(job)


def _do(function: Callable[[Task], R], job: Job | Spooled) -> R | Ended:
    if isinstance(job, Ended):
        return job
    result = function(job.take() if isinstance(job, Spooled) else job)
    if is_worker():  # and not a thread of the user's process, to which joblib can be told
        spare_for_good()  # by now the model is loaded, and all modules are
    return result


def _killers(
    function: Callable[[Task], object], task: Task, everything: frozenset[int], numbers: list[int]
) -> frozenset[int]:
    others = everything.difference(numbers)
    # A death for nothing among several records only costs more tries, down to each of them alone.
    tries = TRIES if len(numbers) == 1 else 1
    if not numbers or survives(function, replace(task, killers=others), tries):
        return frozenset()
    if len(numbers) == 1:
        return frozenset(numbers)
    middle = len(numbers) // 2
    return _killers(function, task, everything, numbers[:middle]) | _killers(
        function, task, everything, numbers[middle:]
    )


def _parallel(function: Callable[[T], R], jobs: Iterator[T], workers: int) -> Iterator[R]:
    from joblib import Parallel, delayed

    parallel = Parallel(
        n_jobs=workers,
        return_as="generator",
        batch_size=1,
        pre_dispatch=AHEAD * workers,
        max_nbytes=None,
        initializer=end_with,
        initargs=(os.getpid(),),
    )
    results = cast("Generator[R]", parallel(delayed(function)(job) for job in jobs))
    try:
        for result in results:  # noqa: UP028 - which would close them with the warning
            yield result
    finally:
        with warnings.catch_warnings():
            # To a run that is stopped it is nothing that tasks are cancelled.
            warnings.filterwarnings("ignore", ".*have been cancelled", UserWarning)
            results.close()


def _worker_died() -> type[BaseException]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return cast("type[BaseException]", BrokenProcessPool)
