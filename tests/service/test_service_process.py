"""What only a server of its own can show: signals, exit codes, overload, hostile clients."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from serving import ENVIRONMENT, Running, run_to_end, serving

import adsift

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

COMMAND_LINE = Path(adsift.__file__).parent / "__main__.py"
TEXT = {"content-type": "text/plain"}


def strip(client: httpx2.Client, text: str) -> httpx2.Response:
    headers = {**TEXT, "accept": "text/plain"}
    return client.post("/v1/strip", content=text.encode(), headers=headers)


def in_background(running: Running, text: str) -> tuple[threading.Thread, list[int]]:
    statuses: list[int] = []

    def send() -> None:
        with running.client() as client:
            statuses.append(strip(client, text).status_code)

    thread = threading.Thread(target=send)
    thread.start()
    return thread, statuses


def raw(running: Running) -> socket.socket:
    where = urlsplit(running.url)
    assert where.hostname is not None
    return socket.create_connection((where.hostname, where.port or 0), timeout=30)


def answer(connection: socket.socket) -> bytes:
    return up_to(b"}}", connection)


def up_to(end: bytes, connection: socket.socket) -> bytes:
    got = b""
    while end not in got and (part := connection.recv(65536)):
        got += part
    return got


def test_loopback_is_the_default_and_requests_are_logged(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1) as running:
        assert running.url.startswith("http://127.0.0.1:")
        with running.client() as client:
            assert strip(client, "One.\n\nShoes, $39.").text == "One."
            client.get("/a%0Ab?url=https://private.example/")
            strip(client, "EXPLODE")
        running.process.terminate()
        assert running.process.wait(30) == 0
        log = running.log.read_text()
        assert " POST /v1/strip 200 in=17 out=4 ms=" in log
        assert " GET /a%0Ab 404 " in log
        assert "private.example" not in log
        assert "the secret reason" in log


def test_quiet_is_quiet(tmp_path: Path) -> None:
    environment = {"ADSIFT_WORKERS": "1", "ADSIFT_MAX_BODY": "10"}
    with serving(tmp_path, environment=environment) as running, running.client() as client:
        assert strip(client, "a" * 10).status_code == 200
        assert strip(client, "a" * 11).status_code == 413
    # But for the port, where it was chosen by the system.
    with serving(tmp_path, "--workers", 1, "--quiet") as running, running.client() as client:
        assert strip(client, "One.").status_code == 200
        assert running.log.read_text().count("\n") == 1
    done = run_to_end("--quiet", "--uds", tmp_path / "no" / "folder")
    assert (done.returncode, done.stdout) == (3, b"")


def test_the_end_waits_for_what_is_in_work(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1) as running:
        threads = [in_background(running, "SLOW") for _ in range(3)]
        with running.client() as client:
            while "adsift_requests_in_progress 3.0" not in client.get("/metrics").text:
                time.sleep(0.02)
        running.process.terminate()
        for thread, statuses in threads:
            thread.join()
            assert statuses == [200]
        assert running.process.wait(30) == 0
        with pytest.raises(OSError, match="refused"):
            raw(running)


def test_the_end_does_not_wait_for_ever(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1, "--grace", 1) as running:
        thread, statuses = in_background(running, "HANG")
        with running.client() as client:
            while "adsift_workers_busy 1.0" not in client.get("/metrics").text:
                time.sleep(0.02)
        workers = running.workers() if sys.platform == "linux" else []
        running.process.terminate()
        thread.join()
        assert statuses == [503]
        assert running.process.wait(30) == 1
        assert b"--grace" in running.log.read_bytes()
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_a_connection_is_kept_for_the_next_request(tmp_path: Path) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with serving(tmp_path, "--workers", 1, "--keep-alive", 1) as running, raw(running) as idle:
        idle.sendall(ask)
        assert to_the_end(idle).startswith(b"HTTP/1.1 200 ")
    with serving(tmp_path, "--workers", 1) as running, raw(running) as idle:
        idle.sendall(ask)
        assert up_to(b'"ok"}', idle).startswith(b"HTTP/1.1 200 ")
        time.sleep(6)
        idle.sendall(ask)
        assert up_to(b'"ok"}', idle).startswith(b"HTTP/1.1 200 ")


def test_the_query_does_not_depend_on_the_host(tmp_path: Path) -> None:
    head = "POST /v1/strip?drop=news HTTP/1.1\r\nHost: {}\r\nContent-Type: text/plain\r\n"
    head += "Accept: text/plain\r\nContent-Length: 4\r\n\r\nOne."
    with serving(tmp_path, "--workers", 1) as running:
        for host in ("a", "a#", "[", "a?drop=commerce&x="):
            with raw(running) as connection:
                connection.sendall(head.format(host).encode())
                got = up_to(b"\r\n\r\n", connection)
                assert got.startswith(b"HTTP/1.1 200 ")
                assert b"content-length: 0" in got


def test_ctrl_c_reaches_all_and_ends_well(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1) as running:
        thread, statuses = in_background(running, "SLOW")
        with running.client() as client:
            while "adsift_workers_busy 1.0" not in client.get("/metrics").text:
                time.sleep(0.02)
        for process in (running.process.pid, *running.workers()):
            os.kill(process, signal.SIGINT)
        thread.join()
        assert statuses == [200]
        assert running.process.wait(30) == 130


def test_too_much_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1, "--queue", 3) as running:

        def send(number: int) -> tuple[int, bool]:
            with running.client() as client:
                got = strip(client, f"SLOW {number}.\n\nShoes, $39.")
            if got.status_code == 503:
                return 503, int(got.headers["retry-after"]) >= 1
            return got.status_code, got.text == f"SLOW {number}."

        with ThreadPoolExecutor(16) as threads:
            found = list(threads.map(send, range(16)))
        assert all(right for _, right in found)
        statuses = Counter(status for status, _ in found)
        assert set(statuses) == {200, 503}
        assert statuses[200] >= 4
        with running.client() as client:
            assert strip(client, "One.").text == "One."
            metrics = client.get("/metrics").text
        assert f'adsift_rejected_total{{code="overloaded"}} {statuses[503]}.0' in metrics


def test_a_document_that_kills_costs_itself_alone(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 2, "--timeout", 5) as running, running.client() as client:
        lines = ['{"text": "One."}', '{"text": "DIE", "id": "x"}', '{"text": "HANG"}']
        lines += ['{"text": "Two."}'] * 2
        got = client.post(
            "/v1/tag/batch",
            content="\n".join(lines),
            headers={"content-type": "application/x-ndjson", "accept": "application/json"},
        )
        results = got.json()["results"]
        assert [result.get("error", {}).get("code") for result in results] == [
            None,
            "worker_died",
            "timeout",
            None,
            None,
        ]
        assert results[1]["id"] == "x"
        assert strip(client, "Three.").status_code == 200
        metrics = client.get("/metrics").text
        assert 'adsift_workers_lost_total{reason="died"} 1.0' in metrics
        assert 'adsift_workers_lost_total{reason="timeout"} 1.0' in metrics


def test_hostile_bodies(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1, "--max-body", "1kB", "--timeout", 2) as running:
        head = b"POST /v1/tag HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
        with raw(running) as connection:  # says more than it may
            connection.sendall(head + b"Content-Length: 1000000000000\r\n\r\n" + b"a" * 5000)
            assert b" 413 " in answer(connection)
        with raw(running) as connection:  # never says how much
            connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            connection.sendall(b"200\r\n" + b"a" * 512 + b"\r\n")
            connection.sendall((b"400\r\n" + b"a" * 1024 + b"\r\n") * 2)
            assert b" 413 " in answer(connection)
        with raw(running) as connection:  # asks first
            connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: 9999\r\n\r\n")
            assert answer(connection).startswith(b"HTTP/1.1 413 ")
        with raw(running) as connection:  # never ends
            connection.sendall(head + b"Content-Length: 100\r\n\r\nabc")
            assert b" 408 " in answer(connection)
        with raw(running) as connection:  # goes away in the middle
            connection.sendall(head + b"Content-Length: 100\r\n\r\nabc")
        with raw(running) as connection:  # says in two ways how much
            connection.sendall(head + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.sendall(b"0\r\n\r\n")
            got = to_the_end(connection)
            assert got.startswith(b"HTTP/1.1 400 ")
            assert b"invalid_request" in got
        with raw(running) as connection:  # is no HTTP at all
            connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            assert b" 400 " in connection.recv(1000)
        with running.client() as client:
            assert strip(client, "One.").text == "One."


BODY_BEGUN = b"POST /v1/tag HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
BODY_BEGUN += b"Content-Length: 1000\r\n\r\n"


def until_arriving(client: httpx2.Client, bodies: int, held: int) -> None:
    for _ in range(600):
        text = client.get("/metrics").text
        if f"adsift_bodies_arriving {bodies}.0\n" in text:
            assert f"adsift_body_bytes_held {held}.0\n" in text
            return
        time.sleep(0.1)
    raise AssertionError(text)


def test_bodies_that_are_begun_take_no_place(tmp_path: Path) -> None:
    options = ("--workers", 1, "--queue", 0, "--max-body", "1kB", "--timeout", 600)
    with serving(tmp_path, *options) as running, running.client() as client, ExitStack() as open_:
        for _ in range(5):
            open_.enter_context(raw(running)).sendall(BODY_BEGUN + b"a" * 100)
        until_arriving(client, 5, 500)
        assert strip(client, "One.").text == "One."
        with raw(running) as connection:  # but only so many of their bytes can be held
            connection.sendall(BODY_BEGUN + b"a" * 999)
            assert answer(connection).startswith(b"HTTP/1.1 503 ")
        open_.close()
        until_arriving(client, 0, 0)


def test_the_end_does_not_wait_for_ever_for_a_body(tmp_path: Path) -> None:
    options = ("--workers", 1, "--timeout", 600, "--grace", 1)
    with serving(tmp_path, *options) as running, raw(running) as connection:
        connection.sendall(BODY_BEGUN + b"a" * 100)
        with running.client() as client:
            until_arriving(client, 1, 100)
        running.process.terminate()
        got = answer(connection)
        assert got.startswith(b"HTTP/1.1 503 ")
        assert b'"draining"' in got
        assert running.process.wait(30) == 1
        assert "Traceback" not in running.log.read_text()


LONG = b"The ferry runs again. " * 400_000
"""More than the system holds for a connection whose client does not read."""


def ask_and_read_no_more(running: Running, holds: int = 4096) -> socket.socket:
    """Have a long answer begun; the client's system holds that many bytes of it."""
    where = urlsplit(running.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, holds)
    connection.settimeout(60)
    connection.connect((where.hostname, where.port or 0))
    head = "POST /v1/strip HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
    head += f"Accept: text/plain\r\nConnection: close\r\nContent-Length: {len(LONG)}\r\n\r\n"
    connection.sendall(head.encode() + LONG)
    assert connection.recv(1) == b"H"
    return connection


