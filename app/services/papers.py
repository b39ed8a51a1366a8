"""Papers: blanks are printed, come back into an inbox, and are matched by their number.

What stands on them is read by app.services.paper_readings. Who says no on paper becomes no
contact, and his scan is not kept.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import CollectionPoint, Evidence, PaperForm, PaperOutcome, PaperPad, PaperScan
from app.models.consent_kinds import CollectionKind, EvidenceKind
from app.policy import Action
from app.queries import forms, paper
from app.services import evidence, paper_serials, rights
from app.services.audit import Actor, record
from app.services.evidence import NewEvidence
from app.services.paper_serials import Code
from app.services.proof_files import Sealed
from app.tokens import random_name

MOST_BLANKS = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """A paper that came: its scan or the place of the original, and what is known of it.

    `code` is what was read off the scan, `serial` what somebody typed.
    """

    file: Sealed | None = None
    original_place: str = ""
    code: Code | None = None
    serial: str = ""
    is_card: bool = False


def print_pad(
    session: Session, actor: Actor, point_id: int, count: int, language: str, at: datetime
) -> PaperPad:
    """So many new blanks with the words that are published now.

    Raises NotFound, Invalid for a count out of 1 to MOST_BLANKS, Refused for a point that is
    closed, has no words in this language, or whose directory the actor may not edit.
    """
    point = point_of(session, actor, point_id, at)
    if not 1 <= count <= MOST_BLANKS:
        raise Invalid("count", f"1 to {MOST_BLANKS} blanks are printed at a time")
    asked = forms.asking(session, forms.get(session, point.public_key), (language,))
    if asked is None or not point.is_active or asked.language != language:
        raise Refused(f"the form {point.public_key} cannot be had in that language")
    pad = PaperPad(
        public_id=random_name(),
        collection_point_id=point.id,
        form_id=asked.form_id,
        notice_version_id=asked.notice.row_id,
        language=language,
        printed_at=at,
        printed_by_id=actor.user_id,
    )
    session.add(pad)
    session.flush()
    session.add_all(PaperForm(pad_id=pad.id) for _ in range(count))
    session.flush()
    record(session, actor, "paper.print", ("collection_point", point.id), at, count=count)
    return pad


def bring_in(
    session: Session, actor: Actor, point_id: int, brought: Brought, at: datetime
) -> PaperScan:
    """Put a paper into the inbox, matched to its blank where its number is known.

    Raises as evidence.make; Invalid for a number that is none of this point's, Conflict where
    that blank or this very scan came in before, Refused as print_pad.
    """
    point = point_of(session, actor, point_id, at)
    if brought.file is not None and paper.is_there(session, point.id, brought.file.sha256):
        raise Conflict("this very scan is in the inbox already")
    blank = None
    if not brought.is_card:
        blank = _blank_of(session, point, brought.code, brought.serial)
    kind = EvidenceKind.PAPER_SCAN if brought.file else EvidenceKind.PAPER
    if brought.file is None and blank is None:
        raise Invalid("serial", "without a scan the number of the blank is needed")
    new = NewEvidence(kind, brought.file, brought.original_place)
    row = PaperScan(
        public_id=random_name(),
        collection_point_id=point.id,
        evidence_id=evidence.make(session, actor, new, at).id,
        paper_form_id=blank,
        is_card=brought.is_card,
        brought_at=at,
        brought_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    record(session, actor, "paper.bring", ("paper_scan", row.id), at, is_matched=blank is not None)
    return row


def match(session: Session, actor: Actor, public_id: str, serial: str, at: datetime) -> PaperScan:
    """Say which blank a scan is. Raises NotFound, Invalid, Conflict, Refused as bring_in."""
    row, point = waiting(session, actor, public_id, at)
    row.paper_form_id = _blank_of(session, point, None, serial)
    session.flush()
    record(session, actor, "paper.match", ("paper_scan", row.id), at, form=row.paper_form_id)
    return row


def put_aside(session: Session, actor: Actor, public_id: str, outcome: str, at: datetime) -> None:
    """Nothing is agreed to on it (refused), or it cannot be read: its scan is erased.

    Nobody becomes a contact by that. Twice is no error. Raises NotFound, Invalid.
    """
    if outcome not in {PaperOutcome.REFUSED.value, PaperOutcome.UNREADABLE.value}:
        raise Invalid("outcome", "a paper is refused or unreadable")
    row = scan_of(session, actor, public_id, at)[0]
    if row.outcome == outcome:
        return
    if row.settled_at is not None:
        raise Conflict("this paper was read already")
    settle(session, actor, row, PaperOutcome(outcome), at)
    evidence.erase(session, actor, [session.get_one(Evidence, row.evidence_id)], at)


def spoil(session: Session, actor: Actor, serial: str, at: datetime) -> None:
    """Say that a blank was thrown away; twice is no error. Raises Invalid, NotFound, Conflict."""
    blank = session.get(PaperForm, paper_serials.read(serial))
    if blank is None:
        raise NotFound("there is no such blank")
    pad = session.get_one(PaperPad, blank.pad_id)
    point_of(session, actor, pad.collection_point_id, at)
    if session.scalar(select(PaperScan.id).where(PaperScan.paper_form_id == blank.id)) is not None:
        raise Conflict("this blank has come back")
    blank.spoiled_at = blank.spoiled_at or at
    session.flush()
    record(session, actor, "paper.spoil", ("paper_form", blank.id), at)


def point_of(session: Session, actor: Actor, point_id: int, at: datetime) -> CollectionPoint:
    """The place, where the actor may work with its papers. Raises NotFound, Refused."""
    row = session.get(CollectionPoint, point_id)
    if row is None or row.kind is not CollectionKind.BRANCH_PAPER or row.directory_id is None:
        raise NotFound("there is no such place for papers")
    rights.demand(session, actor, Action.EDIT, row.directory_id, at)
    return row


def scan_of(
    session: Session, actor: Actor, public_id: str, at: datetime
) -> tuple[PaperScan, CollectionPoint]:
    """A paper, held, and its place. Raises NotFound, Refused."""
    query = select(PaperScan).where(PaperScan.public_id == public_id).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise NotFound("there is no such paper")
    return row, point_of(session, actor, row.collection_point_id, at)


def waiting(
    session: Session, actor: Actor, public_id: str, at: datetime
) -> tuple[PaperScan, CollectionPoint]:
    """The same while nobody has read it; Conflict afterwards."""
    row, point = scan_of(session, actor, public_id, at)
    if row.settled_at is not None:
        raise Conflict("this paper was read already")
    return row, point


def _blank_of(
    session: Session, point: CollectionPoint, code: Code | None, serial: str
) -> int | None:
    """The blank with this number; a code that is not ours is no code at all."""
    if serial:
        found = paper.blank(session, point.id, paper_serials.read(serial))
        if found is None:
            raise Invalid("serial", "no blank of this place has that number")
    else:
        found = _coded(session, point, code)
    if found is None:
        return None
    if session.scalar(select(PaperScan.id).where(PaperScan.paper_form_id == found)) is not None:
        raise Conflict("this blank came in before")
    return found


def _coded(session: Session, point: CollectionPoint, code: Code | None) -> int | None:
    """The blank that a code names, where it was printed here with this very notice."""
    if code is None or code.point != point.public_key:
        return None
    try:
        number = paper_serials.read(code.serial)
    except Invalid:
        return None
    is_ours = paper.is_printed(session, number, code.notice, code.point)
    return number if is_ours else None


def settle(
    session: Session, actor: Actor, row: PaperScan, outcome: PaperOutcome, at: datetime
) -> None:
    """Say what became of it."""
    row.outcome, row.settled_at, row.settled_by_id = outcome, at, actor.user_id
    session.flush()
    record(session, actor, "paper.settle", ("paper_scan", row.id), at, outcome=outcome.value)
