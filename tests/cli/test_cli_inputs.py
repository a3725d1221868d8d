from __future__ import annotations

import os
from pathlib import Path

import pytest

from adsift.cli.inputs import Input, find_inputs


def touch(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


def shown(*arguments: str, output: Path | None = None) -> list[str]:
    return [source.shown for source in find_inputs(arguments, output=output).inputs]


@pytest.mark.usefixtures("here")
class TestFolder:
    def test_documents_are_found_sorted_and_by_their_endings(self) -> None:
        names = ["a.txt", "b.md", "c.HTML", "d.xhtml.gz", "e.jsonl", "f.htm", "g.markdown"]
        touch(*[f"news/{name}" for name in reversed(names)], "news/sub/z.txt")
        touch("news/picture.png", "news/data.json", "news/archive.gz", "news/a.labels.jsonl")
        assert shown("news") == [f"news/{name}" for name in names] + ["news/sub/z.txt"]

    def test_hidden_files_and_folders_are_skipped(self) -> None:
        touch("news/.a.txt", "news/.git/b.txt", "news/c.txt")
        assert shown("news") == ["news/c.txt"]

    def test_what_clean_keeps_beside_its_results_is_left_out(self) -> None:
        touch("clean/a.txt", "clean/_adsift/manifest.jsonl", "clean/_adsift/removed/a.jsonl.zst")
        touch("clean/attributes/adsift/a.txt.jsonl.gz")
        assert shown("clean") == ["clean/a.txt"]
        assert shown("clean/_adsift")[0] == "clean/_adsift/manifest.jsonl"
        found = find_inputs(["clean"])
        assert found.searched(Path("clean/b.jsonl")) == Path("clean")
        for beside in ("_adsift", "_adsift/removed", "attributes/adsift"):
            assert found.searched(Path(f"clean/{beside}/b.jsonl")) is None

    def test_other_folders_are_searched_whatever_they_are_called(self) -> None:
        touch("site/_posts/a.md", "site/attributes/b.md")
        assert shown("site") == ["site/_posts/a.md", "site/attributes/b.md"]

    def test_the_output_folder_is_not_searched(self) -> None:
        touch("news/a.txt", "news/clean/a.txt")
        assert shown("news", output=Path("news/clean")) == ["news/a.txt"]

    def test_a_folder_without_documents_is_a_problem(self) -> None:
        touch("news/picture.png")
        found = find_inputs(["news"])
        assert found.problems == [("news", "holds no documents")]

    def test_a_pipe_in_a_folder_is_no_document(self) -> None:
        touch("news/a.txt")
        os.mkfifo("news/b.txt")
        assert shown("news") == ["news/a.txt"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_folder_is_a_problem(self) -> None:
        touch("news/a.txt", "news/locked/b.txt")
        Path("news/locked").chmod(0)
        found = find_inputs(["news"])
        Path("news/locked").chmod(0o700)
        assert [source.shown for source in found.inputs] == ["news/a.txt"]
        assert found.problems == [("news/locked", "Permission denied")]


@pytest.mark.usefixtures("here")
class TestPattern:
    def test_two_stars_reach_into_folders(self) -> None:
        touch("news/a.html", "news/x/y/b.html", "news/x/c.txt", "news/.h/d.html", "news/.e.html")
        assert shown("news/**/*.html") == ["news/a.html", "news/x/y/b.html"]

    def test_a_pattern_takes_files_of_any_name_and_no_folder(self) -> None:
        touch("news/a", "news/x/b.txt")
        assert shown("news/*") == ["news/a"]

    def test_a_file_of_that_very_name_is_no_pattern(self) -> None:
        touch("a[1].txt", "a1.txt")
        assert shown("a[1].txt") == ["a[1].txt"]

    def test_no_match_is_a_problem(self) -> None:
        assert find_inputs(["*.txt"]).problems == [("*.txt", "matches no file")]


@pytest.mark.usefixtures("here")
class TestArguments:
    def test_a_file_named_twice_is_done_once(self) -> None:
        touch("news/a.txt", "news/b.txt")
        arguments = ["news/b.txt", "news", "./news/../news/a.txt", "-", "-"]
        assert shown(*arguments) == ["news/b.txt", "news/a.txt", "-"]

    def test_an_address_is_no_file_but_a_file_may_be_called_like_one(self) -> None:
        assert find_inputs(["https://ferry.example/[a]"]).inputs == []
        touch("odd:/a.txt")
        assert shown("odd://a.txt") == ["odd:/a.txt"]

    def test_a_missing_file_is_left_to_the_reader(self) -> None:
        assert shown("gone.txt") == ["gone.txt"]

    @pytest.mark.parametrize(
        ("arguments", "several"),
        [(["a.txt"], False), (["-"], False), (["a.txt", "b.txt"], True), (["n"], True)],
    )
    def test_what_counts_as_several(self, arguments: list[str], several: bool) -> None:
        touch("n/only.txt")
        assert find_inputs(arguments).several is several

    def test_a_pattern_with_one_match_counts_as_several(self) -> None:
        touch("a.txt")
        assert find_inputs(["*.txt"]).several

    @pytest.mark.parametrize(
        ("arguments", "base"),
        [
            (["n"], "n"),
            (["n/a.txt"], "n"),
            (["n/a.txt", "n/x/b.txt"], "n"),
            (["n/x", "m"], "."),
            (["n/*/b.txt"], "n"),
            (["n/x/*.txt"], "n/x"),
            (["n/x/../../m/*.txt"], "m"),
            (["n/*/../../m/c.txt"], "."),
        ],
    )
    def test_the_base_holds_all_inputs(self, here: Path, arguments: list[str], base: str) -> None:
        touch("n/a.txt", "n/x/b.txt", "m/c.txt")
        assert find_inputs(arguments).base == Path(os.path.normpath(here / base))

    def test_json_lines_are_told_by_name_or_by_order(self) -> None:
        touch("a.txt", "b.jsonl", "c.JSONL.gz")
        found = find_inputs(["a.txt", "b.jsonl", "c.JSONL.gz"])
        assert [source.jsonl for source in found.inputs] == [False, True, True]
        assert find_inputs(["-"], all_jsonl=True).inputs == [Input(None, jsonl=True)]
