import pytest
from sqlalchemy.orm import Session

from app.cards.card import Address, Draft, Point
from app.db import Sessions
from app.errors import NotFound
from app.models import Contact, User, ValueChange
from app.policy import Viewer
from app.queries import history
from app.services import contacts, grants
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.grants import Holder, Terms
from tests.services.scene import DAY, NOON, SECOND, acting, colleague, home, karel


def edited(session: Session) -> tuple[Contact, User]:
    """A contact that has changed three times, and a colleague without any access."""
    of = home(session)
    new = NewContact(Draft(given="Karel", phones=(Point("1", "cell"),)), "his card")
    row = contacts.add(session, OPERATOR, of.id, new, NOON).contact
    edits = ({"note": "late payer"}, {"phones": ()}, {"addresses": (Address(locality="Brno"),)})
    for number, edit in enumerate(edits, start=1):
        said = f"edit {number}"
        contacts.edit(session, OPERATOR, row.id, edit, NOON + number * SECOND, source=said)  # type: ignore[arg-type]
    return row, colleague(session)


def test_the_operator_reads_every_change_the_newest_first(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, _ = edited(session)
        read = history.of_contact(session, None, row.public_id, NOON + DAY)
    assert (read.uid, read.created_at) == (row.public_id, NOON)
    assert (read.source, read.source_detail, read.actor) == ("entry", "his card", None)
    assert [step.field for step in read.changes] == ["addresses", "phones", "note"]
    place, phones, note = read.changes
    assert (place.old, place.new[0]["locality"]) == ([], "Brno")  # type: ignore[index]
    assert phones.old == [{"value": "1", "label": "cell", "preferred": False}]
    assert (note.old, note.new, note.at) == ("", "late payer", NOON + SECOND)
    assert (note.source, note.source_detail, note.actor) == ("entry", "edit 1", None)


def test_a_change_names_the_user_who_made_it(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = edited(session)
        terms = Terms(["edit", "read"])
        grants.give(session, OPERATOR, row.directory_id, Holder(eva.id), terms, NOON)
        contacts.edit(session, acting(eva), row.id, {"title": "tesař"}, NOON + DAY)
        read = history.of_contact(session, None, row.public_id, NOON + DAY)
    assert read.changes[0].actor == "eva@example.org"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("caller", ["phones"]),
        ("standard", ["addresses", "phones"]),
        ("full", ["addresses", "phones", "note"]),
    ],
)
def test_a_viewer_reads_the_history_of_the_fields_he_sees(
    sessions: Sessions, fields: str, told: list[str]
) -> None:
    with sessions.write() as session:
        row, eva = edited(session)
        terms = Terms(["read"], fields=fields)
        grants.give(session, OPERATOR, row.directory_id, Holder(eva.id), terms, NOON)
        read = history.of_contact(session, Viewer(eva.id), row.public_id, NOON + DAY)
    assert [step.field for step in read.changes] == told


def test_what_kind_of_contact_it_was_everybody_may_read_who_sees_it(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row, eva = edited(session)
        contacts.edit(session, OPERATOR, row.id, {"kind": "organisation"}, NOON + DAY)
        terms = Terms(["read"], fields="caller")
        grants.give(session, OPERATOR, row.directory_id, Holder(eva.id), terms, NOON)
        read = history.of_contact(session, Viewer(eva.id), row.public_id, NOON + DAY)
    assert [step.field for step in read.changes] == ["kind", "phones"]


@pytest.mark.parametrize(("fields", "told"), [("standard", ["photo"]), ("minimal", [])])
def test_a_picture_stands_there_by_its_hash_for_who_sees_pictures(
    sqlite: Sessions, fields: str, told: list[str]
) -> None:
    with sqlite.write() as session:
        of, eva = home(session), colleague(session)
        row = karel(session, of)
        change = ValueChange(contact_id=row.id, field="photo_sha256", old="", new="ab")
        change.source_id, change.changed_at = row.source_id, NOON
        session.add(change)
        terms = Terms(["read"], fields=fields)
        grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        read = history.of_contact(session, Viewer(eva.id), row.public_id, NOON)
    assert [step.field for step in read.changes] == told


def test_what_is_hidden_and_what_is_absent_have_no_history(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = edited(session)
        for uid in (row.public_id, "nobody"):
            with pytest.raises(NotFound, match="there is no such contact"):
                history.of_contact(session, Viewer(eva.id), uid, NOON + DAY)
        with pytest.raises(NotFound):
            history.of_contact(session, None, "nobody", NOON)


def test_the_operator_reads_what_is_kept_of_an_erased_contact(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row, _ = edited(session)
        row.erased_at = NOON
        assert len(history.of_contact(session, None, row.public_id, NOON + DAY).changes) == 3
