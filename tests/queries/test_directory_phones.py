"""Which phones have cards of a directory, and how far they are with giving them back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event

from app.db import Sessions
from app.models import Contact, Directory, User
from app.policy import Viewer
from app.queries import directory_phones
from app.queries.directory_phones import DirectoryPhone
from app.queries.ledger import HoldingState
from app.services import devices
from app.services.audit import OPERATOR
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal, open_portal


@dataclass
class Site:
    """Eva has three contacts of one directory and one of another on her phones."""

    portal: Portal
    other_id: int

    def found(self, home: int = 0, viewer: User | None = None) -> list[DirectoryPhone]:
        self.portal.door.sightings.flush()
        asker = Viewer((viewer or self.portal.jan).id)
        home = home or self.portal.directory.id
        with self.portal.sessions.read() as session:
            at = self.portal.clock.now()
            return directory_phones.of_directory(session, asker, home, at)

    def only(self) -> DirectoryPhone:
        (one,) = self.found()
        return one

    def phone(self, name: str = "Phone") -> Phone:
        phone = self.portal.phone(self.portal.eva, name)
        phone.sync()
        phone.sync()
        return phone

    def erase(self, *contacts: Contact) -> None:
        for contact in contacts:
            self.portal.set(contact, erased_at=self.portal.clock.now())


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Site]:
    portal = open_portal(sessions, tmp_path)
    with sessions.write() as session:
        other: Directory = make.directory(session)
        make.contact(session, other, "Jiný Kontakt")
        make.grant(session, other, session.get_one(User, portal.eva.id))
        other_id = other.id
    yield Site(portal, other_id)
    portal.gatherer.close()


def test_a_phone_counts_the_cards_of_this_directory_alone(site: Site) -> None:
    site.phone()
    assert (site.only().view.cards, site.only().leaving) == (3, {})
    (there,) = site.found(site.other_id)
    assert there.view.cards == 1


def test_a_removal_is_due_then_told_then_confirmed(site: Site) -> None:
    phone = site.phone()
    site.erase(*site.portal.contacts[:2])
    assert (site.only().view.cards, site.only().leaving) == (1, {HoldingState.DUE: 2})
    assert site.found(site.other_id)[0].leaving == {}
    answer = phone.report()
    assert site.only().leaving == {HoldingState.TOLD: 2}
    phone.take(answer)
    confirmed = site.portal.clock.tick(minutes=1)
    phone.sync()
    assert (site.only().leaving, site.only().view.confirmed_at) == (
        {HoldingState.CONFIRMED: 2},
        confirmed,
    )
    assert site.found(site.other_id)[0].view.confirmed_at is None


def test_who_confirmed_all_of_it_is_not_among_them(site: Site) -> None:
    phone = site.phone()
    site.erase(*site.portal.contacts)
    assert len(site.found()) == 1
    phone.sync()
    phone.sync()
    assert site.found() == []
    assert len(site.found(site.other_id)) == 1


def test_what_a_phone_that_was_cut_off_has_is_not_known(site: Site) -> None:
    phone = site.phone()
    with site.portal.sessions.write() as session:
        row = devices.find(session, phone.device)
        devices.give_up(session, OPERATOR, row.id, site.portal.clock.now())
    assert (site.only().leaving, site.only().rank) == ({HoldingState.GIVEN_UP: 3}, 2)


def test_who_needs_somebody_stands_first(site: Site) -> None:
    site.phone("silent")
    seen = site.portal.clock.now()
    told, whole = (site.portal.phone(site.portal.eva, name) for name in ("told", "whole"))
    site.portal.clock.tick(days=7)
    for phone in (told, whole):
        phone.sync()
        phone.sync()
    site.erase(site.portal.contacts[0])
    told.report()
    whole.sync()
    whole.sync()
    found = site.found()
    assert [one.view.name for one in found] == ["silent", "told", "whole"]
    assert [one.silent_since for one in found] == [seen, None, None]
    said = directory_phones.summary(found)
    assert (said.devices, said.owing, said.silent) == (3, 2, 1)


def test_a_phone_that_owes_nothing_is_not_called_silent(site: Site) -> None:
    site.phone()
    site.portal.clock.tick(days=60)
    assert site.only().silent_since is None


def test_ones_own_phone_is_known_as_such(site: Site) -> None:
    site.phone()
    assert not site.only().is_mine
    assert site.found(viewer=site.portal.eva)[0].is_mine


def test_a_phone_without_its_cards_is_not_there(site: Site) -> None:
    site.portal.phone(site.portal.dana).sync()
    site.portal.phone(site.portal.eva)
    assert site.found() == []


def test_many_phones_cost_as_many_statements_as_one(site: Site) -> None:
    def cost() -> int:
        site.portal.door.sightings.flush()
        said: list[str] = []

        def listen(*args: object) -> None:
            said.append(str(args[2]))

        event.listen(site.portal.sessions.engine, "before_cursor_execute", listen)
        site.found()
        event.remove(site.portal.sessions.engine, "before_cursor_execute", listen)
        return len(said)

    site.phone()
    one = cost()
    for number in range(4):
        site.phone(f"phone {number}")
    assert cost() == one
