"""Whatever is written about a fact moves the journal, keeps the history, draws the version."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models.facts import FACTS, Fact
from tests.models.journal import as_text, history, mark, touch, touches, version
from tests.models.samples import TABLES, other, planted

pytestmark = pytest.mark.parametrize("fact", FACTS, ids=[fact.table for fact in FACTS])


def change(session: Session, fact: Fact, column: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row before and after one of its columns took another value."""
    table = TABLES[fact.table]
    before = planted(session, table, about=column)
    value = other(session, table.c[column], before.get(column))
    return before, {**before, column: value}


def write(session: Session, fact: Fact, values: dict[str, Any], column: str) -> None:
    table = TABLES[fact.table]
    new = {column: values[column]}
    session.execute(table.update().where(table.c.id == values["id"]).values(new))


def unwatched(fact: Fact) -> list[str]:
    names = [column.name for column in TABLES[fact.table].columns if not column.primary_key]
    return [name for name in names if name not in {*fact.columns, "version"}]


def with_default(fact: Fact, values: dict[str, Any]) -> dict[str, Any]:
    """A nullable reference that the row left out is NULL."""
    return {**dict.fromkeys(TABLES[fact.table].columns.keys()), **values}


def test_an_update_of_a_watched_column_touches_both_ends(shared: Sessions, fact: Fact) -> None:
    found, expected = {}, {}
    with Session(shared.engine) as session:
        for column in fact.columns:
            before, after = change(session, fact, column)
            since = mark(session)
            write(session, fact, after, column)
            found[column] = touches(session, since)
            ends = (with_default(fact, before), with_default(fact, after))
            expected[column] = {touch(fact, values) for values in ends}
    assert found == expected


def test_an_update_of_another_column_touches_nothing(shared: Sessions, fact: Fact) -> None:
    found = {}
    with Session(shared.engine) as session:
        for column in unwatched(fact):
            _, after = change(session, fact, column)
            since = mark(session)
            write(session, fact, after, column)
            found[column] = touches(session, since)
    assert found == {column: set() for column in unwatched(fact)}


def test_an_update_to_the_same_value_touches_nothing(shared: Sessions, fact: Fact) -> None:
    with Session(shared.engine) as session:
        values = planted(session, TABLES[fact.table])
        since = mark(session)
        for column in values.keys() & set(fact.columns):
            write(session, fact, values, column)
        assert touches(session, since) == set()


def test_an_update_keeps_what_was_and_what_is(shared: Sessions, fact: Fact) -> None:
    found, expected = {}, {}
    with Session(shared.engine) as session:
        for column in fact.columns:
            _, after = change(session, fact, column)
            old = as_text(session, fact, after["id"])
            write(session, fact, after, column)
            new = as_text(session, fact, after["id"])
            found[column] = history(session, fact, after["id"])
            kept = {column: (old[column], new[column])} if column in fact.history else {}
            expected[column] = kept
    assert found == expected


def test_a_delete_touches_and_keeps_what_was(shared: Sessions, fact: Fact) -> None:
    table = TABLES[fact.table]
    with Session(shared.engine) as session:
        values = planted(session, table)
        old = as_text(session, fact, values["id"])
        since = mark(session)
        session.execute(table.delete().where(table.c.id == values["id"]))
        assert touches(session, since) == {touch(fact, with_default(fact, values))}
        kept = history(session, fact, values["id"])
        assert kept == {column: (text, None) for column, text in old.items()}


def test_an_insert_touches_and_has_no_history(shared: Sessions, fact: Fact) -> None:
    with Session(shared.engine) as session:
        values = planted(session, TABLES[fact.table])
        assert touch(fact, with_default(fact, values)) in touches(session, 0)
        assert history(session, fact, values["id"]) == {}


def test_a_value_draws_a_new_version_and_nothing_else_does(shared: Sessions, fact: Fact) -> None:
    if not fact.values:
        assert not fact.drawing
        return
    drawn = set()
    watched = [*fact.columns, *unwatched(fact)]
    with Session(shared.engine) as session:
        for column in watched:
            before, after = change(session, fact, column)
            versions = {end[fact.ref]: version(session, fact, end) for end in (before, after)}
            write(session, fact, after, column)
            moved = {end[fact.ref]: version(session, fact, end) for end in (before, after)}
            if all(moved[ref] != old for ref, old in versions.items()):
                drawn.add(column)
    assert drawn == set(fact.drawing)


def test_a_card_gets_a_new_version_when_a_value_comes_or_goes(shared: Sessions, fact: Fact) -> None:
    if not fact.values or fact.ref == "id":
        assert fact.table not in {"contact_point", "address"}
        return
    table = TABLES[fact.table]
    with Session(shared.engine) as session:
        first = planted(session, table)
        versions = [version(session, fact, first)]
        second = {**first, "id": first["id"] + 1}
        session.execute(table.insert().values(second))
        versions.append(version(session, fact, first))
        session.execute(table.delete().where(table.c.id == second["id"]))
        versions.append(version(session, fact, first))
    assert len(set(versions)) == 3
