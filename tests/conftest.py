"""Settings of all tests, and the models that they share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from seed_articles import SEEDS

import adsift
from adsift.model.bundle import Bundle, write_bundle
from adsift.model.fit import fit
from adsift.model.fit_settings import Fitted, Settings

# How long an example takes depends on what else the machine does.
settings.register_profile("adsift", deadline=None)
settings.load_profile("adsift")

SMALL = Settings(width=2**13, networks=2, hidden=16, epochs=12, iterations=10)
"""A model of the seeds that is trained in seconds, and still knows an offer when it sees one."""


@pytest.fixture(scope="session")
def fitted() -> Fitted:
    return fit([seed.labelled() for seed in SEEDS], SMALL)


@pytest.fixture(scope="session")
def bundle_folder(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle. Not to be changed: tests damage a copy of it."""
    folder = tmp_path_factory.mktemp("models") / "small"
    write_bundle(folder, Bundle(fitted.config, fitted.arrays, "# A small model\n"))
    return folder


@pytest.fixture(scope="session")
def sift(bundle_folder: Path) -> adsift.Separator:
    """A separator with the small model."""
    return adsift.load(bundle_folder)


@pytest.fixture(scope="session")
def shipped() -> adsift.Separator:
    """A separator with the model that users get."""
    return adsift.load()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled pages, which is no part of the repository."""
    default = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("ADSIFT_SHARED", default))
    if not (folder / "data").is_dir():
        pytest.skip(f"no labelled pages in {folder}: set ADSIFT_SHARED to their folder")
    return folder
