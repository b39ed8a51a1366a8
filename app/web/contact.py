"""One contact: who it is, how to reach it, what it may be used for."""

from flask import Blueprint, Response, abort, render_template, request

from app.policy import Action
from app.queries import one_contact
from app.queries.one_contact import Sheet
from app.web import contact_words
from app.web.access import signed_in, user, viewer, visit
from app.web.portal import portal

pages = Blueprint("contact", __name__, url_prefix="/contacts")


@pages.get("/<public_id:contact>")
@signed_in
def show(contact: str) -> str:
    """Everything that the viewer may know of it, and what he may do with it."""
    sheet = _sheet(contact)
    _remember([contact, *(tie.card.public_id for tie in sheet.ties)])
    return render_template(
        "contact/show.html",
        sheet=sheet,
        card=sheet.card,
        may=sheet.home.may if sheet.home else frozenset[Action](),
        words=contact_words,
    )


@pages.get("/<public_id:contact>/photo")
@signed_in
def photo(contact: str) -> Response:
    """The picture, for whom the policy gives one to."""
    with portal().sessions.read() as session:
        mime, data = one_contact.photo(session, viewer(), contact, visit().at)
    if not data:
        abort(404)
    _remember([contact])
    return Response(data, mimetype=mime)


def _sheet(contact: str) -> Sheet:
    with portal().sessions.read() as session:
        found = one_contact.find(session, viewer(), contact, visit().at)
    if found is None:
        abort(404)
    return found


def _remember(public_ids: list[str]) -> None:
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "contact", public_ids, visit().at)
