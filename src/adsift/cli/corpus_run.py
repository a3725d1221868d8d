"""A run over a corpus from the command line: what may not be asked for, how it ends, what is said.

What is said comes from here; all else is done by :mod:`adsift.corpus`, which is imported when it is
needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from adsift.atomic import why_no_name
from adsift.cli.corpus_progress import CorpusProgress
from adsift.cli.exits import ExitCode, RunError, StartError, UsageError, say
from adsift.cli.inputs import STDIN
from adsift.cli.output import stdout_bytes, stdout_is_terminal
from adsift.compiled import why_pure
from adsift.corpus.options import CleanOptions, RunOptions
from adsift.errors import AdsiftError, BundleError, CorpusStartError, PolicyError, reason

if TYPE_CHECKING:
    from adsift.corpus.summary import Summary

STDOUT = "-"


class StoppedError(RunError):
    """The user has stopped the run."""

    code = ExitCode.INTERRUPTED


def run_corpus(
    inputs: Sequence[str], output: str, options: CleanOptions, run: RunOptions, quiet: bool
) -> ExitCode:
    """Clean, tag or apply, and tell the user how it went.

    Args:
        inputs, output, options, run: as for :func:`adsift.corpus.clean`.
        quiet: say nothing but what went wrong.

    Raises:
        UsageError: what is asked for contradicts itself; nothing was done.
        StartError: nothing could be done.
        RunError: the run broke off.
    """
    check_places(inputs, output, run)
    check_options(options)
    from adsift import corpus

    if not quiet and options.mode != "apply" and (slow := why_pure()):
        say(slow)
    hint = _hint(inputs, output, run)
    with _told(CorpusProgress(shown=not quiet and not _seen(output)), hint) as progress:
        if output == STDOUT:
            summary = _clean_to_stdout(inputs, options, run, progress)
        else:
            summary = corpus.clean(inputs, output, options, run, progress)
    if not quiet:
        from adsift.cli.console import StderrConsole
        from adsift.corpus.summary_table import print_table

        print_table(summary, StderrConsole())
    if summary.rejected:
        say(f"{summary.rejected:,} rejected{_reasons(output)}")
    return ExitCode.SOME_FAILED if summary.rejected else ExitCode.DONE


def _clean_to_stdout(
    inputs: Sequence[str], options: CleanOptions, run: RunOptions, progress: CorpusProgress
) -> Summary:
    from adsift import corpus

    # There is no account, so no part of it need outlive the run.
    options = replace(options, keep_patches=False)
    with TemporaryDirectory(prefix="adsift-", dir=run.work_dir) as folder:
        run = replace(run, work_dir=None, stream=stdout_bytes())
        return corpus.clean(inputs, folder, options, run, progress)


def restore_corpus(output: str, target: str, quiet: bool) -> ExitCode:
    """Restore the inputs of a run, and name those that did not come back whole.

    Args:
        output, target: as for :func:`adsift.corpus.restore`.
        quiet: say nothing but what went wrong.

    Raises:
        UsageError: the target is the output itself, or called like a file.
        StartError: there is nothing to restore from.
        RunError: it broke off.
    """
    if STDOUT in (output, target):
        raise UsageError("restore reads a folder and writes a folder, not standard streams")
    if not output or not target:
        raise UsageError(f"{'-o' if output else 'OUT'} names no folder")
    if _same(output, target):
        raise UsageError(f"{target} is the output to restore from; choose another -o")
    _check_is_folder(target)
    from adsift import corpus

    hint = f"what was restored is whole; to start anew, empty {target} or choose another -o"
    with _told(CorpusProgress(shown=not quiet), hint) as progress:
        restored = corpus.restore(output, target, progress)
    for one in restored.incomplete:
        say(f"{one.input} {one.reason}")
    if not quiet:
        say(f"restored {restored.inputs:,} input{'s' * (restored.inputs != 1)} to {target}")
    return ExitCode.SOME_FAILED if restored.incomplete else ExitCode.DONE


def check_places(inputs: Sequence[str], output: str, run: RunOptions) -> None:
    """Refuse what cannot be read twice, or would be overwritten.

    Raises:
        UsageError: saying what, and what to do.
    """
    if run.resume and run.overwrite:
        raise UsageError("--resume goes on with a run and --overwrite starts anew; choose one")
    if output == STDOUT:
        if run.resume or run.overwrite:
            raise UsageError("standard output keeps no run to go on with; choose a folder by -o")
        if len(inputs) > 1:
            raise UsageError("only a single input can go to standard output; choose a folder by -o")
    elif not output:
        raise UsageError("-o names no folder")
    else:
        _check_is_folder(output, f"; a single input goes to a file by -o - > {output}")
    if run.resume and STDIN in inputs:
        raise UsageError("standard input cannot be read again, so --resume needs files")
    for name in inputs:
        if name != STDIN and (_same(name, output) or _lies_in(name, output)):
            raise UsageError(f"{name} would be overwritten by its output; choose another -o")


def check_options(options: CleanOptions) -> None:
    """Refuse options that the mode has no use for: whoever gives them expects something else.

    Raises:
        UsageError: naming them.
    """
    usual = CleanOptions(mode=options.mode)
    if options.mode == "tag":
        removing = {
            "--drop": options.drop != usual.drop,
            "--min-probability": options.min_probability != usual.min_probability,
            "--max-content-loss": options.max_content_loss is not None,
            "--text-form": options.text_form != usual.text_form,
            "--removed-format": options.removed_format != usual.removed_format,
        }
        _refuse(removing, "is for what is removed, and --mode tag removes nothing")
    if options.mode == "strip":
        tagging = {
            "--tags-in": options.tags_in != usual.tags_in,
            "--tags-field": options.fields.tags != usual.fields.tags,
        }
        _refuse(tagging, "is for tags, and --mode strip stores none; choose --mode tag")
    if options.mode == "tag" and options.tags_in == "attributes":
        conversion = {"--output-format": options.output_format != usual.output_format}
        _refuse(conversion, "makes a column of tags, and --tags-in attributes wants none")
    if options.mode == "apply" and options.tags_in == "attributes" and options.tags_from is None:
        raise UsageError(
            "--tags-in attributes needs --tags-from, the output of the run that tagged"
        )
    if options.tags_in == "attributes" and options.fields.tags != usual.fields.tags:
        raise UsageError("--tags-field names a column, and --tags-in attributes uses none")
    if options.covered is not None:
        raise UsageError(
            f"--tags-field {options.fields.tags} is where {options.covered} is; choose another"
        )
    if options.tags_from is not None and options.tags_in == "column":
        raise UsageError("--tags-from is for attributes, and --tags-in column reads none")


def _refuse(given: dict[str, bool], why: str) -> None:
    names = [name for name, is_given in given.items() if is_given]
    if names:
        raise UsageError(f"{names[0]} {why}")


@contextmanager
def _told(progress: CorpusProgress, hint: str) -> Iterator[CorpusProgress]:
    """Show progress, and turn what ends a run into the command line's own errors."""
    try:
        with progress:
            yield progress
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        raise StoppedError(f"interrupted; {hint}" if hint else "interrupted") from None
    except PolicyError as error:
        raise UsageError(str(error)) from None
    except BundleError as error:
        raise StartError(f"cannot load the model: {error}") from None
    except UnicodeEncodeError as error:
        if error.encoding == "utf-8" or error.encoding != sys.getfilesystemencoding():
            raise  # of no name, but a mistake of ours
        # Of a file that an earlier run has written where it had a name.
        raise StartError(f"{error.object}: {why_no_name()}") from None
    except (AdsiftError, OSError) as error:
        text = _what_and_where(error)
        if isinstance(error, CorpusStartError) or not progress.started:
            raise StartError(text) from None
        # The message may have said it already.
        raise RunError(text if "--resume" in text or not hint else f"{text}; {hint}") from None


