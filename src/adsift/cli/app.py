"""The commands put together. Each has a file in ``commands``."""

from __future__ import annotations

from typing import Annotated

import typer

from adsift.cli.commands import apply, clean, evaluate, explain, restore, serve, strip, tag, train
from adsift.cli.exits import EXIT_CODES
from adsift.cli.version import print_version

app = typer.Typer(
    name="adsift",
    help="Separate advertising from journalism: label each paragraph of an article as news, "
    "analysis, boilerplate or commerce, and strip or tag it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print_version()
        raise typer.Exit


@app.callback()
def _adsift(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version  # its callback has done all


app.command("strip", help=strip.HELP, epilog=strip.EPILOG)(strip.strip)
app.command("tag", help=tag.HELP, epilog=tag.EPILOG)(tag.tag)
app.command("clean", help=clean.HELP, epilog=clean.EPILOG)(clean.clean)
app.command("apply", help=apply.HELP, epilog=apply.EPILOG)(apply.apply)
app.command("restore", help=restore.HELP, epilog=restore.EPILOG)(restore.restore)
app.command("explain", help=explain.HELP, epilog=explain.EPILOG)(explain.explain)
app.command("evaluate", help=evaluate.HELP, epilog=evaluate.EPILOG)(evaluate.evaluate)
app.command("train", help=train.HELP, epilog=train.EPILOG)(train.train)
app.command("serve", help=serve.HELP, epilog=serve.EPILOG)(serve.serve)
