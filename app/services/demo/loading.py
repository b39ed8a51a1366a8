"""`kustod demo`: a believable organisation, made through the same commands as a real one.

A year is told in its order: each act at the instant at which it happened, so that every state
on the pages is a reading of what really went on between the phones and this program.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.keys import KeyRing
from app.models import AuditEvent
from app.queries import accounts as readers
from app.queries.instances import has_users
from app.services import announcements, audit
from app.services.audit import OPERATOR
from app.services.demo import access, book, company, news, phones
from app.services.demo.access import Given, Work
from app.services.demo.book import Correction, Shelf
from app.services.demo.company import LOGINS, Company, Login
from app.services.demo.news import Said
from app.services.demo.phones import SPARE, DemoPhone, Plan
from app.services.sessions import actor_of

_FOUNDED = timedelta(days=300)
_LOADED = "demo.loaded"
_ZONE = ZoneInfo("Europe/Prague")

Act = Callable[[datetime], object]


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


def load(sessions: Sessions, ring: KeyRing, at: datetime) -> Loaded:
    """Load the demonstration into an instance that has no user yet, as if it were a year old.

    A second time it only names the logins; where others are at work it leaves all as it is.
    """
    with sessions.read() as session:
        refusal = _refusal(session, at)
    if refusal is not None:
        return refusal
    with sessions.write() as session:
        made, logins = company.found(session, at - _FOUNDED)
        shelf = book.fill(session, made, at - _FOUNDED)
    told = _Story(sessions, ring, made, shelf, at)
    for days, act in sorted(told.acts(), key=lambda one: -one[0]):
        act(at - timedelta(days=days))
    _, public_id, password = phones.enrol(sessions, made, SPARE, ring, told.jana, at)
    with sessions.write() as session:
        audit.record(session, OPERATOR, _LOADED, ("organisation", None), at)
    owner = next(login for login in logins if login.key == SPARE.owner)
    message = f"Loaded {company.NAME}. The passwords are shown this once."
    return Loaded(message, logins, Phone(public_id, owner.email, password), is_new=True)


def _refusal(session: Session, at: datetime) -> Loaded | None:
    """Why nothing is loaded, or None into an empty instance."""
    if not has_users(session):
        return None
    if session.scalar(select(AuditEvent.id).where(AuditEvent.action == _LOADED)) is not None:
        return Loaded("The demonstration is here already.", LOGINS)
    emails = {row["email"] for row in readers.users(session, at)}
    if {login.email for login in LOGINS} <= emails:
        return Loaded("The demonstration was interrupted: begin with a fresh instance folder.")
    return Loaded("This instance is in use; nothing was loaded.")


class _Story:
    """What happened after the company was founded, act by act, each so many days ago."""

    def __init__(
        self, sessions: Sessions, ring: KeyRing, made: Company, shelf: Shelf, now: datetime
    ) -> None:
        self._sessions, self._ring, self._now = sessions, ring, now
        self._company, self._shelf = made, shelf
        self._phones: dict[str, DemoPhone] = {}
        self.jana = actor_of(made.users["jana"])

    def acts(self) -> Iterator[tuple[float, Act]]:
        """All of them, in no order."""
        yield 285.0, self._put_in_charge
        for given in access.GIVEN:
            yield given.days, partial(self._give, given)
        for work in access.WORKS:
            yield work.days, partial(self._begin, work)
        for correction in book.CORRECTIONS:
            yield correction.days, partial(self._correct, correction)
        for plan in phones.PLANS:
            yield from self._acts_of(plan)
        yield news.FOUNDED, self._begin_news
        for said in news.SAID:
            yield said.days, partial(self._say, said)
        yield 90.0, self._keep_at_hand
        yield 22.0, self._shut
        for days in (25.1, 8.1, 1.1):
            yield days, self._announce

    def _acts_of(self, plan: Plan) -> Iterator[tuple[float, Act]]:
        yield plan.enrolled, partial(self._enrol, plan)
        for days in plan.syncs:
            yield days, partial(self._sync, plan, plan.agent)
        for days in plan.other_syncs:
            yield days, partial(self._sync, plan, plan.other_agent)
        for days, what in plan.acts:
            yield days, partial(self._act, plan, what)

    def _put_in_charge(self, at: datetime) -> None:
        with self._sessions.write() as session:
            book.put_in_charge(session, self._company, self._shelf, self.jana, at)

    def _give(self, given: Given, _at: datetime) -> None:
        with self._sessions.write() as session:
            access.give(session, self._company, given, self.jana, self._now)

    def _begin(self, work: Work, _at: datetime) -> None:
        with self._sessions.write() as session:
            access.begin(session, self._company, self._shelf, work, self.jana, self._now)

    def _correct(self, correction: Correction, at: datetime) -> None:
        with self._sessions.write() as session:
            book.correct(session, self._shelf, self.jana, correction, at)

    def _begin_news(self, at: datetime) -> None:
        with self._sessions.write() as session:
            news.found(session, self.jana, at)

    def _say(self, said: Said, at: datetime) -> None:
        with self._sessions.write() as session:
            news.say(session, self._shelf, self.jana, said, at)

    def _keep_at_hand(self, at: datetime) -> None:
        with self._sessions.write() as session:
            book.keep_at_hand(session, self._company, self._shelf, at)

    def _shut(self, at: datetime) -> None:
        with self._sessions.write() as session:
            book.shut(session, self._shelf, self.jana, at)

    def _announce(self, at: datetime) -> None:
        announcements.announce(self._sessions, _ZONE, "cs", at)

    def _enrol(self, plan: Plan, at: datetime) -> None:
        made = phones.enrol(self._sessions, self._company, plan, self._ring, self.jana, at)
        self._phones[plan.name] = made[0]

    def _sync(self, plan: Plan, agent: str, at: datetime) -> None:
        self._phones[plan.name].sync(self._sessions, self._ring, agent, at)

    def _act(self, plan: Plan, what: str, at: datetime) -> None:
        phones.act(self._sessions, self._phones[plan.name], what, self.jana, at)
