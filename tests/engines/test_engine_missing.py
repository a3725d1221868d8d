"""An adapter whose engine is not installed says which extra brings it."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
import adsift
try:
    import adsift.engines.{module}
except adsift.AdsiftError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("ray", "ray"),
        ("spark", "pyspark"),
        ("polars", "polars"),
        ("dask", "dask"),
        ("datasets", "datasets"),
        ("duckdb", "duckdb"),
        ("datatrove", "datatrove"),
        ("dolma", "dolma"),
        ("langchain", "langchain_core"),
        ("llama_index", "llama_index"),
        ("scrapy", "scrapy"),
    ],
)
def test_message(module: str, package: str) -> None:
    code = IMPORT.format(module=module, package=package)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"pip install '.[{module}]'" in done.stdout


def test_the_core_needs_pyarrow_alone() -> None:
    code = IMPORT.format(module="arrow", package="pyarrow") + (
        "from adsift.engines.arrow import StripBatch\n"
        "try:\n    StripBatch().output_schema(None)\n"
        "except adsift.AdsiftError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install '.[arrow]'" in done.stdout


def test_a_package_that_is_too_old() -> None:
    code = IMPORT.replace('name.partition(".")[0]', "name").format(
        module="duckdb", package="duckdb.func"
    )
    old = "import types\nold = types.ModuleType('duckdb')\nold.__path__ = []\n"
    code = f"import sys\n{old}sys.modules['duckdb'] = old\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs a newer version of the package 'duckdb'" in done.stdout
    assert "pip install --upgrade '.[duckdb]'" in done.stdout
