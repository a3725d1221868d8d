"""Whole runs over small corpora, with a small model."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from corpora import (
    WRITERS,
    contents,
    decompressed,
    texts,
    write_csv,
    write_files,
    write_jsonl,
)

from adsift.corpus import CleanOptions, Fields, Limits, Restored, RunOptions, clean, restore
from adsift.document import Paragraph
from adsift.errors import CorpusError, CorpusStartError, PolicyError

SMALL = Limits(chunk_bytes=4_000, chunk_records=5, document_bytes=200_000)
Clean = Callable[..., object]


@pytest.fixture
def options(bundle_folder: Path) -> CleanOptions:
    return CleanOptions(model=str(bundle_folder), limits=SMALL)


@pytest.fixture(params=WRITERS)
def corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A corpus in one of the formats."""
    path = tmp_path / "in" / request.param
    WRITERS[request.param](path, texts(23))
    return path


def removed(folder: Path) -> list[dict[str, object]]:
    rows = []
    for path in sorted((folder / "_adsift" / "removed").rglob("*.jsonl.zst")):
        rows += [json.loads(line) for line in decompressed(path.read_bytes()).splitlines()]
    return rows


def test_stripped_and_restored(corpus: Path, tmp_path: Path, options: CleanOptions) -> None:
    out, back = tmp_path / "out", tmp_path / "back"
    summary = clean([str(corpus)], str(out), options)
    assert (summary.documents, summary.rejected) == (23, 0)
    rows = removed(out)
    assert rows
    assert {row["label"] for row in rows} == {"commerce"}
    assert not (out / "_adsift" / "parts").exists()
    assert restore(str(out), str(back)) == Restored(1)
    base = corpus if corpus.is_dir() else corpus.parent
    if corpus.suffix == ".parquet":
        import pyarrow.parquet as pq

        assert pq.read_table(back / corpus.name).equals(pq.read_table(corpus))
        return
    was = {name: decompressed(data) for name, data in contents(base).items()}
    assert {name: decompressed(data) for name, data in contents(back).items()} == was
    cleaned = {n: d for n, d in contents(out).items() if not n.startswith("_adsift")}
    assert cleaned.keys() == was.keys()
    assert {name: decompressed(data) for name, data in cleaned.items()} != was


