"""Whether a project's contacts may be on phones: off them by one press, onto them with a reason."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import project_pages
from app.queries.project_pages import ProjectLine
from app.services import projects
from app.web import notices
from app.web.access import actor, signed_in, visit
from app.web.portal import portal
from app.web.project_forms import PhonesForm
from app.web.projects import steered
from app.web.texts import later

pages = Blueprint("project_phones", __name__, url_prefix="/projects/<slug:project>/phones")


@pages.get("")
@signed_in
def ask(project: str) -> str:
    """Whose phones would get them, and why they are to."""
    return _page(_open(project), PhonesForm())


@pages.post("")
@signed_in
def let_on(project: str) -> tuple[str, int] | Response:
    """Let them go there."""
    line, form = _open(project), PhonesForm(request.form)
    if not form.validate():
        return _page(line, form), 422
    asked = (actor(), line.standing.id, form.reason.data or "", visit().at)
    with portal().sessions.write() as session:
        projects.let_onto_phones(session, *asked)
    said = later("Its contacts may go to phones from now on: %(name)s")
    return _back(line, said)


@pages.post("/end")
@signed_in
def keep_off(project: str) -> Response:
    """Take them off all phones. Twice is no error."""
    line = steered(project)
    with portal().sessions.write() as session:
        projects.keep_off_phones(session, actor(), line.standing.id, visit().at)
    said = later(
        "Its contacts stay in the portal from now on: %(name)s. "
        "Phones are told when they next connect."
    )
    return _back(line, said)


def _open(slug: str) -> ProjectLine:
    """The project that goes on, where the one who asks decides about it."""
    line = steered(slug)
    return line if line.ends_at > visit().at else abort(403)


def _page(line: ProjectLine, form: PhonesForm) -> str:
    at = visit().at
    with portal().sessions.read() as session:
        people = project_pages.members(session, line.standing.id, at)
    return render_template("projects/phones.html", line=line, people=people, form=form)


def _back(line: ProjectLine, said: str) -> Response:
    way = url_for("projects.show", project=line.standing.slug)
    return notices.say(redirect(way, code=303), said, name=line.standing.name)
