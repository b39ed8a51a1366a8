from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cards.card import Address, ContactKind, Draft, Photo, Point
from app.db import FOREVER, Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import Address as AddressRow
from app.models import (
    Assignment,
    Blob,
    Contact,
    LegalBasis,
    Source,
    ValueChange,
)
from app.models.kinds import BasisKind, SourceKind
from app.policy import Channel, Viewer
from app.queries import contacts as queries
from app.services import accounts, contacts, grants
from app.services.audit import OPERATOR
from app.services.contact_values import State
from app.services.contacts import NewContact
from app.services.grants import Holder, Terms
from tests.services.scene import DAY, NOON, acting, acts, colleague, directory, home, karel, owner

WHOLE = Draft(
    full_name="Karel Novotný",
    family="Novotný",
    given="Karel",
    nickname="Kája",
    organisation="Dřevo",
    title="tesař",
    birthday="1980-03-22",
    note="Poznámka",
    categories=("vip",),
    phones=(Point("777 123 456", "cell", preferred=True), Point("+420 605 203 938", "work")),
    emails=(Point("karel@drevo.cz"),),
    addresses=(Address(street="Dlouhá 5", locality="Praha"),),
    photo=Photo("image/jpeg", b"jpeg"),
)


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_entered_is_what_is_read(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        new = NewContact(WHOLE, "told me", registration_number="12345678", tax_number="CZ1")
        entered = contacts.add(session, OPERATOR, of.id, new, NOON)
        card = queries.for_operator(session, NOON)[0]
        names = ("full_name", "family", "phones", "emails", "addresses", "categories", "birthday")
        assert [getattr(card, n) for n in names] == [getattr(WHOLE, n) for n in names]
        row = entered.contact
        assert (row.registration_number, row.tax_number) == ("12345678", "CZ1")
        assert session.scalars(select(Blob.bytes)).all() == [b"jpeg"]
        source = session.get_one(Source, row.source_id)
        assert (source.kind, source.detail) == (SourceKind.ENTRY, "told me")
        assert acts(session, "contact.add") == 1
        assert len(row.public_id) == 36


def test_the_same_photo_is_kept_once(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        for _ in range(2):
            contacts.add(session, OPERATOR, of.id, NewContact(WHOLE), NOON)
        assert (_count(session, Blob), _count(session, Contact)) == (1, 2)


def test_a_person_gets_the_basis_that_serves_him(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        noted = contacts.add(session, OPERATOR, of.id, NewContact(WHOLE), NOON)
        plain = contacts.add(session, OPERATOR, of.id, NewContact(Draft(given="Eva")), NOON)
        firm = Draft(kind=ContactKind.ORGANISATION, organisation="Dřevo")
        contacts.add(session, OPERATOR, of.id, NewContact(firm), NOON)
        trader = NewContact(firm, is_sole_trader=True)
        contacts.add(session, OPERATOR, of.id, trader, NOON)
        assert "legitimate-interest" in noted.note
        assert plain.note == ""
        rows = session.scalars(select(LegalBasis).order_by(LegalBasis.id)).all()
        kinds = [BasisKind.LEGITIMATE_INTEREST, BasisKind.CONTRACT, BasisKind.CONTRACT]
        assert [row.kind for row in rows] == kinds
        assert {(row.valid_from, row.valid_until) for row in rows} == {(NOON, FOREVER)}
        assert {row.purpose_id for row in rows} == {of.purpose_id}


def test_without_a_basis_he_is_there_but_hidden(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga = owner(session)
        of, other = directory(session, "newsletter"), directory(session, slug="other")
        draft = Draft(given="Karel")
        hidden = contacts.add(session, OPERATOR, of.id, NewContact(draft), NOON)
        contacts.add(session, OPERATOR, other.id, NewContact(draft), NOON)
        assert "no consent" in hidden.note
        assert len(queries.for_operator(session, NOON)) == 2
        assert len(queries.everything(session, Viewer(olga.id), Channel.PORTAL, NOON)) == 1


def test_a_contact_needs_something_to_be_called_by(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        of = home(session)
        for nameless in (Draft(), Draft(note="x"), Draft(full_name=" \x00 ")):
            with pytest.raises(Invalid, match="name"):
                contacts.add(session, OPERATOR, of.id, NewContact(nameless), NOON)
        contacts.add(session, OPERATOR, of.id, NewContact(Draft(phones=(Point("1"),))), NOON)
        new = NewContact(Draft(given="Eva", birthday="spring"))
        with pytest.raises(Invalid, match="birthday"):
            contacts.add(session, OPERATOR, of.id, new, NOON)


def test_only_who_may_edit_the_directory_enters_and_corrects(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        of = directory(session)
        grants.give(session, OPERATOR, of.id, Holder(eva.id), Terms(["read", "sync"]), NOON)
        new = NewContact(WHOLE)
        with pytest.raises(Refused, match="change its contacts"):
            contacts.add(session, acting(eva), of.id, new, NOON)
        row = contacts.add(session, acting(olga), of.id, new, NOON).contact
        with pytest.raises(Refused):
            contacts.edit(session, acting(eva), row.id, {"given": "K"}, NOON)
        contacts.edit(session, acting(olga), row.id, {"given": "K"}, NOON)
        assert session.scalars(select(ValueChange.user_id).distinct()).all() == [olga.id]
        with pytest.raises(NotFound):
            contacts.add(session, OPERATOR, 99, new, NOON)


def _history(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(ValueChange).order_by(ValueChange.id))
    return [(row.field, row.old, row.new) for row in rows]


def test_a_correction_changes_the_named_fields_and_keeps_what_they_were(
    sessions: Sessions,
) -> None:
    at = NOON + DAY
    with sessions.write() as session:
        row = contacts.add(session, OPERATOR, home(session).id, NewContact(WHOLE), NOON).contact
        version, fingerprint = row.version, row.fingerprint
        changes: State = {"title": "mistr", "emails": (), "phones": WHOLE.phones[:1]}
        moved = contacts.edit(session, OPERATOR, row.id, changes, at, source="rang up")
        assert moved == {"title", "emails", "phones"}
        session.refresh(row)
        assert row.version != version
        assert row.fingerprint == fingerprint
        card = queries.for_operator(session, at)[0]
        assert (card.title, card.emails, card.phones) == ("mistr", (), WHOLE.phones[:1])
        assert (card.note, card.addresses) == (WHOLE.note, WHOLE.addresses)
        history = _history(session)
        assert ("title", "tesař", "mistr") in history
        assert len(history) == 3
        change = session.scalars(select(ValueChange)).first()
        assert change is not None
        assert change.changed_at == at
        assert session.get_one(Source, change.source_id).detail == "rang up"
        assert row.mail_search == ""
        assert acts(session, "contact.edit") == 1


def test_addresses_change_too(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = contacts.add(session, OPERATOR, home(session).id, NewContact(WHOLE), NOON).contact
        new = (Address(locality="Brno"), Address(locality="Olomouc"))
        assert contacts.edit(session, OPERATOR, row.id, {"addresses": new}, NOON) == {"addresses"}
        places = session.scalars(select(AddressRow.locality).order_by(AddressRow.position))
        assert places.all() == ["Brno", "Olomouc"]


@pytest.mark.parametrize(
    ("full_name", "after"), [("", "Karla Novotný"), ("Pan Karel", "Pan Karel")]
)
def test_a_full_name_made_of_its_parts_follows_them(
    sqlite: Sessions, full_name: str, after: str
) -> None:
    with sqlite.write() as session:
        row = karel(session, home(session), full_name=full_name)
        contacts.edit(session, OPERATOR, row.id, {"given": "Karla"}, NOON)
        session.refresh(row)
        assert row.full_name == after


def test_nothing_new_leaves_no_trace_but_the_act(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row = karel(session, home(session))
        assert contacts.edit(session, OPERATOR, row.id, {"given": " Karel\x00"}, NOON) == set()
        assert _history(session) == []
        assert _count(session, Source) == 1
        assert acts(session, "contact.edit") == 1


def test_why_a_correction_is_not_made(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = karel(session, home(session))
        refused: tuple[tuple[State, str], ...] = (
            ({"version": "1"}, "version cannot be changed"),
            ({"photo_sha256": "x"}, "cannot be changed"),
            ({"given": "", "family": "", "phones": ()}, "must be a name"),
            ({"birthday": "31. 2. 1980"}, "birthday"),
        )
        for changes, words in refused:
            with pytest.raises(Invalid, match=words):
                contacts.edit(session, OPERATOR, row.id, changes, NOON)
        row.erased_at = NOON
        session.flush()
        for missing in (row.id, 99):
            with pytest.raises(NotFound):
                contacts.edit(session, OPERATOR, missing, {"given": "x"}, NOON)
        with pytest.raises(NotFound):
            contacts.find(session, row.public_id, NOON)
        assert contacts.find(session, row.public_id, NOON - DAY) is row


@pytest.mark.parametrize("field", ["full_name", "family", "organisation", "title"])
def test_nobody_has_a_name_longer_than_a_line(sqlite: Sessions, field: str) -> None:
    with sqlite.write() as session:
        of = home(session)
        row, long = karel(session, of), "x" * 201
        said: State = {field: long}
        with pytest.raises(Invalid, match=f"{field}: it is longer than 200"):
            contacts.add(session, OPERATOR, of.id, NewContact(Draft(**{field: long})), NOON)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match=f"{field}: it is longer than 200"):
            contacts.edit(session, OPERATOR, row.id, said, NOON)
        assert contacts.edit(session, OPERATOR, row.id, {field: long[:-1]}, NOON)


def test_a_long_name_of_an_import_does_not_keep_the_rest_from_being_corrected(
    sqlite: Sessions,
) -> None:
    with sqlite.write() as session:
        row = karel(session, home(session))
        row.organisation = "x" * 300
        session.flush()
        assert contacts.edit(session, OPERATOR, row.id, {"note": "y"}, NOON) == {"note"}


def test_a_firm_that_turns_out_to_be_a_person_gets_a_basis(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        firm = karel(session, of, kind=ContactKind.ORGANISATION)
        assert _count(session, LegalBasis) == 0
        contacts.edit(session, OPERATOR, firm.id, {"kind": "person"}, NOON)
        assert session.scalars(select(LegalBasis.kind)).all() == [BasisKind.CONTRACT]
        contacts.edit(session, OPERATOR, firm.id, {"kind": "organisation"}, NOON)
        contacts.edit(session, OPERATOR, firm.id, {"kind": "person"}, NOON)
        assert _count(session, LegalBasis) == 1
        with pytest.raises(Invalid, match="kind"):
            contacts.edit(session, OPERATOR, firm.id, {"kind": "ghost"}, NOON)


def _seen(session: Session, user_id: int, at: datetime) -> int:
    return len(queries.everything(session, Viewer(user_id), Channel.PORTAL, at))


def test_a_contact_is_put_in_a_colleagues_charge(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        row = karel(session, of)
        karel(session, of, given="Jiný")
        terms = Terms(["read"], scope="assigned")
        grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        assert _seen(session, eva.id, NOON) == 0
        contacts.assign(session, OPERATOR, row.id, eva.id, NOON, valid_until=NOON + 5 * DAY)
        assert [_seen(session, eva.id, NOON + n * DAY) for n in (0, 4, 5)] == [1, 1, 0]
        for _ in range(2):
            contacts.unassign(session, OPERATOR, row.id, eva.id, NOON + DAY)
        assert _seen(session, eva.id, NOON + DAY) == 0
        assert _count(session, Assignment) == 1
        assert (acts(session, "contact.assign"), acts(session, "contact.unassign")) == (1, 2)


def test_who_cannot_be_put_in_charge(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        row = karel(session, of)
        with pytest.raises(Refused, match="decide who has access"):
            contacts.assign(session, acting(eva), row.id, eva.id, NOON)
        with pytest.raises(Invalid, match="until"):
            contacts.assign(session, OPERATOR, row.id, eva.id, NOON, valid_until=NOON)
        accounts.disable_user(session, OPERATOR, eva.id, NOON)
        with pytest.raises(Refused, match="is disabled"):
            contacts.assign(session, OPERATOR, row.id, eva.id, NOON)
        row.erased_at = NOON
        for missing in (row.id, 99):
            with pytest.raises(NotFound):
                contacts.assign(session, OPERATOR, missing, eva.id, NOON)
