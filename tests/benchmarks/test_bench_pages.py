from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from adsift.document import Document
from adsift.errors import LabelledDataError
from adsift.segment import segment
from made_pages import nested_page, page_of_blocks, page_of_links, page_of_size, text_of_size
from pages import choose_pages, find_folder, read_labelled_pages, sample_blocks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "data" / "pages"
    pages.mkdir(parents=True)
    for number in range(6):
        data = page_of_size(2000, number).encode()
        (pages / f"p{number}.html.gz").write_bytes(gzip.compress(data))
    (pages / "plain.html").write_text("<p>The ferry ran late.</p>", encoding="utf-8")
    (pages / "notes.md").write_text("No page.", encoding="utf-8")
    return pages


class TestFolder:
    def test_without_pages_the_error_says_how_to_get_them(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match=r"fetch_pages\.py"):
            find_folder(tmp_path)

    def test_the_choice_is_the_same_on_every_run(self, folder: Path) -> None:
        assert choose_pages(folder, 4) == choose_pages(folder, 4)
        assert choose_pages(folder, 4) == choose_pages(folder, 6)[:4]

    def test_all_html_pages_are_there(self, folder: Path) -> None:
        assert len(choose_pages(folder, 100)) == 7
        assert b"<p>The ferry ran late.</p>" in choose_pages(folder, 100)


class TestLabelled:
    def test_unlabelled_pages_are_replaced_by_the_seeds(self, folder: Path) -> None:
        labelled = read_labelled_pages(folder)
        assert labelled.seeds
        assert {page.source.format for page in labelled.pages} == {"text", "markdown", "html"}

    def test_labels_beside_the_folder_are_read(self, folder: Path) -> None:
        blocks = [
            {"text": "The ferry\nran late.", "label": "news", "kind": None},
            {"text": "Menu", "label": None, "kind": None},
        ]
        row = {"id": "plain", "format": "html", "site": "", "url": "", "blocks": blocks}
        (folder.parent / "train.jsonl").write_text(json.dumps(row), encoding="utf-8")
        labelled = read_labelled_pages(folder)
        assert not labelled.seeds
        assert [page.id for page in labelled.html] == ["plain"]
        assert labelled.texts() == [[("The ferry ran late.", "news")]]

    def test_a_sample_is_part_of_the_blocks(self, folder: Path) -> None:
        texts = read_labelled_pages(folder).texts()
        every = [block for page in texts for block in page]
        assert sorted(sample_blocks(texts, len(every))) == sorted(every)
        assert len(sample_blocks(texts, 10)) == 10


class TestMadePages:
    def test_sizes(self) -> None:
        for size in (5_000, 100_000):
            assert size <= len(page_of_size(size)) < size + 5000
            assert size <= len(text_of_size(size)) < size + 1000

    def test_the_same_arguments_give_the_same_page(self) -> None:
        assert page_of_size(20_000, 3) == page_of_size(20_000, 3) != page_of_size(20_000, 4)

    def test_blocks_links_and_depth(self) -> None:
        blocks = segment(Document(page_of_blocks(120), format="html")).paragraphs
        assert len(blocks) == 120
        (linked,) = segment(Document(page_of_links(75), format="html")).paragraphs
        assert len(linked.links) == 75
        nested = segment(Document(nested_page(300), format="html")).paragraphs
        assert len(nested) == 20
