"""Contacts and their values: people, organisations, points, addresses, where it came from."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.cards.card import ContactKind
from app.db import FOREVER, Base, enumerated
from app.models.kinds import PointKind, SourceKind

_BINARY_ORDER = Text().with_variant(Text(collation="C"), "postgresql")
"""SQLite compares bytes by itself; PostgreSQL would sort by the locale of its cluster."""


class Source(Base):
    """Where data came from (GDPR Art. 14(2)(f)); one row per import, entry or intake."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SourceKind] = mapped_column(enumerated(SourceKind))
    detail: Mapped[str]
    obtained_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Contact(Base):
    """A person or an organisation; belongs to exactly one home directory.

    `version` is drawn at random by a trigger whenever a value changes (never counted, so that
    a restored backup does not use one again); it goes into the ETag. `erased_at` and
    `merged_at` are FOREVER while it is neither. `sort_key`, `search` and `mail_search` are
    derived from the values by the service that writes them.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_directory_id_sort_key_id", "directory_id", "sort_key", "id"),
        Index(
            "ix_contact_sort_key_public_id_directory_id", "sort_key", "public_id", "directory_id"
        ),
        Index(
            "uq_contact_directory_id_source_uid",
            "directory_id",
            "source_uid",
            unique=True,
            sqlite_where=text("source_uid <> ''"),
            postgresql_where=text("source_uid <> ''"),
        ),
        Index("ix_contact_directory_id_kind", "directory_id", "kind"),
        Index("ix_contact_directory_id_fingerprint", "directory_id", "fingerprint"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    directory_id: Mapped[int] = mapped_column(ForeignKey("directory.id"))
    kind: Mapped[ContactKind] = mapped_column(enumerated(ContactKind))
    is_sole_trader: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    source_uid: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)

    full_name: Mapped[str] = mapped_column(default="")
    family: Mapped[str] = mapped_column(default="")
    given: Mapped[str] = mapped_column(default="")
    additional: Mapped[str] = mapped_column(default="")
    prefix: Mapped[str] = mapped_column(default="")
    suffix: Mapped[str] = mapped_column(default="")
    nickname: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="")
    birthday: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    categories: Mapped[str] = mapped_column(default="")
    photo_sha256: Mapped[str] = mapped_column(default="")
    registration_number: Mapped[str] = mapped_column(default="")
    tax_number: Mapped[str] = mapped_column(default="")

    sort_key: Mapped[str] = mapped_column(_BINARY_ORDER, default="")
    search: Mapped[str] = mapped_column(default="")
    mail_search: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
    merged_at: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))


class ContactPoint(Base):
    """A phone, e-mail, web address or messenger of a contact.

    `value` is as it was typed, `norm` the form to compare by: E.164 for a phone, the
    case-folded address for an e-mail, empty where there is none.
    """

    __tablename__ = "contact_point"
    __table_args__ = (Index("ix_contact_point_kind_norm", "kind", "norm"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    kind: Mapped[PointKind] = mapped_column(enumerated(PointKind))
    label: Mapped[str] = mapped_column(default="")
    value: Mapped[str]
    norm: Mapped[str] = mapped_column(default="")
    is_preferred: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class Address(Base):
    """A postal address of a contact, in the parts of vCard's ADR."""

    __tablename__ = "address"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    label: Mapped[str] = mapped_column(default="")
    po_box: Mapped[str] = mapped_column(default="")
    extended: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    locality: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class Affiliation(Base):
    """An interval in which a person belongs to an organisation."""

    __tablename__ = "affiliation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    role: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER)


class Assignment(Base):
    """An interval in which a colleague is in charge of a contact."""

    __tablename__ = "assignment"
    __table_args__ = (Index("ix_assignment_contact_id_user_id", "contact_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class Favourite(Base):
    """A contact that a user keeps at hand; it opens nothing, the policy is asked each time."""

    __tablename__ = "favourite"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    kept_at: Mapped[datetime]


class Restriction(Base):
    """An interval in which a contact may only be stored (GDPR Art. 18).

    `reason` is why, `lift_reason` why it ended and how the person was told before.
    """

    __tablename__ = "restriction"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    reason: Mapped[str]
    lift_reason: Mapped[str] = mapped_column(default="", server_default="")
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class Erasure(Base):
    """Somebody ordered a contact to be erased: it is only stored until phones gave it back.

    `despite` where a contract or a law says to keep it. `ended_at` is when it was made empty, or
    the order was called off; the contact's own `erased_at` tells which.
    """

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    despite: Mapped[bool] = mapped_column(default=False)
    ordered_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(default=FOREVER, index=True)


class ValueChange(Base):
    """One field of a contact took another value: what it was, what it is, from where, by whom."""

    __tablename__ = "value_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    field: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]


class Blob(Base):
    """Bytes with a home in the database (photos, imports, evidence): a backup is one file."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    mime: Mapped[str]
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
