"""Who works in a project and who takes part in it: letting in, taking out, leading."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from app.policy import Channel
from app.queries import access_table, contacts, project_pages, standing
from app.queries.access_table import Person
from app.queries.project_pages import Member, ProjectLine
from app.services import projects
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.forms import SEARCH_LENGTH
from app.web.portal import portal
from app.web.project_forms import ContactForm, MemberForm, day_of, one_line
from app.web.projects import known, shown, steered
from app.web.texts import later

pages = Blueprint("participants", __name__, url_prefix="/projects/<slug:project>")


@pages.post("/people")
@signed_in
def let_in(project: str) -> tuple[str, int] | Response:
    """Let a colleague work in it."""
    line, form = steered(project), MemberForm(request.form)
    _demand_open(line)
    with portal().sessions.read() as session:
        who = _named(access_table.people(session, visit().at), form.who.data or "")
    if not form.validate() or who is None:
        if who is None:
            form.who.errors = [*form.who.errors, later("Choose a colleague.")]
        return shown(line, member=form), 422
    until = day_of(form.until.data, is_end=True)
    with portal().sessions.write() as session:
        subject = (session, actor(), line.standing.id, who.id, visit().at)
        projects.set_member(*subject, valid_until=until)
    return _said(line, later("Works in the project now: %(name)s"), who.name)


@pages.post("/people/end")
@signed_in
def take_out(project: str) -> Response:
    """Let a colleague work in it no longer. Twice is no error."""
    line = steered(project)
    who = _member(line)
    with portal().sessions.write() as session:
        projects.end_member(session, actor(), line.standing.id, who.id, visit().at)
    said = later(
        "Works in the project no longer: %(name)s. Phones are told when they next connect."
    )
    return _said(line, said, who.name)


@pages.post("/people/lead")
@signed_in
def make_lead(project: str) -> Response:
    """Let a member decide about it too."""
    line = steered(project)
    who = _member(line)
    with portal().sessions.write() as session:
        projects.make_lead(session, actor(), line.standing.id, who.id, visit().at)
    return _said(line, later("Decides about the project too: %(name)s"), who.name)


@pages.post("/contacts")
@signed_in
def add(project: str) -> tuple[str, int] | Response:
    """Let a contact take part, which opens it to everybody who works here."""
    line, form, at = known(project), ContactForm(request.form), visit().at
    with portal().sessions.read() as session:
        if not project_pages.may_share(session, viewer(), at):
            abort(403)
        wanted = form.contact.data or ""
        mine = project_pages.shareable(session, viewer(), [wanted], at)
        cards = contacts.several(session, viewer(), Channel.PORTAL, list(mine), at)
    _demand_open(line)
    if wanted not in mine:
        abort(404)
    if not form.validate():
        return shown(line, contact=form), 422
    with portal().sessions.write() as session:
        subject = (session, actor(), line.standing.id, mine[wanted], at)
        projects.set_contact(*subject, role=form.role.data or "")
    name = cards[wanted].shown_name()
    find = one_line(request.form.get("find"))[:SEARCH_LENGTH]
    return _said(line, later("Takes part in the project now: %(name)s"), name, find)


@pages.post("/contacts/end")
@signed_in
def remove(project: str) -> Response:
    """Let a contact take part no longer. Twice is no error."""
    line, at = known(project), visit().at
    wanted = request.form.get("contact", "")
    with portal().sessions.read() as session:
        if not (line.standing.steers or project_pages.may_share(session, viewer(), at)):
            abort(403)
        inner_id = project_pages.participant(session, viewer(), line.standing, wanted, at)
        cards = contacts.several(session, viewer(), Channel.PORTAL, [wanted], at)
    if not inner_id:
        abort(404)
    with portal().sessions.write() as session:
        projects.end_contact(session, actor(), line.standing.id, inner_id, at)
    name = cards[wanted].shown_name() if wanted in cards else ""
    said = later("Takes part no longer: %(name)s. Phones are told when they next connect.")
    return _said(line, said, name)


def _demand_open(line: ProjectLine) -> None:
    """Nobody and nothing comes into a project that is over."""
    if line.ends_at <= visit().at:
        abort(409)


def _named(people: list[Person], email: str) -> Person | None:
    return next((one for one in people if one.email == email), None)


def _member(line: ProjectLine) -> Member:
    """The member that the form names, of now or before."""
    email = request.form.get("who", "")
    with portal().sessions.read() as session:
        found = project_pages.member(session, line.standing.id, email)
    return found or abort(404)


def _said(line: ProjectLine, message: str, name: str, find: str = "") -> Response:
    """Back to the project, with the search that goes on for the next contact."""
    with portal().sessions.read() as session:
        still = standing.in_project(session, viewer(), line.standing.slug, visit().at)
    # Who took himself out may know of it no longer.
    address = url_for("projects.index")
    if still:
        searched: dict[str, Any] = {"find": find, "_anchor": "add"} if find else {}
        address = url_for("projects.show", project=line.standing.slug, **searched)
    return notices.say(redirect(address, code=303), message, name=name)
