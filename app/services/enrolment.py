"""What happens to a device between its enrolment and its first sync; and its name, any time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import NotFound, Refused
from app.keys import KeyRing
from app.models import Book, Device, Holding, LoginName, Organisation, Reader, User
from app.models.kinds import ActorKind
from app.services import audit, devices
from app.services.audit import Actor

LINK_TERM = timedelta(minutes=10)
"""How long the link to a profile can be used, once."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an Apple configuration profile says; never the password."""

    device: str
    login: str
    organisation: str


def renew(
    session: Session, actor: Actor, device_id: int, password: str, ring: KeyRing, at: datetime
) -> None:
    """Give a device that never read anything a fresh app password; the former one dies now.

    Raises Refused for a device that is stopped or that was read: its cards would be stranded.
    """
    device = session.get_one(Device, device_id, with_for_update={"key_share": True})
    if device.stopped_at <= at or device.given_up_at <= at:
        raise Refused("this device has been stopped; set it up as a new one")
    if was_read(session, device_id):
        raise Refused("this device has contacts already; stop it and set it up as a new one")
    devices.set_password(device, password, ring)
    device.seen_at = None
    audit.record(session, actor, "device.renew", ("device", device_id), at)


def was_read(session: Session, device_id: int) -> bool:
    """Whether anybody was ever given a card with this device's password."""
    books = select(Book.id).where(Book.device_id == device_id)
    reader = exists().where(
        Reader.book_id.in_(books),
        or_(Reader.has_fetched, Reader.told_seq >= 0, Reader.acked_seq >= 0),
    )
    fetched = exists().where(Holding.book_id.in_(books), Holding.fetched_at.is_not(None))
    return bool(session.scalar(select(or_(reader, fetched))))


def is_password(session: Session, device_id: int, password: str, ring: KeyRing) -> bool:
    """Whether this app password finds this device now."""
    macs = devices.password_macs(ring, password)
    query = select(exists().where(Device.id == device_id, Device.password_mac.in_(macs)))
    return bool(session.scalar(query))


def make_link(session: Session, device_id: int, link: str, at: datetime) -> None:
    """Let this random token hand out the profile once; part of the act that shows it."""
    device = session.get_one(Device, device_id)
    device.link_digest, device.link_expires_at = tokens.digest(link), at + LINK_TERM


def is_link(session: Session, link: str, at: datetime) -> bool:
    """Whether the link can still be used."""
    return session.scalar(_behind(link, at)) is not None


def take_profile(session: Session, link: str, at: datetime) -> Profile:
    """What the profile behind the link says; the link is used up. Raises NotFound."""
    device = session.scalar(_behind(link, at).with_for_update(key_share=True))
    if device is None:
        raise NotFound("there is no such link, or it was used, or its time is over")
    device.link_digest = ""
    owner = session.get_one(User, device.user_id)
    name = session.scalar(select(Organisation.name).order_by(Organisation.id).limit(1))
    actor = Actor(ActorKind.DEVICE, device.id)
    audit.record(session, actor, "device.profile", ("device", device.id), at)
    return Profile(device.public_id, owner.email, name or "")


def _behind(link: str, at: datetime) -> Select[Device]:
    return select(Device).where(
        Device.link_digest == tokens.digest(link),
        Device.link_expires_at > at,
        Device.stopped_at > at,
        Device.given_up_at > at,
    )


def rename(session: Session, actor: Actor, device_id: int, name: str, at: datetime) -> None:
    """Call a device otherwise. Raises Invalid for a name that is empty or too long.

    The former name stays a login: a phone that was set up with it must not get a 401.
    """
    device = session.get_one(Device, device_id)
    name = devices.checked_name(name)
    if name == device.name:
        return
    session.merge(LoginName(user_id=device.user_id, name=device.name.casefold()))
    device.name = name
    audit.record(session, actor, "device.rename", ("device", device_id), at)
