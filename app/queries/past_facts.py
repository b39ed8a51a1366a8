"""Everything that has a say in who could see one contact in a period, a statement a table.

Earlier values of columns without a period are laid back from `fact_history`: a row becomes as
many facts, one after the other, as it had shapes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, case, literal, select
from sqlalchemy.orm import Session

from app.db import FOREVER, Instant
from app.models import (
    Assignment,
    Contact,
    Device,
    Directory,
    Grant,
    LegalBasis,
    Participation,
    Project,
    ProjectMember,
    Restriction,
    Suspension,
    SuspensionKind,
    TeamMember,
)
from app.policy.intervals import (
    ContactThen,
    DeviceThen,
    DirectoryThen,
    Facts,
    GrantThen,
    ProjectThen,
)
from app.policy.spans import BEGINNING, Span, Timed, cut, union
from app.queries.former import Edit

Shape = TypeVar("Shape", ContactThen, DeviceThen, DirectoryThen, GrantThen, ProjectThen)
Model = type[Contact | Device | Directory | Grant | Project]
Edits = dict[tuple[str, int], list[Edit]]
Instants = SQLColumnExpression[datetime]


def fetch(
    session: Session, contact_id: int, homes: Iterable[int], edits: Iterable[Edit], period: Span
) -> Facts:
    """What is known of the contact in the period; `homes` are the directories it was in."""
    facts, written = Facts(), _by_row(edits)
    _about_the_contact(session, facts, contact_id, homes, written, period)
    _grants(session, facts, homes, written)
    _projects(session, facts, contact_id, written)
    rows = select(Assignment.user_id, Assignment.valid_from, Assignment.valid_until)
    facts.assignments = _spans(session, rows.where(Assignment.contact_id == contact_id))
    rows = select(Suspension.user_id, Suspension.valid_from, Suspension.valid_until)
    disabled = Suspension.kind == SuspensionKind.DISABLED
    facts.disabled = _spans(session, rows.where(disabled))
    facts.off_phones = _spans(session, rows.where(Suspension.kind == SuspensionKind.SYNC))
    return facts


def devices(
    session: Session, ids: Iterable[int], edits: Iterable[Edit]
) -> dict[int, list[Timed[DeviceThen]]]:
    """These devices by id, each as it was while it was set up."""
    found: dict[int, list[Timed[DeviceThen]]] = defaultdict(list)
    period = (Device.enrolled_at, Device.stopped_at)
    for device_id, then in _shapes(
        session, Device, DeviceThen, Device.id.in_(list(ids)), _by_row(edits), period
    ):
        found[device_id].append(then)
    return found


def _by_row(edits: Iterable[Edit]) -> Edits:
    found: Edits = defaultdict(list)
    for edit in edits:
        found[edit.table, edit.row_id].append(edit)
    return found


def _about_the_contact(
    session: Session,
    facts: Facts,
    contact_id: int,
    homes: Iterable[int],
    edits: Edits,
    period: Span,
) -> None:
    gone = case((Contact.erased_at < Contact.merged_at, Contact.erased_at), else_=Contact.merged_at)
    until_gone = (literal(BEGINNING, Instant()), gone)
    for _, then in _shapes(
        session, Contact, ContactThen, Contact.id == contact_id, edits, until_gone
    ):
        facts.contact += cut(then, [period])
    of_homes = _shapes(session, Directory, DirectoryThen, Directory.id.in_(homes), edits)
    facts.directories = [then for _, then in of_homes]
    bases = select(LegalBasis.purpose_id, LegalBasis.valid_from, LegalBasis.valid_until)
    facts.bases = _spans(session, bases.where(LegalBasis.contact_id == contact_id))
    restrictions = select(literal(0), Restriction.valid_from, Restriction.valid_until)
    of_this = restrictions.where(Restriction.contact_id == contact_id)
    facts.restrictions = _spans(session, of_this)[0]


def _grants(session: Session, facts: Facts, homes: Iterable[int], edits: Edits) -> None:
    period = (Grant.valid_from, Grant.valid_until)
    rows = _shapes(session, Grant, GrantThen, Grant.directory_id.in_(homes), edits, period)
    to_teams = defaultdict(list)
    for _, then in rows:
        if then.value.user_id is not None:
            facts.grants[then.value.user_id].append(then)
        else:
            to_teams[then.value.team_id].append(then)
    members = _members(
        session,
        select(
            TeamMember.team_id, TeamMember.user_id, TeamMember.valid_from, TeamMember.valid_until
        ).where(TeamMember.team_id.in_(list(to_teams))),
    )
    for (team_id, user_id), spans in members.items():
        for then in to_teams[team_id]:
            facts.grants[user_id] += cut(then, spans)


def _projects(session: Session, facts: Facts, contact_id: int, edits: Edits) -> None:
    takes_part = Participation.contact_id == contact_id
    shared = select(Participation.project_id).where(takes_part)
    parts = _spans(
        session,
        select(Participation.project_id, Participation.valid_from, Participation.valid_until).where(
            takes_part
        ),
    )
    of_both: dict[int, list[Timed[ProjectThen]]] = defaultdict(list)
    period = (Project.starts_at, Project.ends_at)
    for project_id, then in _shapes(
        session, Project, ProjectThen, Project.id.in_(shared), edits, period
    ):
        of_both[project_id] += cut(then, union(parts[project_id]))
    members = _members(
        session,
        select(
            *(ProjectMember.project_id, ProjectMember.user_id),
            *(ProjectMember.valid_from, ProjectMember.valid_until),
        ).where(ProjectMember.project_id.in_(shared)),
    )
    for (project_id, user_id), spans in members.items():
        for then in of_both[project_id]:
            facts.projects[user_id] += cut(then, spans)


def _members(
    session: Session, query: Select[int, int, datetime, datetime]
) -> dict[tuple[int, int], list[Span]]:
    """When a user belonged to what is named first: spans that do not overlap."""
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for key, user_id, since, until in session.execute(query):
        found[key, user_id].append((since, until))
    return {pair: union(spans) for pair, spans in found.items()}


def _spans(session: Session, query: Select[int, datetime, datetime]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for key, since, until in session.execute(query):
        found[key].append((since, until))
    return found


def _shapes(
    session: Session,
    model: Model,
    shape: type[Shape],
    wanted: ColumnElement[bool],
    edits: Edits,
    period: tuple[Instants, Instants] | None = None,
) -> Iterator[tuple[int, Timed[Shape]]]:
    """Id and shapes of each row, in any order; without a period a row holds for ever."""
    names = [one.name for one in fields(shape)]
    since, until = period or (literal(BEGINNING, Instant()), literal(FOREVER, Instant()))
    columns = [getattr(model, name) for name in names]
    query: Select[Any] = select(model.id, since, until, *columns).where(wanted)
    for row_id, start, end, *values in session.execute(query):
        now = dict(zip(names, values, strict=True))
        written_over = edits.get((model.__tablename__, row_id), [])
        for then, begun, ended in _laid_back(now, written_over, start, end):
            yield row_id, Timed(shape(**then), begun, ended)


def _laid_back(
    now: dict[str, Any], edits: Iterable[Edit], start: datetime, end: datetime
) -> Iterator[Timed[dict[str, Any]]]:
    """The values of one row from [start, end), the newest first, as the edits come."""
    then, until = now, end
    for edit in edits:
        if edit.column not in then:
            continue
        turn = max(start, edit.until)
        if turn < until:
            yield Timed(then, turn, until)
            until = turn
        then = then | {edit.column: edit.old}
    if start < until:
        yield Timed(then, start, until)
