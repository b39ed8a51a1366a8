"""What staff record of a consent that a person gave elsewhere: on paper, by mail, in a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.cards.points import email_norm, phone_norm
from app.errors import Invalid
from app.keys import KeyName
from app.models import ConsentSubject, ContactPoint
from app.models.consent_kinds import ConsentType, EvidenceKind, Medium, Precision
from app.models.kinds import PointKind
from app.services import (
    checks,
    consent_subjects,
    consents,
    evidence,
    spoken_consents,
)
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.consent_subjects import Mark
from app.services.consents import Recorded
from app.services.evidence import NewEvidence
from app.services.opt_in import TERM, Desk
from app.services.proof_files import MAIL, Sealed
from app.services.source_kinds import BY_MAILBOX, FACTS, WAYS, Must, Way


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A consent as somebody reads it off its proof.

    `how` is one of WAYS, `media` are words of Medium (none: all of the purpose). `file` is the
    proof (proof_files.sealed), `file_name` what it was called, `original_place` where the
    original is kept, `artwork` what the terms stood on. `facts` are what else the way asks to
    keep, by words of Must; `sender` is whom a message comes from, `number` whose a text
    message is. `kept` are ids of proofs that several entries share, instead of the files.
    """

    how: str
    purpose_id: int
    notice_id: int | None = None
    media: Sequence[str] = ()
    occurred_at: datetime | None = None
    precision: str = Precision.INSTANT.value
    valid_until: datetime | None = None
    file: Sealed | None = None
    file_name: str = ""
    original_place: str = ""
    artwork: Sealed | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""
    number: str = ""
    kept: Sequence[int] = ()

    def origin(self) -> str:
        """The facts of the way, and the name of the file, in one line."""
        said = [f"{name}: {value}" for name, value in sorted(self.facts.items()) if value]
        return "; ".join([*([self.file_name] if self.file_name else []), *said])


def enter(
    session: Session,
    actor: Actor,
    contact_id: int,
    new: NewEntry,
    at: datetime,
    *,
    desk: Desk | None = None,
) -> Recorded:
    """Record it with its proof; what its way must keep and lacks is said, and authorises nothing.

    What was only spoken is asked of the mailbox, where there is a desk to write from. Raises
    Invalid, NotFound and Refused as consents.record does.
    """
    if new.how not in WAYS:
        raise Invalid("how", f"{new.how!r} is none of {', '.join(WAYS)}")
    if unknown := set(new.facts) - FACTS:
        raise Invalid("facts", f"{min(unknown)!r} is none of {', '.join(sorted(FACTS))}")
    way = WAYS[new.how]
    subject = consent_subjects.of_contact(session, contact_id, at)
    lacks = _lacks(session, contact_id, way, new)
    proof = _proof(session, actor, way, new, at)
    # What another system claims is not proved by its file alone.
    is_claimed = way.type is ConsentType.IMPORTED and bool(lacks)
    act = Act(
        type=way.type,
        purpose_id=new.purpose_id,
        media=_media(new.media),
        notice_id=new.notice_id,
        evidence_ids=() if is_claimed else proof,
        occurred_at=new.occurred_at,
        precision=checks.choice(Precision, new.precision, "precision"),
        valid_until=new.valid_until,
        expression=way.expression,
        statement=new.facts.get(Must.TEXT, ""),
        origin=new.origin(),
        lacks=tuple(one.value for one in lacks),
        point=_number(desk, new),
    )
    if desk is not None and new.notice_id and set(lacks) and set(lacks) <= BY_MAILBOX:
        return _asked(session, actor, subject, act, desk, at)
    return consents.record(session, actor, subject, act, at)


def _asked(
    session: Session, actor: Actor, subject: ConsentSubject, act: Act, desk: Desk, at: datetime
) -> Recorded:
    """Record it as asked for, and let the mailbox say whether it is so."""
    mark = _mailbox(session, subject, desk)
    if mark is None:
        return consents.record(session, actor, subject, act, at)
    nonce = tokens.random_token()
    words = act.statement or spoken_consents.wording(session, act, at)
    waiting = replace(act, statement=words, point=mark, nonce=nonce, valid_until=at + TERM)
    done = consents.record(session, actor, subject, waiting, at)
    spoken_consents.ask(session, desk, subject, done.event, at)
    return done


def _mailbox(session: Session, subject: ConsentSubject, desk: Desk) -> Mark | None:
    if subject.contact_id is None:  # pragma: no cover - it was asked for by its contact
        return None
    found = _points(session, subject.contact_id, PointKind.EMAIL)
    key = desk.keys.current(KeyName.EVIDENCE)
    return consent_subjects.marked(key, PointKind.EMAIL, found[0]) if found else None


def _number(desk: Desk | None, new: NewEntry) -> Mark | None:
    """The number that a text message came from, with the keyed hash that finds it again."""
    if desk is None or not phone_norm(new.number, "CZ"):
        return None
    return consent_subjects.marked(desk.keys.current(KeyName.EVIDENCE), PointKind.PHONE, new.number)


def _points(session: Session, contact_id: int, kind: PointKind) -> Sequence[str]:
    """What the contact is reached by, as it is compared."""
    query = select(ContactPoint.norm).where(
        ContactPoint.contact_id == contact_id, ContactPoint.kind == kind, ContactPoint.norm != ""
    )
    return session.scalars(query.order_by(ContactPoint.id)).all()


def _lacks(session: Session, contact_id: int, way: Way, new: NewEntry) -> tuple[Must, ...]:
    """What the way must keep and this entry does not bring."""
    has = {Must(name) for name, value in new.facts.items() if value.strip()}
    is_mail = new.file is not None and new.file.mime == MAIL
    is_spoken = new.file is not None and new.file.mime.startswith("audio/")
    brought = {
        Must.DAY: new.occurred_at is not None,
        Must.FILE: new.file is not None or bool(new.kept),
        Must.ARTWORK: new.artwork is not None or len(new.kept) > 1,
        Must.ORIGINAL: bool(new.original_place.strip()),
        Must.MESSAGE: is_mail,
        Must.VOICE: is_spoken,
    }
    has |= {must for must, is_there in brought.items() if is_there}
    if email_norm(new.sender) in _points(session, contact_id, PointKind.EMAIL):
        has.add(Must.MAILBOX)
    if phone_norm(new.number, "CZ") in _points(session, contact_id, PointKind.PHONE):
        has.add(Must.NUMBER)
    return tuple(must for must in way.musts if must not in has)


def _media(words: Sequence[str]) -> tuple[Medium, ...]:
    return tuple(checks.choice(Medium, word, "medium") for word in words)


def _proof(
    session: Session, actor: Actor, way: Way, new: NewEntry, at: datetime
) -> tuple[int, ...]:
    """The ids of what proves it, kept now or before."""
    made = list(new.kept)
    if new.file is not None or new.original_place:
        proof = NewEvidence(way.evidence, new.file, new.original_place)
        made.append(evidence.make(session, actor, proof, at).id)
    if new.artwork is not None:
        medium = NewEvidence(EvidenceKind.ARTWORK, new.artwork)
        made.append(evidence.make(session, actor, medium, at).id)
    return tuple(made)
