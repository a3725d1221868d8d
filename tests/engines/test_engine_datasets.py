"""datasets: its cache, its types, and its own way of mapping."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from engine_adapters import DROP, require

import adsift
from adsift.engines.arrow import StripBatch, TagBatch

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"
TEXTS = [f"{NEWS}\n\n{PITCH}\n", None, NEWS] * 3

FINGERPRINT = """
import sys
import datasets
from adsift.engines.datasets import strip
from adsift.engines import datasets as engine
dataset = datasets.Dataset.from_json(sys.argv[1], cache_dir=sys.argv[2])
print(strip(dataset, drop=("commerce",))._fingerprint)
print(dataset.map(engine.adsift_batch, batched=True)._fingerprint)
"""


@pytest.fixture
def dataset() -> Any:
    require("datasets")
    import datasets

    label = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["good", "bad"])}
    )
    rows = {"text": TEXTS, "label": [row % 2 for row in range(len(TEXTS))]}
    return datasets.Dataset.from_dict(rows, label)


def test_another_process_finds_the_result_in_the_cache(tmp_path: Path, dataset: Any) -> None:
    path = tmp_path / "pages.jsonl"
    dataset.to_json(path)

    def run() -> list[str]:
        command = [sys.executable, "-c", FINGERPRINT, str(path), str(tmp_path / "cache")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.split()

    def written() -> set[Path]:
        return set((tmp_path / "cache").rglob("cache-*.arrow"))

    first = run()
    files = written()
    assert len(files) == 2
    assert run() == first
    assert written() == files


def test_the_fingerprint_knows_options_and_model(bundle_folder: Path, tmp_path: Path) -> None:
    require("datasets")
    from datasets.fingerprint import Hasher

    from adsift.engines.datasets import AdsiftBatch, adsift_batch

    model = shutil.copytree(bundle_folder, tmp_path / "model")
    functions = [
        adsift_batch,
        AdsiftBatch(StripBatch(drop=DROP)),
        AdsiftBatch(StripBatch(model=str(model))),
        AdsiftBatch(TagBatch()),
    ]
    before = [Hasher.hash(function) for function in functions]
    assert len({*before}) == len(functions)
    assert Hasher.hash(AdsiftBatch(StripBatch())) == before[0]
    config = model / "bundle.json"
    config.write_bytes(config.read_bytes() + b"\n")  # another model lies there now
    assert Hasher.hash(functions[2]) != before[2]


def test_types_stay(dataset: Any) -> None:
    from adsift.engines.datasets import strip, tag

    for mapped in (strip(dataset), tag(dataset), strip(dataset.to_iterable_dataset())):
        assert mapped.features["label"] == dataset.features["label"]
        assert mapped.features["adsift_error"].dtype == "string"
    assert strip(dataset).format == {**dataset.format, "columns": strip(dataset).column_names}
    assert strip(dataset, num_proc=2).to_list() == strip(dataset).to_list()


def test_its_own_map(dataset: Any, shipped: adsift.Separator) -> None:
    from adsift.engines.datasets import adsift_batch, features, strip

    expected = [None if text is None else shipped.strip(text).text for text in TEXTS]
    mapped = dataset.map(
        adsift_batch, batched=True, batch_size=2, features=features(dataset, StripBatch())
    )
    assert list(mapped["text"]) == expected
    assert mapped.to_list() == strip(dataset).to_list()
    stream = dataset.to_iterable_dataset().map(adsift_batch, batched=True)
    assert [row["text"] for row in stream] == expected


def test_a_stream_whose_tables_vary() -> None:
    require("datasets")
    import datasets

    from adsift.engines.datasets import strip, tag

    rows = {"text": [TEXTS[0], NEWS] * 3, "date": ["2020", None, None] * 2}
    source = datasets.Dataset.from_dict(rows)
    stream = source.to_iterable_dataset().filter(lambda _: True)
    found = list(strip(tag(stream), batch_size=2))
    assert [row["text"] for row in found] == [f"{NEWS}\n", NEWS] * 3
    assert [row["date"] for row in found] == rows["date"]
    assert [len(row["adsift"]) for row in found] == [2, 1] * 3


def test_tagged_and_then_stripped(dataset: Any) -> None:
    from adsift.engines.datasets import AdsiftBatch, adsift_batch

    tagged = dataset.map(AdsiftBatch(TagBatch()), batched=True)
    found = tagged.map(adsift_batch, batched=True)
    assert list(found["text"]) == [f"{NEWS}\n", None, NEWS] * 3
    assert list(found["adsift"]) == list(tagged["adsift"])


def test_splits_columns_that_are_shown_and_no_rows(dataset: Any) -> None:
    import datasets

    from adsift.engines.datasets import strip

    splits = strip(datasets.DatasetDict(train=dataset, test=dataset.select([])))
    assert list(splits["train"]["text"]) == list(strip(dataset)["text"])
    assert splits["test"].features == splits["train"].features
    assert len(splits["test"]) == 0
    shown = strip(dataset.with_format("numpy", columns=["label"]))
    assert shown.format["type"] == "numpy"
    assert "text" not in shown.format["columns"]
    assert {"label", "adsift_removed"} <= {*shown.format["columns"]}


def test_a_map_of_single_rows_is_refused(dataset: Any) -> None:
    from adsift.engines.datasets import adsift_batch

    with pytest.raises(adsift.AdsiftError, match="batched=True"):
        dataset.select([0]).map(adsift_batch)
    renamed = dataset.rename_column("text", "body")
    with pytest.raises(adsift.AdsiftError, match="no column 'text'"):
        renamed.map(adsift_batch, batched=True)


def test_formats_and_arguments_that_are_no_batch(dataset: Any) -> None:
    from adsift.engines.datasets import adsift_batch

    for source, options in (
        (dataset.with_format("pandas"), {}),
        (dataset, {"input_columns": ["text"]}),
    ):
        with pytest.raises(adsift.AdsiftError, match="dictionaries or Arrow tables"):
            source.map(adsift_batch, batched=True, **options)


def test_a_list_is_no_dataset() -> None:
    require("datasets")
    from adsift.engines.datasets import strip

    for given in ([{"text": NEWS}], {"train": [{"text": NEWS}]}):
        with pytest.raises(
            adsift.AdsiftError, match=r"takes a Dataset, .* not list: Dataset\.from_l"
        ):
            strip(given)
