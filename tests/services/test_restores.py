from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.cards.card import Address, ContactKind, Draft, Photo, Point
from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import Blob, Contact, Directory, LegalBasis, Source, ValueChange
from app.models.kinds import SourceKind
from app.services import contact_rows, contact_values, contacts, grants, restores
from app.services.audit import OPERATOR
from app.services.contact_rows import Change, Writing
from app.services.contact_values import LISTS, NAMES, State, Value
from app.services.contacts import NewContact
from app.services.grants import Holder, Terms
from tests.services.scene import DAY, NOON, SECOND, acting, acts, colleague, home, karel

WORDS = st.text("ab ,;:\"'\\\n=[]{}řž+-", max_size=6)
POINTS = st.lists(
    st.builds(Point, st.text("1a ř", max_size=4), WORDS, st.booleans()), max_size=3
).map(tuple)
PLACES = st.lists(
    st.builds(Address, label=WORDS, po_box=WORDS, street=WORDS, locality=WORDS, country=WORDS),
    max_size=2,
).map(tuple)
TEXTS = ("given", "family", "full_name", "note", "categories", "nickname", "tax_number")
EDITS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TEXTS, WORDS),
        "kind": st.sampled_from([kind.value for kind in ContactKind]),
        "birthday": st.sampled_from(["", "1980-03-22", "--03-22"]),
        **dict.fromkeys(("phones", "emails", "urls", "ims"), POINTS),
        "addresses": PLACES,
    },
)
FIRM = NewContact(Draft(organisation="Dřevo", phones=(Point("777 123 456", "cell", True),)))


def state(session: Session, contact: Contact) -> dict[str, Value]:
    return contact_rows.states(session, [contact.id])[contact.id]


def changes_of(session: Session) -> list[ValueChange]:
    return list(session.scalars(select(ValueChange).order_by(ValueChange.id)))


def change_of(session: Session, field: str) -> ValueChange:
    """The newest change of a field."""
    return [change for change in changes_of(session) if change.field == field][-1]


@given(edits=st.lists(EDITS, min_size=1, max_size=4), data=st.data())
def test_a_restored_field_says_exactly_what_it_said_before_that_change(
    sessions: Sessions, edits: list[State], data: st.DataObject
) -> None:
    with Session(sessions.engine) as session:
        row = contacts.add(session, OPERATOR, home(session).id, FIRM, NOON).contact
        before: dict[int, dict[str, Value]] = {}
        for number, edit in enumerate(edits, start=1):
            was = state(session, row)
            contacts.edit(session, OPERATOR, row.id, edit, NOON + number * SECOND)
            before |= {c.id: was for c in changes_of(session) if c.id not in before}
        if not before:
            return
        change = session.get_one(ValueChange, data.draw(st.sampled_from(sorted(before))))
        field, last = change.field, state(session, row)
        moved = restores.restore(session, OPERATOR, row.id, change.id, NOON + DAY)
        now = state(session, row)
        assert now[field] == before[change.id][field]
        assert {name for name in now if now[name] != last[name]} == moved
        assert moved <= {field} | ({"full_name"} if field in NAMES else set())


@pytest.mark.parametrize("field", LISTS)
@given(points=POINTS, places=PLACES)
def test_a_list_in_the_history_is_read_back_without_loss(
    field: str, points: tuple[Point, ...], places: tuple[Address, ...]
) -> None:
    value = places if field == "addresses" else points
    assert contact_values.value_of(field, contact_values.text_of(value)) == value


