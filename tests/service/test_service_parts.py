"""The service where HTTP does not matter: its places."""

from __future__ import annotations

import sys

import pytest

from adsift.service.places import Places
from adsift.service.refusal import RefusalError
from adsift.service.settings import ServiceSettings


def test_places_are_taken_and_given_back() -> None:
    places = Places(2, lambda: RefusalError(503, "overloaded", "full", 1))
    with places.one(), places.one():
        with pytest.raises(RefusalError, match="full"), places.one():
            pass
        assert places.taken == 2
    with pytest.raises(ZeroDivisionError), places.one():
        raise ZeroDivisionError
    assert places.taken == 0


def test_workers_are_as_many_as_cores_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ServiceSettings(workers=3).processes == 3
    assert ServiceSettings().processes >= 1
    # As adsift clean counts them: joblib, which looks at the quota of a container, too.
    monkeypatch.setattr("joblib.cpu_count", lambda: 17)
    assert ServiceSettings().processes == 17


def test_who_says_how_many_workers_needs_no_package_to_count_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert ServiceSettings(workers=3).processes == 3
