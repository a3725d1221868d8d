from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_pages import HTML, HTML_BLOCKS, MARKDOWN, MARKDOWN_BLOCKS, row, rows, write_labels

import blocks
from adsift.document import Document
from blocks import block_hash, count_found, find_texts
from labels import read_labels
from page_files import read_page, write_page

PAGES = [
    pytest.param(Document(HTML, format="html"), HTML_BLOCKS, id="html"),
    pytest.param(Document(MARKDOWN, format="markdown"), MARKDOWN_BLOCKS, id="markdown"),
]


class TestHash:
    def test_it_is_the_start_of_the_sha256_of_the_text(self) -> None:
        assert block_hash("Tides today") == hashlib.sha256(b"Tides today").hexdigest()[:12]

    @given(st.lists(st.text()), st.sampled_from([" ", "\n", "\t\t", "\xa0 "]))
    def test_white_space_does_not_count(self, words: list[str], space: str) -> None:
        assert block_hash(f"{space}{space.join(words)}{space}") == block_hash(" ".join(words))

    def test_every_string_has_one(self) -> None:
        assert len(block_hash("\ud800")) == 12


class TestFinding:
    @pytest.mark.parametrize(("page", "gold"), PAGES)
    def test_every_block_is_found(
        self, page: Document, gold: list[tuple[str, str, str | None]]
    ) -> None:
        texts = [text for text, _, _ in gold]
        found = find_texts(page, [block_hash(text) for text in texts])
        assert sorted(found.values()) == sorted(texts)

    @pytest.mark.parametrize(("page", "gold"), PAGES)
    def test_a_text_stands_under_its_own_hash(
        self, page: Document, gold: list[tuple[str, str, str | None]]
    ) -> None:
        found = find_texts(page, [block_hash(text) for text, _, _ in gold])
        assert {block_hash(text): text for text in found.values()} == found

    @pytest.mark.parametrize(("page", "gold"), PAGES)
    def test_nothing_that_is_not_wanted_is_found(
        self, page: Document, gold: list[tuple[str, str, str | None]]
    ) -> None:
        first, other = block_hash(gold[0][0]), block_hash("A text of another page.")
        assert find_texts(page, [first, other]).keys() == {first}
        assert find_texts(page, []) == {}

    def test_a_long_stretch_of_lines_is_found_as_a_whole_and_in_parts(self) -> None:
        lines = [f"Verse {number}" for number in range(200)]
        page = Document("\n".join(lines), format="markdown")
        wanted = [" ".join(lines), "Verse 7 Verse 8", "Verse 199"]
        found = find_texts(page, [block_hash(text) for text in wanted])
        assert {" ".join(text.split()) for text in found.values()} == {*wanted}

    @given(st.text(alphabet="ab \n`~*_[]()<>|#-"))
    def test_any_markdown_can_be_searched(self, source: str) -> None:
        assert find_texts(Document(source, format="markdown"), ["0" * 12]) == {}


class TestCounting:
    def test_a_block_that_is_not_found_counts_as_the_longest(self, tmp_path: Path) -> None:
        gold = [("Home", "boilerplate", None), ("Nowhere on the page", "news", None)]
        path = write_labels(tmp_path / "labels.jsonl.gz", [row("a1", HTML, gold)])
        (page,) = read_labels(path)
        found = count_found(page, HTML)
        assert (found.blocks, found.found) == (2, 1)
        assert found.weight == pytest.approx(2 / (2 + 61))

    def test_the_command_tells_the_shares(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = write_labels(tmp_path / "labels.jsonl.gz", rows())
        for page, data in zip(read_labels(path), (HTML, MARKDOWN), strict=True):
            write_page(tmp_path, page, data)
        monkeypatch.setattr(
            sys, "argv", ["blocks.py", "--pages", str(tmp_path), "--labels", str(path)]
        )
        blocks.main()
        header, html, markdown = capsys.readouterr().out.splitlines()
        assert "share" in header
        assert html.split() == ["html", "1", "5", "5", "1.0000", "1.0000"]
        assert markdown.split() == ["markdown", "1", "7", "7", "1.0000", "1.0000"]

    def test_the_command_says_where_pages_come_from(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["blocks.py", "--pages", str(tmp_path)])
        with pytest.raises(SystemExit, match=r"fetch_pages\.py"):
            blocks.main()


def test_nearly_every_block_of_the_shared_pages_is_found(shared: Path) -> None:
    pages = [page for page in read_labels() if page.lang == "en"][::30]
    results = [count_found(page, read_page(shared / "data" / "pages", page)) for page in pages]
    assert sum(result.weight for result in results) >= 0.98 * len(results)
