"""Every way to write a fact moves the journal: no writer can go past it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Sessions, open_database
from app.models.facts import FACTS, Fact
from app.models.guards import GUARDS
from tests.models.journal import Touch, history, mark, touch, touches
from tests.models.samples import TABLES, other, planted, row
from tests.models.ways import DELETES, INSERTS, UPDATES, Way, replace


def full(fact: Fact, values: dict[str, Any]) -> dict[str, Any]:
    """A nullable reference that the row left out is NULL."""
    return {**dict.fromkeys(TABLES[fact.table].columns.keys()), **values}


def moved(
    sessions: Sessions, fact: Fact, way: Way, before: dict[str, Any], after: dict[str, Any]
) -> tuple[set[Touch], set[Touch]]:
    """What a way of writing `after` leaves in the journal, and what it must leave."""
    with sessions.read() as session:
        since = mark(session)
    way(sessions, TABLES[fact.table], after)
    with sessions.read() as session:
        found = touches(session, since)
    return found, {touch(fact, full(fact, values)) for values in (before, after)}


def changed(sessions: Sessions, fact: Fact, column: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row that is there, and how it shall be."""
    table = TABLES[fact.table]
    with sessions.write() as session:
        before = planted(session, table, about=column)
        value = other(session, table.c[column], before.get(column))
    return before, {**before, column: value}


@pytest.mark.parametrize("way", INSERTS.values(), ids=INSERTS.keys())
def test_every_way_to_insert_touches(sessions: Sessions, way: Way) -> None:
    found, expected = {}, {}
    for fact in FACTS:
        with sessions.write() as session:
            values = row(session, TABLES[fact.table])
        found[fact.table], expected[fact.table] = moved(sessions, fact, way, values, values)
    assert found == expected


@pytest.mark.parametrize("way", UPDATES.values(), ids=UPDATES.keys())
def test_every_way_to_update_touches(sessions: Sessions, way: Way) -> None:
    found, expected = {}, {}
    for fact in FACTS:
        before, after = changed(sessions, fact, fact.columns[0])
        found[fact.table], expected[fact.table] = moved(sessions, fact, way, before, after)
    assert found == expected


@pytest.mark.parametrize("way", DELETES.values(), ids=DELETES.keys())
def test_every_way_to_delete_touches(sessions: Sessions, way: Way) -> None:
    found, expected = {}, {}
    for fact in FACTS:
        values, _ = changed(sessions, fact, fact.columns[0])
        found[fact.table], expected[fact.table] = moved(sessions, fact, way, values, values)
    assert found == expected


def test_a_replaced_row_is_touched_where_it_was_and_where_it_is(sqlite: Sessions) -> None:
    found, expected = {}, {}
    for fact in FACTS:
        before, after = changed(sqlite, fact, fact.columns[0])
        found[fact.table], expected[fact.table] = moved(sqlite, fact, replace, before, after)
    assert found == expected


def test_a_replaced_row_keeps_its_history(sqlite: Sessions) -> None:
    kept = {}
    for fact in FACTS:
        before, after = changed(sqlite, fact, fact.columns[0])
        replace(sqlite, TABLES[fact.table], after)
        with sqlite.read() as session:
            kept[fact.table] = set(history(session, fact, before["id"]))
    assert kept == {fact.table: set(fact.history) for fact in FACTS}


@pytest.mark.parametrize("fact", FACTS, ids=[fact.table for fact in FACTS])
def test_an_emptied_table_touches_everything(shared_postgres_url: str, fact: Fact) -> None:
    shared = open_database(shared_postgres_url)
    with Session(shared.engine) as session:
        since = mark(session)
        for guard in GUARDS:  # which would refuse it, because it reaches proof
            session.execute(text(f'ALTER TABLE "{guard.table}" DISABLE TRIGGER USER'))
        session.execute(text(f'TRUNCATE "{fact.table}" CASCADE'))
        assert ("all", 0, None) in touches(session, since)
    shared.engine.dispose()
