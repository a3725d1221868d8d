"""The service with its own workers and a real model, asked through ASGI."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seed_articles import SEEDS, Seed
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import adsift
from adsift.records import paragraph_fields
from adsift.service.app import make_app
from adsift.service.service import Service
from adsift.service.settings import ServiceSettings

SOME = SEEDS[::6]
BODY = 100_000
HTML = "<p>The ferry runs again.</p><p>Deck shoes, 25% off, now only $39 – free shipping!</p>"


@pytest.fixture(scope="module")
def client(bundle_folder: Path) -> Iterator[TestClient]:
    settings = ServiceSettings(
        model=str(bundle_folder), workers=1, queue=2, max_body=BODY, max_documents=5
    )
    with TestClient(make_app(settings), raise_server_exceptions=False) as client:
        until_ready(client)
        yield client


def until_ready(client: TestClient) -> None:
    for _ in range(600):
        if client.get("/readyz").status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError(client.get("/readyz").text)


def post(client: TestClient, path: str, record: Any, **headers: str) -> Any:
    return client.post(path, json=record, headers=headers)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def code(response: Any) -> tuple[int, str]:
    record = response.json()
    assert set(record) == {"error"}
    assert set(record["error"]) == {"code", "message"}
    return response.status_code, record["error"]["code"]


@pytest.mark.parametrize("seed", SOME, ids=lambda seed: seed.path.name)
def test_tags_are_those_of_the_separator(
    seed: Seed, client: TestClient, sift: adsift.Separator
) -> None:
    right = [as_json(paragraph_fields(p)) for p in sift.tag(seed.source, format=seed.format)]
    record = {"text": seed.source, "format": seed.format, "id": seed.path.name}
    answer = post(client, "/v1/tag", record)
    assert answer.json() == {"id": seed.path.name, "format": seed.format, "paragraphs": right}
    assert answer.headers["adsift-paragraphs"] == str(len(right))
    kind = {"html": "text/html", "markdown": "text/markdown", "text": "text/plain"}[seed.format]
    raw = client.post("/v1/tag", content=seed.source.encode(), headers={"content-type": kind})
    assert raw.json()["paragraphs"] == right


@pytest.mark.parametrize("seed", SOME, ids=lambda seed: seed.path.name)
def test_strips_are_those_of_the_separator(
    seed: Seed, client: TestClient, sift: adsift.Separator
) -> None:
    drop = ("commerce", "boilerplate")
    right = sift.strip(seed.source, drop, 0.4, format=seed.format, url="https://a.example/b")
    record = {
        "text": seed.source,
        "format": seed.format,
        "url": "https://a.example/b",
        "drop": drop,
        "min_probability": 0.4,
        "kept": True,
    }
    answer = post(client, "/v1/strip", record)
    found = answer.json()
    assert found["text"] == right.text
    assert found["kept"] == [as_json(paragraph_fields(p)) for p in right.kept]
    assert [p.pop("index") for p in found["removed"]] == right.removed_indices
    assert found["removed"] == [as_json(paragraph_fields(p)) for p in right.removed]
    assert answer.headers["adsift-removed"] == str(len(right.removed))
    kind = {"html": "text/html", "markdown": "text/markdown", "text": "text/plain"}[seed.format]
    query = "drop=commerce,boilerplate&min_probability=0.4&url=https://a.example/b"
    raw = client.post(
        f"/v1/strip?{query}",
        content=seed.source.encode(),
        headers={"content-type": kind, "accept": kind},
    )
    assert raw.headers["content-type"] == f"{kind}; charset=utf-8"
    assert raw.content.decode() == right.text


def test_the_text_of_a_page(client: TestClient) -> None:
    record = {"html": "<p>One.</p><p>Two &amp; three.</p>", "min_probability": 1}
    answer = post(client, "/v1/strip", record, accept="text/plain")
    assert answer.text == "One.\n\nTwo & three.\n"


def test_a_page_as_xhtml(client: TestClient) -> None:
    xhtml = "application/xhtml+xml"
    answer = client.post(
        "/v1/strip", content="<p>One.</p>", headers={"content-type": xhtml, "accept": xhtml}
    )
    assert answer.headers["content-type"] == f"{xhtml}; charset=utf-8"
    assert answer.text == "<p>One.</p>"


def test_headers_that_come_more_than_once_count_together(client: TestClient) -> None:
    def ask(*headers: tuple[str, str]) -> Any:
        return client.post(
            "/v1/strip", content="One.", headers=[("content-type", "text/plain"), *headers]
        )

    answer = ask(("accept", "image/png"), ("accept", "text/plain"))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    coded = ask(("content-encoding", "identity"), ("content-encoding", "gzip"))
    assert code(coded) == (415, "unsupported_encoding")
    assert ask(("content-encoding", "identity, identity")).status_code == 200


def test_an_application_can_be_started_again(bundle_folder: Path) -> None:
    app = make_app(ServiceSettings(model=str(bundle_folder), workers=2))
    for _ in range(3):
        with TestClient(app) as client:
            until_ready(client)
            answer = post(client, "/v1/tag", {"text": "One."})
            assert answer.status_code == 200
            assert "connection" not in answer.headers


def test_an_application_that_runs_is_not_started_a_second_time(bundle_folder: Path) -> None:
    app = make_app(ServiceSettings(model=str(bundle_folder), workers=1))
    with TestClient(app) as client:
        until_ready(client)
        with pytest.raises(RuntimeError, match="runs already"), TestClient(app):
            pass
        assert client.get("/readyz").status_code == 200
        assert post(client, "/v1/tag", {"text": "One."}).status_code == 200
    with TestClient(app) as client:
        until_ready(client)


def test_what_is_counted_of_an_end_is_of_the_last_one(bundle_folder: Path) -> None:
    service = Service(ServiceSettings(model=str(bundle_folder), workers=1))
    app = make_app(service)
    with TestClient(app):
        service.answer_cut()
    assert service.answers_cut == 1
    with TestClient(app):
        assert service.answers_cut == 0


def test_below_another_application(bundle_folder: Path) -> None:
    settings = ServiceSettings(model=str(bundle_folder), workers=1)
    service = make_app(settings)
    outer = Starlette(routes=[Mount("/sift", service)])
    client = TestClient(outer)
    assert client.get("/sift/healthz").status_code == 200
    route = 'adsift_requests_total{route="/healthz",status="200"} 1.0'
    assert route in client.get("/sift/metrics").text


def test_below_another_application_that_does_not_start_it(bundle_folder: Path) -> None:
    service = make_app(ServiceSettings(model=str(bundle_folder), workers=1))
    with TestClient(Starlette(routes=[Mount("/sift", service)])) as client:
        ready = client.get("/sift/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "not_started"})
        for path, record in (
            ("/sift/v1/tag", {"text": "One."}),
            ("/sift/v1/tag/batch", {"documents": [{"text": "One."}]}),
        ):
            refused = post(client, path, record)
            assert code(refused) == (503, "not_started")
            assert "lifespan_context(app)" in refused.json()["error"]["message"]


def test_below_another_application_that_starts_it(bundle_folder: Path) -> None:
    app = make_app(ServiceSettings(model=str(bundle_folder), workers=1))
    outer = Starlette(
        routes=[Mount("/sift", app)],
        lifespan=lambda outer: app.router.lifespan_context(app),  # noqa: ARG005
    )
    with TestClient(outer) as client:
        assert post(client, "/sift/v1/tag", {"text": "One."}).status_code == 200


def test_who_is_answered_at_the_end_does_not_come_back_by_that_connection(
    bundle_folder: Path,
) -> None:
    service = Service(ServiceSettings(model=str(bundle_folder), workers=1))
    with TestClient(make_app(service)) as client:
        until_ready(client)
        assert "connection" not in post(client, "/v1/tag", {"text": "One."}).headers
        service.draining = True
        for answer in (
            post(client, "/v1/tag", {"text": "One."}),
            post(client, "/v1/tag/batch", {"documents": [{"text": "One."}]}),
            post(client, "/v1/tag", {}),
            client.get("/readyz"),
            client.get("/nowhere"),
        ):
            assert answer.headers.get_list("connection") == ["close"]


def test_a_page_in_an_answer_cannot_act(client: TestClient) -> None:
    page = "<p>One.</p><script>alert(1)</script>"
    answer = post(client, "/v1/strip", {"html": page}, accept="text/html")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_text_cannot_become_a_page(client: TestClient) -> None:
    refused = post(client, "/v1/strip", {"text": "One."}, accept="text/html")
    assert code(refused) == (406, "not_acceptable")
    answer = post(client, "/v1/strip", {"text": "One."}, accept="text/html, */*;q=0.1")
    assert answer.json()["text"] == "One."


def test_bytes_of_another_charset(client: TestClient) -> None:
    page = "<p>Fähre läuft wieder.</p>".encode("windows-1252")
    headers = {"content-type": "text/html; charset=windows-1252"}
    found = client.post("/v1/tag", content=page, headers=headers).json()
    assert found["paragraphs"][0]["text"] == "Fähre läuft wieder."


def test_an_empty_document(client: TestClient) -> None:
    assert post(client, "/v1/tag", {"text": ""}).json()["paragraphs"] == []
    answer = client.post("/v1/strip", content=b"", headers={"content-type": "text/html"})
    assert (answer.status_code, answer.json()["removed"]) == (200, [])


def test_half_of_a_surrogate_pair(client: TestClient) -> None:
    body = b'{"text": "One \\ud800 two."}'
    for path in ("/v1/tag", "/v1/strip"):
        answer = client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200
        assert json.loads(answer.content)


def test_a_bound_that_lets_nothing_go_says_so(client: TestClient) -> None:
    found = post(client, "/v1/strip", {"html": HTML, "max_content_loss": 1e-9}).json()
    assert found["removed"] == []
    assert found["notes"]
    assert post(client, "/v1/strip", {"html": HTML}).json()["notes"] == []


@pytest.mark.parametrize("lines", [False, True])
def test_a_batch_has_a_result_or_an_error_for_each(
    lines: bool, client: TestClient, sift: adsift.Separator
) -> None:
    documents: list[Any] = [
        {"text": "The ferry runs.", "id": "a"},
        7,
        {"text": "b", "no": 1, "id": "b"},
        {"html": HTML, "drop": ["news"]},
    ]
    if lines:
        content = "\n\n".join(map(json.dumps, documents)) + "\n"
        answer = client.post(
            "/v1/strip/batch?drop=commerce",
            content=content,
            headers={"content-type": "application/x-ndjson"},
        )
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        results = [json.loads(line) for line in answer.text.splitlines()]
    else:
        batch = {"documents": documents, "drop": ["commerce"]}
        results = post(client, "/v1/strip/batch", batch).json()["results"]
    assert [result.get("id") for result in results] == ["a", None, "b", None]
    assert results[0]["text"] == "The ferry runs."
    assert results[1]["error"]["code"] == "invalid_field"
    assert results[2]["error"]["code"] == "unknown_field"
    assert results[3]["text"] == sift.strip(HTML, ["news"], format="html").text


def test_null_leaves_a_document_what_is_said_of_its_batch(client: TestClient) -> None:
    document = {"text": "The ferry runs.", "drop": None, "min_probability": None}
    batch = {"documents": [document], "drop": [*map(str, adsift.Label)]}
    (result,) = post(client, "/v1/strip/batch", batch).json()["results"]
    assert result["text"] == ""


def test_the_form_of_a_batch_can_be_chosen(client: TestClient) -> None:
    batch = {"documents": [{"text": "One."}, {"text": "Two."}]}
    answer = post(client, "/v1/tag/batch", batch, accept="application/x-ndjson")
    assert len(answer.text.splitlines()) == 2
    assert post(client, "/v1/tag/batch", {"documents": []}).json() == {"results": []}


def test_batches_that_are_refused(client: TestClient) -> None:
    many = {"documents": [{"text": "One."}] * 6}
    assert code(post(client, "/v1/tag/batch", many)) == (413, "too_many_documents")
    answer = client.post(
        "/v1/tag/batch", content=b"{}\n" * 6, headers={"content-type": "application/x-ndjson"}
    )
    assert code(answer) == (413, "too_many_documents")
    assert "connection" not in answer.headers  # all of it had come: nothing to wait for
    assert code(post(client, "/v1/tag/batch", [])) == (422, "invalid_field")
    for query in ("format=pdf", "drop=adverts"):
        path = f"/v1/strip/batch?{query}"
        assert code(post(client, path, {"documents": [{"text": "One."}]})) == (422, "invalid_field")


def test_mistakes_have_one_shape(client: TestClient) -> None:
    def send(content: bytes, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/v1/tag", content=content, headers=named)

    json_type, packed = "application/json", gzip.compress(b'{"text": "One."}')
    assert code(send(b"{", content_type=json_type)) == (400, "invalid_json")
    assert code(send(b"a=b", content_type="application/x-www-form-urlencoded")) == (
        415,
        "unsupported_type",
    )
    assert code(send(b"{}")) == (415, "unsupported_type")
    assert code(send(packed, content_type=json_type, content_encoding="gzip")) == (
        415,
        "unsupported_encoding",
    )
    assert code(send(b"\x89PNG\r\n", content_type="text/plain")) == (422, "not_text")
    assert code(send(b"{}", content_type=json_type, accept="image/png")) == (
        406,
        "not_acceptable",
    )
    assert code(client.get("/v2/tag")) == (404, "not_found")
    assert code(client.post("/v1/tag/")) == (404, "not_found")
    refused = client.get("/v1/tag")
    assert code(refused) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


def test_a_body_has_a_limit_whether_it_says_its_length_or_not(client: TestClient) -> None:
    headers = {"content-type": "text/plain"}
    fits = client.post("/v1/tag", content=b"a" * BODY, headers=headers)
    assert fits.status_code == 200
    assert code(client.post("/v1/tag", content=b"a" * (BODY + 1), headers=headers)) == (
        413,
        "too_large",
    )
    chunks = (b"a" * 1000 for _ in range(BODY // 1000 + 1))
    assert code(client.post("/v1/tag", content=chunks, headers=headers)) == (413, "too_large")


def test_probes(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_metrics_count(client: TestClient) -> None:
    def value(line: str) -> float:
        text = client.get("/metrics").text
        found = [row for row in text.splitlines() if row.startswith(f"{line} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    names = [
        'adsift_requests_total{route="/v1/strip",status="200"}',
        'adsift_documents_total{task="strip"}',
        'adsift_request_seconds_count{route="/v1/strip"}',
        'adsift_rejected_total{code="not_found"}',
        'adsift_requests_total{route="other",status="404"}',
        'adsift_body_bytes_total{direction="in"}',
    ]
    before = [value(name) for name in names]
    body = json.dumps({"text": "The ferry runs again."}).encode()
    client.post("/v1/strip", content=body, headers={"content-type": "application/json"})
    client.get("/nowhere")
    after = [value(name) for name in names]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1] * 5 + [len(body)]
    for name in ("adsift_queue_length", "adsift_workers_busy", "adsift_requests_in_progress"):
        assert value(name) == 0
    assert value("adsift_workers_up") == 1
    paragraphs = [value(f'adsift_paragraphs_total{{label="{label}"}}') for label in adsift.Label]
    assert sum(paragraphs) > 0


def test_the_examples_of_the_description_work(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    tried = 0
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            contents = operation.get("requestBody", {}).get("content", {"": {}})
            for kind, content in contents.items():
                for example in content.get("examples", {"": {"value": ""}}).values():
                    value = example["value"]
                    answer = client.request(
                        method,
                        path,
                        content=value if isinstance(value, str) else json.dumps(value),
                        headers={"content-type": kind},
                    )
                    assert answer.status_code == 200, (path, kind, answer.text)
                    offered = operation["responses"]["200"]["content"]
                    assert answer.headers["content-type"].partition(";")[0] in offered
                    tried += 1
    assert tried >= 18


def test_references_of_the_description_lead_somewhere(client: TestClient) -> None:
    text = client.get("/openapi.json").text
    description = json.loads(text)
    for part in text.split('"$ref": "#/')[1:]:
        place = description
        for name in part.partition('"')[0].split("/"):
            place = place[name]
