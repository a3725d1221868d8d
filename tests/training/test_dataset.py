from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from small_pages import HTML, HTML_BLOCKS, MARKDOWN, MARKDOWN_BLOCKS, row, rows, write_labels

from adsift.errors import LabelledDataError
from dataset import label_extracted, label_pages, read_fetched, read_pages
from labels import read_labels
from page_files import write_page


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "labels.jsonl.gz", rows())


@pytest.fixture
def fetched(tmp_path: Path, labels: Path) -> Path:
    folder = tmp_path / "fetched"
    folder.mkdir()
    for page, data in zip(read_labels(labels), (HTML, MARKDOWN), strict=True):
        write_page(folder, page, data)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The same pages as a data folder."""
    folder = tmp_path / "data"
    (folder / "pages").mkdir(parents=True)
    lines = []
    for page, source, blocks in zip(
        rows(), (HTML, MARKDOWN), (HTML_BLOCKS, MARKDOWN_BLOCKS), strict=True
    ):
        gold = [{"text": t, "label": label, "kind": k, "mixed": False} for t, label, k in blocks]
        lines.append(json.dumps({**page, "labels": None, "blocks": gold}))
        suffix = "html" if page["format"] == "html" else "md"
        (folder / "pages" / f"{page['id']}.{suffix}.gz").write_bytes(gzip.compress(source))
    (folder / "train.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder


class TestFetchedPages:
    def test_they_are_the_pages_of_the_data_folder(
        self, fetched: Path, labels: Path, data: Path
    ) -> None:
        assert [*map(_normal, read_fetched(fetched, labels))] == [*map(_normal, read_pages(data))]

    def test_the_paragraphs_take_the_labels(self, fetched: Path, labels: Path) -> None:
        html, *_ = label_pages(read_fetched(fetched, labels), jobs=1)
        assert html.labels == [label for _, label, _ in HTML_BLOCKS]
        assert html.kinds == [kind for *_, kind in HTML_BLOCKS]

    def test_so_do_those_that_an_extractor_leaves_of_html(
        self, fetched: Path, labels: Path
    ) -> None:
        (extracted,) = label_extracted(read_fetched(fetched, labels), jobs=1)
        label_of = {text: label for text, label, _ in HTML_BLOCKS}
        texts = [paragraph.text for paragraph in extracted.paragraphs]
        assert extracted.labels == [label_of[text] for text in texts]
        assert "Tides" not in texts
        assert "Get 25% off our storm-proof deck shoes!" in texts
        assert not any(paragraph.tag for paragraph in extracted.paragraphs)

    def test_a_block_that_is_not_found_labels_nothing(self, fetched: Path, tmp_path: Path) -> None:
        gold = [*HTML_BLOCKS]
        gold[3] = ("Another walker saw something else here.", "analysis", None)
        path = write_labels(tmp_path / "other.jsonl.gz", [row("a1", HTML, gold)])
        pages = read_fetched(fetched, path)
        assert len(pages[0].blocks) == len(gold) - 1
        html, _ = label_pages(pages, jobs=1)
        assert html.labels == [*(label for _, label, _ in gold[:3]), None, "commerce"]

    def test_other_languages_are_left_out(self, fetched: Path, tmp_path: Path) -> None:
        first, second = rows()
        path = write_labels(tmp_path / "other.jsonl.gz", [first | {"lang": "de"}, second])
        assert [page.id for page in read_fetched(fetched, path)] == [second["id"]]

    def test_pages_that_are_not_there_are_left_out(self, fetched: Path, labels: Path) -> None:
        (fetched / "a1.html.gz").unlink()
        assert [page.id for page in read_fetched(fetched, labels)] == ["b2"]


class TestErrors:
    def test_a_page_that_is_not_the_labelled_one(self, fetched: Path, labels: Path) -> None:
        (fetched / "a1.html.gz").write_bytes(gzip.compress(HTML + b"<p>More</p>"))
        with pytest.raises(LabelledDataError, match=r"a1\.html\.gz: SHA-256"):
            read_fetched(fetched, labels)

    def test_a_damaged_page(self, fetched: Path, labels: Path) -> None:
        (fetched / "a1.html.gz").write_bytes(gzip.compress(HTML)[:-20])
        with pytest.raises(LabelledDataError, match=r"a1\.html\.gz: cannot be decompressed"):
            read_fetched(fetched, labels)

    def test_a_folder_without_pages(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match=r"fetch_pages\.py"):
            read_pages(tmp_path)


def _normal(page: Any) -> tuple[Any, ...]:
    blocks = [(" ".join(b["text"].split()), b["label"], b["kind"], b["mixed"]) for b in page.blocks]
    return page.id, page.site, page.url, page.source, blocks
