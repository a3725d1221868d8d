"""The service where HTTP does not matter: where its model lies, its places."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import adsift
from adsift.service.places import Places
from adsift.service.refusal import RefusalError
from adsift.service.service import Service
from adsift.service.settings import ServiceSettings


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no /dev/shm")
def test_without_a_temporary_folder_the_model_lies_in_shared_memory(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    service = Service(ServiceSettings(model=str(bundle_folder)))
    folder = Path(service._folder.name)
    assert folder.parent == Path("/dev/shm")
    service._folder.cleanup()
    assert not folder.exists()


def test_a_model_that_is_missing_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(adsift.AdsiftError):
        Service(ServiceSettings(model="no/bundle"))
    assert list(tmp_path.iterdir()) == []


def test_places_are_taken_and_given_back() -> None:
    places = Places(2, lambda: RefusalError(503, "overloaded", "full", 1))
    with places.one(), places.one():
        with pytest.raises(RefusalError, match="full"), places.one():
            pass
        assert places.taken == 2
    with pytest.raises(ZeroDivisionError), places.one():
        raise ZeroDivisionError
    assert places.taken == 0


def test_workers_are_as_many_as_cores_unless_said() -> None:
    assert ServiceSettings(workers=3).processes == 3
    assert ServiceSettings().processes >= 1
