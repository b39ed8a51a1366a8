"""Legal bases of single contacts: which one serves him, and the intervals in which it holds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.errors import Invalid, NotFound, Refused
from app.models import Contact, Directory, LegalBasis, Purpose, RoleName, UserRole
from app.models.kinds import BasisKind
from app.policy import Viewer, in_role
from app.services import checks, consent_bases, periods
from app.services.audit import Actor, record
from app.services.stop_bases import OF_OUR_OWN_ACCORD

_WITH_HIMSELF = frozenset({BasisKind.CONTRACT, BasisKind.PRE_CONTRACT, BasisKind.OWN_CUSTOMER})
"""Bases that need him to be the other party, which a firm's contact person is not."""

_FIRMS = frozenset({"customers-firms", "suppliers", "prospects"})
"""Presets in which a person with a firm stands for the firm, not for himself."""


class Fit(StrEnum):
    """Whether the directory's own basis serves a contact, another one of it does, or none."""

    OWN = "own"
    OTHER = "other"
    NO_CONSENT = "no-consent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Ground:
    """The basis that serves a contact; None where he is hidden or needs none. `note` says why."""

    kind: BasisKind | None
    text: str = ""
    note: str = ""
    fit: Fit = Fit.OWN


@dataclass(frozen=True, slots=True)
class Override:
    """Why another basis may stand in for a withdrawn consent, and which officer says so."""

    officer_id: int
    reason: str


def ground(
    home: Directory, kind: ContactKind, organisation: str, *, is_sole_trader: bool
) -> Ground:
    """Which basis a new contact of this directory gets."""
    if kind is ContactKind.ORGANISATION and not is_sole_trader:
        return Ground(None)
    if home.basis is BasisKind.CONSENT:
        return Ground(
            None, note="Hidden: no consent is recorded for this person yet.", fit=Fit.NO_CONSENT
        )
    stands_for_firm = bool(organisation) and not is_sole_trader and home.preset in _FIRMS
    if home.basis not in _WITH_HIMSELF or not stands_for_firm:
        return Ground(home.basis, home.basis_text)
    if not home.fallback_basis:
        return Ground(
            None,
            note=f"Hidden: {home.basis.value} does not cover a firm's contact person, and the "
            "directory names no other basis.",
            fit=Fit.NONE,
        )
    return Ground(
        BasisKind(home.fallback_basis),
        home.fallback_text,
        note=f"Kept for {home.fallback_basis}: {home.basis.value} does not cover a firm's "
        "contact person.",
        fit=Fit.OTHER,
    )


def add(  # noqa: PLR0913 - what every caller says, and what few do
    session: Session,
    actor: Actor,
    contact_id: int,
    at: datetime,
    *,
    kind: str = "",
    valid_until: datetime | None = None,
    override: Override | None = None,
) -> LegalBasis:
    """Let a basis hold for the purpose of the contact's directory, from now until its end.

    Unless one is named, it is the one that serves him there. Raises NotFound, Invalid for an
    unknown kind or an end that is past; Refused for a firm, for a consent, which is recorded
    with its notice and proof, and where the person withdrew from the purpose or objected to
    it, unless the data protection officer answers for it.
    """
    contact, home = _at_home(session, contact_id, at)
    if contact.kind is ContactKind.ORGANISATION and not contact.is_sole_trader:
        raise Refused("a firm needs no basis: only people do")
    own = ground(home, contact.kind, contact.organisation, is_sole_trader=contact.is_sole_trader)
    basis = checks.choice(BasisKind, kind, "kind") if kind else own.kind or home.basis
    span = checks.period(at, valid_until, at)
    if basis is BasisKind.CONSENT:
        raise Refused(
            "a consent is recorded with what the person was told and with proof: "
            "see `kustod consent record`"
        )
    _demand_open(session, contact, home, at, override)
    _demand_wanted(session, contact, home, at, basis)
    text = {own.kind: own.text, home.basis: home.basis_text}.get(basis, "")
    if override is not None:
        text = checks.remark(override.reason)

    def make(start: datetime, until: datetime) -> LegalBasis:
        made = LegalBasis(
            contact_id=contact.id,
            purpose_id=home.purpose_id,
            kind=basis,
            text=text,
            valid_from=start,
            valid_until=until,
        )
        session.add(made)
        return made

    rows = _unfinished(session, contact, home, at, basis)
    row = periods.settle(rows, span, at, make)
    despite = override.officer_id if override else None
    record(session, actor, "basis.add", ("contact", contact.id), at, kind=basis, despite=despite)
    session.flush()
    return row


def end(session: Session, actor: Actor, contact_id: int, at: datetime, *, kind: str = "") -> int:
    """End the bases of a contact for his directory's purpose, or those of one kind.

    Says how many it ended; none is no error. Raises NotFound, Invalid for an unknown kind.
    """
    contact, home = _at_home(session, contact_id, at)
    basis = checks.choice(BasisKind, kind, "kind") if kind else None
    ended = periods.end(_unfinished(session, contact, home, at, basis), at)
    record(session, actor, "basis.end", ("contact", contact.id), at, ended=ended)
    session.flush()
    return ended


def _at_home(session: Session, contact_id: int, at: datetime) -> tuple[Contact, Directory]:
    contact = session.get(Contact, contact_id)
    if contact is None or contact.erased_at <= at:
        raise NotFound("there is no such contact")
    return contact, session.get_one(Directory, contact.directory_id)


def _demand_open(
    session: Session, contact: Contact, home: Directory, at: datetime, override: Override | None
) -> None:
    """Nobody turns to another basis behind the back of who took his consent away."""
    is_closed = consent_bases.is_closed(session, contact.id, home.purpose_id, at)
    if override is None:
        if is_closed:
            raise Refused(
                "the person withdrew or objected; another basis for the same purpose needs the "
                "data protection officer"
            )
        return
    if not checks.remark(override.reason):
        raise Invalid("reason", "it is empty")
    is_officer = in_role(Viewer(override.officer_id), RoleName.DPO, at=at)
    held = select(UserRole.role).where(UserRole.user_id == override.officer_id, is_officer)
    if session.scalar(held.limit(1)) is None:
        raise Refused("only the data protection officer answers for that")


def _demand_wanted(
    session: Session, contact: Contact, home: Directory, at: datetime, basis: BasisKind
) -> None:
    """Marketing of our own accord, once stopped, nobody here allows again."""
    is_marketing = session.get_one(Purpose, home.purpose_id).is_marketing
    if not is_marketing or basis not in OF_OUR_OWN_ACCORD:
        return
    if consent_bases.is_closed(session, contact.id, home.purpose_id, at):
        raise Refused("the person stopped this marketing: only he himself can allow it again")


def _unfinished(
    session: Session, contact: Contact, home: Directory, at: datetime, kind: BasisKind | None
) -> list[LegalBasis]:
    where = [LegalBasis.contact_id == contact.id, LegalBasis.purpose_id == home.purpose_id]
    if kind is not None:
        where.append(LegalBasis.kind == kind)
    return list(periods.unfinished(session, LegalBasis, at, *where))
