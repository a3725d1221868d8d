from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from adsift.cli.destination import Destination, check_places, choose_destination
from adsift.cli.exits import OutputError, StartError, UsageError
from adsift.cli.inputs import Found, Input
from adsift.cli.output import AtomicFile, FileSink, FolderSink, StdoutSink
from adsift.cli.reading import End
from adsift.compression import Codec, decompress, detect_codec
from adsift.errors import DocumentError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

A = Input(Path("a.txt"), jsonl=False)
B = Input(Path("b.txt"), jsonl=False)
LINES = Input(Path("c.jsonl"), jsonl=True)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestAtomicFile:
    def test_the_name_appears_at_the_end(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old")
        file = AtomicFile(target)
        file.write(b"new")
        assert target.read_text() == "old"
        file.commit()
        assert target.read_text() == "new"
        assert names(tmp_path) == ["out.txt"]

    def test_nothing_is_left_when_discarded(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old")
        file = AtomicFile(target)
        file.write(b"new")
        file.discard()
        assert target.read_text() == "old"
        assert names(tmp_path) == ["out.txt"]

    @pytest.mark.parametrize("codec", Codec)
    def test_it_is_compressed_as_its_name_says_the_same_each_time(
        self, tmp_path: Path, codec: Codec
    ) -> None:
        one, other = tmp_path / f"a.txt{codec.suffix}", tmp_path / f"b.TXT{codec.suffix.upper()}"
        for path in (one, other):
            file = AtomicFile(path)
            file.write(b"words")
            file.commit()
        assert detect_codec(one.read_bytes()) == codec
        assert decompress(one.read_bytes()) == b"words"
        assert one.read_bytes() == other.read_bytes()

    def test_a_codec_that_this_python_lacks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "lzma", None)
        with pytest.raises(StartError, match=r"cannot write .*a\.txt\.xz: .*lzma"):
            FileSink(tmp_path / "a.txt.xz").__enter__()
        assert names(tmp_path) == []

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "out.txt").symlink_to("real/out.txt")
        file = AtomicFile(tmp_path / "out.txt")
        file.write(b"new")
        file.commit()
        assert (tmp_path / "out.txt").is_symlink()
        assert (tmp_path / "real/out.txt").read_text() == "new"

    def test_the_old_permissions_stay(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old")
        target.chmod(0o640)
        AtomicFile(target).commit()
        assert target.stat().st_mode & 0o777 == 0o640

    def test_a_device_is_written_and_not_replaced(self) -> None:
        file = AtomicFile(Path(os.devnull))
        file.write(b"new")
        file.commit()
        assert Path(os.devnull).is_char_device()

    @pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
    def test_a_pipe_is_written_by_its_number(self) -> None:
        reading, writing = os.pipe()
        file = AtomicFile(Path(f"/dev/fd/{writing}"))
        os.close(writing)
        file.write(b"new")
        file.commit()
        with open(reading, "rb") as pipe:  # noqa: PTH123
            assert pipe.read() == b"new"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_protected_file_is_respected(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old")
        target.chmod(0o400)
        with pytest.raises(PermissionError):
            AtomicFile(target)
        assert names(tmp_path) == ["out.txt"]


class TestFileSink:
    def test_a_failed_input_replaces_nothing(self, tmp_path: Path) -> None:
        target = tmp_path / "out.txt"
        target.write_text("old")
        with FileSink(target) as sink:
            sink.end(End(A, opened=False))
        assert target.read_text() == "old"
        assert names(tmp_path) == ["out.txt"]

    def test_json_lines_without_a_line_make_an_empty_file(self, tmp_path: Path) -> None:
        with FileSink(tmp_path / "out.jsonl") as sink:
            sink.end(End(LINES, opened=True))
        assert (tmp_path / "out.jsonl").read_bytes() == b""

    def test_an_interrupted_run_leaves_nothing(self, tmp_path: Path) -> None:
        def interrupted() -> None:
            with FileSink(tmp_path / "out.txt") as sink:
                sink.write(A, b"half")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert names(tmp_path) == []

    def test_no_start_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(StartError, match="No such file"), FileSink(tmp_path / "no/out.txt"):
            pass

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_ends_the_run(self) -> None:
        with pytest.raises(OutputError, match="No space left"), FileSink(Path("/dev/full")) as sink:
            sink.write(A, b"words" * 100_000)


class TestFolderSink:
    def test_each_input_gets_its_file(self, tmp_path: Path) -> None:
        with FolderSink(tmp_path / "new/out", lambda i: tmp_path / "new/out/x" / i.name) as sink:
            for source in (A, LINES):
                sink.write(source, b"1\n")
                sink.write(source, b"2\n")
                sink.end(End(source, opened=True))
        assert (tmp_path / "new/out/x/a.txt").read_bytes() == b"1\n2\n"
        assert (tmp_path / "new/out/x/c.jsonl").read_bytes() == b"1\n2\n"

    def test_one_that_cannot_be_written_does_not_stop_the_next(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").mkdir()
        with FolderSink(tmp_path, lambda i: tmp_path / i.name) as sink:
            with pytest.raises(DocumentError, match=r"cannot write .*a\.txt: Is a directory"):
                sink.write(A, b"1")
            sink.write(A, b"2")
            sink.end(End(A, opened=True))
            sink.write(B, b"3")
            sink.end(End(B, opened=True))
        assert (tmp_path / "b.txt").read_bytes() == b"3"
        assert names(tmp_path) == ["a.txt", "b.txt"]

    def test_failed_inputs_make_no_file(self, tmp_path: Path) -> None:
        with FolderSink(tmp_path, lambda i: tmp_path / i.name) as sink:
            sink.end(End(A, opened=True))
            sink.end(End(LINES, opened=False))
        assert names(tmp_path) == []

    def test_no_start_under_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StartError), FolderSink(tmp_path / "file/out", lambda i: Path(i.name)):
            pass


@pytest.mark.usefixtures("here")
class TestDestination:
    @pytest.mark.parametrize(
        ("output", "several", "folder"),
        [
            ("out.txt", False, False),
            ("out", False, False),
            ("out/", False, True),
            ("there", False, True),
            ("there", True, True),
            ("out", True, True),
            ("out.d", True, True),
            ("out.jsonl", True, False),
            ("out.jsonl.gz", True, False),
        ],
    )
    def test_file_or_folder(self, output: str, several: bool, folder: bool) -> None:
        Path("there").mkdir()
        destination = choose_destination(output, several)
        assert destination.is_folder is folder
        assert not destination.is_stdout

    @pytest.mark.parametrize("output", [None, "-"])
    def test_standard_output(self, output: str | None) -> None:
        assert choose_destination(output, several=True).is_stdout

    @pytest.mark.parametrize("output", ["out.txt", "out.html.gz", "file"])
    def test_several_inputs_need_a_folder(self, output: str) -> None:
        Path("file").write_text("")
        with pytest.raises(UsageError, match="need a folder"):
            choose_destination(output, several=True)

    @pytest.mark.parametrize(
        ("path", "jsonl", "ending", "place"),
        [
            ("n/a.txt", False, "", "out/a.txt"),
            ("n/x/a.html.gz", False, "", "out/x/a.html.gz"),
            ("n/a.html", False, ".txt", "out/a.html.txt"),
            ("n/a.html.gz", False, ".txt", "out/a.html.txt.gz"),
            ("n/a.txt", False, ".txt", "out/a.txt"),
            ("n/a.txt", False, ".jsonl", "out/a.txt.jsonl"),
            ("n/a.jsonl.gz", True, ".jsonl", "out/a.jsonl.gz"),
            ("n/records", True, ".jsonl", "out/records"),
            (None, False, ".txt", "out/stdin.txt"),
        ],
    )
    def test_names_in_a_folder(
        self, here: Path, path: str | None, jsonl: bool, ending: str, place: str
    ) -> None:
        source = Input(Path(path) if path else None, jsonl)
        destination = Destination(Path("out"), is_folder=True)
        assert destination.place(source, here / "n", ending) == Path(place)

    def test_an_input_is_not_overwritten_by_whatever_name(self) -> None:
        Path("a.txt").write_text("text")
        Path("hard.txt").hardlink_to("a.txt")
        Path("soft.txt").symlink_to("a.txt")
        for name in ("a.txt", "./a.txt", "hard.txt", "soft.txt"):
            with pytest.raises(UsageError, match="will not be overwritten"):
                check_places(Found([A]), [("-o", Path(name))])
        check_places(Found([A]), [("-o", Path("b.txt"))])

    def test_two_results_do_not_share_a_file(self) -> None:
        with pytest.raises(UsageError, match=r"a\.txt and b\.txt would both"):
            check_places(Found([A, B]), [(A, Path("o.txt")), (B, Path("./o.txt"))])


class Sparing(io.RawIOBase):
    """Takes a little at a time and, once it is full, nothing."""

    def __init__(self, room: int) -> None:
        self.taken, self._room = b"", room

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        if len(self.taken) >= self._room:
            raise OSError(28, "No space left on device")
        some = bytes(data)[: min(3, self._room - len(self.taken))]
        self.taken += some
        return len(some)


def test_a_bare_standard_output_takes_all_or_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Sparing(room=20)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=raw))
    with StdoutSink() as sink:
        sink.write(LINES, b"It rained.")
        assert raw.taken == b"It rained."
        sink.write(LINES, b"It rained.")
        with pytest.raises(OutputError, match="No space left"):
            sink.write(LINES, b"It rained.")
    assert raw.taken == b"It rained." * 2
