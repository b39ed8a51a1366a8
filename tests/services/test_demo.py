from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import select

from app import keys
from app.db import Sessions
from app.models import (
    Affiliation,
    AuditEvent,
    Book,
    ConsentSubject,
    Contact,
    Device,
    Grant,
    Organisation,
    Project,
)
from app.models.kinds import FactKind
from app.policy import Channel, Viewer
from app.queries import accounts, consents, contacts, incidents, ledger, notices
from app.queries.ledger import DeviceState, DeviceView, HoldingState
from app.services.demo import access, cards, loading, phones
from app.services.demo.loading import Loaded
from app.tokens import is_password
from tests.services.scene import DAY, NOON, acts, colleague

RING = keys.generate()


def load(sessions: Sessions, at: datetime = NOON) -> Loaded:
    with sessions.write() as session:
        session.add(Organisation(name="Kustod"))
    return loading.load(sessions, RING, at)


def views(sessions: Sessions) -> dict[str, DeviceView]:
    with sessions.read() as session:
        return {view.name: view for view in ledger.devices(session, NOON)}


def states(sessions: Sessions, name: str) -> Counter[HoldingState]:
    with sessions.read() as session:
        device_id = session.scalars(select(Device.id).where(Device.name == name)).one()
        return Counter(h.state for h in ledger.on_device(session, device_id, NOON))


def test_the_demonstration_is_an_organisation_at_work(sessions: Sessions) -> None:
    loaded = load(sessions)
    assert loaded.is_new
    assert loaded.phone is not None
    _check_people(sessions, loaded)
    _check_phones(sessions)
    assert views(sessions)[phones.SPARE.name].public_id == loaded.phone.id
    again = loading.load(sessions, RING, NOON + DAY)
    assert (again.is_new, again.phone) == (False, None)
    assert [login.password for login in again.logins] == [""] * 8


def _check_people(sessions: Sessions, loaded: Loaded) -> None:
    with sessions.read() as session:
        found = [accounts.get_user(session, login.email) for login in loaded.logins]
        assert is_password(found[0].password_hash, loaded.logins[0].password)
        seen = {
            user.email.partition("@")[0]: [
                len(contacts.everything(session, Viewer(user.id), channel, NOON))
                for channel in (Channel.PORTAL, Channel.CARDDAV)
            ]
            for user in found
        }
        everybody = contacts.for_operator(session, NOON)
        assert len(everybody) == 452
        assert seen["jana"][0] == len(everybody) - 2, "one is restricted, one has no basis"
        assert (seen["marek"], seen["zofie"][1]) == ([0, 0], 0)
        assert all(seen[key][1] > 50 for key in ("petr", "tomas", "alena", "radek", "lenka"))
        ends = session.scalars(select(Project.ends_at)).all()
        assert sum(NOON - 14 * DAY < end < NOON for end in ends) == 1
        assert sum(NOON < end < NOON + 7 * DAY for end in ends) == 1
        assert session.scalar(select(Grant.id).where(Grant.valid_until < NOON)) is not None
        assert session.scalar(select(Affiliation.id)) is not None


def _check_phones(sessions: Sessions) -> None:
    found = views(sessions)
    assert {view.state for view in found.values()} == set(DeviceState)
    confirmed = found["iPhone Petra"]
    assert confirmed.state is DeviceState.UP_TO_DATE
    assert confirmed.confirmed_at is not None
    assert states(sessions, "iPhone Petra")[HoldingState.CONFIRMED] >= 13
    assert states(sessions, "Samsung Tomáše")[HoldingState.TOLD] == 13
    silent = found["iPhone Aleny"]
    assert states(sessions, "iPhone Aleny")[HoldingState.DUE] > 50
    assert silent.seen_at is not None
    assert (NOON - silent.seen_at).days == 12
    assert found["Počítač a mobil Radka"].readers == 2
    assert found["Tablet na stavbě"].is_lost
    with sessions.read() as session:
        (case,) = incidents.undecided(session, NOON)
        assert (case.device.name, case.clock(NOON).hours) == ("Tablet na stavbě", 19)
        assert case.last(FactKind.NOTE) is not None
    with sessions.read() as session:
        device = select(Device.id).where(Device.name == "Počítač a mobil Radka").scalar_subquery()
        book = session.scalars(select(Book).where(Book.device_id == device)).one()
        shared = [h for h in ledger.on_device(session, book.device_id, NOON) if h.ended_at]
        assert {(h.readers, h.readers_confirmed) for h in shared} == {(2, 1)}


def test_the_newsletter_has_consents_of_every_fate(sqlite: Sessions) -> None:
    load(sqlite)
    with sqlite.read() as session:
        assert [(n.name, n.state) for n in notices.everything(session, "novinky")] == [
            ("novinky/cs/1", "published"),
            ("novinky/en/1", "published"),
        ]
        ids = session.scalars(select(ConsentSubject.contact_id)).all()
        found = {
            row.state for contact in ids for row in consents.standings(session, contact or 0, NOON)
        }
    assert found == {"given", "withdrawn", "objected", "requested", "imported-unproven"}


def test_the_same_contacts_are_made_every_time() -> None:
    made = list(cards.Maker().entries())
    assert made == list(cards.Maker().entries())
    names = Counter((e.draft.given, e.draft.family) for e in made if e.draft.family)
    assert min(names["Jan", "Novák"], names["Marie", "Svobodová"]) >= 2
    assert names["Олена", "Ковальчук"] == 1
    assert any(family.startswith("Ch") for _, family in names)
    assert sum(not e.draft.family for e in made) == 60
    assert any(e.draft.photo for e in made)
    assert any(e.draft.prefix and e.draft.suffix for e in made)
    assert any(len(e.draft.phones) > 1 for e in made)
    mails = [point.value for e in made for point in e.draft.emails]
    assert all(mail.isascii() and mail.endswith(".example") for mail in mails)


def test_what_happened_stands_in_its_order(sqlite: Sessions) -> None:
    load(sqlite)
    with sqlite.read() as session:
        instants = session.scalars(select(AuditEvent.at).order_by(AuditEvent.id)).all()
        assert instants == sorted(instants)
        assert instants[-1] == NOON
        changed = session.scalars(select(Contact).where(Contact.family == "Horáčková")).all()
        assert len(changed) == 1


def test_an_instance_in_use_stays_as_it_is(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        colleague(session)
        before = acts(session)
    loaded = loading.load(sqlite, RING, NOON)
    assert (loaded.is_new, loaded.logins) == (False, ())
    assert "in use" in loaded.message
    with sqlite.read() as session:
        assert acts(session) == before


def test_an_interrupted_one_says_so(sqlite: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(Exception):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with sqlite.write() as session:
        session.add(Organisation(name="Kustod"))
    with monkeypatch.context() as broken:
        broken.setattr(access, "give", kill)
        with pytest.raises(Killed):
            loading.load(sqlite, RING, NOON)
    loaded = loading.load(sqlite, RING, NOON)
    assert "interrupted" in loaded.message
    assert not loaded.is_new
