"""Files of the tools that people have: they are read, and the outputs open in those tools with
equal other columns and types."""

from __future__ import annotations

import gzip
import importlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adsift.corpus.containers.base import Container
from adsift.corpus.containers.parquet import Parquet
from adsift.corpus.containers.warc import Warc
from adsift.corpus.record import Fields, Limits, Outcome, Record, Tag
from adsift.decode import decode
from adsift.document import CommerceKind, Label

pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("fastwarc", reason="fastwarc is not installed")

OFFER = "\n\nBuy a mug today."
TEXTS = ["The ferry runs.\n\nBuy a mug today.", "Café, “quotes”, and; commas.", None]
CLEAN = ["The ferry runs.", TEXTS[1], None]
TAGS = (Tag(0, 0, 15, Label.NEWS, None, 0.9), Tag(1, 17, 33, Label.COMMERCE, None, 0.8))
SOLD = (Tag(0, None, None, Label.COMMERCE, CommerceKind.PRODUCT, 0.7),)


def client(name: str) -> ModuleType:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def container(module: str, kind: str) -> Container:
    name = f"adsift.corpus.containers.{module}"
    made: Container = getattr(client(name), kind)()
    return made


def text_of(record: Record) -> str:
    source = record.document.source
    return decode(source, record.document.charset) if isinstance(source, bytes) else str(source)


def cleaned(
    kind: Container,
    data: bytes,
    tagging: bool = False,
    pack: Callable[[bytes], bytes] = lambda piece: piece,
) -> bytes:
    """A run over a file that strips the offers, or tags."""
    fields, parts = Fields(), []
    for chunk in kind.chunks(BytesIO(data), Limits(chunk_records=2)):
        found = kind.parse(chunk, fields)
        records = [record for record in found if isinstance(record, Record)]
        assert len(records) == len(found)
        texts = {r.number: text_of(r).replace(OFFER, "") for r in records}
        tags = {r.number: TAGS if OFFER in text_of(r) else SOLD for r in records}
        outcome = Outcome(tags=tags, tagging=True) if tagging else Outcome(texts)
        parts.append(b"".join(pack(piece) for piece in kind.render(chunk, fields, outcome)))
    target = BytesIO()
    kind.join([BytesIO(part) for part in parts], target)
    return target.getvalue()


def rewritten(path: Path, kind: Container, tagging: bool = False) -> Path:
    output = path.with_name(f"{'tagged' if tagging else 'clean'}-{path.name}")
    output.write_bytes(cleaned(kind, path.read_bytes(), tagging))
    return output


# --- pandas


def pandas_frame(pd: Any) -> Any:
    return pd.DataFrame(
        {
            "id": pd.array([1, None, 3], "Int64"),
            "text": TEXTS,
            "lang": pd.Categorical(["en", "de", "en"], ["de", "en"], ordered=True),
            "when": pd.to_datetime(
                ["2024-01-01", "2024-01-02T03:04:05.000000006", None], utc=True, format="ISO8601"
            ),
            "score": [0.5, float("nan"), 1.5],
            "flag": pd.array([True, None, False], "boolean"),
            "small": pd.Series([1, 2, 3], dtype="uint8"),
        },
        index=pd.Index(["x", "y", "z"], name="key"),
    )


@pytest.mark.parametrize("compression", ["snappy", "zstd", None])
def test_pandas_parquet(tmp_path: Path, compression: str | None) -> None:
    pd = client("pandas")
    path = tmp_path / "frame.parquet"
    pandas_frame(pd).to_parquet(path, compression=compression)
    before = pd.read_parquet(path)
    after = pd.read_parquet(rewritten(path, Parquet()))
    assert after["text"].tolist()[:2] == CLEAN[:2]
    assert after["text"].isna().tolist() == [False, False, True]
    pd.testing.assert_series_equal(after.dtypes, before.dtypes)
    pd.testing.assert_frame_equal(after.drop(columns="text"), before.drop(columns="text"))
    tagged = pd.read_parquet(rewritten(path, Parquet(), tagging=True))
    pd.testing.assert_frame_equal(tagged.drop(columns="adsift"), before)
    assert tagged["adsift"]["x"][1]["label"] == "commerce"


