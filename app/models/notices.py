"""What people are told: versions of notices, and where and how they are asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated
from app.models.consent_kinds import ChangeClass, CollectionKind, NoticeState


class NoticeVersion(Base):
    """One version of a notice in one language; a trigger freezes it when it is published.

    `key` is the slug of the purpose that it is about, the root of a tree. `blocks` are the
    parts of GDPR Art. 13 and 14; `parties` the controller, its officer and the authority as
    they were; `purposes` those that it names, as they were: id, slug, label, media,
    recipients, validity. `body` is what a person is shown, UTF-8, with its SHA-256. Of class
    processing, it asks anew for the purposes in `changes` (ids; none: all of them) from
    `effective_at` on.
    """

    __tablename__ = "notice_version"
    __table_args__ = (UniqueConstraint("key", "language", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str]
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"))
    language: Mapped[str]
    version: Mapped[int]
    state: Mapped[NoticeState] = mapped_column(enumerated(NoticeState), default=NoticeState.DRAFT)
    change_class: Mapped[ChangeClass] = mapped_column(enumerated(ChangeClass))
    changes: Mapped[list[int]] = mapped_column(JSON, default=list)
    blocks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    parties: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    purposes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    created_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    retired_at: Mapped[datetime | None]


class CollectionPoint(Base):
    """A place where people are asked: a form, a site, a branch, a till.

    `public_key` is its name in addresses and embeds. `purpose_ids` are those it asks for,
    `allowed_origins` the sites that may embed it or send to it. Who is not known yet is added
    to the directory; without one, nobody is.
    """

    __tablename__ = "collection_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[CollectionKind] = mapped_column(enumerated(CollectionKind))
    notice_key: Mapped[str]
    purpose_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    allowed_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    double_opt_in: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    directory_id: Mapped[int | None] = mapped_column(ForeignKey("directory.id"))


class ConsentForm(Base):
    """One version of what a collection point asks, word by word; a trigger freezes it.

    `labels` say per language what stands beside each box, `purpose id:medium`.
    """

    __tablename__ = "consent_form"
    __table_args__ = (UniqueConstraint("collection_point_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"))
    version: Mapped[int]
    labels: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    sha256: Mapped[str]
    created_at: Mapped[datetime]