def to_the_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def places_taken(client: httpx2.Client) -> float:
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("adsift_requests_in_progress "):
            return float(line.split()[1])
    raise AssertionError("no such metric")


def until_all_places_are_free(client: httpx2.Client) -> None:
    for _ in range(600):
        if places_taken(client) == 0:
            return
        time.sleep(0.1)
    raise AssertionError("a place is still taken after a minute")


def test_an_answer_has_its_place_until_it_is_read(tmp_path: Path) -> None:
    options = ("--workers", 1, "--queue", 1, "--timeout", 600)
    with serving(tmp_path, *options) as running, running.client() as client:
        with ask_and_read_no_more(running) as connection:
            assert strip(client, "Another client.").status_code == 200
            assert places_taken(client) == 1
            with ask_and_read_no_more(running):
                assert strip(client, "A third one.").status_code == 503
                assert places_taken(client) == 2
            # That one went away, this one reads.
            assert to_the_end(connection).endswith(b"\r\n\r\n" + LONG)
            until_all_places_are_free(client)
        assert strip(client, "One.").status_code == 200


def test_who_does_not_read_is_cut_off(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1, "--queue", 0, "--timeout", 5) as running:
        with ask_and_read_no_more(running) as connection, running.client() as client:
            until_all_places_are_free(client)
            assert strip(client, "One.").status_code == 200
            assert len(to_the_end(connection)) < len(LONG)
        assert "cut off" in running.log.read_text()


