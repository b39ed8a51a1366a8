"""The page behind the link in a mail that asks: a button says yes, looking says nothing."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from app.queries import opt_in as readers
from app.queries.opt_in import Request
from app.services import opt_in
from app.web.access import outside, visit
from app.web.outside import here, limit, page
from app.web.portal import portal

pages = Blueprint("public_confirm", __name__, url_prefix="/p/k")

MOST = 30
"""So many presses a quarter of an hour from one address."""


@dataclass(frozen=True, slots=True)
class Held:
    """A link with what it asks about."""

    request: Request
    phone: str


@pages.get("/<public_id:token>")
@outside
def show(token: str) -> Response:
    """What is agreed to, and the button; or what became of it."""
    held = _held(token)
    return page("form_confirm.html", request_=held.request, token=token, at=visit().at)


@pages.post("/<public_id:token>")
@outside
def confirm(token: str) -> Response:
    """Say yes; twice is no error. What cannot be confirmed any more is said on the page."""
    limit("confirm", MOST)
    held = _held(token)
    if held.request.state == "waits":
        with portal().sessions.write() as session:
            opt_in.confirm(session, held.request.nonce, held.phone, visit().at)
    return redirect(here("public_confirm.show", token=token), 303)


def _held(token: str) -> Held:
    with portal().sessions.read() as session:
        found = readers.asked(session, token, visit().at)
    if found is None:
        abort(404)
    return Held(*found)
