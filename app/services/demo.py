"""A small believable organisation, made through the same commands as a real one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import tokens
from app.cards.card import Address, ContactKind, Draft, Point
from app.keys import KeyRing
from app.queries import accounts as found
from app.queries.instances import has_users
from app.services import (
    accounts,
    contacts,
    devices,
    directories,
    grants,
    instances,
    projects,
    teams,
)
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.directories import NewDirectory
from app.services.grants import Holder, Terms
from app.services.projects import NewProject

_DOMAIN = "stavby-horak.example"
_SOURCE = "demonstration data"


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the demonstration; the password is shown by the first run alone."""

    email: str
    name: str
    roles: tuple[str, ...]
    password: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """What a CardDAV client is given, besides the address of this server."""

    id: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded, or why nothing was."""

    message: str
    logins: tuple[Login, ...] = ()
    phone: Phone | None = None
    is_new: bool = False


USERS = (
    Login(f"jana@{_DOMAIN}", "Jana Horáková", ("owner", "admin")),
    Login(f"petr@{_DOMAIN}", "Petr Dvořák", ("staff",)),
    Login(f"zofie@{_DOMAIN}", "Žofie Šťastná", ("dpo", "staff")),
)
"""The owner, a site manager with a phone, and the one who watches over consents."""

_FIRMS = (
    ("customers", "Bytové družstvo Slunečná", "+420 585 123 401", "vybor@slunecna.example"),
    ("customers", "Obec Lhota nad Řekou", "+420 585 123 402", "urad@lhota.example"),
    ("suppliers", "Dřevo Říha s.r.o.", "+420 585 123 403", "objednavky@drevoriha.example"),
    ("suppliers", "Betonárna Čáslavka a.s.", "+420 585 123 404", "dispecink@caslavka.example"),
)
_PEOPLE = (
    ("customers", "Karel", "Novotný", "Bytové družstvo Slunečná", "předseda", "+420 605 203 938"),
    ("customers", "Šárka", "Žáková", "Obec Lhota nad Řekou", "starostka", "+420 605 203 939"),
    ("customers", "Ondřej", "Ježek", "", "stavebník", "+420 605 203 940"),
    ("customers", "Věra", "Čechová", "", "stavebnice", "+420 605 203 941"),
    ("suppliers", "Zdeněk", "Říha", "Dřevo Říha s.r.o.", "jednatel", "+420 605 203 942"),
    ("suppliers", "Lucie", "Chalupová", "Dřevo Říha s.r.o.", "odbyt", "+420 605 203 943"),
    ("suppliers", "Jiří", "Šimůnek", "Betonárna Čáslavka a.s.", "dispečer", "+420 605 203 944"),
    ("suppliers", "Eliška", "Ďurišová", "Betonárna Čáslavka a.s.", "účetní", "+420 605 203 945"),
)
_IN_PROJECT = frozenset({"Žáková", "Říha", "Šimůnek"})


def load(session: Session, ring: KeyRing, at: datetime) -> Loaded:
    """Load the demonstration into an instance that has no user yet.

    A second time it only names the logins; where others are at work it leaves all as it is.
    """
    if has_users(session):
        emails = {row["email"] for row in found.users(session, at)}
        if {login.email for login in USERS} <= emails:
            return Loaded("The demonstration is here already.", USERS)
        return Loaded("This instance is in use; nothing was loaded.")
    instances.describe(
        session, OPERATOR, "Stavby Horák", at, email=f"pomoc@{_DOMAIN}", phone="+420 585 123 400"
    )
    logins = tuple(_add_user(session, login, at) for login in USERS)
    homes = _add_directories(session, at)
    partners = _add_contacts(session, homes, at)
    _open_project(session, partners, at)
    _give_access(session, homes, at)
    petr = found.get_user(session, USERS[1].email)
    device, password = devices.enrol(session, OPERATOR, petr.id, "Telefon Petra", ring, at)
    phone = Phone(device.public_id, petr.email, password)
    message = "Loaded Stavby Horák. The passwords are shown this once."
    return Loaded(message, logins, phone, is_new=True)


def _add_user(session: Session, login: Login, at: datetime) -> Login:
    password = tokens.app_password()
    new = NewUser(login.email, login.name, login.roles, password)
    accounts.add_user(session, OPERATOR, new, at)
    return Login(login.email, login.name, login.roles, password)


def _add_directories(session: Session, at: datetime) -> dict[str, int]:
    plans = (
        NewDirectory("customers", "Zákazníci", "customers-firms"),
        NewDirectory("suppliers", "Dodavatelé", "suppliers"),
    )
    return {plan.slug: directories.add(session, OPERATOR, plan, at).id for plan in plans}


def _add_contacts(session: Session, homes: dict[str, int], at: datetime) -> list[int]:
    """Firms and people; the ids of those who take part in the project."""
    for home, firm, phone, email in _FIRMS:
        draft = Draft(
            kind=ContactKind.ORGANISATION,
            full_name=firm,
            organisation=firm,
            phones=(Point(phone, "work"),),
            emails=(Point(email, "work"),),
            addresses=(Address(label="work", locality="Olomouc", postcode="779 00"),),
        )
        contacts.add(session, OPERATOR, homes[home], NewContact(draft, _SOURCE), at)
    partners = []
    for home, given, family, firm, title, phone in _PEOPLE:
        draft = Draft(
            given=given,
            family=family,
            organisation=firm,
            title=title,
            phones=(Point(phone, "cell", preferred=True),),
        )
        entered = contacts.add(session, OPERATOR, homes[home], NewContact(draft, _SOURCE), at)
        if family in _IN_PROJECT:
            partners.append(entered.contact.id)
    return partners


def _open_project(session: Session, partners: list[int], at: datetime) -> None:
    """A project of three months, which goes to its members' phones."""
    ends_at = at + timedelta(days=90)
    plan = NewProject("skola-lhota", "Škola Lhota, přístavba", at, ends_at, allows_sync=True)
    row = projects.add(session, OPERATOR, plan, at)
    petr = found.get_user(session, USERS[1].email)
    projects.set_member(session, OPERATOR, row.id, petr.id, at)
    for contact_id in partners:
        projects.set_contact(session, OPERATOR, row.id, contact_id, at)


def _give_access(session: Session, homes: dict[str, int], at: datetime) -> None:
    """The site team syncs suppliers; one more reads customers, for a year."""
    _, petr, zofie = (found.get_user(session, login.email) for login in USERS)
    site = teams.add(session, OPERATOR, "stavba", "Stavba", at)
    teams.set_member(session, OPERATOR, site.id, petr.id, at)
    supplies = Terms(("read", "sync"), reason="orders material")
    grants.give(session, OPERATOR, homes["suppliers"], Holder(team_id=site.id), supplies, at)
    reading = Terms(("read",), reason="answers customers", valid_until=at + timedelta(days=365))
    grants.give(session, OPERATOR, homes["customers"], Holder(user_id=zofie.id), reading, at)