def test_workers_change_nothing(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", texts(31))
    write_files(tmp_path / "in", texts(10, seed=1))
    source = str(tmp_path / "in")
    clean([source], str(tmp_path / "one"), options)
    clean([source], str(tmp_path / "two"), options, RunOptions(workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("mode", ["column", "attributes"])
def test_tags_applied_later_are_a_strip(mode: str, tmp_path: Path, options: CleanOptions) -> None:
    path = tmp_path / "corpus.jsonl"
    write_jsonl(path, texts(17))
    tag = replace(options, mode="tag", tags_in=mode)
    clean([str(path)], str(tmp_path / "tags"), tag)
    apply = replace(options, mode="apply", model=None, min_probability=0.6, tags_in=mode)
    if mode == "attributes":
        apply = replace(apply, tags_from=str(tmp_path / "tags"))
        source = path
    else:
        source = tmp_path / "tags" / "corpus.jsonl"
    clean([str(source)], str(tmp_path / "applied"), apply)
    strip = replace(options, min_probability=0.6, max_content_loss=None)
    clean([str(path)], str(tmp_path / "stripped"), strip)

    def found(folder: str) -> list[str]:
        lines = (tmp_path / folder / "corpus.jsonl").read_text().splitlines()
        return [json.loads(line)["text"] for line in lines]

    same = [a == b for a, b in zip(found("applied"), found("stripped"), strict=True)]
    # A strip judges what is left once more, so it may take more than the labels told at first.
    assert sum(same) >= 14
    rows = removed(tmp_path / "applied")
    assert rows
    assert {row["rule"] for row in rows} == {"apply: commerce >= 0.6"}


def write_occupied(path: Path, values: list[Any]) -> None:
    rows = [{"text": text, "note": value} for text, value in zip(texts(4), values, strict=True)]
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["text", "note"])
            writer.writeheader()
            writer.writerows(rows)
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_tags_take_the_place_of_nothing_else(
    name: str, tmp_path: Path, options: CleanOptions
) -> None:
    path, out = tmp_path / name, tmp_path / "out"
    write_occupied(path, ["mine", None, "yours", None])
    tag = replace(options, mode="tag", fields=Fields(tags="note"))
    summary = clean([str(path)], str(out), tag)
    told = (out / "_adsift" / "rejects.jsonl").read_text()
    assert "--tags-field" in told
    if name == "a.parquet":
        assert (summary.documents, summary.rejected) == (0, 1)
        assert not (out / name).exists()
    else:
        assert (summary.documents, summary.rejected) == (2, 2)
        assert "mine" not in (out / name).read_text()
    # In a table of its own they are in nobody's way.
    summary = clean([str(path)], str(tmp_path / "c"), replace(tag, output_format="jsonl"))
    assert (summary.documents, summary.rejected) == (4, 0)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_tags_and_nothing_at_all_are_replaced_by_tags(
    name: str, tmp_path: Path, options: CleanOptions
) -> None:
    write_occupied(tmp_path / name, [None] * 4)
    tag = replace(options, mode="tag", fields=Fields(tags="note"))
    summary = clean([str(tmp_path / name)], str(tmp_path / "one"), tag)
    assert (summary.documents, summary.rejected) == (4, 0)
    summary = clean([str(tmp_path / "one" / name)], str(tmp_path / "two"), tag)
    assert (summary.documents, summary.rejected) == (4, 0)
    assert contents(tmp_path / "two")[name] == contents(tmp_path / "one")[name]


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        (Fields(tags="text"), "same"),
        (Fields(text="content.text", tags="content"), "same"),
        (Fields(text="body", tags="text"), "jsonl"),
    ],
)
@pytest.mark.parametrize("mode", ["tag", "apply"])
def test_tags_cannot_be_where_the_text_is(
    mode: Any, fields: Fields, form: Any, tmp_path: Path, options: CleanOptions
) -> None:
    options = replace(options, mode=mode, fields=fields, output_format=form)
    with pytest.raises(CorpusStartError, match="tags cannot be in"):
        clean([str(tmp_path)], str(tmp_path / "out"), options)


def test_apply_without_tags_rejects(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    summary = clean(
        [str(tmp_path / "a.jsonl")], str(tmp_path / "out"), replace(options, mode="apply")
    )
    assert summary.rejected == 3
    (row, *_) = map(json.loads, (tmp_path / "out/_adsift/rejects.jsonl").read_text().splitlines())
    assert "has no tags" in row["reason"]


def test_xml_is_set_aside(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", ["<doc n='1'><p>Rain fell.</p><graphic/></doc>", *texts(3)])
    summary = clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options)
    assert (summary.documents, summary.rejected) == (3, 1)
    (row,) = map(json.loads, (tmp_path / "out/_adsift/rejects.jsonl").read_text().splitlines())
    assert row["reason"].startswith("is XML, not HTML")


def test_bad_documents_are_set_aside(tmp_path: Path, options: CleanOptions) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, texts(6))
    good = path.read_bytes()
    huge = b'{"text": "' + b"x" * 300_000 + b'"}\n'
    path.write_bytes(b'not json\n{"text": 3}\n' + huge + good + b'{"text": "cut')
    out = tmp_path / "out"
    summary = clean([str(path)], str(out), options)
    assert (summary.documents, summary.rejected) == (6, 4)
    rows = [json.loads(line) for line in (out / "_adsift/rejects.jsonl").read_text().splitlines()]
    assert [row["record"] for row in rows] == [0, 1, 2, 9]
    assert rows[0]["raw"] == "not json\n"
    assert rows[2]["raw"] == ""
    assert len((out / "a.jsonl").read_bytes().splitlines()) == 6
    restore(str(out), str(tmp_path / "back"))
    assert (tmp_path / "back/a.jsonl").read_bytes() == path.read_bytes().replace(huge, b"")


def test_strict_stops(tmp_path: Path, options: CleanOptions) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "A ferry."}\nnot json\n')
    with pytest.raises(CorpusError, match=r"a\.jsonl.*JSON.*--strict"):
        clean([str(path)], str(tmp_path / "out"), options, RunOptions(strict=True))


