"""The presses that remind somebody: on the board of a project and on that of a person."""

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from app.queries import leavers, take_backs
from app.web import reminding
from app.web.access import in_role, signed_in, visit
from app.web.people import known
from app.web.portal import portal
from app.web.projects import overseen

pages = Blueprint("reminders", __name__)


@pages.post("/projects/<slug:project>/take-back/remind")
@signed_in
def in_project(project: str) -> Response:
    """Remind one who worked in a project that is over."""
    line = overseen(project)
    with portal().sessions.read() as session:
        back = take_backs.of_project(session, line.standing.id, visit().at)
    way = url_for("projects.take_back", project=project)
    return reminding.remind(back, ("project", line.standing.id), way)


@pages.post("/people/<int(max=2147483647):person>/take-back/remind")
@in_role("admin", "owner", "dpo")
def of_person(person: int) -> Response:
    """Remind a colleague who left."""
    found = known(person)
    with portal().sessions.read() as session:
        back = leavers.of_person(session, found.id, visit().at) or abort(404)
    return reminding.remind(back, ("user", found.id), url_for("leaving.take_back", person=person))
