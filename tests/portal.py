"""A small organisation with a portal, for tests of pages: a cast, contacts, phones, a clock."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app import keys, tokens
from app.cards.text import folded
from app.db import Base, Sessions
from app.factory import create_app
from app.models import Contact, Directory, LoginName, Organisation, User
from app.services import devices
from app.services.audit import OPERATOR
from app.services.consultations import Gatherer
from app.settings import Settings
from app.web.portal import EXTENSION
from dav.application import CardDav, build
from tests import factories as make
from tests.compiled import Address, Templates
from tests.davclient import FakeClock, Phone

BASE_URL = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"
_HASH = tokens.hash_password(PASSWORD)
_TEMPLATES = Templates()
Flask.url_rule_class = Address
NAMES = ("Karel Novotný", "Šárka Chalupová", "Ondřej Žák")


@dataclass
class Portal:
    """Eva has a grant on the directory, Jan's grant comes through his team, Dana has nothing."""

    sessions: Sessions
    ring: keys.KeyRing
    clock: FakeClock
    app: Flask
    door: CardDav
    eva: User
    jan: User
    dana: User
    directory: Directory
    contacts: list[Contact]
    grant_id: int

    @property
    def gatherer(self) -> Gatherer:
        """What reading has left behind and is not written yet."""
        found: Gatherer = self.app.extensions[EXTENSION].gatherer
        return found

    def phone(self, of: User, name: str = "Phone", *, is_managed: bool = False) -> Phone:
        """A new phone of one of them, known by its first sync."""
        with self.sessions.write() as session:
            device, password = devices.enrol(
                session, OPERATOR, of.id, name, self.ring, self.clock.now(), is_managed=is_managed
            )
            public_id = device.public_id
        return Phone(self.door, of.email, password, device=public_id)

    def set(self, row: Base, **values: object) -> None:
        """Change columns of a row."""
        with self.sessions.write() as session:
            merged = session.merge(row)
            for name, value in values.items():
                setattr(merged, name, value)

    def add(self, *rows: Base) -> None:
        """Add rows."""
        with self.sessions.write() as session:
            session.add_all(rows)


def open_portal(
    sessions: Sessions, folder: Path, clock: FakeClock | None = None, base_url: str = BASE_URL
) -> Portal:
    """Found the organisation in an empty database and open its portal."""
    clock = clock or FakeClock()
    ring = keys.generate()
    with sessions.write() as session:
        session.add(
            Organisation(
                id=1,
                name="Stavby Morava",
                help_email="pomoc@example.org",
                help_phone="+420 543 210 000",
            )
        )
        eva, jan, dana = (
            add_user(session, name) for name in ("Eva Nováková", "Jan Dvořák", "Dana Cizí")
        )
        directory = make.directory(session)
        contacts = [make.contact(session, directory, name) for name in NAMES]
        for contact in contacts:
            contact.search = folded(contact.full_name)
        grant = make.grant(session, directory, eva)
        make.grant(session, directory, make.team(session, jan), can="read")
        session.flush()
    settings = Settings(instance=folder, base_url=base_url)
    app = create_app(settings, sessions, ring, clock.now)
    app.jinja_env.bytecode_cache = _TEMPLATES
    door = build(sessions, ring, clock.now)
    return Portal(sessions, ring, clock, app, door, eva, jan, dana, directory, contacts, grant.id)


def add_user(session: Session, name: str) -> User:
    """Somebody who can sign in and has nothing."""
    row = make.user(session, name)
    row.password_hash = _HASH
    session.add(LoginName(user_id=row.id, name=row.email))
    session.flush()
    return row
