"""What Prometheus is told. docs/service.md has the table."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from adsift.document import Label
from adsift.service.answer import Answer

__all__ = ["CONTENT_TYPE", "Metrics"]

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
"""Upper bounds of the histogram of latencies."""


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter(
            "adsift_requests", "Requests answered", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "adsift_request_seconds",
            "From a request's head to the end of its answer",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.bytes = Counter(
            "adsift_body_bytes", "Bytes of bodies", ["direction"], registry=registry
        )
        self.rejected = Counter(
            "adsift_rejected",
            "Requests and documents of batches that got an error, by its code",
            ["code"],
            registry=registry,
        )
        self.documents = Counter(
            "adsift_documents", "Documents worked on, by task", ["task"], registry=registry
        )
        self.paragraphs = Counter(
            "adsift_paragraphs", "Paragraphs judged, by label", ["label"], registry=registry
        )
        self.removed = Counter(
            "adsift_removed_paragraphs",
            "Paragraphs taken out, by label",
            ["label"],
            registry=registry,
        )
        self.lost = Counter(
            "adsift_workers_lost",
            "Workers that died or were killed",
            ["reason"],
            registry=registry,
        )
        # So that each label is there, at 0, before the first of its kind.
        for label in Label:
            self.paragraphs.labels(str(label))
            self.removed.labels(str(label))
        for reason in ("died", "timeout"):
            self.lost.labels(reason)

    def gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Add a value that is asked for whenever somebody looks."""
        Gauge(name, about, registry=self._registry).set_function(value)

    def done(self, task: str, answer: Answer) -> None:
        """Count a document that was worked on."""
        self.documents.labels(task).inc()
        for label, count in answer.paragraphs.items():
            self.paragraphs.labels(label).inc(count)
        for label, count in answer.removed.items():
            self.removed.labels(label).inc(count)

    def render(self) -> bytes:
        """All of them, in Prometheus' text format."""
        return generate_latest(self._registry)