def test_damaged_input_costs_only_its_end(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a.jsonl.gz", texts(40))
    write_jsonl(tmp_path / "in/b.jsonl", texts(3))
    data = (tmp_path / "in/a.jsonl.gz").read_bytes()
    (tmp_path / "in/a.jsonl.gz").write_bytes(data[: len(data) // 2])
    out = tmp_path / "out"
    summary = clean([str(tmp_path / "in")], str(out), options)
    assert summary.rejected >= 1
    lines = decompressed((out / "a.jsonl.gz").read_bytes()).splitlines()
    assert 0 < len(lines) < 40
    assert len((out / "b.jsonl").read_bytes().splitlines()) == 3
    (row,) = map(json.loads, (out / "_adsift/rejects.jsonl").read_text().splitlines())
    assert "gzip" in row["reason"]
    assert row["record"] is None


def test_resumes_only_what_it_was(tmp_path: Path, options: CleanOptions) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(path, texts(12))
    clean([str(path)], str(out), options)
    with pytest.raises(CorpusStartError, match="--resume"):
        clean([str(path)], str(out), options)
    resume = RunOptions(resume=True)
    assert clean([str(path)], str(out), options, resume).documents == 12
    with pytest.raises(CorpusStartError, match=r"drop \['commerce'\], not \['boilerplate'\]"):
        clean([str(path)], str(out), replace(options, drop=("boilerplate",)), resume)
    write_jsonl(path, texts(13))
    with pytest.raises(CorpusStartError, match="inputs"):
        clean([str(path)], str(out), options, resume)
    assert clean([str(path)], str(out), options, RunOptions(overwrite=True)).documents == 13


def test_a_torn_manifest_is_gone_on_with(tmp_path: Path, options: CleanOptions) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, texts(23))
    clean([str(path)], str(tmp_path / "whole"), options)
    manifest = (tmp_path / "whole/_adsift/manifest.jsonl").read_bytes()
    lines = manifest.splitlines(keepends=True)
    for kept, torn in [(0, 10), (1, 0), (1, 7), (3, 20)]:
        out = tmp_path / f"torn{kept}-{torn}"
        clean([str(path)], str(out), replace(options), RunOptions())
        # As if the power had gone: parts and output are not there, the manifest is cut short.
        shutil.rmtree(out)
        (out / "_adsift").mkdir(parents=True)
        lost = b"".join(lines[: min(kept, 1)]) + lines[kept][:torn]
        (out / "_adsift/manifest.jsonl").write_bytes(lost)
        clean([str(path)], str(out), options, RunOptions(resume=True))
        assert contents(out) == contents(tmp_path / "whole")


def test_a_changed_output_is_not_restored(tmp_path: Path, options: CleanOptions) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(path, texts(12))
    clean([str(path)], str(out), options)
    (out / "a.jsonl").write_bytes((out / "a.jsonl").read_bytes().replace(b"d1", b"e1", 1))
    with pytest.raises(CorpusError, match="not what the run wrote"):
        restore(str(out), str(tmp_path / "back"))


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_converted(form: str, corpus: Path, tmp_path: Path, options: CleanOptions) -> None:
    out = tmp_path / "out"
    clean([str(corpus)], str(out), replace(options, output_format=form, text_form="text"))
    (made,) = [p for p in out.rglob(f"*.{form}*") if "_adsift" not in p.parts]
    if form == "parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(made).to_pylist()
    else:
        rows = [json.loads(line) for line in decompressed(made.read_bytes()).splitlines()]
    assert len(rows) == 23
    assert all({"id", "url", "text"} <= row.keys() for row in rows)
    assert not any("<p>" in row["text"] for row in rows)
    if corpus.suffix == ".parquet":
        with pytest.raises(CorpusStartError, match="tables"):
            restore(str(out), str(tmp_path / "back"))
        return
    restore(str(out), str(tmp_path / "back"))
    base = corpus if corpus.is_dir() else corpus.parent
    was = {name: decompressed(data) for name, data in contents(base).items()}
    assert {n: decompressed(d) for n, d in contents(tmp_path / "back").items()} == was


def test_nested_fields(tmp_path: Path, options: CleanOptions) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_text(
        "".join(json.dumps({"content": {"text": text}, "x": 1.50}) + "\n" for text in texts(5))
    )
    clean([str(path)], str(out), replace(options, fields=Fields(text="content.text")))
    rows = [json.loads(line) for line in (out / "a.jsonl").read_text().splitlines()]
    assert len(rows) == 5
    assert removed(out)


def test_a_remote_output(tmp_path: Path, options: CleanOptions) -> None:
    import fsspec

    write_jsonl(tmp_path / "a.jsonl", texts(12))
    memory = fsspec.filesystem("memory")  # one for the whole process, so that names must be new
    here = f"/{uuid4()}"
    memory.put(str(tmp_path / "a.jsonl"), f"{here}/in/a.jsonl")
    source, out = f"memory:/{here}/in/a.jsonl", f"memory:/{here}/out"
    with pytest.raises(CorpusStartError, match="--work-dir"):
        clean([source], out, options)
    work = RunOptions(work_dir=str(tmp_path / "work"))
    clean([source], out, options, work)
    clean([str(tmp_path / "a.jsonl")], str(tmp_path / "local"), options)
    assert memory.cat(f"{here}/out/a.jsonl") == (tmp_path / "local/a.jsonl").read_bytes()
    restore(out, str(tmp_path / "back"))
    assert (tmp_path / "back/a.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confidence": 0.9}, "which is missing"),
        ({"max_content_loss": 0.1, "min_probability": 0.5}, "not both"),
    ],
)
def test_conditions_that_do_not_go_together(
    tmp_path: Path, options: CleanOptions, changes: dict[str, Any], words: str
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(2))
    with pytest.raises(PolicyError, match=words):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), replace(options, **changes))
    assert not (tmp_path / "out").exists()