def _what_and_where(error: Exception) -> str:
    place = getattr(error, "filename", None)
    return f"{place}: {reason(error)}" if place else reason(error)


def _hint(inputs: Sequence[str], output: str, run: RunOptions) -> str:
    if output == STDOUT or STDIN in inputs:
        return ""
    how = "--resume in place of --overwrite" if run.overwrite else "--resume"
    past = ", without --strict past a rejected document" if run.strict else ""
    return f"what is done is kept: the same command with {how} goes on{past}"


def _reasons(output: str) -> str:
    if output == STDOUT:
        return ""
    return f", each with its reason in {output.rstrip('/')}/_adsift/rejects.jsonl"


def _seen(output: str) -> bool:
    # Documents that run over the terminal are progress enough, and a bar would garble them.
    return output == STDOUT and stdout_is_terminal()


def _check_is_folder(output: str, otherwise: str = "") -> None:
    """Refuse a folder whose name is that of a file, unless it is there or ends in a slash."""
    if output.endswith("/") or Path(output).is_dir():
        return
    from adsift.corpus.kinds import is_file_name

    if is_file_name(PurePosixPath(output).name):
        raise UsageError(
            f"{output} is called like a file, and -o names a folder: choose another{otherwise}"
        )


def _same(one: str, other: str) -> bool:
    if "://" in one or "://" in other:
        return one.rstrip("/") == other.rstrip("/")
    return os.path.realpath(one) == os.path.realpath(other)


def _lies_in(name: str, folder: str) -> bool:
    """Whether this is a file right in the folder, where its output would have the same name."""
    path = Path(name)
    return path.is_file() and _same(str(path.parent), folder)
