"""What a bundle's calibration certifies about a bound on lost content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.errors import BundleError, PolicyError
from adsift.model.classifier import HEADS
from adsift.model.risk import LEAKING, SETS, certified, smallest_bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Bundle
    from adsift.policy import Bound

KINDS_OF_DOCUMENTS = {"markup": "documents with markup", "plain": "documents without markup"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What can be said about a bound for one kind of document.

    Attributes:
        threshold: a paragraph may go if the labels to drop are together at least this probable,
            0 to 1; ``None`` if nothing may go.
        pages: calibration pages that say so.
        smallest_bound: the least share for which something may go, at this confidence; ``None`` if
            there is none.
        content_lost: share of news and analysis that goes at the threshold, estimated on the
            calibration pages.
        commerce_leaked, boilerplate_leaked: shares of these that stay, estimated likewise.
    """

    threshold: float | None
    pages: int
    smallest_bound: float | None
    content_lost: float
    commerce_leaked: float
    boilerplate_leaked: float

    def sentence(self, head: str, bound: Bound) -> str:
        """The same in words, for the people who set the bound.

        Args:
            head: the kind of document, one of the model's heads.
            bound: what was asked for.
        """
        documents = KINDS_OF_DOCUMENTS[head]
        if self.threshold is None:
            least = self.smallest_bound
            return (
                f"nothing is removed from {documents}: from {self.pages} calibration pages it "
                f"cannot be certified with confidence {bound.confidence:g} that at most "
                f"{bound.max_content_loss:g} of the news and analysis is lost; "
                + (f"the smallest bound that can be is {least:g}" if least else "no bound can be")
            )
        return (
            f"from {documents} goes what is {' or '.join(sorted(bound.drop))} with probability "
            f"{self.threshold:g} or more; of {self.pages} calibration pages that took "
            f"{self.content_lost:.2%} of the news and analysis and left {self.commerce_leaked:.0%} "
            f"of the commerce and {self.boilerplate_leaked:.0%} of the boilerplate"
        )


def certify(bundle: Bundle, bound: Bound) -> dict[str, Certificate]:
    """Choose the thresholds for a bound, see :mod:`adsift.model.risk`.

    Args:
        bundle: a model with calibration.
        bound: what is to be kept.

    Returns:
        A certificate for each of the model's heads. Each holds with the bound's confidence
        by itself.

    Raises:
        PolicyError: the bundle has no calibration for this.
        BundleError: its calibration is damaged.
    """
    name = next(name for name, drop in SETS.items() if drop == bound.drop)
    return {head: _certify(_Calibration.of(bundle, head, name), bound) for head in HEADS}


def _certify(calibration: _Calibration, bound: Bound) -> Certificate:
    lost, content = calibration.lost, calibration.content
    count = certified(lost, content, bound.max_content_loss, bound.confidence)
    at = count - 1
    return Certificate(
        float(calibration.thresholds[at]) if count else None,
        len(content),
        smallest_bound(lost, content, bound.confidence),
        float(lost[:, at].sum() / content.sum()) if count else 0.0,
        *(calibration.leaked[:, at].tolist() if count else [1.0] * len(LEAKING)),
    )


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
    except (KeyError, TypeError, ValueError):
        thresholds = np.empty(0)
    falling = thresholds.ndim == 1 and (np.diff(thresholds) < 0).all()
    if not falling or not len(thresholds) or not 0 < thresholds[-1] <= thresholds[0] <= 1:
        raise BundleError("the bundle's thresholds for a bound are no falling list from 1 to 0")
    return thresholds