def test_nothing_to_do(tmp_path: Path, options: CleanOptions) -> None:
    for inputs in (["gone.jsonl"], ["gone.jsonl", "gone too"]):
        paths = [str(tmp_path / name) for name in inputs]
        with pytest.raises(CorpusStartError, match=f"nothing to clean.*{inputs[-1]}: No such"):
            clean(paths, str(tmp_path / "out"), options)
    with pytest.raises(CorpusStartError, match=r"and 3 more$"):
        clean([str(tmp_path / f"gone{n}") for n in range(8)], str(tmp_path / "out"), options)
    assert not (tmp_path / "out").exists()


def test_a_target_that_takes_nothing(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(2))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CorpusError, match="out"):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options)


def test_site_memory_counts_first(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(24))
    source = str(tmp_path / "in")
    remembering = replace(options, site_memory=True)
    phases = []
    clean([source], str(tmp_path / "one"), remembering, None, lambda s: phases.append(s.phase))
    assert phases[0] == "counting"
    assert phases[-1] == "cleaning"
    clean([source], str(tmp_path / "two"), remembering, RunOptions(workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    bounded = replace(remembering, max_content_loss=0.2)
    with pytest.raises(PolicyError, match="memory of sites"):
        clean([source], str(tmp_path / "three"), bounded)


def test_site_memory_without_an_address_says_that_it_knows_nothing(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    write_files(tmp_path / "in", texts(3))
    remembering = replace(options, site_memory=True)
    other = replace(remembering, fields=Fields(url="address"))
    record, pages = str(tmp_path / "a.jsonl"), str(tmp_path / "in")
    (note,) = clean([record], str(tmp_path / "one"), other).notes
    assert "No document has an address" in note
    assert "'address'" in note
    assert "--url-field" in note
    assert json.loads((tmp_path / "one/_adsift/summary.json").read_text())["notes"] == [note]
    resumed = clean([record], str(tmp_path / "one"), other, RunOptions(resume=True))
    assert resumed.notes == [note]
    assert len(clean([pages], str(tmp_path / "two"), remembering).notes) == 1
    assert clean([pages], str(tmp_path / "three"), options).notes == []
    assert clean([record, pages], str(tmp_path / "four"), remembering).notes == []


def test_tags_of_pages_are_applied_from_beside(tmp_path: Path, options: CleanOptions) -> None:
    write_files(tmp_path / "in", texts(9))
    source, tags = str(tmp_path / "in"), tmp_path / "tags"
    clean([source], str(tags), replace(options, mode="tag"))
    assert {path.name for path in tags.iterdir()} == {"_adsift", "attributes"}
    apply = replace(options, mode="apply", tags_from=str(tags), drop=("commerce", "boilerplate"))
    summary = clean([source], str(tmp_path / "applied"), apply)
    assert summary.rejected == 0
    assert removed(tmp_path / "applied")
    restore(str(tmp_path / "applied"), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tmp_path / "in")
    page = tmp_path / "in/pages/2.html"
    page.write_text(page.read_text().replace("</p>", "</p><p>More.</p>", 1))
    changed = clean([source], str(tmp_path / "changed"), apply)
    assert changed.rejected == 1


def test_a_document_that_the_model_cannot_bear(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adsift.model.classifier import Classifier

    write_jsonl(tmp_path / "a.jsonl", [*texts(5), "BOOM\n"])
    classify = Classifier.classify

    def explode(
        self: Classifier, documents: list[list[Paragraph]], urls: list[None], memories: Any
    ) -> object:
        if any("BOOM" in paragraph.text for document in documents for paragraph in document):
            raise ZeroDivisionError("too much")
        return classify(self, documents, urls, memories)

    monkeypatch.setattr(Classifier, "classify", explode)
    out = tmp_path / "out"
    summary = clean([str(tmp_path / "a.jsonl")], str(out), options)
    assert (summary.documents, summary.rejected) == (5, 1)
    (row,) = map(json.loads, (out / "_adsift/rejects.jsonl").read_text().splitlines())
    assert row["reason"] == "ZeroDivisionError: too much"
    restore(str(out), str(tmp_path / "back"))
    assert (tmp_path / "back/a.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()


def test_a_page_that_costs_too_much_is_set_aside(tmp_path: Path, options: CleanOptions) -> None:
    deep = "".join(f"<div><font id={number}>x" for number in range(8_000))
    anew = "".join(f"<p><font id={number}>x</p>" for number in range(3_000))
    write_jsonl(tmp_path / "a.jsonl", [*texts(2), deep, *texts(2), anew, *texts(2)])
    out = tmp_path / "out"
    summary = clean([str(tmp_path / "a.jsonl")], str(out), options)
    assert (summary.documents, summary.rejected) == (6, 2)
    rows = [json.loads(line) for line in (out / "_adsift/rejects.jsonl").read_text().splitlines()]
    assert [row["record"] for row in rows] == [2, 5]
    assert all("Is a tag missing that closes them?" in row["reason"] for row in rows)


def test_a_table_without_the_column(tmp_path: Path, options: CleanOptions) -> None:
    write_csv(tmp_path / "in/a.csv", texts(12))
    write_jsonl(tmp_path / "in/b.jsonl", texts(3))
    other = replace(options, fields=Fields(text="body"))
    summary = clean([str(tmp_path / "in")], str(tmp_path / "out"), other)
    assert summary.documents == 0
    twice = replace(other, site_memory=True)
    again = clean([str(tmp_path / "in")], str(tmp_path / "twice"), twice)
    assert (again.documents, again.rejected) == (0, summary.rejected)
    reasons = [
        json.loads(line)["reason"]
        for line in (tmp_path / "out/_adsift/rejects.jsonl").read_text().splitlines()
    ]
    assert any("body" in reason and "text" in reason for reason in reasons)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_the_run_cleanly(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(4))
    # Nothing of the folder of parts, and no --resume, which cannot go on in a stream.
    message = "^cannot write the output: No space left on device$"
    with Path("/dev/full").open("wb", 0) as full, pytest.raises(CorpusError, match=message):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, RunOptions(stream=full))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "tag", "output_format": "jsonl"}, "gets the tags as a column"),
        ({"mode": "apply"}, "needs tags_from"),
    ],
)
def test_attributes_where_there_can_be_none(
    change: dict[str, str], message: str, tmp_path: Path, options: CleanOptions
) -> None:
    path = tmp_path / "corpus.jsonl"
    write_jsonl(path, texts(1))
    bad = replace(options, tags_in="attributes", **change)  # type: ignore[arg-type]
    with pytest.raises(CorpusStartError, match=message):
        clean([str(path)], str(tmp_path / "out"), bad)
    assert not (tmp_path / "out").exists()