def test_who_goes_away_in_the_middle_of_an_answer_is_counted_as_gone(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", 1, "--timeout", 600) as running:
        with ask_and_read_no_more(running) as connection, running.client() as client:
            reset = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            connection.close()
            until_all_places_are_free(client)
            metrics = client.get("/metrics").text
            assert client.head("/healthz").status_code == 200
        assert 'adsift_requests_total{route="/v1/strip",status="499"} 1.0' in metrics
        sent = re.search(r'adsift_body_bytes_total{direction="out"} (\S+)', metrics)
        assert sent is not None
        assert float(sent[1]) < len(LONG)
        running.process.terminate()  # a line can come after its answer
        running.process.wait(30)
        log = running.log.read_text()
        assert "HEAD /healthz 200 in=0 out=0 " in log
        assert "socket.send" not in log


def test_who_reads_slowly_but_steadily_gets_all(tmp_path: Path) -> None:
    with (
        serving(tmp_path, "--workers", 1, "--timeout", 3) as running,
        ask_and_read_no_more(running, 1 << 20) as connection,
    ):
        some = b""
        for _ in range(20):
            time.sleep(0.5)
            some += connection.recv(100_000)
        assert (some + to_the_end(connection)).endswith(b"\r\n\r\n" + LONG)


def test_who_does_not_read_does_not_keep_the_end_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, "--timeout", 600, "--grace", 1) as running:
        with ask_and_read_no_more(running) as connection:
            running.process.terminate()
            assert running.process.wait(30) == 1
            assert len(to_the_end(connection)) < len(LONG)
        log = running.log.read_text()
        assert "cut off" in log
        assert "--grace" in log
        assert "Traceback" not in log


