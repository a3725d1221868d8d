"""The engines that hand over documents one by one, each as a function from texts to texts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

Strip = Callable[[list[str], str, tuple[str, ...]], list[str]]
"""From texts, their address and the labels to drop to texts."""


def past_nulls(strip: Strip, url: str, drop: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """For engines that know no nulls: they see the texts alone."""

    def run(texts: Sequence[Any]) -> list[Any]:
        results = iter(strip([text for text in texts if text is not None], url, drop))
        return [None if text is None else next(results) for text in texts]

    return run


def on_datatrove(texts: list[str], url: str, drop: tuple[str, ...]) -> list[str]:
    from datatrove.data import Document

    from adsift.engines.datatrove import AdsiftStrip

    rows = (Document(text, str(n), metadata={"url": url}) for n, text in enumerate(texts))
    return [row.text for row in AdsiftStrip(drop, batch_size=3).run(rows)]


def on_sklearn(texts: list[str], url: str, drop: tuple[str, ...]) -> list[str]:  # noqa: ARG001
    from adsift.engines.sklearn import AdsiftTransformer

    return list(AdsiftTransformer(drop=drop).fit_transform(texts))


def on_langchain(texts: list[str], url: str, drop: tuple[str, ...]) -> list[str]:
    from langchain_core.documents import Document

    from adsift.engines.langchain import AdsiftTransformer

    pages = [Document(text, metadata={"source": url}) for text in texts]
    return [p.page_content for p in AdsiftTransformer(drop=drop).transform_documents(pages)]


def on_llama_index(texts: list[str], url: str, drop: tuple[str, ...]) -> list[str]:
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.schema import Document, MetadataMode

    from adsift.engines.llama_index import AdsiftStrip

    pages = [Document(text=text, metadata={"url": url}) for text in texts]
    nodes = IngestionPipeline(transformations=[AdsiftStrip(drop=drop)]).run(documents=pages)
    return [node.get_content(MetadataMode.NONE) for node in nodes]


SPIDER = """
import scrapy

class Pages(scrapy.Spider):
    name = "pages"
    custom_settings = {
        "ITEM_PIPELINES": {"adsift.engines.scrapy.AdsiftPipeline": 300},
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }

    def parse(self, response):
        yield {"number": int(response.url.rpartition("/")[2]), "text": response.text,
               "url": self.address}

    def closed(self, reason):
        found = {key: value for key, value in self.crawler.stats.get_stats().items()
                 if key.startswith("adsift/")}
        with open(self.stats_file, "w") as file:
            json.dump(found, file)
"""


def crawl(texts: list[str], url: str, settings: dict[str, str]) -> tuple[list[Any], dict[str, int]]:
    """Items and statistics of a crawl of a local server that has the texts as its pages."""
    with tempfile.TemporaryDirectory() as name, served(texts) as root:
        folder = Path(name)
        starts = [f"{root}/{number}" for number in range(len(texts))]
        code = f"import json\n{SPIDER}\n    start_urls = {starts!r}\n"
        (folder / "spider.py").write_text(code)
        arguments = [f"address={url}", f"stats_file={folder / 'stats.json'}"]
        subprocess.run(
            [
                *(sys.executable, "-m", "scrapy", "runspider", "spider.py", "-O", "items.jsonl"),
                *(part for argument in arguments for part in ("-a", argument)),
                *(part for pair in settings.items() for part in ("-s", "=".join(pair))),
            ],
            cwd=folder,
            check=True,
        )
        lines = (folder / "items.jsonl").read_text().splitlines()
        items = sorted(map(json.loads, lines), key=lambda item: int(item["number"]))
        return items, json.loads((folder / "stats.json").read_text())


@contextmanager
def served(texts: list[str]) -> Iterator[str]:
    """A web server on this machine whose pages are texts; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            known = name.isdigit() and int(name) < len(texts)
            data = texts[int(name)].encode() if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def on_scrapy(texts: list[str], url: str, drop: tuple[str, ...]) -> list[str]:
    items, _ = crawl(texts, url, {"ADSIFT_DROP": ",".join(drop)})
    return [item["text"] for item in items]
