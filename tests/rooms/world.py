"""The cast of the pages, each with what he is, and something of everything to show them.

olga  owner; may do everything with the directory, leads the project
eva   staff; finds the contacts and has them on her phone; works in the project
jan   staff; only finds the contacts, through his team
dana  staff; has nothing
adam  administrator; sees no contact by being one
dora  data protection officer; sees who sees, and no contact
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.models import Contact, Directory, Project, RoleName, User, UserRole
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal, add_user

CAST = ("olga", "eva", "jan", "dana", "adam", "dora")
EVERYTHING = "read,edit,sync,export,manage"


@dataclass
class World:
    """A portal with its cast; what a page needs besides is made when it is asked for."""

    portal: Portal
    olga: User
    adam: User
    dora: User
    project: Project

    @property
    def directory(self) -> Directory:
        return self.portal.directory

    @property
    def contact(self) -> Contact:
        """Karel Novotný, who takes part in the project."""
        return self.portal.contacts[0]

    def one(self, who: str) -> User:
        """The user of this name in the cast."""
        found: User = getattr(self if who in {"olga", "adam", "dora"} else self.portal, who)
        return found

    @property
    def at(self) -> datetime:
        return self.portal.clock.now()

    @cached_property
    def phone(self) -> Phone:
        """Eva's phone, which has fetched everything."""
        phone = self.portal.phone(self.portal.eva)
        phone.sync()
        return phone


def people(portal: Portal) -> World:
    """The world around the small organisation of tests/portal.py."""
    with portal.sessions.write() as session:
        olga, adam, dora = (
            add_user(session, name) for name in ("Olga Králová", "Adam Správný", "Dora Hlídková")
        )
        roles = ((olga, RoleName.OWNER), (adam, RoleName.ADMIN), (dora, RoleName.DPO))
        session.add_all([UserRole(user_id=user.id, role=role) for user, role in roles])
        make.grant(session, portal.directory, olga, can=EVERYTHING)
        project = make.project(session)
        make.member(session, project, olga).is_lead = True
        make.member(session, project, portal.eva)
        make.participation(session, project, portal.contacts[0])
        session.flush()
    return World(portal, olga, adam, dora, project)