def over(path: Path) -> httpx2.Client:
    transport = httpx2.HTTPTransport(uds=str(path))
    return httpx2.Client(transport=transport, base_url="http://a", timeout=60)


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "adsift.sock"
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(path))
    with serving(tmp_path, "--workers", 1, "--uds", path) as running:
        assert running.url == f"unix:{path}"
        with over(path) as client:
            assert strip(client, "One.").text == "One."
        taken = run_to_end("--uds", path)
        assert taken.returncode == 3
        running.process.terminate()
        assert running.process.wait(30) == 0
        assert not path.exists()


def test_the_socket_of_a_successor_stays(tmp_path: Path) -> None:
    path = tmp_path / "adsift.sock"
    with serving(tmp_path, "--workers", 1, "--uds", path) as running:
        with over(path) as client:
            assert strip(client, "One.").text == "One."
        path.unlink()
        with socket.socket(socket.AF_UNIX) as successor:
            successor.bind(str(path))
            running.process.terminate()
            assert running.process.wait(30) == 0
        assert path.exists()


def test_the_port_of_a_service_link_is_none_of_ours(tmp_path: Path) -> None:
    # Kubernetes sets this beside a service named adsift.
    environment = {"ADSIFT_PORT": "tcp://10.0.0.1:8000"}
    with serving(tmp_path, "--workers", 1, environment=environment) as running:
        assert running.client().get("/healthz").status_code == 200
    done = run_to_end("--uds", tmp_path / "no" / "folder", environment=environment)
    assert done.returncode == 3


