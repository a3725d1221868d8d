"""What strip and tag need for a run, told from their arguments."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NoReturn

import typer

from adsift.cli.destination import Destination, check_places, choose_destination, output_path
from adsift.cli.exits import ExitCode, UsageError
from adsift.cli.inputs import STDIN, Found, Input, find_inputs
from adsift.cli.options import InputFormat
from adsift.cli.output import Sink, stdout_is_terminal
from adsift.cli.report import FEW, Report


def prepare(
    paths: list[str], output: str | None, input_format: InputFormat, url: str | None
) -> tuple[Found, Destination]:
    """Find the inputs, and where their results go.

    Raises:
        UsageError: the arguments contradict each other.
    """
    found = find_inputs(
        paths,
        all_jsonl=input_format == "jsonl",
        output=output_path(output),
    )
    if url is not None and (found.several or any(source.jsonl for source in found.inputs)):
        raise UsageError("--url is the address of a single document; JSON lines have --url-field")
    return found, choose_destination(output, found.several)


def make_sink(
    found: Found,
    destination: Destination,
    ending: str,
    separator: bytes = b"",
    removed: Path | None = None,
) -> Sink:
    """Open nothing yet, but see that results overwrite no input and no other result.

    Args:
        found, destination: as :func:`prepare` gives them.
        ending: what the files' names in a folder must end with; empty keeps the inputs' names.
        separator: what stands between documents in one stream, unless it is JSON lines.
        removed: the file of ``--removed``.

    Raises:
        UsageError: naming the files.
    """
    place = partial(destination.place, base=found.base, ending=ending)
    places: list[tuple[Input | str, Path]] = [("--removed", removed)] if removed else []
    if destination.is_folder:
        places += [(source, place(source)) for source in found.inputs]
    elif destination.path:
        places.append(("-o", destination.path))
    check_places(found, places)
    return destination.sink(place, separator if ending != ".jsonl" else b"")


def make_report(
    found: Found, destination: Destination, quiet: bool, removed: str | None = None
) -> Report:
    """What tells the user; with progress if the work is worth it.

    It says at once which of the files that will be written a further run would read as inputs.

    Args:
        found, destination: as :func:`prepare` gives them.
        quiet: whether only errors are told.
        removed: the value of ``--removed``.
    """
    many = len(found.inputs) > FEW or any(source.jsonl for source in found.inputs)
    # Documents that run over the terminal are progress enough, and a bar would garble them.
    seen = (destination.is_stdout or removed == STDIN) and stdout_is_terminal()
    report = Report(len(found.inputs), quiet=quiet, progress=many and not seen)
    written = {"-o": None if destination.is_folder else destination.path}
    for option, path in {**written, "--removed": output_path(removed)}.items():
        folder = found.searched(path) if path else None
        if folder is not None:
            report.note(
                f"{path} lies in {folder}, so that a further run would read it as an input; "
                f"choose another {option}"
            )
    return report


def finish(found: Found, report: Report, code: ExitCode) -> NoReturn:
    """Sum up what was more than one document, and leave with the code."""
    if found.several or any(source.jsonl for source in found.inputs):
        report.summary()
    raise typer.Exit(code)
