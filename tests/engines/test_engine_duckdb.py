"""DuckDB: its transactions, and several connections to one database."""

from __future__ import annotations

import gc

import pytest

import adsift

pytest.importorskip("duckdb", reason="DuckDB is not installed")

import duckdb

from adsift.engines.duckdb import register

NEWS = "The council met on Tuesday and voted to repair the old bridge over the river."
PITCH = "Tactical Gloves – Buy now for only $19.99 and save 20% with free shipping!"


def stripped(connection: duckdb.DuckDBPyConnection) -> str:
    query = "SELECT adsift_strip(?, NULL)"
    (row,) = connection.execute(query, [f"{NEWS}\n\n{PITCH}\n"]).fetchall()
    return str(row[0])


def test_a_registration_that_is_rolled_back() -> None:
    connection = duckdb.connect()
    register(connection)
    connection.execute("BEGIN")
    register(connection, drop=("news",))
    connection.execute("ROLLBACK")
    gc.collect()
    assert stripped(connection) == f"{NEWS}\n"


def test_a_cursor_has_the_functions_of_its_connection() -> None:
    connection = duckdb.connect()
    register(connection)
    cursor = connection.cursor()
    assert stripped(cursor) == f"{NEWS}\n"
    with pytest.raises(adsift.AdsiftError, match="another connection"):
        register(cursor, drop=("news",))
    register(connection, drop=("news",))
    assert stripped(cursor) == f"{PITCH}\n"


def test_a_result_that_is_not_read_to_its_end() -> None:
    connection = duckdb.connect()
    register(connection)
    connection.execute("SELECT adsift_strip('One.', NULL) FROM range(100000)")
    connection.fetchone()
    with pytest.raises(adsift.AdsiftError, match="read or close it first"):
        register(connection)
