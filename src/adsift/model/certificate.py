"""What a bundle's calibration certifies about a bound on lost content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.errors import BundleError, PolicyError
from adsift.model.heads import HEADS
from adsift.model.risk import LEAKING, SETS, certified, smallest_bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.document import Label
    from adsift.model.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Certificate:
    """What can be said about a bound for one kind of document. ``str()`` says it in words.

    Attributes:
        head: the kind of document: the model's head that judges it, ``markup`` or ``plain``.
        drop: the labels to take out.
        max_content_loss: the bound: share of news and analysis that may be lost.
        confidence: how sure that must be.
        threshold: a paragraph may go if the labels to drop are together at least this probable,
            0 to 1; ``None`` if nothing may go.
        pages: calibration pages that say so.
        smallest_bound: the least share for which something may go, at this confidence; ``None`` if
            there is none.
        content_lost: share of news and analysis that goes at the threshold, estimated on the
            calibration pages.
        commerce_leaked, boilerplate_leaked: shares of these that stay, estimated likewise.
    """

    head: str
    drop: frozenset[Label]
    max_content_loss: float
    confidence: float
    threshold: float | None
    pages: int
    smallest_bound: float | None
    content_lost: float
    commerce_leaked: float
    boilerplate_leaked: float

    def __str__(self) -> str:
        documents = f"documents {'with' if self.head == 'markup' else 'without'} markup"
        if self.threshold is None:
            least = self.smallest_bound
            return (
                f"nothing is removed from {documents}: from {self.pages} calibration pages it "
                f"cannot be certified with confidence {self.confidence:g} that at most "
                f"{self.max_content_loss:g} of the news and analysis is lost; "
                + (f"the smallest bound that can be is {least:g}" if least else "no bound can be")
            )
        return (
            f"from {documents} goes what is {' or '.join(sorted(self.drop))} with probability "
            f"{self.threshold:g} or more; of {self.pages} calibration pages that took "
            f"{self.content_lost:.2%} of the news and analysis and left {self.commerce_leaked:.0%} "
            f"of the commerce and {self.boilerplate_leaked:.0%} of the boilerplate"
        )


def certify(
    bundle: Bundle, drop: frozenset[Label], max_content_loss: float, confidence: float
) -> dict[str, Certificate]:
    """Choose the thresholds for a bound, see :mod:`adsift.model.risk`.

    Args:
        bundle: a model with calibration.
        drop: the labels to take out, one of the sets in :data:`adsift.model.risk.SETS`.
        max_content_loss: share of news and analysis that may be lost, between 0 and 1.
        confidence: how sure that must be, between 0 and 1.

    Returns:
        A certificate for each of the model's heads. Each holds with that confidence by itself.

    Raises:
        PolicyError: the bundle has no calibration for this.
        BundleError: its calibration is damaged.
    """
    name = next(name for name, labels in SETS.items() if labels == drop)
    certificates = {}
    for head in HEADS:
        thresholds, lost, content, leaked = _Calibration.of(bundle, head, name)
        count = certified(lost, content, max_content_loss, confidence)
        certificates[head] = Certificate(
            head,
            drop,
            max_content_loss,
            confidence,
            float(thresholds[count - 1]) if count else None,
            len(content),
            smallest_bound(lost, content, confidence),
            float(lost[:, count - 1].sum() / content.sum()) if count else 0.0,
            *(leaked[:, count - 1].tolist() if count else [1.0] * len(LEAKING)),
        )
    return certificates


class _Calibration(NamedTuple):
    """The arrays of one head and one set of labels; shapes as :func:`risk.calibrate` has them."""

    thresholds: NDArray[np.float64]
    lost: NDArray[np.float32]
    content: NDArray[np.float32]
    leaked: NDArray[np.float32]

    @classmethod
    def of(cls, bundle: Bundle, head: str, name: str) -> _Calibration:
        parts = [f"{head}.risk.{name}", f"{head}.risk.content", f"{head}.risk.{name}.leaked"]
        if "risk" not in bundle.config or any(part not in bundle.arrays for part in parts):
            if "adapted" in bundle.config:
                raise PolicyError("an adapted bundle has no calibration for a bound")
            raise PolicyError("the bundle has no calibration for a bound: train it anew")
        calibration = cls(_thresholds(bundle), *(bundle.arrays[part] for part in parts))
        pages, count = len(calibration.content), len(calibration.thresholds)
        expected = [(pages, count), (pages,), (len(LEAKING), count)]
        for part, array, shape in zip(parts, calibration[1:], expected, strict=True):
            if array.shape != shape or 0 in shape:
                raise BundleError(
                    f"the bundle's array {part} has shape {array.shape}, it should be {shape}"
                )
            if not ((array >= 0) & (array <= 1)).all():
                raise BundleError(f"the bundle's array {part} holds numbers that are no shares")
        return calibration


def _thresholds(bundle: Bundle) -> NDArray[np.float64]:
    risk = bundle.config["risk"]
    try:
        thresholds = np.array(risk["thresholds"], np.float64)
    except (KeyError, TypeError, ValueError, OverflowError):
        thresholds = np.empty(0)
    falling = thresholds.ndim == 1 and (np.diff(thresholds) < 0).all()
    if not falling or not len(thresholds) or not 0 < thresholds[-1] <= thresholds[0] <= 1:
        raise BundleError("the bundle's thresholds for a bound are no falling list from 1 to 0")
    return thresholds
