"""``adsift apply``: a strip by tags that an earlier run has stored."""

from __future__ import annotations

from typing import Annotated

import typer

from adsift.cli import corpus_options as corpus
from adsift.cli import options as opt
from adsift.cli.corpus_run import run_corpus
from adsift.cli.exits import clean_exit
from adsift.cli.labels import chosen_labels
from adsift.cli.sizes import parse_size
from adsift.corpus.options import CleanOptions, RunOptions
from adsift.corpus.record import Fields, Limits
from adsift.policy import CONFIDENCE

HELP = (
    "Strip a corpus by the tags that adsift clean --mode tag has stored, without classifying again."
    " What is left is not judged again, so it may leave a little more in than adsift clean does."
    "\n\nThe texts must be what they were when they were tagged. A column of tags is left out of "
    "the output, whose texts it no longer fits."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift clean news.parquet -o tagged/ --mode tag
adsift apply tagged/ -o clean/ --drop commerce,boilerplate
adsift apply tagged/ -o careful/ --min-probability 0.9
adsift apply 'crawl/*.warc.gz' -o clean/ --tags-from tagged/
{corpus.EXIT_CODES}"""


def apply(
    inputs: corpus.Inputs,
    output: corpus.Output,
    drop: opt.Drop = "commerce",
    min_probability: opt.MinProbability = 0.0,
    tags_from: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Output of the run that tagged, if its tags are files of attributes; INPUT is "
            "then the corpus that was tagged.",
            show_default=False,
        ),
    ] = None,
    format: opt.Format = "auto",
    quiet: opt.Quiet = False,
    input_format: corpus.InputFormatOption = "auto",
    text_field: corpus.TextField = corpus.FIELDS.text,
    id_field: corpus.IdField = corpus.FIELDS.id,
    url_field: corpus.UrlField = corpus.FIELDS.url,
    max_document_bytes: corpus.MaxDocumentBytes = corpus.DOCUMENT_BYTES,
    output_format: corpus.OutputFormatOption = "same",
    text_form: corpus.TextFormOption = "same",
    tags_in: corpus.TagsInOption = "auto",
    tags_field: corpus.TagsField = corpus.FIELDS.tags,
    removed_format: corpus.RemovedFormatOption = "jsonl",
    no_patches: corpus.NoPatches = False,
    workers: corpus.Workers = 1,
    chunk_bytes: corpus.ChunkBytes = corpus.CHUNK_BYTES,
    resume: corpus.Resume = False,
    overwrite: corpus.Overwrite = False,
    strict: corpus.Strict = False,
    work_dir: corpus.WorkDir = None,
) -> None:
    """The command of that name."""
    with clean_exit():
        options = CleanOptions(
            mode="apply",
            drop=chosen_labels(drop, min_probability, None, CONFIDENCE),
            min_probability=min_probability,
            fields=Fields(text_field, id_field, url_field, format, tags_field),
            limits=Limits(
                chunk_bytes=parse_size(chunk_bytes, "--chunk-bytes"),
                document_bytes=parse_size(max_document_bytes, "--max-document-bytes"),
            ),
            input_format=input_format,
            output_format=output_format,
            text_form=text_form,
            tags_in=tags_in,
            tags_from=tags_from,
            removed_format=removed_format,
            keep_patches=not no_patches,
        )
        run = RunOptions(workers, resume, overwrite, strict, work_dir)
        raise typer.Exit(run_corpus(inputs, output, options, run, quiet))
