"""The contact that an address names, as far as the one who asks may know it and act on it."""

from flask import abort, request

from app.policy import Action
from app.queries import one_contact
from app.queries.one_contact import Sheet
from app.web.access import user, viewer, visit
from app.web.portal import portal


def sheet(contact: str) -> Sheet:
    """The contact with all that its page shows; 404 where it is hidden or absent."""
    with portal().sessions.read() as session:
        found = one_contact.find(session, viewer(), contact, visit().at)
    if found is None:
        abort(404)
    return found


def sheet_for(contact: str, action: Action) -> Sheet:
    """The same for somebody who wants to do something with it; 403 where he may only look."""
    found = sheet(contact)
    if action not in rights(found):
        abort(403)
    return found


def rights(found: Sheet) -> frozenset[Action]:
    """What the viewer may do with the contact: what its directory lets him."""
    return found.home.may if found.home else frozenset()


def remember(*public_ids: str) -> None:
    """Note that these contacts were shown."""
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "contact", public_ids, visit().at)
