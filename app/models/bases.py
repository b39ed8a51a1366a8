"""The intervals in which a person's data may be used for a purpose."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated
from app.models.kinds import BasisKind


class LegalBasis(Base):
    """An interval in which one basis of GDPR Art. 6(1) holds for a contact and a purpose.

    Those of kind consent are written by the recording of consent events, and by nothing else.
    """

    __tablename__ = "legal_basis"
    __table_args__ = (Index("ix_legal_basis_contact_id_purpose_id", "contact_id", "purpose_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"), index=True)
    kind: Mapped[BasisKind] = mapped_column(enumerated(BasisKind))
    text: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