def test_a_restore_is_a_change_with_a_source_that_says_so(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = karel(session, home(session))
        version = row.version
        contacts.edit(session, OPERATOR, row.id, {"phones": ()}, NOON, source="rang up")
        lost = change_of(session, "phones")
        restores.restore(session, OPERATOR, row.id, lost.id, NOON + DAY)
        back = change_of(session, "phones")
        assert (back.old, back.new, back.changed_at) == (lost.new, lost.old, NOON + DAY)
        source = session.get_one(Source, back.source_id)
        assert source.kind is SourceKind.ENTRY
        assert source.detail == f"restored: the value before change {lost.id}"
        session.refresh(row)
        assert row.version != version
        assert "777123456" in row.search
        assert acts(session, "contact.restore") == 1


def test_what_is_so_already_leaves_no_trace_but_the_act(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row = karel(session, home(session))
        contacts.edit(session, OPERATOR, row.id, {"note": "x"}, NOON)
        change = change_of(session, "note")
        assert restores.restore(session, OPERATOR, row.id, change.id, NOON) == {"note"}
        assert restores.restore(session, OPERATOR, row.id, change.id, NOON) == set()
        assert (len(changes_of(session)), acts(session, "contact.restore")) == (2, 2)


def repainted(session: Session, row: Contact, photo: Photo | None) -> None:
    """What an import does with a picture."""
    old = state(session, row)
    draft = Draft(photo=photo)
    new = {**old, "photo_sha256": contact_values.state_of(draft)["photo_sha256"]}
    of = session.get_one(Directory, row.directory_id)
    writing = Writing(of, row.source_id, OPERATOR, NOON)
    contact_rows.apply_changes(session, writing, [Change(row.id, old, new, photo)])


def test_a_picture_comes_back_while_it_is_kept(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = karel(session, home(session), photo=Photo("image/jpeg", b"first"))
        first = row.photo_sha256
        repainted(session, row, Photo("image/jpeg", b"second"))
        change = change_of(session, "photo_sha256")
        restores.restore(session, OPERATOR, row.id, change.id, NOON)
        session.refresh(row)
        assert row.photo_sha256 == first
        repainted(session, row, None)
        session.execute(delete(Blob).where(Blob.sha256 == first))
        gone = change_of(session, "photo_sha256")
        with pytest.raises(Refused, match="kept no more"):
            restores.restore(session, OPERATOR, row.id, gone.id, NOON)


def test_a_firm_that_was_a_person_is_one_again_with_a_basis(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = karel(session, home(session))
        contacts.edit(session, OPERATOR, row.id, {"kind": "organisation"}, NOON)
        session.execute(delete(LegalBasis))
        restores.restore(session, OPERATOR, row.id, change_of(session, "kind").id, NOON)
        session.refresh(row)
        assert row.kind is ContactKind.PERSON
        assert len(session.scalars(select(LegalBasis)).all()) == 1


def test_only_who_may_edit_the_directory_and_read_the_field_restores(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        row = karel(session, of)
        contacts.edit(session, OPERATOR, row.id, {"note": "x", "nickname": "Kája"}, NOON)
        note, nickname = (change_of(session, field).id for field in ("note", "nickname"))

        def attempt(change: int) -> frozenset[str]:
            return restores.restore(session, acting(eva), row.id, change, NOON)

        with pytest.raises(NotFound):
            attempt(nickname)
        reads = Terms(["read"], fields="caller")
        grants.give(session, OPERATOR, of.id, Holder(eva.id), reads, NOON)
        with pytest.raises(Refused, match="change its contacts"):
            attempt(nickname)
        grants.give(session, OPERATOR, of.id, Holder(eva.id), Terms(["edit"]), NOON)
        with pytest.raises(NotFound, match="no such change"):
            attempt(note)
        assert attempt(nickname) == {"nickname"}
        assert change_of(session, "nickname").user_id == eva.id


def test_why_nothing_is_restored(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        row, other = karel(session, of), karel(session, of)
        contacts.edit(session, OPERATOR, row.id, {"note": "x", "phones": ()}, NOON)
        change = change_of(session, "note")
        for contact_id, change_id in ((row.id, 99), (other.id, change.id), (99, change.id)):
            with pytest.raises(NotFound):
                restores.restore(session, OPERATOR, contact_id, change_id, NOON)
        row.erased_at = NOON
        session.flush()
        with pytest.raises(NotFound):
            restores.restore(session, OPERATOR, row.id, change.id, NOON)


def test_a_contact_is_never_left_without_a_name(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        nameless = NewContact(Draft(phones=(Point("777 123 456"),)))
        row = contacts.add(session, OPERATOR, home(session).id, nameless, NOON).contact
        contacts.edit(session, OPERATOR, row.id, {"organisation": "Dřevo"}, NOON)
        contacts.edit(session, OPERATOR, row.id, {"phones": ()}, NOON)
        with pytest.raises(Invalid, match="must be a name"):
            restores.restore(session, OPERATOR, row.id, change_of(session, "organisation").id, NOON)
