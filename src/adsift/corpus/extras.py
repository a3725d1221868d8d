"""The packages that only corpora need."""

from __future__ import annotations

from functools import partial

from adsift import extras

load_extra = partial(extras.load_extra, extra="corpus")