def test_the_probe_asks_the_service_and_no_proxy(tmp_path: Path) -> None:
    def probe(port: int | str) -> int:
        proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        command = [sys.executable, "-m", "adsift.service.probe"]
        environment = {**ENVIRONMENT, **proxies, "ADSIFT_PORT": str(port)}
        return subprocess.run(command, env=environment, check=False).returncode

    with serving(tmp_path, "--workers", 1) as running:
        assert probe(urlsplit(running.url).port or 0) == 0
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert probe(silent.getsockname()[1]) == 1


def test_a_taken_port_is_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run_to_end("--port", taken.getsockname()[1])
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"cannot listen on 127.0.0.1:" in done.stderr
    assert b"Traceback" not in done.stderr


@contextmanager
def hang_up(handler: signal.Handlers) -> Iterator[None]:
    """What processes that are started here inherit; under ``nohup`` these tests would ignore it."""
    before = signal.signal(signal.SIGHUP, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_hang_up_ends_it_like_any_other_signal(tmp_path: Path) -> None:
    path = tmp_path / "adsift.sock"
    with (
        hang_up(signal.SIG_DFL),
        serving(tmp_path, "--workers", 1, "--uds", path) as running,
    ):
        with over(path) as client:
            assert strip(client, "One.").text == "One."
        running.process.send_signal(signal.SIGHUP)
        assert running.process.wait(30) == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["stderr"]


def test_under_nohup_it_outlives_a_hang_up(tmp_path: Path) -> None:
    with (
        hang_up(signal.SIG_IGN),
        serving(tmp_path, "--workers", 1) as running,
        running.client() as client,
    ):
        running.process.send_signal(signal.SIGHUP)
        assert strip(client, "One.").text == "One."
        assert running.process.poll() is None


def test_a_signal_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from adsift.cli import main\n"
        "from adsift.service import folder\n"
        "def lay_out(model, place):\n"
        "    place.mkdir()\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    raise AssertionError\n"
        "folder.share_model = lay_out\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--uds", str(tmp_path / "adsift.sock")],
        env={**ENVIRONMENT, "TMPDIR": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_model_that_was_cleaned_away_is_laid_out_again(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path)}
    with serving(tmp_path, "--workers", 1, script=COMMAND_LINE, environment=environment) as running:
        (folder,) = tmp_path.glob("adsift-serve-*")
        shutil.rmtree(folder)
        (worker,) = running.workers()
        os.kill(worker, signal.SIGKILL)
        with running.client() as client:
            while running.workers() in ([worker], []):
                time.sleep(0.1)
            assert strip(client, "One.").status_code == 200
        running.process.terminate()
        assert running.process.wait(30) == 0
    assert not [*tmp_path.glob("adsift-serve-*")]


def test_a_service_whose_workers_do_not_start_ends(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from adsift.cli import main\n"
        "from adsift.service import pool, service\n"
        "pool.PAUSE = 0.01\n"
        "service.WORKER = (sys.executable, '-c', 'raise SystemExit(1)')\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--workers", "1", "--port", "0"],
        env={**ENVIRONMENT, "TMPDIR": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert b"no worker starts" in done.stderr
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--model", "no/bundle", "--port", "0"], 3),
        (["--max-body", "many"], 2),
        (["--workers", "-1"], 2),
        (["--port", "70000"], 2),
        (["--port", "http"], 2),
        (["--timeout", "inf"], 2),
        (["--timeout", "1e10"], 2),
        (["--grace", "inf"], 2),
        (["--keep-alive", "-1"], 2),
    ],
)
def test_mistakes_have_a_code_and_no_traceback(arguments: list[str], code: int) -> None:
    done = run_to_end(*arguments)
    assert done.returncode == code
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "sys.argv = ['adsift', 'serve', '--port', '0']\n"
        "from adsift.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 3
    assert b"pip install '.[serve]'" in done.stderr
