"""What the policy says of one contact for everybody at once, or for one, clause by clause.

The clauses themselves are asked, with the ids of the outer row (`app.policy.each`).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.db import Instant
from app.models import Contact, Device, User
from app.policy import GRANTS, VETOES, Channel, Ruling, Viewer, each, profile, visible
from app.queries.access import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of one colleague, or of one of his devices."""

    user_id: int
    name: str
    email: str
    is_visible: bool
    fields: int
    rulings: tuple[Ruling, ...]
    device_id: str | None = None
    device: str = ""

    @property
    def shut_by(self) -> set[str]:
        """The clauses that shut, by name."""
        return {r.name for r in self.rulings if r.kind == "veto" and r.holds}


def of_all(session: Session, world: World, channel: Channel, at: datetime) -> list[Verdict]:
    """Everybody whom some rule lets see the contact; on phones a verdict for each device."""
    return _asked(session, world, _about_all(channel), {"at": at})


def of_one(
    session: Session, world: World, user_id: int, channel: Channel, at: datetime
) -> list[Verdict]:
    """One colleague, whatever lets him in; on phones a verdict for each device."""
    return _asked(session, world, _about_one(channel), {"user": user_id, "at": at})


def _asked(
    session: Session, world: World, query: Select[*tuple[Any, ...]], asked: dict[str, Any]
) -> list[Verdict]:
    bound = asked | {"contact": world.contact_id}
    return [_verdict(*row) for row in session.execute(world.stood(query, asked["at"]), bound).all()]


def _verdict(user_id: int, name: str, email: str, *rest: Any) -> Verdict:  # noqa: ANN401 - a row
    device_id, device, is_visible, fields, *held = rest
    clauses = [("grant", clause) for clause in GRANTS] + [("veto", clause) for clause in VETOES]
    rulings = tuple(
        Ruling(clause.__name__, kind, bool(holds))
        for (kind, clause), holds in zip(clauses, held, strict=True)
    )
    return Verdict(user_id, name, email, bool(is_visible), fields, rulings, device_id, device or "")


@lru_cache
def _about_all(channel: Channel) -> Select[*tuple[Any, ...]]:
    """Verdict and every clause for each colleague, or each of his devices, whom a rule lets in."""
    viewer, at, query = _question(channel)
    opened = or_(*(clause(viewer, channel, at) for clause in GRANTS))
    return query.where(opened)


@lru_cache
def _about_one(channel: Channel) -> Select[*tuple[Any, ...]]:
    """The same for one colleague, whatever lets him in."""
    viewer, _, query = _question(channel)
    asker: Any = viewer.user_id
    return query.where(asker == bindparam("user", type_=BigInteger))


def _question(channel: Channel) -> tuple[Viewer, datetime, Select[*tuple[Any, ...]]]:
    asker, phone = aliased(User, name="asker"), aliased(Device, name="phone")
    is_phone = channel is Channel.CARDDAV
    viewer = each("asker.id", "phone.id") if is_phone else each("asker.id")
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
    his = and_(phone.user_id == asker.id, phone.enrolled_at <= at) if is_phone else ~true()
    query = (
        select(
            *(asker.id, asker.name, asker.email, phone.public_id, phone.name),
            visible(viewer, channel, at),
            profile(viewer, channel, at),
            *(clause(viewer, channel, at) for clause in [*GRANTS, *VETOES]),
        )
        .select_from(Contact)
        .join(asker, true())
        .outerjoin(phone, his)
        .where(Contact.id == bindparam("contact", type_=BigInteger))
        .order_by(asker.name, asker.email, phone.id)
    )
    return viewer, at, query
