"""A contact corrected by a user on a page that he opened a while ago: nobody loses anything."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Conflict, Refused
from app.policy import Action, Viewer
from app.queries import history
from app.services import contact_rows, contacts
from app.services.audit import Actor
from app.services.contact_values import State, text_of
from app.services.rights import demand


class Overtaken(Conflict):
    """Somebody else changed these fields after the page was opened, to something else."""

    def __init__(self, fields: frozenset[str]) -> None:
        super().__init__(f"changed meanwhile: {', '.join(sorted(fields))}")
        self.fields = fields


def correct(
    session: Session, actor: Actor, public_id: str, changes: State, seen: int, at: datetime
) -> frozenset[str]:
    """Change these fields as `contacts.edit` does; which of them really changed.

    `seen` is the newest change that the user had read, 0 for none; a field that says what he had
    read was not changed by him. Raises Overtaken where a later change set one of the others to
    something else, NotFound where the contact is hidden from him,
    Refused where he may not edit it or names a field that his profile hides or is no user, Invalid.
    """
    if actor.user_id is None:
        raise Refused("only a user has read a page")
    contact = contacts.find(session, public_id, at)
    contact_rows.lock(session, [contact.id])
    viewer = Viewer(actor.user_id)
    hidden = changes.keys() - history.readable(session, viewer, public_id, at)
    demand(session, actor, Action.EDIT, contact.directory_id, at)
    if hidden:
        raise Refused(f"{', '.join(sorted(hidden))}: not for you to read, nor to change")
    read = history.of_contact(session, viewer, public_id, at)
    # Of several later changes of a field the first one, which comes last, says what he had read.
    moved = {step.field: step.old for step in read.changes if step.id > seen}
    old = contact_rows.states(session, [contact.id])[contact.id]
    new = contacts.edited(old, changes)
    meant = {
        name: value
        for name, value in changes.items()
        if name not in moved or history.said(name, text_of(new[name])) != moved[name]
    }
    overtaken = frozenset(name for name in meant if name in moved and old[name] != new[name])
    if overtaken:
        raise Overtaken(overtaken)
    return contacts.edit(session, actor, contact.id, meant, at)
