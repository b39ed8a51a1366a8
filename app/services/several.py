"""One act upon several contacts: what each act alone would do, in few statements.

Each contact has its own audit row. Acts upon one contact are these acts upon a list of one, so
that the rule stands once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Assignment, Contact, Favourite, Participation, Project
from app.policy import Action, Channel, Viewer, visible
from app.services import accounts, checks, periods
from app.services.audit import Actor, record
from app.services.rights import demand

_CHUNK = 500

Fact = TypeVar("Fact", Assignment, Participation)


def assign(  # noqa: PLR0913 - an assignment has that many facts
    session: Session,
    actor: Actor,
    contact_ids: Sequence[int],
    user_id: int,
    at: datetime,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> list[Assignment]:
    """Put contacts in the charge of a colleague in this period, and from now on in no other.

    Raises Refused where the actor does not manage one of their directories or the colleague is
    disabled, Invalid for a period that ends before it begins, NotFound.
    """
    span = checks.period(valid_from, valid_until, at)
    _demand(session, actor, Action.MANAGE, contact_ids, at)
    user = accounts.active_user(session, user_id, at)
    found: list[Assignment] = []
    for some in _chunks(contact_ids):
        where = (Assignment.user_id == user.id, Assignment.contact_id.in_(some))
        known = _by_contact(periods.unfinished(session, Assignment, at, *where))
        for inner_id in some:
            make = partial(_made, session, Assignment, contact_id=inner_id, user_id=user.id)
            found.append(periods.settle(known[inner_id], span, at, make))
            record(session, actor, "contact.assign", ("contact", inner_id), at, user=user.id)
        session.flush()
    return found


def set_contacts(  # noqa: PLR0913 - a participation has that many facts
    session: Session,
    actor: Actor,
    project_id: int,
    contact_ids: Sequence[int],
    at: datetime,
    *,
    role: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> list[Participation]:
    """Let contacts take part in a project in this period, and from now on in no other.

    This opens them to every member, so it needs the right to share each: nothing received can
    be passed on. A role of None leaves what is there. Raises Refused, Invalid, NotFound.
    """
    span = checks.period(valid_from, valid_until, at)
    if session.get(Project, project_id) is None:
        raise NotFound("there is no such project")
    _demand(session, actor, Action.SHARE, contact_ids, at)
    found: list[Participation] = []
    for some in _chunks(contact_ids):
        where = (Participation.project_id == project_id, Participation.contact_id.in_(some))
        known = _by_contact(periods.unfinished(session, Participation, at, *where))
        for inner_id in some:
            make = partial(
                _made, session, Participation, contact_id=inner_id, project_id=project_id
            )
            row = periods.settle(known[inner_id], span, at, make)
            if role is not None:
                row.role = checks.remark(role)
            found.append(row)
            subject = ("project", project_id)
            record(session, actor, "project.set_contact", subject, at, contact=inner_id)
        session.flush()
    return found


def keep(
    session: Session, actor: Actor, viewer: Viewer, contact_ids: Sequence[int], at: datetime
) -> None:
    """Keep contacts at hand; one that is kept already is no error. Raises NotFound."""
    for some in _chunks(contact_ids):
        seen = select(Contact.id).where(Contact.id.in_(some), visible(viewer, Channel.PORTAL, at))
        if set(session.scalars(seen)) != set(some):
            raise NotFound("there is no such contact")
        mine = select(Favourite.contact_id).where(
            Favourite.user_id == viewer.user_id, Favourite.contact_id.in_(some)
        )
        kept = set(session.scalars(mine))
        for inner_id in (one for one in some if one not in kept):
            session.add(Favourite(user_id=viewer.user_id, contact_id=inner_id, kept_at=at))
            record(session, actor, "favourite.keep", ("contact", inner_id), at)
        session.flush()


def _demand(
    session: Session, actor: Actor, action: Action, contact_ids: Sequence[int], at: datetime
) -> None:
    """Raises NotFound for a contact that is not there, Refused for one he may not do this to."""
    homes: set[int] = set()
    for some in _chunks(contact_ids):
        query = select(Contact.id, Contact.directory_id)
        rows = session.execute(query.where(Contact.id.in_(some), Contact.erased_at > at)).all()
        if {row.id for row in rows} != set(some):
            raise NotFound("there is no such contact")
        homes |= {row.directory_id for row in rows}
    for directory_id in sorted(homes):
        demand(session, actor, action, directory_id, at)


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Each id once, so many at a time."""
    once = list(dict.fromkeys(ids))
    return (once[start : start + _CHUNK] for start in range(0, len(once), _CHUNK))


def _by_contact(rows: Iterable[Fact]) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _made(session: Session, table: type[Fact], start: datetime, until: datetime, **of: int) -> Fact:
    row = table(valid_from=start, valid_until=until, **of)
    session.add(row)
    return row
