"""Who got access to what in the demonstration, and the projects in which people worked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.models.kinds import Scope
from app.services import grants, projects
from app.services.audit import Actor
from app.services.demo.book import Shelf
from app.services.demo.company import Company
from app.services.grants import Holder, Terms
from app.services.projects import NewProject


@dataclass(frozen=True, slots=True)
class Given:
    """Access given so many days ago; `ends_in` is in days from now, below zero for the past."""

    days: float
    to: str
    home: str
    rights: tuple[str, ...]
    reason: str
    ends_in: float | None = None
    scope: str = Scope.ALL.value
    fields: str = ""


GIVEN = (
    Given(290, "team:stavba", "suppliers", ("read", "sync"), "objednává materiál na stavby"),
    Given(
        *(290, "team:nakup", "suppliers", ("read", "edit", "sync", "export")),
        reason="poptává a objednává",
        fields="minimal",
    ),
    Given(289, "team:obchod", "customers", ("read", "edit", "sync"), "stará se o zákazníky"),
    Given(289, "team:obchod", "prospects", ("read", "edit", "sync"), "jedná o zakázkách"),
    Given(
        *(280, "petr", "customers", ("read", "sync"), "vede jejich stavby"),
        scope=Scope.ASSIGNED.value,
    ),
    Given(
        *(280, "tomas", "builders", ("read", "edit", "sync"), "vede jejich stavby"),
        scope=Scope.ASSIGNED.value,
    ),
    Given(200, "zofie", "customers", ("read",), "vyřizuje žádosti o údaje", ends_in=165),
    Given(
        *(95, "alena", "builders", ("read", "sync"), "zaskakuje na rodinných domech"),
        ends_in=4.3,
    ),
    Given(120, "tomas", "prospects", ("read", "sync"), "rozpočty pro veletrh", ends_in=-40),
    Given(85, "alena", "customers", ("read", "sync"), "reklamace po zimě", ends_in=-9.4),
)
"""By team, by person, assigned contacts only, with an end, one that ends soon, two that ended."""


@dataclass(frozen=True, slots=True)
class Work:
    """A project: when it was begun and when it ends, who works in it, which contacts take part.

    `contacts` are (directory, first, how many) of those who were made for it.
    """

    slug: str
    name: str
    days: float
    ends_in: float | None
    members: tuple[str, ...]
    contacts: tuple[tuple[str, int, int], ...]
    allows_sync: bool = True


WORKS = (
    Work(
        *("lavka-repka", "Lávka přes Řepku", 210, -6.6),
        members=("petr", "tomas", "alena", "radek"),
        contacts=(("customers", 20, 9), ("builders", 30, 4)),
    ),
    Work(
        *("slunecna-zatepleni", "Bytový dům Slunečná, zateplení", 140, 5.4),
        members=("tomas", "petr", "radek"),
        contacts=(("customers", 34, 7), ("suppliers", 12, 5)),
    ),
    Work(
        *("skola-lhota", "Škola Lhota, přístavba", 75, 92),
        members=("petr", "alena"),
        contacts=(("customers", 45, 8), ("suppliers", 30, 6), ("prospects", 3, 2)),
    ),
    Work(
        *("hala-caslavka", "Hala B v Čáslavce", 30, None),
        members=("alena", "tomas", "lenka"),
        contacts=(("customers", 60, 5), ("suppliers", 50, 4)),
    ),
    Work(
        *("dum-pod-lipami", "Dům Pod Lipami, studie", 12, 40),
        members=("lenka", "petr"),
        contacts=(("builders", 50, 3), ("prospects", 10, 4)),
        allows_sync=False,
    ),
)
"""One that ended last week, one that ends within days, one without an end, one for the portal
only. The first of the members leads."""


def give(session: Session, company: Company, given: Given, by: Actor, now: datetime) -> None:
    """Give what was given; `now` is the instant from which the demonstration looks back."""
    kind, _, slug = given.to.rpartition(":")
    is_team = kind == "team"
    holder = Holder(
        user_id=None if is_team else company.users[given.to],
        team_id=company.teams[slug] if is_team else None,
    )
    until = None if given.ends_in is None else now + timedelta(days=given.ends_in)
    terms = Terms(given.rights, given.scope, given.fields, given.reason, valid_until=until)
    at = now - timedelta(days=given.days)
    grants.give(session, by, company.homes[given.home], holder, terms, at)


def begin(
    session: Session, company: Company, shelf: Shelf, work: Work, by: Actor, now: datetime
) -> None:
    """Begin a project with its people and contacts."""
    at = now - timedelta(days=work.days)
    ends_at = None if work.ends_in is None else now + timedelta(days=work.ends_in)
    lead, *others = (company.users[key] for key in work.members)
    plan = NewProject(work.slug, work.name, at, ends_at, work.allows_sync, lead_id=lead)
    project = projects.add(session, by, plan, at)
    for user_id in others:
        projects.set_member(session, by, project.id, user_id, at)
    for home, first, many in work.contacts:
        for contact_id in shelf.people[home][first : first + many]:
            projects.set_contact(session, by, project.id, contact_id, at)
