"""The first page: what needs me now, and what I work on."""

from flask import Blueprint, render_template

from app.queries import overview as readers
from app.web.access import signed_in, viewer, visit
from app.web.portal import portal

OPEN_END_YEAR = 9999
_SETTING_UP = frozenset({"owner", "admin"})

pages = Blueprint("overview", __name__)


@pages.get("/overview")
@signed_in
def index() -> str:
    """A list of exceptions, then one's own projects; no totals."""
    at = visit().at
    with portal().sessions.read() as session:
        asked = (session, viewer(), at)
        needs = readers.needs(*asked)
        projects = readers.projects(*asked)
        set_up = readers.set_up(*asked) if visit().roles & _SETTING_UP else None
    return render_template(
        "overview/index.html",
        needs=needs,
        projects=[(one, _days_left(one)) for one in projects],
        set_up=set_up,
    )


def _days_left(project: readers.Ending) -> int | None:
    """Whole days until it ends; None where no end is set."""
    if project.at.year == OPEN_END_YEAR:
        return None
    return (project.at - visit().at).days
