"""Contacts by hand: entered, corrected field by field, put in somebody's charge."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind, Draft
from app.cards.dates import birthday
from app.errors import Invalid, NotFound
from app.models import Assignment, Contact, Directory, LegalBasis
from app.models.kinds import SourceKind
from app.policy import Action
from app.services import bases, checks, consent_bases, contact_rows, periods, several
from app.services.audit import Actor, record
from app.services.bases import Ground
from app.services.contact_rows import Change, Fresh, Writing
from app.services.contact_values import (
    FIELDS,
    NAMES,
    NUMBERS,
    State,
    Value,
    clean,
    composed,
    differences,
    draft_of,
    state_of,
)
from app.services.rights import demand

EDITABLE = frozenset(FIELDS) - {"photo_sha256"}
SHORT = frozenset({*NAMES, "organisation", "department", "title", "role"})
"""Fields in which a person has typed something else when they are very long."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be entered; `source` says from where, in a person's words."""

    draft: Draft
    source: str = ""
    source_kind: SourceKind = SourceKind.ENTRY
    is_sole_trader: bool = False
    registration_number: str = ""
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """The contact made, and the basis that serves it, with what must be said about that."""

    contact: Contact
    ground: Ground

    @property
    def note(self) -> str:
        """What must be said about the basis, empty where all is plain."""
        return self.ground.note


def find(session: Session, public_id: str, at: datetime) -> Contact:
    """The contact with this public id, past the policy: for commands that change it.

    Raises NotFound where it is absent or erased.
    """
    row = session.scalar(
        select(Contact).where(Contact.public_id == public_id, Contact.erased_at > at)
    )
    if row is None:
        raise NotFound("there is no such contact")
    return row


def add(
    session: Session, actor: Actor, directory_id: int, new: NewContact, at: datetime
) -> Entered:
    """Enter a contact with the basis that serves it; without one it is there, but hidden.

    Raises Refused where the actor may not edit the directory, Invalid where nothing names it.
    """
    home = demand(session, actor, Action.EDIT, directory_id, at)
    for name in sorted(SHORT):
        checks.short(getattr(new.draft, name), name)
    draft = replace(_usable(clean(new.draft)), source_uid="")
    state = state_of(draft)
    state |= {name: checks.remark(getattr(new, name)) for name in NUMBERS}
    ground = bases.ground(home, draft.kind, draft.organisation, is_sole_trader=new.is_sole_trader)
    ground = contact_rows.lawful(session, home, ground, state, at)
    source = contact_rows.add_source(session, actor, new.source_kind, checks.remark(new.source), at)
    public_id = contact_rows.new_public_id()
    fresh = Fresh(public_id, draft, state, ground, draft.fingerprint(), new.is_sole_trader)
    ids = contact_rows.insert_contacts(session, Writing(home, source.id, actor, at), [fresh])
    row = session.get_one(Contact, ids[public_id])
    record(session, actor, "contact.add", ("contact", row.id), at, directory=home.id)
    return Entered(row, ground)


def edit(
    session: Session,
    actor: Actor,
    contact_id: int,
    changes: State,
    at: datetime,
    *,
    source: str = "",
) -> frozenset[str]:
    """Change the named fields of a contact; which of them really changed.

    A full name that was made of its parts follows them. Raises NotFound, Refused where the
    actor may not edit the directory, Invalid for an unknown field or if nothing would name it.
    """
    contact_rows.lock(session, [contact_id])
    contact = session.get(Contact, contact_id, populate_existing=True)
    if contact is None or contact.erased_at <= at:
        raise NotFound("there is no such contact")
    home = demand(session, actor, Action.EDIT, contact.directory_id, at)
    old = contact_rows.states(session, [contact.id])[contact.id]
    new = edited(old, changes)
    moved = frozenset(differences(old, new))
    if moved:
        row = contact_rows.add_source(session, actor, SourceKind.ENTRY, checks.remark(source), at)
        writing = Writing(home, row.id, actor, at)
        contact_rows.apply_changes(session, writing, [Change(contact.id, old, new)])
        if "kind" in moved:
            give_basis(session, contact.id, home, at)
    record(session, actor, "contact.edit", ("contact", contact_id), at, fields=sorted(moved))
    return moved


