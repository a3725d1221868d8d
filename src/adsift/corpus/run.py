"""A run: every input through the model and into the output, with an account of what was removed.

Parts go from the workers to the disk first, then into the manifest, and together into the output,
which gets its name when its input is whole. So a run that is stopped at any moment goes on where it
was.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

from adsift.atomic import write_file
from adsift.corpus.collisions import check_outputs
from adsift.corpus.delivery import Delivery
from adsift.corpus.extras import require_extra
from adsift.corpus.feed import Ended, Feed
from adsift.corpus.finding import Problem
from adsift.corpus.judge import separator
from adsift.corpus.layout import MANIFEST, SIDE, SITES, SUMMARY, Layout, cause, paste
from adsift.corpus.manifest import Line, Manifest, Part, names_of
from adsift.corpus.memory import peak_memory
from adsift.corpus.options import CleanOptions, OnStatus, RunOptions, Status
from adsift.corpus.pool import run_tasks, work_or_end, work_without_killers
from adsift.corpus.shares import Shares
from adsift.corpus.site_pass import count_sites
from adsift.corpus.sources import Source, find_sources
from adsift.corpus.summary import Counts, Summary
from adsift.corpus.target import Target
from adsift.errors import CorpusError, CorpusStartError, PolicyError
from adsift.model.shared import share_model
from adsift.policy import Bound, Policy, check_together

_SHOWN_PROBLEMS = 5
_SAVING = 1.0
"""Parts that come within so many seconds are waited for together. To wait for the disk after each
costs a run 3 % of its time, and most of it where disks are slow."""


def clean(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    options: CleanOptions | None = None,
    run: RunOptions | None = None,
    on_status: OnStatus | None = None,
) -> Summary:
    """Clean or tag a corpus.

    Args:
        inputs: files, folders, glob patterns, addresses that fsspec knows, or ``-``.
        output: a folder, here or remote; made if missing.
        options: what to do.
        run: how to go about it.
        on_status: told how far the run is.

    Returns:
        What it came to. Documents that could not be cleaned are counted there and lie in
        ``_adsift/rejects.jsonl`` with their reasons.

    Raises:
        CorpusStartError: the output holds another run or has no name, or the inputs stand for
            nothing.
        CorpusError: the output takes no more, or a document was rejected in a strict run.
        PolicyError: the labels to drop or a number make no sense.
        BundleError: the model cannot be loaded.
    """
    options, run = options or CleanOptions(), run or RunOptions()
    names, folder = [os.fspath(one) for one in inputs], os.fspath(output)
    if not folder:
        raise CorpusStartError("the output has no name: give a folder ('.' for this one)")
    separator.cache_clear()  # the bundle may have been made anew since an earlier run
    layout = Layout(folder, run.work_dir)
    notes = _check(options)
    sources, problems = find_sources(names, options, folder)
    if not sources:
        raise CorpusStartError(_nothing(problems))
    _check_streams(sources, options, run)
    check_outputs(sources, options, folder)
    manifest = Manifest(layout.manifest, _header(layout, sources, options))
    with closing(manifest):
        state = _Run(layout, sources, options, run, manifest, on_status)
        try:
            state.start()
            for shown, reason in problems:
                state.argument_problem(shown, reason)
            state.go()
            return state.close(notes)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = error.filename or layout.work
            raise CorpusError(f"cannot write {where}: {cause(error)}") from error
        finally:
            state.stop()


class _Run:
    def __init__(
        self,
        layout: Layout,
        sources: Sequence[Source],
        options: CleanOptions,
        run: RunOptions,
        manifest: Manifest,
        on_status: OnStatus | None,
    ) -> None:
        self._layout, self._sources, self._options, self._run = layout, sources, options, run
        self._manifest = manifest
        self._on_status = on_status or (lambda _: None)
        self._delivery = Delivery(layout, sources, options, run.stream)
        self._counts = Counts()
        self._read = self._memory = 0
        self._unfinished: dict[int, list[Part]] = {}
        self._unsaved: list[Part] = []
        self._saved = time.monotonic()
        self._shares = Shares([source.size for source in sources])

    def start(self) -> None:
        """Begin the manifest, or take in what it says is done."""
        if self._run.resume and any(source.is_stream for source in self._sources):
            raise CorpusStartError("a stream cannot be read again, so a run of it cannot go on")
        gone = None
        if self._layout.holds_run() and not self._run.overwrite:
            if not self._run.resume:
                raise CorpusStartError(
                    f"{self._layout.work} holds a run already: go on with it (--resume), start "
                    "anew (--overwrite), or choose another output"
                )
            for line in self._manifest.resume():
                self._done_before(line)
                gone = gone or self._delivery.gone(line)
            self._check_parts()
        else:
            if self._layout.holds_finished_run() and not self._run.overwrite:
                raise CorpusStartError(
                    f"{self._layout.output} holds a finished run: start anew (--overwrite), or "
                    "choose another output"
                )
            layout = self._layout
            self._manifest.begin(
                clear=lambda old: layout.clear(chain.from_iterable(map(names_of, old))),
                check=lambda old: layout.check_clear(chain.from_iterable(map(names_of, old))),
            )
        finished = len(self._manifest.finished) == len(self._sources)
        # The last thing that a run does is to take its parts away.
        self._complete = self._run.resume and finished and not self._layout.parts.exists()
        if not self._complete:
            self._delivery.open()
        elif gone is not None:  # of a run under way, outputs may be taken where they are needed
            raise CorpusStartError(_gone(gone))

    def go(self) -> None:
        """Work on all that is not done."""
        memory = None
        if self._options.site_memory and not self._complete:
            memory = self._count_sites()
        model = None
        if self._workers() > 1 and self._options.mode != "apply" and not self._complete:
            model = self._layout.parts / "model"
            share_model(self._options.bundle, model)
        run = secrets.token_hex(8)
        feed = Feed(self._sources, self._options, self._layout.parts, memory, model, run)
        manifest = self._manifest

        def tasks() -> Iterator[Any]:
            return feed.tasks(set(manifest.finished), dict(manifest.parts))

        if self._sources:
            self._status(0)
        for result in run_tasks(work_or_end, tasks, self._workers(), work_without_killers):
            if result.input in manifest.finished:
                continue  # it ended before its time, and this is of what came behind
            if isinstance(result, Part):
                self._part(result)
            else:
                self._ended(result)

    def _count_sites(self) -> Path:
        path = self._layout.work / SITES
        if not path.exists():
            feed = Feed(self._sources, self._options, self._layout.parts)
            memory = count_sites(feed, self._workers(), self._on_status)
            write_file(path, memory.to_bytes())
        return path

    def argument_problem(self, shown: str, reason: str) -> None:
        """Account for an argument that stands for nothing."""
        if not self._complete:
            self._delivery.reject_argument(shown, reason)
        self._rejected_input(shown, reason)

    def close(self, notes: list[str]) -> Summary:
        """Write the account of it all."""
        if not self._complete:
            self._delivery.close()
        workers = self._workers()
        memory = peak_memory() + (self._memory * workers if workers > 1 else 0)
        if self._options.site_memory and self._counts.documents and not self._counts.knows_sites:
            notes = [*notes, _no_addresses(self._options)]
        summary = Summary(self._counts, notes, memory or None)
        text = json.dumps(summary.as_json(), indent=1, ensure_ascii=False) + "\n"
        with self._layout.new_file(f"{SIDE}/{SUMMARY}") as file:
            # What JSON has no bytes for in UTF-8, half of a surrogate pair, it has an escape for.
            file.write(text.encode("utf-8", "backslashreplace"))
        if self._layout.work_is_apart:
            with self._layout.new_file(f"{SIDE}/{MANIFEST}") as file:
                paste([self._layout.manifest], file)
        self._layout.remove_parts()
        return summary

    def stop(self) -> None:
        """Keep what is done, and let go of what is open, whether all is done or not."""
        with suppress(OSError):  # a disk that takes no more has said so
            self._save()
        self._delivery.stop()

    def _save(self) -> None:
        # The manifest tells of parts that a loss of power does not take.
        if self._unsaved:
            try:
                self._delivery.sync(self._unsaved)
                self._manifest.flush()
            except OSError:
                # The system says once what a disk has refused, and takes it for written then.
                self._unsaved = []
                raise
            self._unsaved = []
        self._saved = time.monotonic()

    def _rejected_input(self, shown: str, reason: str) -> None:
        self._counts.add_rejected()
        if self._run.strict:
            raise CorpusError(f"{shown}: {reason} (--strict stops at the first)")

    def _workers(self) -> int:
        if self._run.workers > 0:
            return self._run.workers
        from joblib import cpu_count

        return int(cpu_count())

    def _check_parts(self) -> None:
        for part in self._unfinished.values():
            for one in part:
                if (path := self._delivery.missing(one)) is not None:
                    raise CorpusStartError(_gone(str(path)))
        self._unfinished.clear()

    def _done_before(self, line: Line) -> None:
        if line.input >= len(self._sources):
            raise CorpusStartError(
                f"{self._layout.manifest} is damaged: it tells of an input that it does not name; "
                "start anew (--overwrite)"
            )
        if isinstance(line, Part):
            self._memory = max(self._memory, line.memory)
            self._unfinished.setdefault(line.input, []).append(replace(line, counts={}))
            self._counts.merge(Counts.from_json(line.counts))
            self._read += line.read
        else:
            self._unfinished.pop(line.input, None)
            if line.problem:
                self._counts.add_rejected()
            self._shares.set(line.input, 1.0)

    def _part(self, part: Part) -> None:
        counts = Counts.from_json(part.counts)
        if self._run.strict and counts.rejected:
            raise CorpusError(f"{self._delivery.first_reject(part)} (--strict stops at the first)")
        self._delivery.deliver(part)
        self._manifest.add(part)
        self._unsaved.append(part)
        # What has left the folder of parts already must be known to whoever goes on.
        if part.files or self._run.stream or time.monotonic() > self._saved + _SAVING:
            self._save()
        self._counts.merge(counts)
        self._read += part.read
        self._memory = max(self._memory, part.memory)
        if part.position is not None:
            self._shares.set(part.input, part.position)
        self._status(part.input)

    def _ended(self, ended: Ended) -> None:
        source = self._sources[ended.input]
        if ended.fatal:
            raise CorpusError(f"cannot read {source.shown}: {ended.problem}; go on with --resume")
        if ended.problem:
            self._rejected_input(source.shown, ended.problem)
        self._save()
        self._manifest.add(self._delivery.finish(ended))
        self._manifest.flush()
        self._delivery.forget(ended.input)
        self._shares.set(ended.input, 1.0)
        self._status(ended.input)

    def _status(self, input: int) -> None:
        self._on_status(
            Status(
                self._sources[input].shown,
                len(self._manifest.finished),
                len(self._sources),
                self._counts.documents,
                self._counts.rejected,
                self._read,
                self._shares.total,
            )
        )


def _check(options: CleanOptions) -> list[str]:
    """See that the options make sense and the model is there, before anything is written."""
    Policy.of(options.drop, options.min_probability)
    _check_extras(options)
    if options.mode == "strip":
        check_together(options.min_probability, options.max_content_loss, options.confidence)
    if options.tags_in == "attributes":
        if options.mode == "tag" and options.output_format != "same":
            raise CorpusStartError(
                f"{options.output_format} gets the tags as a column: leave out tags_in, or the "
                "output format"
            )
        if options.mode == "apply" and options.tags_from is None:
            raise CorpusStartError("tags_in='attributes' needs tags_from: the run that tagged")
    if options.covered is not None:
        raise CorpusStartError(
            f"the tags cannot be in {options.fields.tags!r}, where {options.covered!r} is: choose "
            "another fields.tags"
        )
    if options.mode == "apply":
        if options.max_content_loss is not None:
            raise PolicyError(
                "a bound on lost content holds for the model, which apply does not ask: leave out "
                "max_content_loss, or choose mode='strip'"
            )
        return []
    sift = separator(options.bundle)
    if options.mode == "tag" or options.max_content_loss is None:
        return []
    if options.site_memory:
        raise PolicyError(
            "a bound on lost content holds for the model alone: leave out the memory of sites"
        )
    Bound.of(options.drop, options.max_content_loss, options.confidence)
    certificates = sift.certify(options.drop, options.max_content_loss, options.confidence)
    return [str(certificate) for certificate in certificates.values()]


def _check_extras(options: CleanOptions) -> None:
    """See that the packages are there that the options need, whatever the inputs are."""
    if options.output_format == "parquet":
        require_extra("pyarrow.parquet", "Parquet output")
    if options.removed_format == "parquet" and options.mode != "tag":
        require_extra("pyarrow.parquet", "a Parquet file of removed paragraphs")
    if options.site_memory and options.mode != "apply":
        require_extra("datasketches", "the memory of sites")


def _check_streams(sources: Sequence[Source], options: CleanOptions, run: RunOptions) -> None:
    if options.site_memory and any(source.is_stream for source in sources):
        raise CorpusStartError(
            "the memory of sites reads its inputs twice, which a stream cannot be: save it to a "
            "file first"
        )
    if run.stream is None:
        return
    if len(sources) > 1:
        raise CorpusStartError("only a single input can go to one stream: give a folder")
    (source,) = sources
    target = Target.of(source, options)
    if target.name and not target.container.appends:
        raise CorpusStartError("Parquet cannot be written to a stream: give a folder")
    if target.attributes:
        raise CorpusStartError(
            f"the tags of {source.shown} go into a file beside it, which a stream has no place "
            "for: give a folder, or have documents and tags as JSON lines (--output-format jsonl)"
        )
    if target.conversion is None and len(source.files) > 1:
        raise CorpusStartError(
            f"{len(source.files):,} documents in one stream could not be told apart: give a "
            "folder, or have them as JSON lines (--output-format jsonl)"
        )


def _no_addresses(options: CleanOptions) -> str:
    return (
        "No document has an address, so the memory of sites knows nothing and changed nothing: "
        f"records have it in the field {options.fields.url!r} (--url-field names another), WARC "
        "and WET in their headers, and single files have none."
    )


def _gone(shown: str) -> str:
    return f"{shown} is gone, which the run had written: start anew (--overwrite)"


def _nothing(problems: Sequence[Problem]) -> str:
    text = "there is nothing to clean"
    if not problems:
        return text
    text += ": " + "; ".join(f"{shown}: {why}" for shown, why in problems[:_SHOWN_PROBLEMS])
    more = len(problems) - _SHOWN_PROBLEMS
    return f"{text}; and {more:,} more" if more > 0 else text


def _header(layout: Layout, sources: Sequence[Source], options: CleanOptions) -> dict[str, Any]:
    import adsift

    return {
        "adsift": adsift.__version__,
        "bundle": None if options.mode == "apply" else _bundle_hash(options.bundle),
        "options": asdict(options),
        "output": layout.own_name,
        "inputs": [
            {
                "shown": source.shown,
                "name": source.name,
                "container": source.container.name,
                "codec": source.codec,
                "size": source.size,
                "stamp": source.stamp,
            }
            for source in sources
        ],
    }


def _bundle_hash(model: str | None) -> str:
    """SHA-256 over what the bundle's files hash to, its own and that of the one behind it."""
    classifier = separator(model).classifier
    files = [classifier.bundle.config.get("files"), classifier.fast.bundle.config.get("files")]
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
