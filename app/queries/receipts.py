"""The receipt of a consent record: what was told, agreed to and done, for the person to keep.

The names of the fields are those of ISO/IEC TS 27560:2023, the terms those of the Data Privacy
Vocabulary (dpv) and its extension for the GDPR. It names nobody but the parties of the notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import ConsentEvent, ConsentSubject, NoticeVersion, Purpose
from app.models.consent_kinds import ConsentActor, ConsentType, Medium
from app.policy import consents as reading
from app.policy.consents import ConsentState, Event, Tree
from app.queries import consents, instances
from app.queries.instances import RightsDesk

SCHEMA = "ISO/IEC TS 27560:2023"
NOT_STATED = "not stated in the notice"
UNTIL_WITHDRAWN = "dpv:UntilEventDuration"
CONTROLLER, PRINCIPAL, AUTHORITY = "controller", "pii-principal", "authority"

_STATES = {
    ConsentState.UNKNOWN: "dpv:ConsentUnknown",
    ConsentState.REQUESTED: "dpv:ConsentRequested",
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentState.OBJECTED: "dpv:ConsentWithdrawn",
    ConsentState.TERMINATED: "dpv:ConsentTerminated",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.RENEWAL_NEEDED: "dpv:ConsentExpired",
    ConsentState.IMPORTED: "dpv:ConsentUnknown",
}
_OF_EVENTS = {
    ConsentType.REQUESTED: "dpv:ConsentRequested",
    ConsentType.GIVEN: "dpv:ConsentGiven",
    ConsentType.CONFIRMED: "dpv:ConsentGiven",
    ConsentType.RENEWED: "dpv:RenewedConsentGiven",
    ConsentType.IMPORTED: "dpv:ConsentUnknown",
    ConsentType.REFUSED: "dpv:ConsentRefused",
    ConsentType.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentType.OBJECTED: "dpv:ConsentWithdrawn",
    ConsentType.TERMINATED: "dpv:ConsentTerminated",
    ConsentType.INVALIDATED: "dpv:ConsentInvalidated",
}
_RIGHTS = [f"eu-gdpr:A{article}" for article in ("7-3", "13", "15", "16", "17", "18", "20", "77")]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt, and whose it is; `contact_id` is None while the person is no contact."""

    subject_id: int
    contact_id: int | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Record:
    """What a receipt is made from."""

    row: ConsentEvent
    events: Sequence[Event]
    rows: dict[int, ConsentEvent]
    above: Tree
    purposes: dict[int, Purpose]
    notice: NoticeVersion | None
    desk: RightsDesk
    base_url: str

    @property
    def pairs(self) -> list[tuple[int, Medium]]:
        """Purposes and media: those it displayed by name, or those it closes."""
        if self.row.covers:
            return [(int(purpose), Medium(medium)) for purpose, medium in self.row.covers]
        own = self.purposes[self.row.purpose_id]
        media = tuple(map(Medium, self.row.media)) or consents.media_of(own)
        return [(own.id, medium) for medium in media]


def of_event(session: Session, public_id: str, base_url: str, at: datetime) -> Receipt | None:
    """The receipt of the record that this event made, as it stands `at`; None for no such one."""
    row = session.scalar(select(ConsentEvent).where(ConsentEvent.public_id == public_id))
    if row is None:
        return None
    subject = session.get_one(ConsentSubject, row.subject_id)
    events = consents.events_for(session, subject)
    rows = session.scalars(
        select(ConsentEvent).where(ConsentEvent.id.in_([event.id for event in events]))
    )
    record = _Record(
        row=row,
        events=events,
        rows={one.id: one for one in rows},
        above=consents.tree(session),
        purposes={purpose.id: purpose for purpose in session.scalars(select(Purpose))},
        notice=session.get(NoticeVersion, row.notice_version_id or 0),
        desk=instances.rights_desk(session),
        base_url=base_url,
    )
    return Receipt(subject.id, subject.contact_id, _document(record, subject.ref, at))


