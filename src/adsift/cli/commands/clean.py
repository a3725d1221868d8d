"""``adsift clean``: a whole corpus."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from adsift.cli import corpus_options as corpus
from adsift.cli import options as opt
from adsift.cli.corpus_run import run_corpus
from adsift.cli.exits import clean_exit
from adsift.cli.labels import chosen_confidence, chosen_labels
from adsift.cli.sizes import parse_size
from adsift.corpus.options import CleanOptions, RunOptions
from adsift.corpus.record import Fields, Limits

HELP = (
    "Clean a whole corpus: every common format, in parallel, with an account of what was removed."
    "\n\n"
    "The corpus keeps its format, order, ids and columns. A run that was stopped at any moment "
    "goes on with --resume, adsift restore gives the inputs back, and what cannot be cleaned "
    "goes to OUT/_adsift/rejects.jsonl with its reason."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift clean crawl/ -o clean/ --workers 0
adsift clean corpus.jsonl.zst -o clean/ --text-field content.text \\
  --drop commerce,boilerplate
adsift clean 'crawl/*.warc.gz' -o clean/ --max-content-loss 0.01 --resume
adsift clean s3://bucket/corpus/ -o s3://bucket/clean/ --work-dir /tmp/run
adsift clean news.parquet -o tagged/ --mode tag
adsift apply tagged/ -o clean/ --min-probability 0.8
adsift clean - -o - --input-format jsonl < corpus.jsonl > clean.jsonl
{corpus.EXIT_CODES}"""


def clean(
    inputs: corpus.Inputs,
    output: corpus.Output,
    mode: Annotated[
        Literal["strip", "tag"],
        typer.Option(
            help="strip: rewrite the texts; tag: leave them and store the labels beside them, for "
            "adsift apply to strip by later, at any threshold, without the model."
        ),
    ] = "strip",
    drop: opt.Drop = "commerce",
    min_probability: opt.MinProbability = 0.0,
    max_content_loss: opt.MaxContentLoss = None,
    confidence: opt.Confidence = None,
    site_memory: Annotated[
        bool,
        typer.Option(
            "--site-memory",
            help="Read everything twice, and in the first pass count which paragraphs recur on "
            "many pages of a site.",
        ),
    ] = False,
    format: opt.Format = "auto",
    model: opt.Model = None,
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
        confidence = chosen_confidence(confidence, max_content_loss)
        options = CleanOptions(
            mode=mode,
            drop=chosen_labels(drop, min_probability, max_content_loss, confidence),
            min_probability=min_probability,
            max_content_loss=max_content_loss,
            confidence=confidence,
            model=model,
            fields=Fields(text_field, id_field, url_field, format, tags_field),
            limits=Limits(
                chunk_bytes=parse_size(chunk_bytes, "--chunk-bytes"),
                document_bytes=parse_size(max_document_bytes, "--max-document-bytes"),
            ),
            input_format=input_format,
            output_format=output_format,
            text_form=text_form,
            tags_in=tags_in,
            removed_format=removed_format,
            keep_patches=not no_patches,
            site_memory=site_memory,
        )
        run = RunOptions(workers, resume, overwrite, strict, work_dir)
        raise typer.Exit(run_corpus(inputs, output, options, run, quiet))
