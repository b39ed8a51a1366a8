"""What data are used for."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Purpose(Base):
    """What data are used for; a tree, whose root covers brands or products below it.

    `media` are the words of Medium by which it may reach people, apart by spaces; `recipients`
    who else gets the data, one a line; `validity` how long a consent holds, an ISO 8601
    duration, or empty. What stands above it never changes: a withdrawal closes what is below.
    """

    __tablename__ = "purpose"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("purpose.id"))
    media: Mapped[str] = mapped_column(default="")
    recipients: Mapped[str] = mapped_column(default="")
    validity: Mapped[str] = mapped_column(default="")
    double_opt_in: Mapped[bool] = mapped_column(default=False)
    is_marketing: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
