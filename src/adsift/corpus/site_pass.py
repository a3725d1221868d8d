"""The first pass of a run that remembers sites: what recurs on which."""

from __future__ import annotations

from adsift.corpus.feed import Ended, Feed
from adsift.corpus.options import OnStatus, Status
from adsift.corpus.pool import TRIES, run_tasks, survives
from adsift.corpus.record import Rejected
from adsift.corpus.site_memory import PageKeys, SiteMemory, page_keys
from adsift.corpus.work import Task
from adsift.errors import CorpusError
from adsift.segment import segment


def count_sites(feed: Feed, workers: int, on_status: OnStatus) -> SiteMemory:
    """Count what recurs, in the order of the inputs, whatever the number of workers.

    A pass that is stopped begins anew; it costs a fraction of the second.

    Raises:
        CorpusError: an input cannot be read on, though more of it may be there.
    """
    memory = SiteMemory()
    finished: set[int] = set()
    parts: dict[int, int] = {}
    documents = 0
    results = run_tasks(
        page_keys_of, lambda: feed.tasks(set(finished), dict(parts)), workers, _rescue
    )
    for result in results:
        if isinstance(result, Ended):
            if result.fatal:  # half a count would make another output than a whole one
                shown = feed.sources[result.input].shown
                raise CorpusError(f"cannot read {shown}: {result.problem}; go on with --resume")
            finished.add(result.input)
            continue
        task_input, keys = result
        parts[task_input] = parts.get(task_input, 0) + 1
        for page in keys:
            memory.add(page)
        documents += len(keys)
        on_status(
            Status(
                feed.sources[task_input].shown,
                len(finished),
                len(feed.sources),
                documents,
                0,
                0,
                None,
                "counting",
            )
        )
    return memory


def page_keys_of(task: Task) -> tuple[int, list[PageKeys]]:
    """The keys of a chunk's pages, and the number of its input."""
    found: list[PageKeys] = []
    try:
        entries = task.container.parse(task.chunk, task.options.fields)
    except Exception:  # the second pass rejects it and says why
        return task.input, found
    for entry in entries:
        if isinstance(entry, Rejected):
            continue
        try:
            paragraphs = segment(entry.document).paragraphs
        except Exception:  # as above
            continue
        keys = page_keys(entry.document.url, (paragraph.text for paragraph in paragraphs))
        if keys is not None:
            found.append(keys)
    return task.input, found


def _rescue(task: Task) -> tuple[int, list[PageKeys]]:
    # Of a chunk with a page that kills, nothing is counted; the second pass finds out which it is.
    return page_keys_of(task) if survives(page_keys_of, task, TRIES) else (task.input, [])
