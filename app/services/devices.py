"""Devices: enrol, recognise by app password, stop (drain), lose, give up."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import tokens
from app.cards.text import xml_safe
from app.errors import Invalid, NotFound, Refused
from app.keys import KeyName, KeyRing
from app.models import Book, Device, Holding, LoginName, Reader, Suspension, SuspensionKind, User
from app.models.kinds import DeviceKind, Layout, Profile
from app.services import audit, checks, draining, incidents
from app.services.audit import Actor

MERGED_BOOK = "all"
"""The one book that every device has, first in its home-set (macOS reads only the first)."""

NAME_LENGTH = 100


def enrol(  # noqa: PLR0913 - the options of a device
    session: Session,
    actor: Actor,
    user_id: int,
    name: str,
    ring: KeyRing,
    at: datetime,
    *,
    layout: Layout = Layout.ALL,
    may_write: bool = False,
    wants_photos: bool = False,
    is_managed: bool = False,
    kind: DeviceKind = DeviceKind.OTHER,
    fields: Profile = Profile.FULL,
    password: str = "",
    policy: str = "",
) -> tuple[Device, str]:
    """A new device of a user, with its merged book, and its app password, shown this once.

    The `password` is a fresh one of `tokens.app_password`, drawn here where none is given;
    `policy` the digest of the rules for phones that its owner says he has read. Raises
    NotFound for an unknown user, Refused for a disabled one, Invalid for a name that is empty
    or too long.
    """
    if session.get(User, user_id) is None:
        raise NotFound("there is no such user")
    if _is_disabled(session, user_id, at):
        raise Refused("this user is disabled and gets no new device")
    device = Device(
        public_id=tokens.random_name(),
        user_id=user_id,
        name=checked_name(name),
        kind=kind,
        layout=layout,
        may_write=may_write,
        wants_photos=wants_photos,
        is_managed=is_managed,
        fields=int(fields),
        enrolled_at=at,
    )
    password = password or tokens.app_password()
    set_password(device, password, ring)
    session.add(device)
    session.flush()
    session.add(
        Book(
            device_id=device.id,
            key=MERGED_BOOK,
            epoch=tokens.random_name(),
            tag=tokens.random_name(),
            checked_at=at,
            next_at=at,
        )
    )
    read = {"policy": policy} if policy else {}
    audit.record(session, actor, "device.enrol", ("device", device.id), at, user=user_id, **read)
    return device, password


def checked_name(name: str) -> str:
    """The name as it is kept. Raises Invalid where it is empty or too long."""
    name = xml_safe(name).strip()
    if not name or len(name) > NAME_LENGTH:
        raise Invalid("name", f"a device needs a name of at most {NAME_LENGTH} characters")
    return name


def set_password(device: Device, password: str, ring: KeyRing) -> None:
    """Let this app password find the device, and no other one."""
    key = ring.current(KeyName.APP_PASSWORD)
    device.password_mac, device.key_id = key.mac(password.encode()).hex(), key.id


def _is_disabled(session: Session, user_id: int, at: datetime) -> bool:
    query = select(Suspension.id).where(
        Suspension.user_id == user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        Suspension.valid_from <= at,
        Suspension.valid_until > at,
    )
    return session.scalar(query.limit(1)) is not None


def password_macs(ring: KeyRing, password: str) -> tuple[str, ...]:
    """The keyed hashes that an app password may stand under, one per key ever used."""
    raw = password.strip().encode("utf-8", "surrogatepass")
    return tuple(key.mac(raw).hex() for key in ring.all(KeyName.APP_PASSWORD))


def recognise(
    session: Session, login: str, password: str, ring: KeyRing, at: datetime
) -> Device | None:
    """The device that this app password belongs to, or None.

    The password alone finds it. The login is compared with the user's present and former
    e-mails and the device's own name, so that a changed e-mail turns no phone into a 401. A
    device that has been emptied or given up is refused; one that drains is not.
    """
    macs = password_macs(ring, password)
    device = session.scalar(
        select(Device).where(
            Device.password_mac.in_(macs), Device.emptied_at > at, Device.given_up_at > at
        )
    )
    if device is None:
        return None
    folded = login.strip().casefold()
    names = session.scalars(select(LoginName.name).where(LoginName.user_id == device.user_id))
    return device if folded in {device.name.casefold(), *names} else None


def find(session: Session, public_id: str) -> Device:
    """The device with this public id. Raises NotFound."""
    device = session.scalar(select(Device).where(Device.public_id == public_id))
    if device is None:
        raise NotFound("there is no such device")
    return device


def stop(
    session: Session,
    actor: Actor,
    device_id: int,
    at: datetime,
    *,
    is_lost: bool = False,
    language: str = "",
) -> None:
    """Begin to drain a device; idempotent, and always accepted.

    It still logs in and is told to drop everything; its password dies when it has brought the
    receipt. One that never read anything has nothing to give back and is done at once. A lost
    one drains just the same; nothing that is changed on it is taken over any more, and its
    incident opens, with a mail in `language` to who has to answer for it and chose none.
    """
    device = session.get_one(Device, device_id, with_for_update={"key_share": True})
    if is_lost and device.lost_at > at:
        device.lost_at = at
        device.may_write = False
        audit.record(session, actor, "device.lost", ("device", device.id), at)
    if is_lost:
        incidents.begin(session, actor, device, at, language=language)
    if device.stopped_at > at:
        device.stopped_at = at
        audit.record(session, actor, "device.stop", ("device", device.id), at)
    session.flush()
    draining.finish(session, device.id, at)


def stop_all(session: Session, actor: Actor, user_id: int, at: datetime) -> None:
    """Begin to drain every device of a user."""
    for device_id in session.scalars(select(Device.id).where(Device.user_id == user_id)).all():
        stop(session, actor, device_id, at)


def give_up(
    session: Session, actor: Actor, device_id: int, at: datetime, *, reason: str = ""
) -> None:
    """Stop waiting for a device: its password dies now, and what it holds stays unknown.

    The first reason stays. Doors ask `cut_off`.
    """
    device = session.get_one(Device, device_id)
    device.stopped_at = min(device.stopped_at, at)
    if device.given_up_at > at and device.emptied_at > at:
        device.given_up_at = at
        device.give_up_reason = checks.remark(reason)
        audit.record(session, actor, "device.give-up", ("device", device.id), at)


def cut_off(session: Session, actor: Actor, device_id: int, at: datetime, *, reason: str) -> None:
    """Give up as a person asks for it: the last act, after stop or lost, and for a reason.

    Raises Refused before that, and for no reason at all. Twice is no error.
    """
    device = session.get_one(Device, device_id)
    if device.stopped_at > at:
        raise Refused("this device is in use: stop it, or report it lost, before you give it up")
    if device.given_up_at > at and not reason.strip():
        raise Refused("say why nobody waits for it any more")
    give_up(session, actor, device_id, at, reason=reason)


def fetched(session: Session, holding_ids: list[int], at: datetime) -> None:
    """Note when the body of these values was first fetched."""
    session.execute(
        update(Holding)
        .where(Holding.id.in_(holding_ids), Holding.fetched_at.is_(None))
        .values(fetched_at=at),
        execution_options={"synchronize_session": False},
    )


def heard_from(session: Session, reader_id: int, at: datetime) -> None:
    """Note when a reader last showed that it has everything."""
    session.execute(
        update(Reader).where(Reader.id == reader_id, Reader.seen_at < at).values(seen_at=at),
        execution_options={"synchronize_session": False},
    )


def seen(session: Session, device_id: int, user_agent: str, at: datetime) -> None:
    """Note when a device was last heard from, and what it calls itself."""
    session.execute(
        update(Device)
        .where(Device.id == device_id)
        .values(seen_at=at, user_agent=user_agent[:200]),
        execution_options={"synchronize_session": False},
    )
