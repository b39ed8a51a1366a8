"""People who use Kustod: added, renamed in their address, given a password, disabled."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import (
    Assignment,
    Grant,
    LoginName,
    ProjectMember,
    RoleName,
    Suspension,
    SuspensionKind,
    TeamMember,
    User,
    UserRole,
)
from app.policy.visibility import live
from app.services import checks, devices, periods, ranks, sessions
from app.services.audit import Actor, record
from app.tokens import PASSWORD_MAX, PASSWORD_MIN, hash_password


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be added; without a password he cannot sign in to the portal."""

    email: str
    name: str
    roles: Iterable[str] = (RoleName.STAFF.value,)
    password: str = ""
    language: str = ""


def add_user(session: Session, actor: Actor, new: NewUser, at: datetime) -> User:
    """Add a user with his roles and login names.

    Raises Invalid for an address, role or password that cannot be used, Conflict where the
    address is a user's already, Refused where an administrator names an owner or a DPO.
    """
    address = checks.email(new.email)
    roles = {checks.choice(RoleName, role, "role") for role in new.roles}
    ranks.demand(session, actor, roles, at)
    _must_be_free(session, address)
    row = User(
        email=address,
        name=checks.name(new.name),
        language=new.language,
        password_hash=_hashed(new.password) if new.password else "",
        created_at=at,
    )
    session.add(row)
    session.flush()
    session.add_all(UserRole(user_id=row.id, role=role) for role in sorted(roles))
    _add_login_names(session, row, new.email)
    record(session, actor, "user.add", ("user", row.id), at, roles=sorted(roles))
    session.flush()
    return row


def change_email(session: Session, actor: Actor, user_id: int, email: str, at: datetime) -> User:
    """Give a user another address; phones that know the former one keep working.

    Raises Invalid, Conflict where the address is another user's, Refused where an
    administrator acts on an owner or the DPO.
    """
    row = get(session, user_id)
    ranks.demand_over(session, actor, row.id, at)
    address = checks.email(email)
    if address != row.email:
        _must_be_free(session, address)
        row.email = address
    _add_login_names(session, row, email)
    record(session, actor, "user.change_email", ("user", row.id), at)
    session.flush()
    return row


def set_password(session: Session, actor: Actor, user_id: int, password: str, at: datetime) -> None:
    """Set the portal's password and end the browser sessions opened with the former one.

    Raises Invalid where it is too short or too long, Refused where an administrator acts on an
    owner or the DPO.
    """
    row = get(session, user_id)
    ranks.demand_over(session, actor, row.id, at)
    row.password_hash = _hashed(password)
    sessions.end_all(session, actor, row.id, at)
    record(session, actor, "user.set_password", ("user", row.id), at)


def disable_user(
    session: Session,
    actor: Actor,
    user_id: int,
    at: datetime,
    *,
    hand_over_to: int | None = None,
    reason: str = "",
) -> User:
    """Take everything from a user: sign-in, grants, teams, projects; his phones drain.

    A second time is no error and keeps the first instant and reason. The contacts in his charge
    pass to `hand_over_to`, else they stay with him until somebody hands them over. Enabling him
    later gives nothing back.
    Raises Refused for the last owner, NotFound where one of the two does not exist.
    """
    row = get(session, user_id)
    if hand_over_to == row.id:
        raise Invalid("hand_over_to", "he cannot take over from himself")
    heir = active_user(session, hand_over_to, at) if hand_over_to is not None else None
    if not _is_disabled(session, row.id, at):
        must_not_be_last_owner(session, row.id, at)
        session.add(_suspension(row.id, reason, at))
    ended = _end_access(session, row.id, at)
    moved = _hand_over(session, row.id, heir.id, at) if heir else 0
    sessions.end_all(session, actor, row.id, at)
    devices.stop_all(session, actor, row.id, at)
    detail = {"ended": ended, "handed_over": moved, "to": hand_over_to}
    record(session, actor, "user.disable", ("user", row.id), at, **detail)
    session.flush()
    return row


def is_active(session: Session, user_id: int, at: datetime) -> bool:
    """Whether the account of a user is not disabled."""
    return not _is_disabled(session, user_id, at)


def active_user(session: Session, user_id: int, at: datetime) -> User:
    """The user, where something may be given to him. Raises NotFound, Refused if disabled."""
    row = get(session, user_id)
    if _is_disabled(session, row.id, at):
        raise Refused(f"{row.email} is disabled")
    return row


def first_owner(session: Session, at: datetime) -> User | None:
    """The owner who is there longest and is not disabled."""
    return session.scalars(_owners(at).order_by(User.id)).first()


def get(session: Session, user_id: int) -> User:
    """The user with this inner id, disabled or not. Raises NotFound."""
    row = session.get(User, user_id)
    if row is None:
        raise NotFound("there is no such user")
    return row


def _must_be_free(session: Session, address: str) -> None:
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Conflict(f"{address} is a user already")


def _hashed(password: str) -> str:
    length = len(password.encode("utf-8", "surrogatepass"))
    if not PASSWORD_MIN <= length <= PASSWORD_MAX:
        raise Invalid("password", f"it must be {PASSWORD_MIN} to {PASSWORD_MAX} bytes long")
    return hash_password(password)


def _add_login_names(session: Session, row: User, typed: str) -> None:
    for name in sorted(checks.login_names(typed) | {row.email}):
        session.merge(LoginName(user_id=row.id, name=name))


def _disabled(at: datetime) -> ColumnElement[bool]:
    """Whether a User is disabled at that instant."""
    return exists().where(
        Suspension.user_id == User.id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )


def _is_disabled(session: Session, user_id: int, at: datetime) -> bool:
    found = session.scalar(select(User.id).where(User.id == user_id, _disabled(at)))
    return found is not None


def _suspension(user_id: int, reason: str, at: datetime) -> Suspension:
    why = checks.remark(reason)
    return Suspension(user_id=user_id, kind=SuspensionKind.DISABLED, reason=why, valid_from=at)


def _owners(at: datetime) -> Select[User]:
    owner = exists().where(UserRole.user_id == User.id, UserRole.role == RoleName.OWNER)
    return select(User).where(owner, ~_disabled(at))


def must_not_be_last_owner(session: Session, user_id: int, at: datetime) -> None:
    """Raises Refused where nobody would be left who decides for the organisation."""
    owners = {owner.id for owner in session.scalars(_owners(at))}
    if owners == {user_id}:
        raise Refused("this is the last owner: add another owner first")


def _end_access(session: Session, user_id: int, at: datetime) -> int:
    """End what re-enabling him must not bring back; how many facts that were."""
    grants = periods.unfinished(session, Grant, at, Grant.user_id == user_id)
    teams = periods.unfinished(session, TeamMember, at, TeamMember.user_id == user_id)
    projects = periods.unfinished(session, ProjectMember, at, ProjectMember.user_id == user_id)
    return periods.end(grants, at) + periods.end(teams, at) + periods.end(projects, at)


def _hand_over(session: Session, user_id: int, heir_id: int, at: datetime) -> int:
    """Pass the contacts in the charge of one user to another; how many there were."""
    rows = periods.unfinished(session, Assignment, at, Assignment.user_id == user_id)
    for row in rows:
        start, until = max(at, row.valid_from), row.valid_until
        session.add(
            Assignment(
                contact_id=row.contact_id, user_id=heir_id, valid_from=start, valid_until=until
            )
        )
    return periods.end(rows, at)
