"""Labelled data of many shapes becomes labelled documents, for training and for scoring.

=================== =====================================================================
``documents``       JSON lines: a text with labelled spans, or with its paragraphs
``paragraphs``      JSON lines: one paragraph a line; also what ``adsift tag`` writes
``csv``, ``tsv``    the same as a table
``label-studio``    exports of Label Studio (JSON and JSON-MIN)
``doccano``         exports of doccano (JSONL, with or without relations)
``prodigy``         what ``prodigy db-out`` writes
=================== =====================================================================

One module a format; each turns a record into an :class:`.text.AnnotatedText` or a
:class:`.rows.Row`, and the rest is common to all.
"""

from __future__ import annotations

from adsift.labelled.checks import (
    contradictions,
    require_two_labels,
    shared_texts,
    without_shared,
)
from adsift.labelled.data import LabelledData
from adsift.labelled.labels import read_label_map
from adsift.labelled.read import FORMATS, read_labelled

__all__ = [
    "FORMATS",
    "LabelledData",
    "contradictions",
    "read_label_map",
    "read_labelled",
    "require_two_labels",
    "shared_texts",
    "without_shared",
]
