"""Teams: groups of users that grants can be given to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.models import Team, TeamMember
from app.services import accounts, checks, periods, ranks
from app.services.audit import Actor, record


def add(session: Session, actor: Actor, slug: str, name: str, at: datetime) -> Team:
    """Add a team without members. Raises Invalid, or Conflict where the slug is taken."""
    row = Team(slug=checks.slug(slug), name=checks.name(name), created_at=at)
    if session.scalar(select(Team.id).where(Team.slug == row.slug)) is not None:
        raise Conflict(f"the team {row.slug} is there already")
    session.add(row)
    session.flush()
    record(session, actor, "team.add", ("team", row.id), at)
    return row


def set_member(  # noqa: PLR0913 - a membership has that many facts
    session: Session,
    actor: Actor,
    team_id: int,
    user_id: int,
    at: datetime,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> TeamMember:
    """Let a user belong to a team in this period, and from now on in no other.

    Raises Refused for a disabled user, and where somebody who is no owner lets himself in;
    Invalid for a period that ends before it begins.
    """
    span = checks.period(valid_from, valid_until, at)
    if actor.user_id == user_id:
        ranks.demand_owner(session, actor, "nobody but an owner lets himself into a team", at)
    team, user = _team(session, team_id), accounts.active_user(session, user_id, at)

    def make(start: datetime, until: datetime) -> TeamMember:
        made = TeamMember(team_id=team.id, user_id=user.id, valid_from=start, valid_until=until)
        session.add(made)
        return made

    current = periods.unfinished(
        session, TeamMember, at, TeamMember.team_id == team.id, TeamMember.user_id == user.id
    )
    row = periods.settle(current, span, at, make)
    record(session, actor, "team.set_member", ("team", team.id), at, user=user.id)
    session.flush()
    return row


def end_member(session: Session, actor: Actor, team_id: int, user_id: int, at: datetime) -> None:
    """Let a user belong to a team no longer; one who does not belong to it is no error."""
    rows = periods.unfinished(
        session, TeamMember, at, TeamMember.team_id == team_id, TeamMember.user_id == user_id
    )
    periods.end(rows, at)
    record(session, actor, "team.end_member", ("team", team_id), at, user=user_id)
    session.flush()


def _team(session: Session, team_id: int) -> Team:
    row = session.get(Team, team_id)
    if row is None:
        raise NotFound("there is no such team")
    return row