def test_pandas_parquet_with_a_default_index_loses_rows_cleanly(tmp_path: Path) -> None:
    pd = client("pandas")
    path = tmp_path / "frame.parquet"
    pd.DataFrame({"text": ["One", "Two", "Three"], "n": [1, 2, 3]}).to_parquet(path)
    (chunk,) = Parquet().chunks(BytesIO(path.read_bytes()), Limits())
    pieces = Parquet().render(chunk, Fields(), Outcome(rejected=frozenset({1})))
    path.write_bytes(b"".join(pieces))
    frame = pd.read_parquet(path)
    assert frame["n"].tolist() == [1, 3]
    assert len(frame.index) == 2


def test_pandas_json_lines(tmp_path: Path) -> None:
    pd, kind = client("pandas"), container("jsonl", "Jsonl")
    path = tmp_path / "frame.jsonl"
    frame = pandas_frame(pd).dropna(subset="text").drop(columns="lang")
    frame.to_json(path, orient="records", lines=True, date_format="iso")
    before = pd.read_json(path, lines=True)
    after = pd.read_json(rewritten(path, kind), lines=True)
    assert after["text"].tolist() == CLEAN[:2]
    pd.testing.assert_frame_equal(after.drop(columns="text"), before.drop(columns="text"))


def test_pandas_csv(tmp_path: Path) -> None:
    pd, kind = client("pandas"), container("delimited", "Csv")
    path = tmp_path / "frame.csv"
    pandas_frame(pd).dropna(subset="text").to_csv(path)
    before = pd.read_csv(path)
    after = pd.read_csv(rewritten(path, kind))
    assert after["text"].tolist() == CLEAN[:2]
    pd.testing.assert_frame_equal(after.drop(columns="text"), before.drop(columns="text"))


# --- Hugging Face datasets


def hub_dataset(datasets: Any) -> Any:
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["good", "bad"]),
            "tokens": datasets.List(datasets.Value("int32")),
            "meta": {"url": datasets.Value("string"), "n": datasets.Value("float32")},
        }
    )
    rows = [
        {"text": text, "label": n % 2, "tokens": [n] * n, "meta": {"url": f"u{n}", "n": n / 2}}
        for n, text in enumerate(TEXTS)
    ]
    return datasets.Dataset.from_list(rows, features)


def test_hugging_face_parquet(tmp_path: Path) -> None:
    datasets = client("datasets")
    path = tmp_path / "set.parquet"
    hub_dataset(datasets).to_parquet(path)

    def load(file: Path) -> Any:
        return datasets.Dataset.from_parquet(str(file), cache_dir=str(tmp_path / "cache"))

    before, after = load(path), load(rewritten(path, Parquet()))
    assert list(after["text"]) == CLEAN
    assert after.features == before.features == hub_dataset(datasets).features
    assert after.remove_columns("text").to_list() == before.remove_columns("text").to_list()
    tagged = load(rewritten(path, Parquet(), tagging=True))
    assert tagged.features["label"] == before.features["label"]
    assert tagged.remove_columns("adsift").to_list() == before.to_list()
    assert tagged[0]["adsift"][1]["label"] == "commerce"


@pytest.mark.parametrize(
    ("form", "module", "kind"), [("json", "jsonl", "Jsonl"), ("csv", "delimited", "Csv")]
)
def test_hugging_face_texts(tmp_path: Path, form: str, module: str, kind: str) -> None:
    datasets, reader = client("datasets"), container(module, kind)
    path = tmp_path / f"set.{form}"
    rows = hub_dataset(datasets).select(range(2))
    if form == "csv":
        rows = rows.remove_columns(["tokens", "meta"])
    getattr(rows, f"to_{form}")(path)

    def load(file: Path) -> Any:
        read = getattr(datasets.Dataset, f"from_{form}")
        return read(str(file), cache_dir=str(tmp_path / "cache"))

    before, after = load(path), load(rewritten(path, reader))
    assert list(after["text"]) == CLEAN[:2]
    assert after.features == before.features
    assert after.remove_columns("text").to_list() == before.remove_columns("text").to_list()


