"""From a bundle's name to a model in memory, of either tier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from adsift.errors import BundleError
from adsift.model.bundle import WEIGHTS, Bundle, find_bundle, read_bundle
from adsift.model.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adsift.document import Paragraph, TaggedParagraph
    from adsift.model.memory import Memory


class Model(Protocol):
    """What a separator needs of a model.

    Attributes:
        bundle: what it was read from.
        fast: the model that judges first, or all by itself.
    """

    @property
    def bundle(self) -> Bundle:
        """See above."""

    @property
    def fast(self) -> Classifier:
        """See above."""

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: Sequence[Memory] | None = None,
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents; see :class:`Classifier`."""


def load_model(name: str | Path | None = None) -> Model:
    """Find, read and check a bundle, and put its model together.

    Args:
        name: folder of a bundle, or the name of a shipped one; the default one if left out.

    Raises:
        BundleError: the bundle is missing, damaged, incomplete or of a newer format; or a package
            of the accurate tier is not installed.
    """
    return assemble(read_bundles(name))


def read_bundles(name: str | Path | None = None) -> list[Bundle]:
    """The bundle of that name, and behind one of the accurate tier the one that judges first.

    Raises:
        BundleError: as for :func:`load_model`.
    """
    path = find_bundle(name)
    bundle = read_bundle(path)
    return [bundle, _fast_bundle(path, bundle)] if "encoder" in bundle.config else [bundle]


def assemble(bundles: Sequence[Bundle]) -> Model:
    """The model of bundles that :func:`read_bundles` gave.

    Raises:
        BundleError: as for :func:`load_model`.
    """
    if len(bundles) == 1:
        return Classifier(bundles[0])
    from adsift.model.transformer.cascade import Cascade
    from adsift.model.transformer.encoder import Encoder

    accurate, fast = bundles
    return Cascade(accurate, Classifier(fast), Encoder(accurate))


def _fast_bundle(path: Path, bundle: Bundle) -> Bundle:
    """The bundle that an accurate one was trained behind; they lie beside each other."""
    base = bundle.config.get("base")
    name = base.get("name") if isinstance(base, dict) else None
    if not isinstance(base, dict) or not isinstance(name, str) or not name.isidentifier():
        raise BundleError(f"{path} states no bundle that judges first")
    beside = path.parent / name
    fast = read_bundle(beside if beside.is_dir() else find_bundle(name))
    if fast.config["files"][WEIGHTS] != base.get("sha256"):
        raise BundleError(
            f"{path} was trained behind another version of the bundle {name!r}: get both anew"
        )
    return fast
