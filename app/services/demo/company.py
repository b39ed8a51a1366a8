"""The company of the demonstration: who works there, in which teams, with which directories."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app import tokens
from app.services import accounts, directories, instances, teams
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.directories import NewDirectory

NAME = "Stavby Horák"
_DOMAIN = "stavby-horak.example"


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the demonstration; the password is shown by the first run alone."""

    email: str
    name: str
    roles: tuple[str, ...]
    password: str = ""

    @property
    def key(self) -> str:
        """What this module calls him: the part of the address before the @."""
        return self.email.partition("@")[0]


LOGINS = (
    Login(f"jana@{_DOMAIN}", "Jana Horáková", ("owner", "admin")),
    Login(f"marek@{_DOMAIN}", "Marek Chalupa", ("admin",)),
    Login(f"zofie@{_DOMAIN}", "Žofie Šťastná", ("dpo", "staff")),
    Login(f"petr@{_DOMAIN}", "Petr Dvořák", ("staff",)),
    Login(f"tomas@{_DOMAIN}", "Tomáš Beran", ("staff",)),
    Login(f"alena@{_DOMAIN}", "Alena Kučerová", ("staff",)),
    Login(f"radek@{_DOMAIN}", "Radek Vlček", ("staff",)),
    Login(f"lenka@{_DOMAIN}", "Lenka Součková", ("staff",)),
)
"""The owner, the one who runs the system, the data protection officer, three site managers,
purchasing, sales."""

TEAMS = (
    ("stavba", "Stavba", ("petr", "tomas", "alena")),
    ("nakup", "Nákup", ("radek", "alena")),
    ("obchod", "Obchod", ("lenka", "jana")),
)
DIRECTORIES = (
    NewDirectory("suppliers", "Dodavatelé", "suppliers"),
    NewDirectory("customers", "Zákazníci", "customers-firms"),
    NewDirectory("builders", "Stavebníci", "customers-people"),
    NewDirectory("prospects", "Zájemci", "prospects"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """The ids of what was made, by the names that the demonstration uses."""

    users: dict[str, int]
    teams: dict[str, int]
    homes: dict[str, int]


def found(session: Session, at: datetime) -> tuple[Company, tuple[Login, ...]]:
    """Make the company `at`; its logins with the passwords that were drawn for them."""
    email = f"pomoc@{_DOMAIN}"
    instances.describe(session, OPERATOR, NAME, at, email=email, phone="+420 585 203 400")
    logins = tuple(replace(login, password=tokens.app_password()) for login in LOGINS)
    users = {login.key: _add_user(session, login, at) for login in logins}
    groups = {slug: _add_team(session, (slug, name), at) for slug, name, _ in TEAMS}
    for slug, _, members in TEAMS:
        for key in members:
            teams.set_member(session, OPERATOR, groups[slug], users[key], at)
    homes = {plan.slug: directories.add(session, OPERATOR, plan, at).id for plan in DIRECTORIES}
    return Company(users, groups, homes), logins


def _add_user(session: Session, login: Login, at: datetime) -> int:
    new = NewUser(login.email, login.name, login.roles, login.password)
    return accounts.add_user(session, OPERATOR, new, at).id


def _add_team(session: Session, team: tuple[str, str], at: datetime) -> int:
    return teams.add(session, OPERATOR, *team, at).id
