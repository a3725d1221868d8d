"""datatrove: its own reader, writer and executor around the step."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from seed_articles import SEEDS

import adsift
from adsift.document import Document
from adsift.errors import DocumentError, PolicyError

pytest.importorskip("datatrove", reason="datatrove is not installed")

from datatrove.data import Document as Row
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter

from adsift.engines.datatrove import AdsiftStrip
from adsift.engines.documents import Failed

TEXTS = {seed.path.stem: seed.source for seed in SEEDS[:12]}
URL = "https://news.example/a"
NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for part in range(2):
        rows = [
            {"id": name, "text": text, "url": URL}
            for number, (name, text) in enumerate(TEXTS.items())
            if number % 2 == part
        ]
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def executor(corpus: Path, out: Path, workers: int = 2) -> LocalPipelineExecutor:
    return LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(corpus)),
            AdsiftStrip(
                exclusion_writer=JsonlWriter(str(out / "removed"), compression=None), batch_size=4
            ),
            JsonlWriter(str(out / "clean"), compression=None),
        ],
        tasks=2,
        workers=workers,
        logging_dir=str(out / "logs"),
    )


def lines(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def expected(sift: adsift.Separator) -> dict[str, adsift.StripResult]:
    return {name: sift.strip(Document(text, url=URL)) for name, text in TEXTS.items()}


def test_two_workers(corpus: Path, tmp_path: Path, shipped: adsift.Separator) -> None:
    executor(corpus, tmp_path).run()
    results = expected(shipped)
    found = {row["id"]: row for row in lines(tmp_path / "clean")}
    assert {name: row["text"] for name, row in found.items()} == {
        name: result.text for name, result in results.items()
    }
    told = [(row["metadata"]["url"], row["metadata"]["adsift_error"]) for row in found.values()]
    assert told == [(URL, "")] * len(TEXTS)

    removed = sorted(lines(tmp_path / "removed"), key=lambda row: str(row["id"]))
    wanted = [
        (
            f"{name}/{index}",
            paragraph.text,
            paragraph.label,
            paragraph.kind or "",
            -1 if paragraph.start is None else paragraph.start,
        )
        for name, result in results.items()
        for index, paragraph in zip(result.removed_indices, result.removed, strict=True)
    ]
    names = ("label", "kind", "start")
    assert [
        (row["id"], row["text"], *(row["metadata"][name] for name in names)) for row in removed
    ] == sorted(wanted)
    assert wanted

    (stats,) = [
        step["stats"]
        for step in json.loads((tmp_path / "logs" / "stats.json").read_text())
        if step["name"].endswith("adsift")
    ]
    assert total(stats["total"]) == total(stats["forwarded"]) == len(TEXTS)
    assert total(stats["removed"]) == total(stats["removed_commerce"]) == len(wanted)
    assert total(stats["removed_characters"]) == sum(len(text) for _, text, *_ in wanted)


def total(value: Any) -> int:
    return int(value["total"] if isinstance(value, dict) else value)


def test_a_task_that_failed_is_done_again_alone(corpus: Path, tmp_path: Path) -> None:
    good = (corpus / "1.jsonl").read_bytes()
    (corpus / "1.jsonl").unlink()
    (corpus / "1.jsonl.gz").write_bytes(b"no gzip at all")
    with pytest.raises(gzip.BadGzipFile):
        executor(corpus, tmp_path, workers=1).run()
    done = tmp_path / "clean" / "00000.jsonl"
    before = done.stat().st_mtime_ns
    (corpus / "1.jsonl.gz").write_bytes(gzip.compress(good))
    executor(corpus, tmp_path, workers=1).run()
    assert done.stat().st_mtime_ns == before
    assert {row["id"] for row in lines(tmp_path / "clean")} == {*TEXTS}


def rows(texts: Iterable[str]) -> Any:

    return (Row(text, str(number)) for number, text in enumerate(texts))


def poisoned(sift: adsift.Separator) -> Any:
    """A ``strip_many`` that cannot read one of the documents."""

    def strip_many(_: Any, documents: Any, *__: Any) -> Any:
        for document in documents:
            if "poison" in document.source:
                raise RuntimeError("no")
            yield sift.strip(document)

    return strip_many


def test_a_bad_document_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, shipped: adsift.Separator
) -> None:
    monkeypatch.setattr(adsift.Separator, "strip_many", poisoned(shipped))
    step = AdsiftStrip()
    good, bad = step.run(rows(["The council voted to close the bridge.", "poison"]))
    assert (good.text, good.metadata) == (
        "The council voted to close the bridge.",
        {"adsift_error": ""},
    )
    assert (bad.text, bad.metadata) == ("poison", {"adsift_error": "RuntimeError: no"})
    assert step.stats["failed"].total == 1


@pytest.mark.parametrize("expand", [False, True])
def test_parquet_files_hold_good_and_bad_documents(
    tmp_path: Path, expand: bool, monkeypatch: pytest.MonkeyPatch, shipped: adsift.Separator
) -> None:
    monkeypatch.setattr(adsift.Separator, "strip_many", poisoned(shipped))
    texts = [NEWS, "poison", NEWS]
    writer = ParquetWriter(str(tmp_path / "clean"), expand_metadata=expand)
    LocalPipelineExecutor(
        pipeline=[list(rows(texts)), AdsiftStrip(), writer], logging_dir=str(tmp_path / "logs")
    ).run()
    found = parquet.read_table(tmp_path / "clean").to_pylist()
    assert [row["text"] for row in found] == texts
    told = [(row if expand else row["metadata"])["adsift_error"] for row in found]
    assert told == ["", "RuntimeError: no", ""]


def test_parquet_files_hold_what_went_from_pages_and_texts(tmp_path: Path) -> None:

    pages = [
        Row(f"<p>{NEWS}</p><p>{PITCH}</p>", "page"),
        Row(f"{NEWS}\n\n{PITCH}\n\nSubscribe to our newsletter | Privacy policy | Terms", "text"),
    ]
    step = AdsiftStrip(
        drop=("commerce", "boilerplate"), exclusion_writer=ParquetWriter(str(tmp_path / "removed"))
    )
    LocalPipelineExecutor(pipeline=[pages, step], logging_dir=str(tmp_path / "logs")).run()
    found = parquet.read_table(tmp_path / "removed").to_pylist()
    removed = {(row["metadata"]["document"], row["metadata"]["label"]): row for row in found}
    page = removed["page", "commerce"]["metadata"]
    assert (page["start"], page["end"], page["kind"]) == (-1, -1, "product")
    text = removed["text", "boilerplate"]["metadata"]
    assert (text["start"], text["kind"]) == (len(NEWS) + len(PITCH) + 4, "")


def test_mistakes() -> None:
    with pytest.raises(PolicyError, match="no such label"):
        AdsiftStrip(drop="adverts")
    with pytest.raises(DocumentError, match="unknown format"):
        AdsiftStrip(format="pdf")  # type: ignore[arg-type]


def test_the_time_of_a_batch_is_that_of_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    timed = False
    judged = []

    class Clock:
        def __enter__(self) -> None:
            nonlocal timed
            timed = True

        def __exit__(self, *_: object) -> None:
            nonlocal timed
            timed = False

    def strip(documents: Iterable[Document], *_: Any) -> Iterable[Failed]:
        for _document in documents:
            judged.append(timed)
            yield Failed("no")

    monkeypatch.setattr("adsift.engines.datatrove.strip_documents", strip)
    step = AdsiftStrip(batch_size=2)
    step.track_time = lambda _: Clock()
    rows = step.run(Row(NEWS, str(number)) for number in range(5))
    next(rows)
    assert judged == [True] * 2
    assert len([*rows]) == 4
    assert judged == [True] * 5
