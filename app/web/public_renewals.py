"""The page behind the link in a mail that asks anew: a button says yes, looking says nothing."""

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from app.errors import NotFound, Refused
from app.queries import renewal_campaigns as readers
from app.queries.renewal_campaigns import Renewal
from app.services import renewal_campaigns
from app.web.access import outside, visit
from app.web.outside import here, limit, page
from app.web.portal import portal

pages = Blueprint("public_renewals", __name__, url_prefix="/p/r")

MOST = 30
"""So many presses a quarter of an hour from one address."""


@pages.get("/<public_id:token>")
@outside
def show(token: str) -> Response:
    """What goes on if he agrees, and the button; or what became of it."""
    return page("renewal.html", asked=_asked(token), token=token)


@pages.post("/<public_id:token>")
@outside
def renew(token: str) -> Response:
    """Say yes; twice is no error. What cannot be renewed any more is said on the page."""
    limit("renew", MOST)
    asked = _asked(token)
    if asked.state == "waits":
        try:
            with portal().sessions.write() as session:
                renewal_campaigns.renew(session, portal().keys, asked.invitation_id, visit().at)
        except (NotFound, Refused):
            abort(404)
    return redirect(here("public_renewals.show", token=token), 303)


def _asked(token: str) -> Renewal:
    with portal().sessions.read() as session:
        return readers.asked(session, token, visit().at) or abort(404)
