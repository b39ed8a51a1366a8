"""How many contacts of whole directories people reach, and how much of them is shown.

To ask the policy about each of thirty thousand contacts for each of fifty people takes minutes.
So the policy is asked about one contact for each directory that stands for all of them: there
is nothing against it, it is in nobody's charge and takes part in nothing. Who would see it sees
whatever of the directory may be used at all. Besides, only the contacts in somebody's charge
and those of his projects are asked about one by one (`app.policy.reach` says why that is all).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.cards.card import ContactKind
from app.db import FOREVER, Instant
from app.models import Contact, Device, Directory, User
from app.policy import Channel, Viewer, each, opened_one_by_one, profile, visible
from app.policy.visibility import erased, merged_away, no_legal_basis, restricted

NOBODY = Viewer(user_id=0)
_AT: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
_HOMES = bindparam("homes", type_=BigInteger, expanding=True)
_USERS = bindparam("users", type_=BigInteger, expanding=True)


@dataclass(frozen=True, slots=True)
class Stock:
    """The contacts of a directory that are there: how many may be used, and how many stay back.

    Nobody may use one without a legal basis or one that is restricted.
    """

    usable: int = 0
    no_basis: int = 0
    restricted: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """How many contacts of a directory one way leads to, and the widest profile of any of them."""

    number: int = 0
    fields: int = 0


def stocks(session: Session, directory_ids: Collection[int], at: datetime) -> dict[int, Stock]:
    """What is in each of these directories; nothing for those where nothing is."""
    rows = session.execute(_stocks(), {"homes": list(directory_ids), "at": at})
    return {home: Stock(there - bare - held, bare, held) for home, there, bare, held in rows}


def stock(
    session: Session, directory_id: int, at: datetime, *narrowed: ColumnElement[bool]
) -> Stock:
    """What is in one directory, or in a part of it."""
    query = _stocks().where(*narrowed)
    rows = session.execute(query, {"homes": [directory_id], "at": at})
    return next((Stock(there - bare - held, bare, held) for _, there, bare, held in rows), Stock())


def of_people(
    session: Session,
    usable: Mapping[int, int],
    user_ids: Collection[int],
    at: datetime,
    *,
    channels: Collection[Channel] = (Channel.PORTAL, Channel.CARDDAV),
) -> dict[tuple[Viewer, int], Reached]:
    """What each of them reaches in the portal, and each of his devices, by directory.

    `usable` says how many contacts of each directory may be used `at`. Who reaches nothing is
    left out. Two statements a channel, however many people and directories.
    """
    found: dict[tuple[Viewer, int], Reached] = {}
    asked = {"homes": list(usable), "users": list(user_ids), "at": at}
    for channel in channels:
        for home, user_id, device_id, number, fields in session.execute(_singled(channel), asked):
            found[Viewer(user_id, device_id), home] = Reached(number, fields)
        for home, user_id, device_id, fields in session.execute(_whole(channel), asked):
            if usable[home]:
                single = found.get((Viewer(user_id, device_id), home), Reached())
                both = Reached(usable[home], max(fields, single.fields))
                found[Viewer(user_id, device_id), home] = both
    return found


@lru_cache
def _stocks() -> Select[int, int, int, int]:
    there = and_(
        not_(erased(NOBODY, Channel.PORTAL, _AT)), not_(merged_away(NOBODY, Channel.PORTAL, _AT))
    )
    held = restricted(NOBODY, Channel.PORTAL, _AT)
    bare = no_legal_basis(NOBODY, Channel.PORTAL, _AT)
    return (
        select(
            Contact.directory_id,
            func.count(),
            func.sum(case((held, 0), (bare, 1), else_=0)),
            func.sum(case((held, 1), else_=0)),
        )
        .where(Contact.directory_id.in_(_HOMES), there)
        .group_by(Contact.directory_id)
    )


@lru_cache
def _whole(channel: Channel) -> Select[int, int, int | None, int]:
    """Directory, user, device, profile: who sees what nothing is against, and how much of it."""
    asker, phone = aliased(User, name="asker"), aliased(Device, name="phone")
    viewer, device = _viewer("asker.id", channel), phone.id
    query = select(
        Contact.directory_id,
        asker.id,
        device if channel is Channel.CARDDAV else literal(None, BigInteger),
        profile(viewer, channel, _AT),
    )
    query = query.select_from(Contact).join(asker, asker.id.in_(_USERS))
    if channel is Channel.CARDDAV:
        query = query.join(phone, phone.user_id == asker.id)
    # In front of the table, under its name: so the clauses are read as they are.
    stand_in = (
        select(
            (-Directory.id).label("id"),
            Directory.id.label("directory_id"),
            literal(ContactKind.ORGANISATION, Contact.kind.type).label("kind"),
            literal(False).label("is_sole_trader"),  # noqa: FBT003 - a value of the column
            literal(FOREVER, Instant()).label("erased_at"),
            literal(FOREVER, Instant()).label("merged_at"),
        )
        .where(Directory.id.in_(_HOMES))
        .cte(Contact.__tablename__)
    )
    return query.where(visible(viewer, channel, _AT)).add_cte(stand_in)


@lru_cache
def _singled(channel: Channel) -> Select[int, int, int | None, int, int]:
    """Directory, user, device, number, profile: of what is opened to a user contact by contact."""
    own = opened_one_by_one(_USERS, _AT).subquery("own")
    phone = aliased(Device, name="phone")
    viewer = _viewer("own.user_id", channel)
    device: Any = phone.id if channel is Channel.CARDDAV else literal(None, BigInteger)
    query = (
        select(
            Contact.directory_id,
            own.c.user_id,
            device,
            func.count(),
            func.max(profile(viewer, channel, _AT)),
        )
        .select_from(own)
        .join(Contact, Contact.id == own.c.contact_id)
    )
    keys: list[Any] = [Contact.directory_id, own.c.user_id]
    if channel is Channel.CARDDAV:
        query = query.join(phone, phone.user_id == own.c.user_id)
        keys.append(phone.id)
    return query.where(Contact.directory_id.in_(_HOMES), visible(viewer, channel, _AT)).group_by(
        *keys
    )


def _viewer(user: str, channel: Channel) -> Viewer:
    return each(user, "phone.id") if channel is Channel.CARDDAV else each(user)
