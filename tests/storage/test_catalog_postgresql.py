"""The catalog in PostgreSQL: one order for all, append-only, and no password anywhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from nb_mlops.core.errors import BadInput, NbMlopsError, Unreachable, Unsupported
from nb_mlops.core.rows import AliasRow, MoveRow
from nb_mlops.storage.catalog import Catalog
from nb_mlops.storage.catalog_sql import SqlCatalog

if TYPE_CHECKING:
    from conftest import DraftOf


def test_promotions_at_once_give_one_order(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    for content in range(1, 9):
        catalog.append(registration(content))

    def promote(number: int) -> bool:
        try:
            catalog.append(draft("promoted", number=number, alias="production"))
        except NbMlopsError:
            return False  # an older one came too late
        return True

    with ThreadPoolExecutor(8) as threads:
        moved = [number for number, done in zip(range(1, 9), threads.map(promote, range(1, 9)), strict=True) if done]
    moves = catalog.find(MoveRow)
    assert [move.number for move in moves] == sorted(moved)
    assert [move.previous for move in moves] == [None, *sorted(moved)[:-1]]
    assert catalog.find(AliasRow)[0].number == 8
    assert catalog.verify().whole


@pytest.mark.parametrize("statement", ["UPDATE events SET data = ''", "DELETE FROM events", "TRUNCATE events"])
def test_the_database_itself_refuses_to_change_events(
    new_postgres_address: Callable[[], str], registration: DraftOf, statement: str
) -> None:
    address = new_postgres_address()
    catalog = SqlCatalog.postgresql(address)
    catalog.append(registration(1))
    catalog.close()
    with psycopg.connect(address) as connection, pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        connection.execute(statement)


def test_first_writers_at_once_make_one_registry(
    new_postgres_address: Callable[[], str], registration: DraftOf
) -> None:
    address = new_postgres_address()
    catalogs = [SqlCatalog.postgresql(address) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        events = list(threads.map(lambda catalog, n: catalog.append(registration(n)), catalogs, range(4)))
    assert sorted(event.body["number"] for event in events) == [1, 2, 3, 4]
    for catalog in catalogs:
        catalog.close()


def test_a_database_that_is_away_is_said_in_two_lines_without_the_password(registration: DraftOf) -> None:
    catalog = SqlCatalog.postgresql("postgresql://ann:canary@127.0.0.1:1/registry")
    for use in (catalog.models, lambda: catalog.append(registration(1))):
        with pytest.raises(Unreachable) as caught:
            use()
        assert str(caught.value).count("\n") == 1
        assert caught.value.__suppress_context__
    told = [
        str(caught.value),
        repr(caught.value),
        repr(catalog._store),
        repr(vars(catalog._store)),
        repr(vars(catalog)),
    ]
    assert [text for text in told if "canary" in text] == []
    catalog.close()


def test_an_address_that_is_none_is_refused_without_being_repeated() -> None:
    with pytest.raises(BadInput) as caught:
        SqlCatalog.postgresql("postgresql://ann:canary@host:notaport/db")
    assert "canary" not in str(caught.value)
    with pytest.raises(Unsupported, match="mysql"):
        SqlCatalog.postgresql("mysql://ann:canary@host/db")


def test_a_connection_that_the_server_closed_is_replaced(
    new_postgres_address: Callable[[], str], registration: DraftOf
) -> None:
    address = new_postgres_address()
    catalog = SqlCatalog.postgresql(address)
    catalog.append(registration(1))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            "current_database() AND query NOT LIKE 'CREATE SCHEMA%'"
        )
    assert catalog.append(registration(2)).body["number"] == 2
    catalog.close()
