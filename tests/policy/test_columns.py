"""What the clauses read is what the registry of facts watches, and they read one contact."""

from itertools import product

import pytest
from sqlalchemy import Column, ColumnElement, Table, select
from sqlalchemy.sql import visitors

from app.models import Contact
from app.models.facts import FACTS
from app.policy import GRANTS, VETOES, Channel, Viewer, profile, visible
from tests.factories import NOON

VIEWERS = (Viewer(user_id=1), Viewer(user_id=1, device_id=1))

KEYS = {
    ("contact", "id"),
    ("device", "id"),
    ("directory", "id"),
    ("legal_basis", "id"),
    ("project", "id"),
}
"""Primary keys: the database gives them once, and no command changes them."""


def expressions(channel: Channel) -> list[ColumnElement[bool] | ColumnElement[int]]:
    return [
        expression
        for viewer in VIEWERS
        for expression in (visible(viewer, channel, NOON), profile(viewer, channel, NOON))
    ]


def read() -> set[tuple[str, str]]:
    """Table and name of every column that decides over some channel."""
    return {
        (element.table.name, element.name)
        for channel in Channel
        for expression in expressions(channel)
        for element in visitors.iterate(expression)
        if isinstance(element, Column) and isinstance(element.table, Table)
    }


WATCHED = {(fact.table, column) for fact in FACTS for column in fact.history}


def test_every_column_that_decides_is_watched_and_has_a_history() -> None:
    assert read() - WATCHED - KEYS == set()


def test_every_key_that_is_let_through_is_read_and_is_a_primary_key() -> None:
    tables = Contact.metadata.tables
    keys = {key for key in KEYS if tables[key[0]].c[key[1]].primary_key}
    assert keys & read() == KEYS


def test_the_walk_reaches_the_innermost_clauses() -> None:
    innermost = {
        ("assignment", "valid_until"),
        ("device", "is_managed"),
        ("directory", "purpose_id"),
        ("grant", "can_export"),
        ("participation", "valid_until"),
        ("team_member", "valid_from"),
    }
    assert innermost <= read()


@pytest.mark.parametrize(("viewer", "channel"), list(product(VIEWERS, Channel)))
def test_no_clause_looks_at_another_contact(viewer: Viewer, channel: Channel) -> None:
    query = select(visible(viewer, channel, NOON), profile(viewer, channel, NOON))
    text = str(query.select_from(Contact))
    assert text.count("FROM contact") + text.count(", contact") == 1


@pytest.mark.parametrize("clause", [*GRANTS, *VETOES])
def test_every_clause_is_one_sentence(clause: object) -> None:
    sentence = (clause.__doc__ or "").strip()
    assert sentence.endswith(".")
    assert sentence.count(".") == 1


def test_no_two_clauses_share_a_name() -> None:
    names = [clause.__name__ for clause in (*GRANTS, *VETOES)]
    assert len(set(names)) == len(names)
