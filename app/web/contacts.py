"""The contact list: who is it, and how do I reach them."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.policy import Channel
from app.queries import contacts, imports, paging, recents
from app.queries.choices import Choices, choices
from app.queries.filters import Asked
from app.queries.selections import LIMIT
from app.services import favourites
from app.web import fragments
from app.web.access import actor, signed_in, user, viewer, visit
from app.web.choosing import ONE_BY_ONE, Choosing, choosing_in, listed
from app.web.forms import PUBLIC_ID, id_argument, own_page
from app.web.lines import Line, lines
from app.web.listing import asked_in, said_of
from app.web.portal import portal
from app.web.texts import gettext, later

PAGE = 50

pages = Blueprint("contacts", __name__)


_LIVE = {
    "data-hx-get": "/contacts",
    "data-hx-trigger": "input delay:250ms",
    "data-hx-target": "#found",
    "data-hx-swap": "outerHTML",
    "data-hx-sync": "this:replace",
    "data-hx-replace-url": "true",
}
"""On the list itself, the search in the frame narrows it while one types."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list as the template shows it."""

    lines: list[Line]
    total: int
    following: str
    choices: Choices
    imported: str


@pages.get("/contacts")
@signed_in
def index() -> str:
    """One page of the contacts the viewer may look up, and the way to the next one."""
    asked, after = asked_in(request.args), id_argument("after")
    counted = LIMIT if request.args.get("choose") else paging.COUNTED
    found = _found(asked, after, counted)
    choosing = choosing_in(request.args, asked, after, found.total)
    if request.method == "GET":
        ids = [line.public_id for line in found.lines]
        portal().gatherer.shown(user().user_id, "contacts", ids, visit().at)
    return fragments.render(
        "contacts/index.html",
        "contacts/found.html",
        found=found,
        asked=asked,
        ways=_ways(asked, after, found.following, choosing),
        choosing=choosing,
        search=asked.search,
        chips=_chips(asked, found.choices, found.imported),
        after=after,
        counted_up_to=counted,
        live_search=_LIVE,
        wants_part=fragments.wants_part(),
    )


@pages.post("/contacts/favourites")
@signed_in
def favourite() -> Response:
    """Keep a contact at hand, or no longer; back to the page where the star stands."""
    kept, dropped = request.form.get("keep", ""), request.form.get("drop", "")
    public_id = kept or dropped
    if not PUBLIC_ID.fullmatch(public_id):
        abort(400)
    act = favourites.keep if kept else favourites.drop
    try:
        with portal().sessions.write() as session:
            act(session, actor(), viewer(), public_id, visit().at)
    except NotFound:
        abort(404)
    back = own_page(request.form.get("next", ""), url_for("contacts.index"))
    return redirect(f"{back}#star-{public_id}", code=303)


def _found(asked: Asked, after: str, counted: int) -> Found:
    asking, at = viewer(), visit().at
    with portal().sessions.read() as session:
        page = contacts.page(
            session, asking, Channel.PORTAL, at, asked, after, PAGE + 1, counted=counted
        )
        shown = page.cards[:PAGE]
        ids = [card.public_id for card in shown]
        return Found(
            lines=lines(shown, asked.search, recents.kept_among(session, asking, ids)),
            total=page.total,
            following=ids[-1] if len(page.cards) > PAGE else "",
            choices=choices(session, asking, at),
            imported=imports.source(session, asking, asked.imported, at),
        )


def _ways(asked: Asked, after: str, following: str, choosing: Choosing | None) -> dict[str, str]:
    """Addresses of this page, of the first and of the next one, "" where there is none.

    And of this page with ticks to set. Ticks live on one page; all that match, on each of them.
    """
    said = said_of(asked)
    here = said | ({"after": after} if after else {})
    kept = {"choose": choosing.mode if choosing.is_all else ONE_BY_ONE} if choosing else {}
    return {
        "here": listed(here),
        "first": listed(said | kept) if after else "",
        "next": listed(said | {"after": following} | kept) if following else "",
        "choose": listed(here | {"choose": ONE_BY_ONE}),
    }


def _chips(asked: Asked, known: Choices, imported: str) -> list[tuple[str, str]]:
    """What the list is narrowed by, each as words and the address without it."""
    words = {
        "q": asked.search,
        "directory": known.directories.get(asked.directory, asked.directory),
        "project": known.projects.get(asked.project, asked.project),
        "kind": gettext(_KINDS[asked.kind]) if asked.kind else "",
        "assigned": gettext(later("In my charge")),
        "favourites": gettext(later("Favourites")),
        "import": gettext(later("From the import: %(source)s"), source=imported or asked.imported),
    }
    return [(words[name], listed(said_of(asked, without=name))) for name in said_of(asked)]


_KINDS = {"person": later("People"), "organisation": later("Firms")}
