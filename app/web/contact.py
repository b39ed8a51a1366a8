"""One contact: who it is, how to reach it, what it may be used for; and its other pages."""

from flask import Blueprint, Response, abort, render_template

from app.queries import consents, one_contact, recents
from app.web import (
    consent_words,
    contact_charge,
    contact_entry,
    contact_past,
    contact_projects,
    contact_words,
)
from app.web.access import signed_in, viewer, visit
from app.web.contact_access import remember, rights, sheet
from app.web.portal import portal

pages = Blueprint("contact", __name__, url_prefix="/contacts")


@pages.get("/<public_id:contact>")
@signed_in
def show(contact: str) -> str:
    """Everything that the viewer may know of it, and what he may do with it."""
    found = sheet(contact)
    remember(contact, *(tie.card.public_id for tie in found.ties))
    with portal().sessions.read() as session:
        is_kept = contact in recents.kept_among(session, viewer(), [contact])
        agreed = consents.standings(session, found.id, visit().at)
    return render_template(
        "contact/show.html",
        sheet=found,
        card=found.card,
        may=rights(found),
        words=contact_words,
        is_kept=is_kept,
        agreed=agreed,
        say=consent_words,
    )


@pages.get("/<public_id:contact>/photo")
@signed_in
def photo(contact: str) -> Response:
    """The picture, for whom the policy gives one to."""
    with portal().sessions.read() as session:
        mime, data = one_contact.photo(session, viewer(), contact, visit().at)
    if not data:
        abort(404)
    remember(contact)
    return Response(data, mimetype=mime)


pages.add_url_rule("/new", view_func=contact_entry.new, methods=["GET"])
pages.add_url_rule("/new", view_func=contact_entry.enter, methods=["POST"])
pages.add_url_rule("/<public_id:contact>/edit", view_func=contact_entry.edit, methods=["GET"])
pages.add_url_rule("/<public_id:contact>/edit", view_func=contact_entry.save, methods=["POST"])
pages.add_url_rule("/<public_id:contact>/history", view_func=contact_past.history, methods=["GET"])
pages.add_url_rule(
    "/<public_id:contact>/history/<public_id:change>",
    view_func=contact_past.restore,
    methods=["POST"],
)
pages.add_url_rule("/<public_id:contact>/charge", "assign", contact_charge.assign, methods=["GET"])
pages.add_url_rule("/<public_id:contact>/charge", "charge", contact_charge.give, methods=["POST"])
pages.add_url_rule(
    "/<public_id:contact>/charge/end", "discharge", contact_charge.end, methods=["POST"]
)
pages.add_url_rule("/<public_id:contact>/projects", "projects", contact_projects.ask)
pages.add_url_rule(
    "/<public_id:contact>/projects", "put_in", contact_projects.put, methods=["POST"]
)
pages.add_url_rule(
    "/<public_id:contact>/projects/end", "take_out", contact_projects.take_out, methods=["POST"]
)
