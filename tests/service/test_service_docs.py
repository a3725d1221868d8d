"""What docs/service.md says is so: its commands run, its tables are complete."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Running, serving

from adsift.cli.commands.serve import serve

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)\n```$", PAGE, re.M | re.S)
COMMAND_LINE = Path(inspect.getfile(serve)).parents[2] / "__main__.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("serve"), "--workers", 1, script=COMMAND_LINE) as running:
        yield running


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_commands_run(command: str, server: Running) -> None:
    assert "http://127.0.0.1:8000" in command
    command = command.replace("http://127.0.0.1:8000", server.url)
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=True)
    if "Accept: text/html" in command:
        assert done.stdout.startswith(b"<!DOCTYPE html>")
    else:
        for line in done.stdout.splitlines():
            assert "error" not in json.loads(line)


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 4


def test_metrics_are_those_of_the_table(server: Running) -> None:
    with server.client() as client:
        text = client.get("/metrics").text
    families = set(re.findall(r"^# TYPE (adsift_\w+) ", text, re.M))
    families = {name for name in families if not name.endswith("_created")}
    table = PAGE.partition("## Metrics")[2]
    assert families == set(re.findall(r"`(adsift_\w+)`", table))


def test_options_are_those_of_the_table() -> None:
    table = PAGE.partition("## Running it")[2].partition("\n- ")[0]
    for name in inspect.signature(serve).parameters:
        assert f"`--{name.replace('_', '-')}`" in table
        assert f"`ADSIFT_{name.upper()}`" in table
