"""A small organisation behind a CardDAV door, with a clock that stands still."""

from dataclasses import dataclass
from typing import Any

import pytest

from app import keys
from app.db import Sessions
from app.models import Contact, Directory, LoginName, Organisation, User
from app.queries import ledger
from app.services import devices
from app.services.audit import OPERATOR
from dav.application import CardDav, build
from tests import factories as make
from tests.davclient import FakeClock, Phone


@dataclass
class World:
    """Eva may sync one directory with three contacts."""

    sessions: Sessions
    ring: keys.KeyRing
    clock: FakeClock
    door: CardDav
    eva: User
    directory: Directory
    contacts: list[Contact]
    grant_id: int

    def phone(self, kind: type[Phone] = Phone, **options: Any) -> Phone:
        """A new device of Eva's."""
        with self.sessions.write() as session:
            device, password = devices.enrol(
                session, OPERATOR, self.eva.id, "Phone", self.ring, self.clock.now(), **options
            )
            name = device.public_id
        return kind(self.door, self.eva.email, password, device=name)

    def again(self, phone: Phone, kind: type[Phone] = Phone) -> Phone:
        """A second program with the same password."""
        return kind(self.door, phone.login, phone.password, device=phone.device)

    def href(self, phone: Phone, number: int = 0) -> str:
        """The path of one of the contacts in the phone's book."""
        return f"{phone.book}{self.contacts[number].public_id}.vcf"

    def state(self, number: int = 0) -> str:
        """How far one contact has come on the only device that ever had it."""
        with self.sessions.read() as session:
            found = ledger.holders(session, self.contacts[number].id, self.clock.now())
        return "/".join(holder.state.value for holder in found)

    def set(self, row: Any, **values: Any) -> None:
        """Change columns of a row."""
        with self.sessions.write() as session:
            merged = session.merge(row)
            for name, value in values.items():
                setattr(merged, name, value)


def make_world(sessions: Sessions) -> World:
    """Eva, her directory and three contacts, in a fresh database or beside others."""
    clock = FakeClock()
    ring = keys.generate()
    with sessions.write() as session:
        if session.get(Organisation, 1) is None:
            row = Organisation(id=1, name="Stavby Morava", portal_url="https://k.example.org")
            session.add(row)
        eva = make.user(session)
        session.add(LoginName(user_id=eva.id, name=eva.email))
        directory = make.directory(session)
        names = ("Karel Novotný", "Šárka Chalupová", "Ondřej Žák")
        contacts = [make.contact(session, directory, name) for name in names]
        grant = make.grant(session, directory, eva)
    door = build(sessions, ring, clock.now)
    return World(sessions, ring, clock, door, eva, directory, contacts, grant.id)


@pytest.fixture
def world(sessions: Sessions) -> World:
    """A world on each engine in turn."""
    return make_world(sessions)
