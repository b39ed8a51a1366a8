"""Who processes data for the organisation."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base


class Processor(Base):
    """Somebody who processes data on our behalf (GDPR Art. 28), in an interval.

    `task` is what he does for us, `place` the country where; `transfer` the ground on which
    data leave the European Economic Area (Art. 44 to 49), empty where they do not; `contract`
    the one of Art. 28 by its name. Ended by setting `valid_until`, never deleted.
    """

    __tablename__ = "processor"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    task: Mapped[str]
    place: Mapped[str]
    transfer: Mapped[str] = mapped_column(default="")
    contract: Mapped[str] = mapped_column(default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