def say_sole_trader(
    session: Session, actor: Actor, public_id: str, at: datetime, *, is_one: bool
) -> bool:
    """Say whether a firm is one person, who then needs a basis; whether that was new.

    Raises NotFound, Refused where the actor may not edit the directory.
    """
    contact = find(session, public_id, at)
    contact_rows.lock(session, [contact.id])
    home = demand(session, actor, Action.EDIT, contact.directory_id, at)
    if contact.is_sole_trader == is_one:
        return False
    contact.is_sole_trader = is_one
    session.flush()
    give_basis(session, contact.id, home, at)
    told = {"is_one": is_one}
    record(session, actor, "contact.sole-trader", ("contact", contact.id), at, **told)
    return True


def assign(  # noqa: PLR0913 - an assignment has that many facts
    session: Session,
    actor: Actor,
    contact_id: int,
    user_id: int,
    at: datetime,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Assignment:
    """Put a contact in the charge of a colleague in this period, and from now on in no other.

    Raises Refused where the actor does not manage the directory or the colleague is disabled,
    Invalid for a period that ends before it begins, NotFound.
    """
    subject = (session, actor, [contact_id], user_id, at)
    return several.assign(*subject, valid_from=valid_from, valid_until=valid_until)[0]


def unassign(session: Session, actor: Actor, contact_id: int, user_id: int, at: datetime) -> None:
    """Take a contact out of a colleague's charge; one who is not in charge is no error."""
    periods.end(_assignments(session, contact_id, user_id, at), at)
    record(session, actor, "contact.unassign", ("contact", contact_id), at, user=user_id)
    session.flush()


def give_basis(session: Session, contact_id: int, home: Directory, at: datetime) -> None:
    """A firm that turns out to be a person needs a basis, if he has none yet."""
    contact = session.get_one(Contact, contact_id)
    ground = bases.ground(
        home, contact.kind, contact.organisation, is_sole_trader=contact.is_sole_trader
    )
    his = (LegalBasis.contact_id == contact_id, LegalBasis.purpose_id == home.purpose_id)
    if ground.kind is None or periods.unfinished(session, LegalBasis, at, *his):
        return
    if consent_bases.is_closed(session, contact_id, home.purpose_id, at):
        return
    session.add(
        LegalBasis(
            contact_id=contact_id,
            purpose_id=home.purpose_id,
            kind=ground.kind,
            text=ground.text,
            valid_from=at,
        )
    )
    session.flush()


def _assignments(session: Session, contact_id: int, user_id: int, at: datetime) -> list[Assignment]:
    where = (Assignment.contact_id == contact_id, Assignment.user_id == user_id)
    return list(periods.unfinished(session, Assignment, at, *where))


def edited(old: State, changes: State) -> dict[str, Value]:
    """What a contact would say after these changes.

    Raises Invalid for an unknown field, or if nothing would name it.
    """
    unknown = sorted(changes.keys() - EDITABLE)
    if unknown:
        raise Invalid("field", f"{', '.join(unknown)} cannot be changed")
    for name in sorted(SHORT & changes.keys()):
        checks.short(str(changes[name]), name)
    new: dict[str, Value] = {**old, **changes}
    if "full_name" not in changes and old["full_name"] == composed(old):
        new["full_name"] = composed(new)
    checks.choice(ContactKind, str(new["kind"]), "kind")
    draft = _usable(clean(draft_of(new)))
    kept = {name: str(new[name]).strip() for name in (*NUMBERS, "photo_sha256")}
    return {**state_of(draft), **kept}


def _usable(draft: Draft) -> Draft:
    """The draft with a birthday in our spelling. Raises Invalid where nothing names it."""
    if not draft.shown_name():
        raise Invalid("name", "there must be a name, a firm, a phone or an e-mail")
    day = birthday(draft.birthday)
    if draft.birthday and not day:
        raise Invalid("birthday", f"{draft.birthday!r} is no day such as 1980-03-22 or --03-22")
    return replace(draft, birthday=day)
