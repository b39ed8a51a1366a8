"""Grants on directories: given with a reason, taken back with nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.models import Grant, Team
from app.models.kinds import Profile, Scope
from app.policy import Action
from app.services import accounts, checks, periods
from app.services.audit import Actor, record
from app.services.choices import PROFILES, RIGHTS
from app.services.rights import demand


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gets a grant: a user or a team, exactly one of them."""

    user_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant gives. No right implies another; without `fields` the channel decides."""

    rights: Iterable[str]
    scope: str = Scope.ALL.value
    fields: str = ""
    reason: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def give(
    session: Session,
    actor: Actor,
    directory_id: int,
    holder: Holder,
    terms: Terms,
    at: datetime,
) -> Grant:
    """Give a user or a team rights on a directory.

    Raises Refused where the actor does not manage the directory or the user is disabled,
    Invalid for rights, fields or a period that cannot be, NotFound for what is not there.
    """
    home = demand(session, actor, Action.MANAGE, directory_id, at)
    start, until = checks.period(terms.valid_from, terms.valid_until, at)
    rights = _rights(terms.rights)
    row = Grant(
        directory_id=home.id,
        user_id=_user_id(session, holder, at),
        team_id=_team_id(session, holder),
        scope=checks.choice(Scope, terms.scope, "scope"),
        fields=int(profile_named(terms.fields) if terms.fields else Profile.BY_CHANNEL),
        reason=checks.remark(terms.reason),
        granted_by_id=actor.user_id,
        valid_from=start,
        valid_until=until,
        **{f"can_{right}": True for right in rights},
    )
    session.add(row)
    session.flush()
    record(session, actor, "grant.give", ("grant", row.id), at, rights=rights, scope=row.scope)
    return row


def end(session: Session, actor: Actor, grant_id: int, at: datetime) -> Grant:
    """Take a grant back; one that has ended keeps its earlier end. Raises NotFound."""
    row = _held(session, grant_id)
    ended = periods.end([row], at)
    record(session, actor, "grant.end", ("grant", row.id), at, ended=ended)
    session.flush()
    return row


def shorten(session: Session, actor: Actor, grant_id: int, until: datetime, at: datetime) -> Grant:
    """Let a grant end earlier; one that ends before keeps its end. Raises NotFound.

    Nothing is asked, as of every taking back; an end in the past means now.
    """
    row = _held(session, grant_id)
    before = row.valid_until
    row.valid_until = min(before, max(until, at, row.valid_from))
    record(session, actor, "grant.shorten", ("grant", row.id), at, moved=row.valid_until < before)
    session.flush()
    return row


def extend(
    session: Session,
    actor: Actor,
    grant_id: int,
    until: datetime,
    reason: str,
    at: datetime,
) -> Grant:
    """Give again what a grant gives, until a later end: it ends, and a new one begins as it ends.

    So who gave what until when, and why, stays to be read. Raises Refused where the actor does
    not manage the directory, where the grant is over or the holder disabled, Invalid for an end
    that is no later one, NotFound.
    """
    row = _held(session, grant_id)
    if row.valid_until <= at:
        raise Refused("this grant is over: give a new one")
    if until <= row.valid_until:
        raise Invalid("until", "it is not later than the present end")
    terms = Terms(
        rights=[right for right in RIGHTS if getattr(row, f"can_{right}")],
        scope=row.scope.value,
        fields=Profile(row.fields).name.lower() if row.fields else "",
        reason=reason,
        valid_from=max(at, row.valid_from),
        valid_until=until,
    )
    given = give(session, actor, row.directory_id, Holder(row.user_id, row.team_id), terms, at)
    end(session, actor, row.id, at)
    return given


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises Invalid."""
    if name not in PROFILES:
        raise Invalid("fields", f"{name!r} is none of {', '.join(PROFILES)}")
    return Profile[name.upper()]


def _held(session: Session, grant_id: int) -> Grant:
    """The row, held until the commit, as the last writer left it."""
    row = session.get(Grant, grant_id, with_for_update={"key_share": True}, populate_existing=True)
    if row is None:
        raise NotFound("there is no such grant")
    return row


def _rights(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    unknown = sorted(wanted - set(RIGHTS))
    if unknown:
        raise Invalid("can", f"{', '.join(unknown)!r} is none of {', '.join(RIGHTS)}")
    if not wanted:
        raise Invalid("can", f"name at least one of {', '.join(RIGHTS)}")
    return [right for right in RIGHTS if right in wanted]


def _user_id(session: Session, holder: Holder, at: datetime) -> int | None:
    if (holder.user_id is None) == (holder.team_id is None):
        raise Invalid("to", "name one user or one team")
    return None if holder.user_id is None else accounts.active_user(session, holder.user_id, at).id


def _team_id(session: Session, holder: Holder) -> int | None:
    if holder.team_id is not None and session.get(Team, holder.team_id) is None:
        raise NotFound("there is no such team")
    return holder.team_id
