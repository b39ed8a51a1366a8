"""People who use Kustod: users, roles, teams, sessions in the browser, failed tries."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated


class RoleName(StrEnum):
    """Roles are a set; none of them shows a contact by itself."""

    OWNER = "owner"
    ADMIN = "admin"
    DPO = "dpo"
    STAFF = "staff"


class SuspensionKind(StrEnum):
    """What a suspension takes from a user."""

    DISABLED = "disabled"
    SYNC = "sync"


class User(Base):
    """One person with a login. `email` is stored folded and is the portal's login name."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class UserRole(Base):
    """One role of one user."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    role: Mapped[RoleName] = mapped_column(enumerated(RoleName), primary_key=True)


class LoginName(Base):
    """A present or former e-mail of a user.

    A phone keeps the name it was set up with: a changed e-mail must not turn it into a 401.
    """

    __tablename__ = "login_name"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)


class Suspension(Base):
    """An interval in which a user sees nothing at all, or nothing on phones."""

    __tablename__ = "suspension"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[SuspensionKind] = mapped_column(enumerated(SuspensionKind))
    reason: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class Team(Base):
    """A group of users that grants can be given to."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class TeamMember(Base):
    """An interval in which a user belongs to a team."""

    __tablename__ = "team_member"
    __table_args__ = (Index("ix_team_member_user_id_team_id", "user_id", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class WebSession(Base):
    """One signed-in browser. The cookie holds a random token, the row its digest."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    user_agent: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(default=FOREVER)


class FirstOwnerLink(Base):
    """The one link that makes the first owner; the row goes with its use, or for a fresh one.

    The address holds a random token, the row its digest.
    """

    __tablename__ = "first_owner_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Throttle(Base):
    """Failed tries of one (door, address, login) within the window that began at `since_at`.

    It counts failures only: a right password always passes, so that nobody can keep a phone
    from being emptied. `subject` is a digest; no address and no login is stored.
    """

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    failures: Mapped[int]
    since_at: Mapped[datetime] = mapped_column(index=True)