def _document(record: _Record, principal: str, at: datetime) -> dict[str, Any]:
    row = record.row
    return {
        "schema_version": SCHEMA,
        "receipt_id": row.public_id,
        "record_id": row.public_id,
        "pii_principal_id": principal,
        "created_at": _time(at),
        "language": row.language or (record.notice.language if record.notice else ""),
        "privacy_notice": _notice(record),
        "consent_type": "dpv:ExplicitlyExpressedConsent"
        if row.statement
        else "dpv:ExpressedConsent",
        "statement": row.statement,
        "collection_method": row.expression.value,
        "processing": [_processing(record, purpose) for purpose in _purposes(record)],
        "parties": _parties(record),
        "events": [_event(one) for one in _chain(record)],
        "consent_status": [
            {
                "purpose": record.purposes[purpose].slug,
                "medium": medium.value,
                "state": _STATES[
                    reading.read(record.events, record.above, purpose, medium, at).state
                ],
            }
            for purpose, medium in record.pairs
        ],
    }


def _notice(record: _Record) -> dict[str, Any] | None:
    told = record.notice
    if told is None:
        return None
    name = f"{told.key}/{told.language}/{told.version}"
    address = f"{record.base_url}/p/notices/{name}"
    return {"name": name, "address": address, "sha256": told.sha256}


def _purposes(record: _Record) -> list[int]:
    return list(dict.fromkeys(purpose for purpose, _ in record.pairs))


def _processing(record: _Record, purpose_id: int) -> dict[str, Any]:
    purpose, blocks = record.purposes[purpose_id], record.notice.blocks if record.notice else {}
    named = next((n for n in _named(record) if n["id"] == purpose_id), None)
    recipients = named["recipients"] if named else purpose.recipients.splitlines()
    return {
        "purpose": purpose.slug,
        "purpose_name": named["label"] if named else purpose.name,
        "purpose_type": "dpv:DirectMarketing" if purpose.is_marketing else "dpv:Purpose",
        "media": [medium.value for of, medium in record.pairs if of == purpose_id],
        "lawful_basis": "eu-gdpr:A6-1-a",
        "pii_information": blocks.get("data", NOT_STATED),
        "pii_controllers": [CONTROLLER],
        "storage_locations": blocks.get("transfers", NOT_STATED),
        "retention_period": (named["validity"] if named else purpose.validity) or UNTIL_WITHDRAWN,
        "jurisdiction": "eu-gdpr",
        "recipient_third_parties": list(recipients),
        "withdrawal_method": f"{record.base_url}/p/ask",
        "privacy_rights": _RIGHTS,
    }


def _named(record: _Record) -> list[dict[str, Any]]:
    return record.notice.purposes if record.notice else []


def _parties(record: _Record) -> list[dict[str, str]]:
    said, desk = (record.notice.parties if record.notice else {}), record.desk
    controller = {
        "party_id": CONTROLLER,
        "party_name": said.get("controller", desk.name),
        "party_address": said.get("address", ""),
        "party_email": said.get("email") or desk.email,
        "party_phone": said.get("phone") or desk.phone,
        "party_type": "dpv:DataController",
    }
    authority = said.get("authority") or desk.authority
    if not authority:
        return [controller]
    name, _, address = authority.partition("\n")
    kind = {"party_type": "dpv:DataProtectionAuthority", "party_email": "", "party_phone": ""}
    whose = {"party_id": AUTHORITY, "party_name": name, "party_address": address}
    return [controller, whose | kind]


def _chain(record: _Record) -> list[ConsentEvent]:
    """The request that it answers, itself, and whatever closed anything of it since.

    What is read from other records, such as a stop at a shared address, stays out of it.
    """
    own = next(event for event in record.events if event.id == record.row.id)
    ids = [record.row.refers_to_id] if record.row.refers_to_id is not None else []
    ids.append(own.id)
    if own.type not in reading.CLOSING:
        ids += [
            event.id
            for event in record.events
            if event.id in record.rows
            and event.type in reading.CLOSING
            and event.moment >= own.since
            and any(reading.closes(event, record.above, pair) for pair in record.pairs)
        ]
    chain = [record.rows[one] for one in dict.fromkeys(ids)]
    return sorted(chain, key=lambda one: (one.recorded_at, one.id))


def _event(row: ConsentEvent) -> dict[str, Any]:
    is_own = row.actor_kind is ConsentActor.SUBJECT
    is_endless = row.valid_until == FOREVER or row.type in reading.CLOSING
    span = f"{_time(row.occurred_at)}/{_time(row.valid_until)}"
    return {
        "event_time": _time(row.occurred_at),
        "event_time_precision": row.precision.value,
        "recorded_time": _time(row.recorded_at),
        "validity_duration": UNTIL_WITHDRAWN if is_endless else span,
        "entity_id": PRINCIPAL if is_own else CONTROLLER,
        "event_type": row.type.value,
        "event_state": _OF_EVENTS[row.type],
    }


def _time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
