"""An engine without its package says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

HIDE = """
import sys
sys.modules[{package!r}] = None
import {module}
"""


@pytest.mark.parametrize(
    ("engine", "package"),
    [
        ("datatrove", "datatrove"),
        ("dolma", "dolma"),
        ("langchain", "langchain_core"),
        ("llama_index", "llama_index"),
        ("scrapy", "scrapy"),
    ],
)
def test_a_package_is_missing(engine: str, package: str) -> None:
    code = HIDE.format(package=package, module=f"adsift.engines.{engine}")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = f"needs the package {package!r}: pip install 'adsift[{engine}]'"
    assert done.stderr.rstrip().splitlines()[-1].endswith(said)
    assert "AdsiftError" in done.stderr
