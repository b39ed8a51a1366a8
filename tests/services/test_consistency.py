import pytest
from sqlalchemy import text

from app.db import Sessions
from app.models import Grant
from app.services import consistency
from tests.dav.conftest import World, make_world

_OPEN_CARD = "closed_seq IS NULL AND kind = 'card'"
_ONE = f"SELECT max(id) FROM holding WHERE {_OPEN_CARD}"
_COLUMNS = (
    "book_id, contact_id, kind, href, etag, version, profile, has_photo, bump, opened_seq, "
    "offered_at, is_gone"
)


@pytest.fixture
def world(sessions: Sessions) -> World:
    """A phone that has three cards, and gave all of them back once."""
    found = make_world(sessions)
    phone = found.phone()
    phone.sync()
    for until in (found.clock.now(), found.clock.now().replace(year=2030)):
        with sessions.write() as session:
            session.get_one(Grant, found.grant_id).valid_until = until
        phone.sync()
        phone.sync()
    return found


def faults(world: World) -> list[str]:
    with world.sessions.read() as session:
        return consistency.faults(session, world.clock.now())


def test_a_ledger_in_use_is_at_one_with_itself(world: World) -> None:
    assert faults(world) == []
    world.clock.tick(days=1)
    assert faults(world) == []


def test_a_book_that_nobody_asked_for_yet_is_no_fault(world: World) -> None:
    world.phone()
    assert faults(world) == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (
            f"UPDATE holding SET book_id = 99 WHERE id = ({_ONE})",
            "holdings of no book: 1",
        ),
        (
            f"UPDATE holding SET contact_id = 99 WHERE id = ({_ONE})",
            "holdings of no contact: 1",
        ),
        (
            (
                "DROP INDEX uq_holding_book_id_href_open; "
                f"INSERT INTO holding ({_COLUMNS}) "
                f"SELECT {_COLUMNS} FROM holding WHERE id = ({_ONE})"
            ),
            "cards held twice in one book: 1",
        ),
        (
            "UPDATE holding SET closed_seq = opened_seq - 1 WHERE is_gone AND contact_id = 1",
            "holdings that end before they begin: 1",
        ),
        (
            "UPDATE holding SET ended_at = NULL WHERE is_gone AND contact_id = 1",
            "holdings that end before they begin: 1",
        ),
        (
            f"UPDATE holding SET is_gone = (1 = 1) WHERE id = ({_ONE})",
            "holdings that end before they begin: 1",
        ),
        (
            f"UPDATE holding SET opened_seq = 99 WHERE id = ({_ONE})",
            "holdings of a revision that never was: 1",
        ),
        (
            "UPDATE holding SET closed_seq = 99 WHERE is_gone AND contact_id = 1",
            "holdings of a revision that never was: 1",
        ),
        ("UPDATE book SET tag = 'another'", "books whose revision has no token: 1"),
        ("UPDATE reader SET told_seq = 99", "readers ahead of their book: 1"),
        ("UPDATE reader SET acked_seq = 99", "readers ahead of their book: 1"),
        ("UPDATE reader SET listed_seq = 99", "readers ahead of their book: 1"),
        (
            "UPDATE receipt SET seq = 99 WHERE seq = 1",
            "receipts of a revision that never was: 1",
        ),
        ("UPDATE reader SET acked_seq = 2", "receipts that their reader never brought: 1"),
        (
            (
                "UPDATE holding SET closed_seq = opened_seq, ended_at = offered_at "
                f"WHERE id = ({_ONE})"
            ),
            "cards of book 1 that do not follow the facts: 1",
        ),
    ],
)
def test_damage_is_named(world: World, damage: str, words: str) -> None:
    with world.sessions.write() as session:
        for statement in damage.split("; "):
            session.execute(text(statement))
    assert words in faults(world)
