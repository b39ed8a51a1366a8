"""Which programs read with a device's password, and the owner's word about them."""

from datetime import timedelta

from sqlalchemy import select

from app.db import open_database
from app.models import Book
from app.services import readers
from tests.cli.conftest import Kustod
from tests.cli.test_commands import office
from tests.factories import LONG_AGO

__all__ = ["office"]


def test_programs_of_a_device_and_its_owners_word(office: Kustod) -> None:
    made = office.json("device", "add", "eva@example.org", "--name", "Phone")["id"]
    assert office.json("device", "programs", made) == []
    assert "No program" in office("device", "programs", made).out
    opened = open_database(office.environment["KUSTOD_DATABASE_URL"])
    with opened.write() as session:
        book_id = session.scalars(select(Book.id)).one()
        for days in (0, 1):
            at = LONG_AGO + timedelta(days=days)
            reader = readers.begin(session, book_id, "davx", at, start=0)
            readers.tell(session, reader, 0, at)
    opened.engine.dispose()

    (view,) = office.json("device", "programs", made)
    assert (view["program"], view["way"], view["set_ups"]) == ("davx", "token", 2)
    assert office.json("device", "set-up-again", made) == {"replaced": 1}
    assert office.json("device", "set-up-again", made) == {"replaced": 0}
    assert "Nothing to say" in office("device", "set-up-again", made).out
    other = office.json("device", "add", "eva@example.org", "--name", "Tablet")["id"]
    assert "Nothing to say" in office("device", "set-up-again", other).out
    assert "no such device" in office.error("device", "programs", "nothing")
