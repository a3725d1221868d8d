from __future__ import annotations

import gzip
import socket
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote

import pytest
from small_pages import HTML, MARKDOWN, row, rows, write_labels

from fetch_pages import HOPELESS, CodeHost, Mirror, Outcome, fetch_pages, main
from labels import LabelledPage, read_labels
from page_files import read_page, write_page

Answer = tuple[int, bytes, dict[str, str]]


class Host:
    """A server of raw files on this machine.

    Attributes:
        answers: for each path what is answered, one a request; the last one again and again.
        asked: how often each path was asked for.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: Counter[str] = Counter()
        lock = Lock()
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(self.path)
                with lock:
                    host.asked[path] += 1
                    queue = host.answers.get(path, [(404, b"", {})])
                    status, body, headers = queue.pop(0) if len(queue) > 1 else queue[0]
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, page: LabelledPage, *answers: bytes | int | Answer) -> None:
        self.answers[path_of(page)] = [
            (answer, b"", {})
            if isinstance(answer, int)
            else (200, answer, {})
            if isinstance(answer, bytes)
            else answer
            for answer in answers
        ]


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "labels.jsonl.gz", rows())


@pytest.fixture
def pages(labels: Path) -> list[LabelledPage]:
    return read_labels(labels)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "pages"


def path_of(page: LabelledPage) -> str:
    return f"/{page.repository}/{page.commit}/{page.path}"


def impatient(host: Host) -> CodeHost:
    return CodeHost(host.url, attempts=3, pause=0)


class TestFromTheCodeHost:
    def test_every_page_is_fetched_at_its_commit(
        self, host: Host, pages: list[LabelledPage], output: Path
    ) -> None:
        for page, data in zip(pages, (HTML, MARKDOWN), strict=True):
            host.serve(page, data)
        account = fetch_pages(pages, output, impatient(host))
        assert account.counts == {Outcome.FETCHED: 2}
        assert [read_page(output, page) for page in pages] == [HTML, MARKDOWN]
        assert sorted(path.name for path in output.iterdir()) == ["a1.html.gz", "b2.md.gz"]

    def test_a_file_that_is_compressed_in_its_repository_is_unpacked(
        self, host: Host, pages: list[LabelledPage], output: Path
    ) -> None:
        host.serve(pages[0], gzip.compress(HTML))
        fetch_pages(pages[:1], output, impatient(host))
        assert read_page(output, pages[0]) == HTML

    @pytest.mark.parametrize(
        "trouble",
        [
            503,
            429,
            (429, b"", {"Retry-After": "0"}),
            (503, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
            (200, HTML[:50], {"Content-Length": str(len(HTML))}),
        ],
        ids=["unavailable", "too many", "with a pause", "with a date", "broken off"],
    )
    def test_trouble_that_passes_is_waited_for(
        self, host: Host, pages: list[LabelledPage], output: Path, trouble: Any
    ) -> None:
        host.serve(pages[0], trouble, trouble, HTML)
        account = fetch_pages(pages[:1], output, impatient(host))
        assert account.counts == {Outcome.FETCHED: 1}
        assert host.asked[path_of(pages[0])] == 3

    def test_trouble_that_stays_is_given_up(
        self, host: Host, pages: list[LabelledPage], output: Path
    ) -> None:
        host.serve(pages[0], 503)
        account = fetch_pages(pages[:1], output, impatient(host))
        assert host.asked[path_of(pages[0])] == 3
        assert "503" in str(account)

    def test_what_is_not_there_is_asked_for_once(
        self, host: Host, pages: list[LabelledPage], output: Path
    ) -> None:
        host.serve(pages[1], MARKDOWN)
        account = fetch_pages(pages, output, impatient(host))
        assert host.asked[path_of(pages[0])] == 1
        assert account.counts == {Outcome.MISSING: 1, Outcome.FETCHED: 1}
        ((id, outcome, reason),) = account.failures
        assert (id, outcome) == ("a1", Outcome.MISSING)
        assert "404" in reason

    @pytest.mark.parametrize(
        "other", [HTML + b" ", b"", gzip.compress(b"another page", mtime=0), b"\x1f\x8bdamaged"]
    )
    def test_another_page_is_not_kept(
        self, host: Host, pages: list[LabelledPage], output: Path, other: bytes
    ) -> None:
        host.serve(pages[0], other)
        account = fetch_pages(pages[:1], output, impatient(host))
        assert account.counts == {Outcome.DIFFERS: 1}
        assert [*output.iterdir()] == []

    def test_a_host_out_of_reach_is_given_up_for_all_pages(
        self, tmp_path: Path, output: Path
    ) -> None:
        many = [row(f"a{number}", HTML, []) for number in range(3 * HOPELESS)]
        pages = read_labels(write_labels(tmp_path / "many.jsonl.gz", many))
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = CodeHost(f"http://127.0.0.1:{unused.getsockname()[1]}", attempts=1)
            account = fetch_pages(pages, output, nobody, workers=1)
        assert account.counts == {Outcome.MISSING: len(pages)}
        asked = [reason for *_, reason in account.failures if "not asked for" not in reason]
        assert len(asked) == HOPELESS


class TestAnotherRun:
    def test_what_is_there_is_not_fetched_again(
        self, host: Host, pages: list[LabelledPage], output: Path
    ) -> None:
        output.mkdir()
        write_page(output, pages[0], HTML)
        host.serve(pages[1], MARKDOWN)
        account = fetch_pages(pages, output, impatient(host))
        assert account.counts == {Outcome.KEPT: 1, Outcome.FETCHED: 1}
        assert host.asked.keys() == {path_of(pages[1])}

    @pytest.mark.parametrize(
        "damaged", [b"", gzip.compress(HTML, mtime=0)[:-9], gzip.compress(b"another page", mtime=0)]
    )
    def test_what_is_damaged_is_fetched_again(
        self, host: Host, pages: list[LabelledPage], output: Path, damaged: bytes
    ) -> None:
        output.mkdir()
        (output / pages[0].file_name).write_bytes(damaged)
        host.serve(pages[0], HTML)
        fetch_pages(pages[:1], output, impatient(host))
        assert read_page(output, pages[0]) == HTML

    def test_the_files_are_the_same_bytes(
        self, pages: list[LabelledPage], tmp_path: Path, output: Path
    ) -> None:
        (tmp_path / "mirror").mkdir()
        write_page(tmp_path / "mirror", pages[0], HTML)
        fetch_pages(pages[:1], output, Mirror(tmp_path / "mirror"))
        first, second = (folder / pages[0].file_name for folder in (tmp_path / "mirror", output))
        assert first.read_bytes() == second.read_bytes()


class TestCommand:
    def test_a_mirror(
        self,
        labels: Path,
        pages: list[LabelledPage],
        tmp_path: Path,
        output: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        mirror = tmp_path / "mirror"
        mirror.mkdir()
        write_page(mirror, pages[0], HTML)
        arguments = ["--labels", labels, "--mirror", mirror, "--output", output]
        assert main([*map(str, arguments)]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert f"b2: missing: {mirror / 'b2.md.gz'} does not exist" in said.err
        assert "1 fetched, 1 missing" in said.err
        assert main([*map(str, arguments), "--allow-missing"]) == 0
        assert "1 already there" in capsys.readouterr().err
        write_page(mirror, pages[1], MARKDOWN)
        assert main([*map(str, arguments)]) == 0

    def test_the_code_host(
        self, labels: Path, pages: list[LabelledPage], host: Host, output: Path
    ) -> None:
        for page, data in zip(pages, (HTML, MARKDOWN), strict=True):
            host.serve(page, data)
        arguments = ["--labels", labels, "--base-url", host.url + "/", "--output", output]
        assert main([*map(str, arguments)]) == 0

    def test_nothing_at_all_is_a_failure_in_any_case(
        self, labels: Path, tmp_path: Path, output: Path
    ) -> None:
        (tmp_path / "empty").mkdir()
        arguments = ["--labels", labels, "--mirror", tmp_path / "empty", "--output", output]
        assert main([*map(str, arguments), "--allow-missing"]) == 1

    def test_labels_that_cannot_be_read(
        self, tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["--labels", tmp_path / "nowhere", "--output", output]
        assert main([*map(str, arguments)]) == 1
        assert "nowhere" in capsys.readouterr().err

    def test_an_output_that_is_a_file(
        self, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").touch()
        arguments = ["--labels", labels, "--mirror", tmp_path, "--output", tmp_path / "file"]
        assert main([*map(str, arguments)]) == 1
        assert "cannot be written" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--mirror", "nowhere"],
            ["--base-url", "file:///etc"],
            ["--workers", "0"],
            ["--attempts", "many"],
        ],
    )
    def test_wrong_usage(
        self, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as exit:
            main(arguments)
        assert exit.value.code == 2
