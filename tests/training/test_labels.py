from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from small_pages import HTML, HTML_BLOCKS, row, rows, write_labels

from adsift.document import Label
from adsift.errors import LabelledDataError
from labels import read_labels


class TestReading:
    def test_pages_come_in_order_with_their_blocks(self, tmp_path: Path) -> None:
        pages = read_labels(write_labels(tmp_path / "labels.jsonl.gz", rows()))
        assert [page.file_name for page in pages] == ["a1.html.gz", "b2.md.gz"]
        assert [page.url for page in pages] == ["https://harbour.example/bridge", None]
        assert [block.label for block in pages[0].blocks] == [label for _, label, _ in HTML_BLOCKS]
        assert [block.kind for block in pages[0].blocks] == [None] * 4 + ["product"]

    def test_the_projects_own_labels_can_be_read(self) -> None:
        pages = read_labels()
        assert {page.format for page in pages} == {"html", "markdown"}
        assert {block.label for page in pages for block in page.blocks} == {*Label}


class TestErrors:
    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"id": "../../etc/passwd"}, "id"),
            ({"id": 7}, "id"),
            ({"format": "pdf"}, "format"),
            ({"repository": "harbour"}, "repository"),
            ({"repository": "../pages"}, "repository"),
            ({"commit": "main"}, "commit"),
            ({"path": "/etc/passwd"}, "path"),
            ({"path": "news/../../../secret"}, "path"),
            ({"path": ""}, "path"),
            ({"sha256": None}, "sha256"),
            ({"site": ["harbour"]}, "site"),
            ({"url": 1}, "url"),
            ({"labels": "news"}, "labels"),
            ({"labels": [["0123456789ab", "gossip", None, False]]}, "gossip"),
            ({"labels": [["0123456789ab", "news", "rumour", False]]}, "rumour"),
            ({"labels": [["0123456789ab", "news", None]]}, "a block"),
            ({"labels": [["xyz", "news", None, False]]}, "a block"),
            ({"labels": [{}]}, "a block"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_line(
        self, tmp_path: Path, changes: dict[str, Any], named: str
    ) -> None:
        wrong = row("b2", HTML, HTML_BLOCKS, **changes)
        path = write_labels(tmp_path / "labels.jsonl.gz", [rows()[0], wrong])
        with pytest.raises(LabelledDataError, match=f"line 2: .*{named}"):
            read_labels(path)

    def test_an_id_names_one_page(self, tmp_path: Path) -> None:
        path = write_labels(tmp_path / "labels.jsonl.gz", [rows()[0]] * 2)
        with pytest.raises(LabelledDataError, match="same id"):
            read_labels(path)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"no gzip",
            gzip.compress(b"{}" * 1000, mtime=0)[:-12],
            gzip.compress(b"\xff\n", mtime=0),
            gzip.compress(b"[" * 100_000 + b"\n"),
            gzip.compress(b"7\n"),
        ],
        ids=["empty", "text", "cut off", "not UTF-8", "deep", "a number"],
    )
    def test_a_damaged_file_is_named(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "labels.jsonl.gz"
        path.write_bytes(content)
        with pytest.raises(LabelledDataError, match=re.escape(str(path))):
            read_labels(path)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(LabelledDataError, match="nowhere"):
            read_labels(tmp_path / "nowhere")
