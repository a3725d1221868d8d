"""One run: every input through a job and out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from adsift.cli.batches import Done, in_batches
from adsift.cli.exits import ExitCode, StartError
from adsift.cli.inputs import Found
from adsift.cli.jobs import Job
from adsift.cli.output import Sink
from adsift.cli.reading import End, Failure, ReadOptions, read_inputs
from adsift.cli.report import Report
from adsift.errors import AdsiftError, DocumentError, reason
from adsift.language import is_foreign

if TYPE_CHECKING:
    from adsift.separator import Separator

R = TypeVar("R")


def load_model(model: str | None) -> Separator:
    """Load a bundle.

    Raises:
        StartError: for whatever reason that fails.
    """
    import adsift

    try:
        return adsift.load(model)
    except Exception as error:
        raise StartError(f"cannot load the model: {reason(error)}") from error


def run(
    found: Found,
    options: ReadOptions,
    model: str | None,
    job: Job[R],
    sinks: Sequence[Sink],
    report: Report,
) -> ExitCode:
    """Do the job on every document of every input; what fails is reported and passed over.

    Args:
        found: the inputs.
        options: how to read them.
        model: the bundle.
        job: what to do.
        sinks: where the results go; those after the first are only opened and closed here.
        report: told about everything.

    Raises:
        StartError: the model cannot be loaded or cannot do the job.
    """
    for argument, problem in found.problems:
        report.failure(argument, problem)
    if found.inputs:
        sift = load_model(model)
        try:
            job.start(sift, report)
        except AdsiftError as error:
            raise StartError(reason(error)) from error
        with ExitStack() as stack:
            for sink in sinks:
                stack.enter_context(sink)
            stack.enter_context(report)
            for event in in_batches(read_inputs(found.inputs, options), partial(job.judge, sift)):
                _handle(event, job, sinks[0], report)
    return ExitCode.SOME_FAILED if report.failed else ExitCode.DONE


def _handle(event: Done[R] | Failure | End, job: Job[R], sink: Sink, report: Report) -> None:
    if isinstance(event, Failure):
        report.failure(event.where, event.reason)
    elif isinstance(event, Done):
        _finish(event, job, sink, report)
    else:
        try:
            sink.end(event)
        except DocumentError as error:
            report.failure(event.source.shown, str(error))
        report.file_done()


def _finish(done: Done[R], job: Job[R], sink: Sink, report: Report) -> None:
    item = done.item
    try:
        data = job.render(item, done.result)
    except Exception as error:
        report.failure(item.where, reason(error))
        return
    try:
        sink.write(item.source, data)
    except DocumentError as error:
        report.failure(item.where, str(error))
        return
    paragraphs = job.audit(item, done.result, report)
    if not paragraphs:
        what = "has no visible text" if item.text.strip() else "is empty"
    elif is_foreign(paragraph.text for paragraph in paragraphs):
        report.foreign += 1
        what = "seems not to be in English, the only language that adsift's models have learned"
    else:
        return
    # Of JSON lines the summary has the number; a note for each would be too many.
    if item.record is None:
        report.note(f"{item.where}: {what}")
