"""Models that processes hold together."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from seed_articles import SEEDS

import adsift
from adsift.model.shared import load_shared, share_model


def test_the_same_model_but_mapped(bundle_folder: Path, tmp_path: Path) -> None:
    share_model(bundle_folder, tmp_path / "shared")
    shared = load_shared(tmp_path / "shared")
    documents = [seed.document for seed in SEEDS]
    here = adsift.load(bundle_folder)
    assert list(adsift.Separator(shared).tag_many(documents)) == list(here.tag_many(documents))
    assert shared.bundle.arrays
    assert all(isinstance(array, np.memmap) for array in shared.bundle.arrays.values())
    assert not any(array.flags.writeable for array in shared.bundle.arrays.values())


def test_a_model_that_cannot_be_laid_out_says_why(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits of a file's size")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as failed:
            share_model(None, tmp_path / "model")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failed.value.errno == errno.EFBIG
