"""A value of a contact set back to what it was before one of its changes."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.models import Blob, Contact, ValueChange
from app.models.kinds import SourceKind
from app.policy import Action, Viewer
from app.queries import history
from app.services import contact_rows, contacts
from app.services.audit import Actor, record
from app.services.contact_rows import Change, Writing
from app.services.contact_values import (
    NAMES,
    State,
    Value,
    composed,
    differences,
    draft_of,
    value_of,
)
from app.services.rights import demand

RESTORED = "restored: the value before change"
"""How the source of a restored value begins."""


def restore(
    session: Session, actor: Actor, contact_id: int, change_id: int, at: datetime
) -> frozenset[str]:
    """Give a field the value it had before this change; which fields really changed.

    A list comes back whole, as it was. It is a change like any other, with a source that says
    so. A full name that was made of its parts follows them. Raises NotFound where contact or
    change is absent or hidden from the actor, Refused where he may not edit the directory or
    the picture is kept no more, Invalid if nothing would name the contact.
    """
    contact_rows.lock(session, [contact_id])
    contact = session.get(Contact, contact_id, populate_existing=True)
    if contact is None or contact.erased_at <= at:
        raise NotFound("there is no such contact")
    change = _change(session, actor, contact, change_id, at)
    home = demand(session, actor, Action.EDIT, contact.directory_id, at)
    old = contact_rows.states(session, [contact.id])[contact.id]
    new = _restored(session, old, change)
    moved = frozenset(differences(old, new))
    if moved:
        detail = f"{RESTORED} {change.id}"
        source = contact_rows.add_source(session, actor, SourceKind.ENTRY, detail, at)
        writing = Writing(home, source.id, actor, at)
        contact_rows.apply_changes(session, writing, [Change(contact.id, old, new)])
        if "kind" in moved:
            contacts.give_basis(session, contact.id, home, at)
    said = {"change": change_id, "fields": sorted(moved)}
    record(session, actor, "contact.restore", ("contact", contact_id), at, **said)
    return moved


def _change(
    session: Session, actor: Actor, contact: Contact, change_id: int, at: datetime
) -> ValueChange:
    """The change, where it is one of this contact and the actor may read it."""
    if actor.user_id is not None:
        read = history.of_contact(session, Viewer(actor.user_id), contact.public_id, at)
        if change_id not in {step.id for step in read.changes}:
            raise NotFound("this contact has no such change")
    found = session.get(ValueChange, change_id)
    if found is None or found.contact_id != contact.id:
        raise NotFound("this contact has no such change")
    return found


def _restored(session: Session, old: State, change: ValueChange) -> dict[str, Value]:
    """What the contact says with the value of before. It was fit to keep then, so it is now."""
    field, value = change.field, value_of(change.field, change.old)
    if field == "photo_sha256" and value and session.get(Blob, value) is None:
        raise Refused("that picture is kept no more")
    new: dict[str, Value] = {**old, field: value}
    if field in NAMES and field != "full_name" and old["full_name"] == composed(old):
        new["full_name"] = composed(new)
    if not draft_of(new).shown_name():
        raise Invalid("name", "there must be a name, a firm, a phone or an e-mail")
    return new
