from __future__ import annotations

from typing import Any

import pytest
from seed_articles import SEEDS

import adsift
from adsift.errors import DocumentError, PolicyError

pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")

from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.schema import Document, MetadataMode

from adsift.engines.llama_index import AdsiftStrip

TEXTS = [seed.source for seed in SEEDS[:6]]


def pages() -> list[Document]:
    return [
        Document(text=text, id_=str(n), metadata={"url": "https://news.example/a"})
        for n, text in enumerate(TEXTS)
    ]


def test_copies_with_their_metadata(shipped: adsift.Separator) -> None:
    source = pages()
    found = AdsiftStrip()(source)
    results = [shipped.strip(adsift.Document(t, url="https://news.example/a")) for t in TEXTS]
    assert [node.get_content(MetadataMode.NONE) for node in found] == [r.text for r in results]
    assert [node.metadata["adsift_removed"] for node in found] == [len(r.removed) for r in results]
    assert [node.node_id for node in found] == [page.node_id for page in source]
    assert all("adsift" not in node.get_content(MetadataMode.EMBED) for node in found)
    assert source == pages()


def test_a_pipeline_finds_what_it_has_done(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = IngestionCache()

    def run(**options: Any) -> list[str]:
        steps = IngestionPipeline(transformations=[AdsiftStrip(**options)], cache=cache)
        nodes = steps.run(documents=pages())
        return [node.get_content(MetadataMode.NONE) for node in nodes]

    first = run()

    def strip_many(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    assert run() == first
    assert run(drop=("boilerplate",)) == TEXTS  # other options, so not from the cache


def test_a_bad_document_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def strip_many(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(adsift.Separator, "strip_many", strip_many)
    earlier = Document(text="poison", metadata={"adsift_removed": 2})  # of another pass
    (found,) = AdsiftStrip()([earlier])
    assert found.get_content(MetadataMode.NONE) == "poison"
    assert found.metadata == {"adsift_error": "RuntimeError: no"}


def test_one_label_may_stand_alone() -> None:
    assert AdsiftStrip(drop="boilerplate").drop == ("boilerplate",)  # type: ignore[arg-type]


def test_mistakes() -> None:
    with pytest.raises(PolicyError, match="no such label"):
        AdsiftStrip(drop=("adverts",))
    with pytest.raises(DocumentError, match="unknown format"):
        AdsiftStrip(format="pdf")  # type: ignore[arg-type]


def test_an_option_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="max_loss"):
        AdsiftStrip(max_loss=0.01)


def test_an_address_that_is_none(shipped: adsift.Separator) -> None:
    (found,) = AdsiftStrip()([Document(text=TEXTS[0], metadata={"url": ["a", "b"]})])
    assert found.get_content(MetadataMode.NONE) == shipped.strip(TEXTS[0]).text


def test_a_second_pass_over_an_iterator() -> None:
    once = AdsiftStrip()(page for page in pages())  # type: ignore[arg-type]
    twice = AdsiftStrip()(once)
    assert len(once) == len(twice) == len(TEXTS)
    for node in twice:
        assert node.excluded_llm_metadata_keys.count("adsift_removed") == 1
        assert node.excluded_embed_metadata_keys.count("adsift_removed") == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Document(text="One."), "several documents, not one"),
        (["One."], "takes LlamaIndex nodes, not str"),
        ("One.", "takes LlamaIndex nodes, not str"),
    ],
)
def test_what_is_no_list_of_documents(given: Any, told: str) -> None:
    with pytest.raises(adsift.AdsiftError, match=told):
        AdsiftStrip()(given)