# --- DuckDB

_QUERY = """
    SELECT * FROM (VALUES
        (1, $1, DATE '2024-01-02', 1.50::DECIMAL(9, 2), [1, 2], {'a': 1, 'b': 'x'}),
        (2, $2, NULL, NULL, [], NULL)
    ) AS t(id, text, day, price, list, struct)
"""


def duck(path: Path, options: str, columns: str = "*") -> Any:
    """A connection that has written a file."""
    connection = client("duckdb").connect()
    texts = ["'" + str(text).replace("'", "''") + "'" for text in TEXTS[:2]]
    query = _QUERY.replace("$1", texts[0]).replace("$2", texts[1])
    connection.sql(f"COPY (SELECT {columns} FROM ({query})) TO '{path}' ({options})")
    return connection


def duck_types(connection: Any, path: Path) -> list[tuple[str, str]]:
    found = connection.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    return [(row[0], row[1]) for row in found]


def test_duckdb_parquet(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    extra = "*, uuid_value AS key, '{\"k\": 1}'::JSON AS json, 1::HUGEINT AS big".replace(
        "uuid_value", "'6ccd780c-baba-1026-9564-5b8c656024db'::UUID"
    )
    connection = duck(path, "FORMAT parquet, COMPRESSION zstd", extra)
    output = rewritten(path, Parquet())
    assert duck_types(connection, output) == duck_types(connection, path)
    others = "SELECT * EXCLUDE text FROM"
    before = connection.sql(f"{others} '{path}'").fetchall()
    assert connection.sql(f"{others} '{output}'").fetchall() == before
    found = connection.sql(f"SELECT text FROM '{output}'").fetchall()
    assert [row[0] for row in found] == CLEAN[:2]
    tagged = rewritten(path, Parquet(), tagging=True)
    labels = connection.sql(f"SELECT adsift[2].label FROM '{tagged}'").fetchall()
    assert labels == [("commerce",), (None,)]


@pytest.mark.parametrize(
    ("form", "module", "kind"), [("json", "jsonl", "Jsonl"), ("csv", "delimited", "Csv")]
)
def test_duckdb_texts(tmp_path: Path, form: str, module: str, kind: str) -> None:
    reader = container(module, kind)
    path = tmp_path / f"table.{form}"
    columns = "*" if form == "json" else "id, text, day, price"
    connection = duck(path, f"FORMAT {form}" + (", HEADER" if form == "csv" else ""), columns)
    output = rewritten(path, reader)
    assert duck_types(connection, output) == duck_types(connection, path)
    others = "SELECT * EXCLUDE text FROM"
    before = connection.sql(f"{others} '{path}'").fetchall()
    assert connection.sql(f"{others} '{output}'").fetchall() == before
    found = connection.sql(f"SELECT text FROM '{output}'").fetchall()
    assert [row[0] for row in found] == CLEAN[:2]


# --- polars


def test_polars_parquet(tmp_path: Path) -> None:
    pl = client("polars")
    path = tmp_path / "frame.parquet"
    frame = pl.DataFrame(
        {
            "text": TEXTS,
            "n": pl.Series([1, 2, None], dtype=pl.UInt16),
            "lang": pl.Series(["en", "de", "en"], dtype=pl.Categorical),
            "enum": pl.Series(["a", "b", None], dtype=pl.Enum(["a", "b"])),
            "list": [[1.5], [], None],
            "struct": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}, {"a": 3, "b": None}],
            "raw": [b"\x00", b"", None],
        }
    ).with_columns(when=pl.lit("2024-01-02").str.to_datetime(time_unit="ns"))
    frame.write_parquet(path)
    before, after = pl.read_parquet(path), pl.read_parquet(rewritten(path, Parquet()))
    assert after["text"].to_list() == CLEAN
    assert after.schema == before.schema
    assert after.drop("text").equals(before.drop("text"))
    tagged = pl.read_parquet(rewritten(path, Parquet(), tagging=True))
    assert tagged.drop("adsift").equals(before)
    assert tagged["adsift"].to_list()[0][1]["label"] == "commerce"


