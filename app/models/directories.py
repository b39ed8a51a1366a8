"""Directories, grants on them, projects that cross them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated
from app.models.kinds import BasisKind, Profile, Scope, SyncPolicy


class Directory(Base):
    """The unit of ownership: purpose, basis, who may see, sync and export.

    `fallback_basis` is taken for a person whom `basis` cannot serve (a firm's contact person
    where the basis is a contract); empty means such a person is created hidden.
    """

    __tablename__ = "directory"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    preset: Mapped[str]
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"), index=True)
    basis: Mapped[BasisKind] = mapped_column(enumerated(BasisKind))
    basis_text: Mapped[str] = mapped_column(default="")
    fallback_basis: Mapped[str] = mapped_column(default="")
    fallback_text: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="CZ")
    sync_policy: Mapped[SyncPolicy] = mapped_column(enumerated(SyncPolicy))
    retention_months: Mapped[int]
    created_at: Mapped[datetime]


class Grant(Base):
    """An interval in which a user or a team may do something with a directory.

    Ended by setting `valid_until`, never deleted. `fields` is a Profile.
    """

    __tablename__ = "grant"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="one_holder"),
        CheckConstraint("fields BETWEEN 0 AND 4", name="fields"),
        Index("ix_grant_directory_id_user_id", "directory_id", "user_id"),
        Index("ix_grant_directory_id_team_id", "directory_id", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    directory_id: Mapped[int] = mapped_column(ForeignKey("directory.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    can_read: Mapped[bool] = mapped_column(default=False)
    can_edit: Mapped[bool] = mapped_column(default=False)
    can_sync: Mapped[bool] = mapped_column(default=False)
    can_export: Mapped[bool] = mapped_column(default=False)
    can_manage: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[Scope] = mapped_column(enumerated(Scope), default=Scope.ALL)
    fields: Mapped[int] = mapped_column(SmallInteger, default=int(Profile.BY_CHANNEL))
    reason: Mapped[str] = mapped_column(default="")
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class Project(Base):
    """Time-bound cooperation across directories; open in [starts_at, ends_at).

    `end_note` says why it ends when it does, in the words of who set the end last.
    """

    __tablename__ = "project"
    __table_args__ = (CheckConstraint("fields BETWEEN 1 AND 4", name="fields"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    allows_sync: Mapped[bool] = mapped_column(default=False)
    fields: Mapped[int] = mapped_column(SmallInteger, default=int(Profile.CALLER))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
    end_note: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]


class ProjectMember(Base):
    """An interval in which a user works in a project; `is_lead` where he decides about it too."""

    __tablename__ = "project_member"
    __table_args__ = (Index("ix_project_member_user_id_project_id", "user_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    is_lead: Mapped[bool] = mapped_column(default=False, server_default=false())
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class Participation(Base):
    """An interval in which a contact takes part in a project."""

    __tablename__ = "participation"
    __table_args__ = (Index("ix_participation_contact_id_project_id", "contact_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    role: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
