"""A contact corrected by a user on a page that he opened a while ago: nobody loses anything."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Conflict, Refused
from app.policy import Action, Viewer
from app.queries import history
from app.services import contact_rows, contacts
from app.services.audit import Actor
from app.services.contact_values import State
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

    `seen` is the newest change that the user had read, 0 for none. Raises Overtaken where a later
    one set one of these fields to something else, NotFound where the contact is hidden from him,
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
    moved = {step.field for step in read.changes if step.id > seen} & changes.keys()
    old = contact_rows.states(session, [contact.id])[contact.id]
    new = contacts.edited(old, changes)
    overtaken = frozenset(name for name in moved if old[name] != new[name])
    if overtaken:
        raise Overtaken(overtaken)
    return contacts.edit(session, actor, contact.id, changes, at)