def test_polars_json_lines(tmp_path: Path) -> None:
    pl, kind = client("polars"), container("jsonl", "Jsonl")
    path = tmp_path / "frame.ndjson"
    pl.DataFrame({"text": TEXTS[:2], "n": [1, 2], "list": [[1.5], []]}).write_ndjson(path)
    before, after = pl.read_ndjson(path), pl.read_ndjson(rewritten(path, kind))
    assert after["text"].to_list() == CLEAN[:2]
    assert after.schema == before.schema
    assert after.drop("text").equals(before.drop("text"))


# --- warcio

PAGE = f"<html><body><p>The café opens.</p>{OFFER}</body></html>"


def crawl(packed: bool) -> bytes:
    """A WARC file as warcio writes it."""
    writer = importlib.import_module("warcio.warcwriter")
    headers = importlib.import_module("warcio.statusandheaders").StatusAndHeaders
    target = BytesIO()
    warc = writer.WARCWriter(target, gzip=packed)

    def response(name: str, body: bytes, *fields: tuple[str, str], status: str = "200 OK") -> None:
        head = headers(status, list(fields), protocol="HTTP/1.1")
        url = f"http://paper.example/{name}"
        warc.write_record(
            warc.create_warc_record(url, "response", payload=BytesIO(body), http_headers=head)
        )

    html = ("Content-Type", "text/html; charset=utf-8")
    data = gzip.compress(PAGE.encode(), mtime=0)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(cut), cut) for cut in (data[:20], data[20:], b""))
    warc.write_record(warc.create_warcinfo_record("crawl.warc", {"software": "mine"}))
    response("plain", PAGE.encode(), html, ("Content-Length", str(len(PAGE.encode()))))
    response("coded", chunked, html, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    latin = ("Content-Type", "text/html; charset=iso-8859-1")
    response("latin", PAGE.encode("latin-1"), latin)
    response("image", bytes(range(256)), ("Content-Type", "image/png"))
    response("gone", b"<p>Gone</p>", html, status="404 Not Found")
    return target.getvalue()


def opened(data: bytes) -> list[dict[str, Any]]:
    """What warcio finds in a file; it checks the digests."""
    archive = importlib.import_module("warcio.archiveiterator")
    found = []
    for record in archive.ArchiveIterator(BytesIO(data), check_digests="raise"):
        names = ("WARC-Type", "WARC-Record-ID", "WARC-Target-URI", "WARC-Date")
        head = {name: record.rec_headers.get_header(name) for name in names}
        http = record.http_headers
        type = http and http.get_header("Content-Type")
        found.append({**head, "type": type, "content": record.content_stream().read()})
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_warcio(packed: bool) -> None:
    client("warcio")
    data = crawl(packed)
    raw = gzip.decompress(data) if packed else data

    def pack(piece: bytes) -> bytes:
        return gzip.compress(piece, mtime=0) if packed else piece

    output = cleaned(Warc(), raw, pack=pack)
    before, after = opened(data), opened(output)
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        url = str(old["WARC-Target-URI"])
        if url.endswith(("plain", "coded", "latin")):
            assert new.pop("content") == PAGE.replace(OFFER, "").encode()
            assert new.pop("type") == "text/html; charset=utf-8"
            del old["content"], old["type"]
        assert new == old
    archive = importlib.import_module("warcio.archiveiterator")
    if packed:  # one member a record, so that an index can point at each
        records = archive.ArchiveIterator(BytesIO(output))
        offsets = [records.get_record_offset() for _ in records]
        assert all(output[offset:].startswith(b"\x1f\x8b") for offset in offsets)
        assert len(set(offsets)) == len(before)


def test_json_lines_of_tags_are_plain_json(tmp_path: Path) -> None:
    kind = container("jsonl", "Jsonl")
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": TEXTS[0], "n": 1}) + "\n")
    row = json.loads(rewritten(path, kind, tagging=True).read_text())
    assert row["n"] == 1
    assert row["adsift"][1]["label"] == "commerce"
