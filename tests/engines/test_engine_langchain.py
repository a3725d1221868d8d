from __future__ import annotations

import asyncio
from typing import Any

import pytest
from seed_articles import SEEDS

import adsift
from adsift.errors import DocumentError, PolicyError

pytest.importorskip("langchain_core", reason="langchain-core is not installed")

from langchain_core.documents import Document

from adsift.engines.langchain import AdsiftTransformer

TEXTS = [seed.source for seed in SEEDS[:6]]
PAGE = '<p>Divers found no cracks.</p><p><a href="https://shop.example/b">Buy boots, $9!</a></p>'


def pages() -> list[Document]:
    return [Document(text, id=str(n), metadata={"n": n}) for n, text in enumerate(TEXTS)]


def test_copies_with_their_metadata(shipped: adsift.Separator) -> None:
    source = pages()
    found = AdsiftTransformer().transform_documents(source)
    results = [shipped.strip(text) for text in TEXTS]
    assert found == [
        Document(r.text, id=str(n), metadata={"n": n, "adsift_removed": len(r.removed)})
        for n, r in enumerate(results)
    ]
    assert any(result.removed for result in results)
    assert source == pages()
    assert AdsiftTransformer().transform_documents(page for page in source) == found  # type: ignore[arg-type]
    again = asyncio.run(AdsiftTransformer().atransform_documents(source))
    assert again == found


@pytest.mark.parametrize(
    ("metadata", "url"),
    [
        ({"source": "https://shop.example/"}, "https://shop.example/"),
        ({"source": "x.html", "url": "https://shop.example/"}, "https://shop.example/"),
        ({"source": "notes/x.html"}, None),
    ],
)
def test_addresses(
    metadata: dict[str, str], url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []

    def strip_many(_: Any, documents: Any, *__: Any) -> Any:
        seen.extend(document.url for document in documents)
        return iter([adsift.StripResult("", [], [], [])])

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    AdsiftTransformer().transform_documents([Document(PAGE, metadata=metadata)])
    assert seen == [url]


def test_a_bad_document_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def strip_many(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    earlier = Document("poison", metadata={"adsift_removed": 2})  # of another pass
    (found,) = AdsiftTransformer().transform_documents([earlier])
    assert found == Document("poison", metadata={"adsift_error": "RuntimeError: no"})


def test_mistakes() -> None:
    with pytest.raises(PolicyError, match="no such label"):
        AdsiftTransformer(drop="adverts")
    with pytest.raises(DocumentError, match="unknown format"):
        AdsiftTransformer(format="pdf")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Document("One."), "several documents, not one"),
        (["One."], "takes LangChain documents, not str"),
        ("One.", "takes LangChain documents, not str"),
    ],
)
def test_what_is_no_list_of_documents(given: Any, told: str) -> None:
    with pytest.raises(adsift.AdsiftError, match=told):
        AdsiftTransformer().transform_documents(given)
