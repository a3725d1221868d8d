"""adsift separates advertising from journalism.

import adsift

sift = adsift.load()
sift.tag(page)                # each paragraph: news, analysis, boilerplate or commerce
sift.strip(page).text         # the page without its commerce
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adsift.document import CommerceKind, Document, Format, Label, Paragraph, TaggedParagraph
from adsift.errors import (
    AdsiftError,
    BundleError,
    CorpusError,
    DocumentError,
    ExplanationError,
    LabelledDataError,
    PolicyError,
    PolicyWarning,
)

if TYPE_CHECKING:
    from pathlib import Path

    from adsift.model.explanation import Explanation
    from adsift.separator import Separator
    from adsift.stripping import StripResult

__version__ = "0.1.0"

__all__ = [
    "AdsiftError",
    "BundleError",
    "CommerceKind",
    "CorpusError",
    "Document",
    "DocumentError",
    "Explanation",
    "ExplanationError",
    "Format",
    "Label",
    "LabelledDataError",
    "Paragraph",
    "PolicyError",
    "PolicyWarning",
    "Separator",
    "StripResult",
    "TaggedParagraph",
    "load",
]


def load(model: str | Path | None = None) -> Separator:
    """Load a model and make a separator of it.

    Args:
        model: folder of a bundle, or the name of a shipped one: ``default``, the fast one, or
            ``accurate``, which needs ``pip install '.[accurate]'`` in a clone of adsift.

    Raises:
        BundleError: the bundle is missing, damaged, or of a newer format; or a package of the
            accurate tier is not installed.
    """
    from adsift.model.load import load_model
    from adsift.separator import Separator

    return Separator(load_model(model))


if not TYPE_CHECKING:  # a name that is misspelt is to be found

    def __getattr__(name: str) -> object:
        # Loaded when first asked for, so that ``import adsift`` stays fast.
        if name == "Separator":
            from adsift.separator import Separator

            return Separator
        if name == "StripResult":
            from adsift.stripping import StripResult

            return StripResult
        if name == "Explanation":
            from adsift.model.explanation import Explanation

            return Explanation
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    # Those too that are not loaded yet.
    return sorted({*globals(), *__all__})
