"""What became of one contact: each change in words, and one press that takes it back."""

import re

from flask import abort, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.errors import Invalid, NotFound, Refused
from app.policy import Action
from app.queries import history as readers
from app.queries import one_contact
from app.services import restores
from app.web import contact_words, notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.contact_access import remember, rights, sheet, sheet_for
from app.web.portal import portal
from app.web.texts import later

_NUMBER = re.compile(r"[0-9]{1,18}")


@signed_in
def history(contact: str) -> str:
    """Where it came from and every change since, of the fields that the viewer may see."""
    return _page(contact)


@signed_in
def restore(contact: str, change: str) -> Response:
    """Give a field the value it had before this change."""
    found = sheet_for(contact, Action.EDIT)
    if not _NUMBER.fullmatch(change):
        abort(404)
    try:
        with portal().sessions.write() as session:
            restores.restore(session, actor(), found.id, int(change), visit().at)
    except NotFound:
        abort(404)
    except Refused:
        return make_response(_page(contact, later("That picture is kept no more.")), 409)
    except Invalid:
        said = later("Then nothing would name the contact any more: no name, firm, phone, e-mail.")
        return make_response(_page(contact, said), 409)
    response = redirect(url_for("contact.history", contact=contact), code=303)
    return notices.say(response, later("The earlier value is back."))


def _page(contact: str, problem: str = "") -> str:
    found = sheet(contact)
    with portal().sessions.read() as session:
        read = readers.of_contact(session, viewer(), contact, visit().at)
        names = one_contact.names(session, {step.actor for step in read.changes if step.actor})
    remember(contact)
    return render_template(
        "contact/history.html",
        sheet=found,
        card=found.card,
        may=rights(found),
        changes=read.changes,
        names=names,
        problem=problem,
        words=contact_words,
    )
