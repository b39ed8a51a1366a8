"""The first page: what needs me now, and what I work on."""

from flask import Blueprint, render_template, request

from app.queries import (
    endings,
    incidents,
    instances,
    leavers,
    outbox,
    recents,
    requests,
    unfinished,
)
from app.queries import overview as readers
from app.web import pictures
from app.web.access import signed_in, user, viewer, visit
from app.web.portal import portal

OPEN_END_YEAR = 9999
FAVOURITES = 12
RECENT = 6
_SETTING_UP = frozenset({"owner", "admin"})
_DECIDING = frozenset({"owner", "dpo"})
_OVERSEEING = _SETTING_UP | _DECIDING

pages = Blueprint("overview", __name__)


@pages.get("/overview")
@signed_in
def index() -> str:
    """A list of exceptions, then whom one calls often, then one's own projects; no totals."""
    at, zone = visit().at, portal().settings.zone
    with portal().sessions.read() as session:
        asked = (session, viewer(), at)
        needs = readers.needs(*asked)
        projects = readers.projects(*asked)
        set_up = readers.set_up(*asked) if visit().roles & _SETTING_UP else None
        ends = endings.of(*asked)
        files, faulty = unfinished.files(*asked), unfinished.faulty(*asked)
        backs = unfinished.current(*asked)
        lost = incidents.undecided(session, at) if visit().roles & _DECIDING else []
        asks = requests.undecided(session, zone, at) if visit().roles & _DECIDING else []
        left = leavers.waited_for(session, at) if visit().roles & _OVERSEEING else []
        restored = instances.restored(session) if visit().roles & _SETTING_UP else None
        mail = outbox.standing(session) if visit().roles & _SETTING_UP else None
        kept = recents.favourites(*asked, FAVOURITES)
        opened = recents.recent(*asked, RECENT)
    if request.method == "GET":
        ids = dict.fromkeys(card.public_id for card in (*kept, *opened))
        portal().gatherer.shown(user().user_id, "overview", list(ids), at)
    return render_template(
        "overview/index.html",
        needs=needs,
        lost=[(case, case.clock(at)) for case in lost],
        restored=restored,
        asks=asks,
        left=left,
        mail=mail if mail and mail.is_stuck(at) else None,
        led={one.slug for one in ends if one.is_project},
        reviews=sum(one.is_review for one in ends),
        files=files,
        faulty=faulty,
        backs=backs,
        counts=unfinished.counts(backs),
        bar=pictures.bar(unfinished.counts(backs)) if backs else (),
        projects=[(one, _days_left(one)) for one in projects],
        set_up=set_up,
        favourites=kept,
        recent=[card for card in opened if card not in kept],
    )


def _days_left(project: readers.Ending) -> int | None:
    """Whole days until it ends; None where no end is set."""
    if project.at.year == OPEN_END_YEAR:
        return None
    return (project.at - visit().at).days
