"""Lost phones: the incident that opens with the report, and what is added until it is decided.

Nothing is ever changed: each fact is a row of its own, and the last of its kind holds.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import Invalid, Refused
from app.models import Device, HandOver, Incident, IncidentFact, RoleName, UserRole
from app.models.kinds import FactKind, Reply, Verdict
from app.policy import Viewer, in_role
from app.queries.carried import Carried
from app.queries.incidents import get
from app.services import audit, checks, incident_mail
from app.services.audit import Actor
from app.services.choices import REPLIES
from app.services.exports import Errand


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody knows of a lost phone; what is empty or None he does not say."""

    locked: str = ""
    encrypted: str = ""
    note: str = ""
    since_at: datetime | None = None


def begin(
    session: Session, actor: Actor, device: Device, at: datetime, *, language: str = ""
) -> None:
    """Open the incident of a device, in the transaction of its report; once and no more.

    Owners and the data protection officer are written to, in `language` if they chose none.
    """
    known = session.scalar(select(Incident.id).where(Incident.device_id == device.id))
    if known is not None:
        return
    row = Incident(
        public_id=tokens.random_name(),
        device_id=device.id,
        opened_at=at,
        reporter_id=actor.user_id,
        was_managed=device.is_managed,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "incident.open", ("incident", row.id), at, device=device.id)
    incident_mail.tell(session, row, language, at)


def learn_of_device(
    session: Session, actor: Actor, device_id: int, known: Known, at: datetime
) -> None:
    """Add what the one who reports a device knows; never refused, what cannot be read is left."""
    incident_id = session.scalars(select(Incident.id).where(Incident.device_id == device_id)).one()
    replies = (known.locked, known.encrypted)
    locked, encrypted = (reply if reply in REPLIES else "" for reply in replies)
    _add_known(session, actor, incident_id, Known(locked, encrypted, known.note), at)


def learn(session: Session, actor: Actor, public_id: str, known: Known, at: datetime) -> None:
    """Add what became known. Raises NotFound, and Invalid for what cannot be.

    The loss may have been known earlier than it was reported, never later: that would put the
    72 hours off.
    """
    found = get(session, public_id)
    for name, reply in (("locked", known.locked), ("encrypted", known.encrypted)):
        if reply:
            checks.choice(Reply, reply, name)
    device = session.get_one(Device, found.device_id)
    if known.since_at and not device.enrolled_at <= known.since_at <= found.opened_at:
        raise Invalid("since", "it was known between its set-up and the report, not at that time")
    _add_known(session, actor, found.id, known, at)


def advise(session: Session, actor: Actor, public_id: str, words: str, at: datetime) -> None:
    """Add the advice of the data protection officer. Raises NotFound, Refused, Invalid."""
    _demand(session, actor, RoleName.DPO, "only the data protection officer advises", at)
    words = _reason(words)
    _add(session, actor, get(session, public_id).id, (FactKind.ADVICE, "", words), at)


def decide(
    session: Session, actor: Actor, public_id: str, verdict: str, reason: str, at: datetime
) -> None:
    """Decide who is told, for a reason; deciding anew replaces what was decided before.

    Raises NotFound, Refused where a user acts who is no owner, Invalid.
    """
    _demand(session, actor, RoleName.OWNER, "only an owner decides who is told", at)
    chosen = checks.choice(Verdict, verdict, "tell")
    said = (FactKind.DECISION, chosen.value, _reason(reason))
    _add(session, actor, get(session, public_id).id, said, at)


def hand_over(  # noqa: PLR0913 - who takes what, to whom, and when
    session: Session,
    actor: Actor,
    public_id: str,
    errand: Errand,
    carried: list[Carried],
    at: datetime,
    *,
    channel: str = "export",
) -> None:
    """Record that the list of an incident is taken out, contact by contact, before it is made.

    A contact of which the phone had several values counts once, with the widest fields.
    Raises NotFound, and Invalid without a recipient or a reason.
    """
    found = get(session, public_id)
    recipient, reason = checks.name(errand.recipient, "to"), _reason(errand.reason)
    widest: dict[int, int] = {}
    for one in carried:
        widest[one.contact_id] = max(one.level, widest.get(one.contact_id, 0))
    rows = [
        {
            "at": at,
            "contact_id": contact_id,
            "channel": channel,
            "recipient": recipient,
            "reason": reason,
            "fields": level,
            "user_id": actor.user_id,
        }
        for contact_id, level in widest.items()
    ]
    if rows:
        session.execute(insert(HandOver), rows)
    audit.record(session, actor, "incident.export", ("incident", found.id), at, contacts=len(rows))


def _add_known(
    session: Session, actor: Actor, incident_id: int, known: Known, at: datetime
) -> None:
    if known.since_at is not None:
        said = (FactKind.KNOWN, "", "")
        _add(session, actor, incident_id, said, at, since_at=known.since_at)
    if known.locked:
        _add(session, actor, incident_id, (FactKind.LOCKED, known.locked, ""), at)
    if known.encrypted:
        _add(session, actor, incident_id, (FactKind.ENCRYPTED, known.encrypted, ""), at)
    note = checks.remark(known.note)
    if note:
        _add(session, actor, incident_id, (FactKind.NOTE, "", note), at)


def _add(
    session: Session,
    actor: Actor,
    incident_id: int,
    said: tuple[FactKind, str, str],
    at: datetime,
    *,
    since_at: datetime | None = None,
) -> None:
    kind, value, words = said
    row = IncidentFact(
        incident_id=incident_id,
        at=at,
        user_id=actor.user_id,
        kind=kind,
        value=value,
        words=words,
        since_at=since_at,
    )
    session.add(row)
    told = {"value": value} if value else {}
    audit.record(session, actor, f"incident.{kind.value}", ("incident", incident_id), at, **told)


def _reason(raw: str) -> str:
    reason = checks.remark(raw)
    if not reason:
        raise Invalid("reason", "it is empty")
    return reason


def _demand(session: Session, actor: Actor, role: RoleName, words: str, at: datetime) -> None:
    """Raises Refused in these words where a user acts who lacks the role."""
    if actor.user_id is None:
        return
    holds = in_role(Viewer(actor.user_id), role, at=at)
    held = select(UserRole.role).where(UserRole.user_id == actor.user_id, holds)
    if session.scalar(held.limit(1)) is None:
        raise Refused(words)
