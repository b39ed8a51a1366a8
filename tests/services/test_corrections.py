"""A correction by somebody who read the contact a while ago: what he cannot see survives, and who
was faster with the same field is not overwritten."""

import pytest
from sqlalchemy.orm import Session

from app.cards.card import Address, Point
from app.db import Sessions
from app.errors import NotFound, Refused
from app.models import Contact, User
from app.models.kinds import Profile
from app.policy import Viewer
from app.queries import history
from app.services import contact_rows, contacts, corrections, grants
from app.services.audit import OPERATOR
from app.services.contact_values import State, Value
from app.services.corrections import Overtaken
from app.services.grants import Holder, Terms
from tests.services.scene import DAY, NOON, SECOND, acting, acts, colleague, home, karel

LATER = NOON + DAY
FULL = {
    "note": "volat po desáté",
    "birthday": "1980-03-22",
    "emails": (Point("karel@example.org", "work", preferred=True),),
    "addresses": (Address(street="Kounicova 1", locality="Brno"),),
    "categories": ("beton", "mosty"),
}


def given(session: Session, fields: str = "full") -> tuple[Contact, User]:
    """Karel, and Eva who may read these fields and edit."""
    of = home(session)
    row, eva = karel(session, of, **FULL), colleague(session)
    terms = Terms(["edit", "read"], fields=fields)
    grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
    return row, eva


def state(session: Session, row: Contact) -> dict[str, Value]:
    return contact_rows.states(session, [row.id])[row.id]


def correct(
    session: Session, who: User, row: Contact, changes: State, seen: int = 0
) -> frozenset[str]:
    return corrections.correct(session, acting(who), row.public_id, changes, seen, LATER)


def newest(session: Session, who: User, row: Contact) -> int:
    read = history.of_contact(session, Viewer(who.id), row.public_id, LATER)
    return max((step.id for step in read.changes), default=0)


@pytest.mark.parametrize("fields", [p.name.lower() for p in Profile if p])
def test_what_his_profile_hides_stays_as_it_was(sessions: Sessions, fields: str) -> None:
    with sessions.write() as session:
        row, eva = given(session, fields)
        before = state(session, row)
        assert correct(session, eva, row, {"family": "Novotny"}) == {"family", "full_name"}
        after = state(session, row)
    assert after == before | {"family": "Novotny", "full_name": "Karel Novotny"}


def test_a_field_that_is_hidden_from_him_he_cannot_set(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = given(session, "caller")
        before = state(session, row)
        with pytest.raises(Refused, match="emails, note"):
            correct(session, eva, row, {"note": "", "emails": (), "given": "Karla"})
        assert state(session, row) == before


def test_who_was_faster_with_the_same_field_is_not_overwritten(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = given(session)
        seen = newest(session, eva, row)
        contacts.edit(session, OPERATOR, row.id, {"note": "nevolat", "given": "Karla"}, LATER)
        with pytest.raises(Overtaken) as caught:
            correct(session, eva, row, {"note": "volat", "title": "tesař"}, seen)
        assert caught.value.fields == {"note"}
        assert (state(session, row)["note"], state(session, row)["title"]) == ("nevolat", "")
        assert correct(session, eva, row, {"note": "volat"}, newest(session, eva, row)) == {"note"}


def test_other_fields_and_the_same_correction_are_no_collision(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = given(session)
        seen = newest(session, eva, row)
        contacts.edit(session, OPERATOR, row.id, {"note": "nevolat"}, LATER)
        assert correct(session, eva, row, {"title": "tesař"}, seen) == {"title"}
        assert correct(session, eva, row, {"note": " nevolat "}, seen) == set()


def test_a_hidden_change_of_others_is_not_told(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = given(session, "caller")
        contacts.edit(session, OPERATOR, row.id, {"note": "nevolat"}, LATER)
        assert correct(session, eva, row, {"given": "Karla"}) == {"full_name", "given"}


def test_what_is_hidden_is_not_there_and_reading_is_not_enough(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, _ = given(session)
        dana, jan = colleague(session, "dana@example.org"), colleague(session, "jan@example.org")
        terms = Terms(["read"])
        grants.give(session, OPERATOR, row.directory_id, Holder(jan.id), terms, NOON)
        with pytest.raises(NotFound):
            correct(session, dana, row, {"given": "Karla"})
        with pytest.raises(Refused, match="change its contacts"):
            correct(session, jan, row, {"given": "Karla"})
        with pytest.raises(Refused, match="only a user"):
            corrections.correct(session, OPERATOR, row.public_id, {}, 0, NOON + SECOND)
        assert acts(session, "contact.edit") == 0
