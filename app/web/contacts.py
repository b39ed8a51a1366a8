"""The contact list: who is it, and how do I reach them."""

from flask import Blueprint, render_template, request

from app.policy import Channel
from app.queries import contacts
from app.web.access import signed_in, user, viewer, visit
from app.web.forms import id_argument, text_argument
from app.web.portal import portal

PAGE = 50
COUNTED_UP_TO = 1_000

pages = Blueprint("contacts", __name__)


@pages.get("/contacts")
@signed_in
def index() -> str:
    """One page of the contacts the viewer may look up, and the way to the next one."""
    search, after = text_argument("q"), id_argument("after")
    with portal().sessions.read() as session:
        asked = (session, viewer(), Channel.PORTAL, visit().at, search)
        cards = contacts.listing(*asked, after, PAGE + 1)
        total = contacts.count(*asked)
    shown, more = cards[:PAGE], len(cards) > PAGE
    if request.method == "GET":
        ids = [card.public_id for card in shown]
        portal().gatherer.shown(user().user_id, "contacts", ids, visit().at)
    return render_template(
        "contacts/index.html",
        cards=shown,
        search=search,
        after=after,
        following=shown[-1].public_id if more else "",
        total=total,
        counted_up_to=COUNTED_UP_TO,
    )
