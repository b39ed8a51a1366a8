"""Projects: who works with whom and until when; beginning one, its people and contacts."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from app.db import FOREVER
from app.queries import access_table, project_ends, project_pages, standing, take_backs
from app.queries.project_pages import ProjectLine
from app.services import projects
from app.services.choices import PROFILES
from app.services.projects import NewProject
from app.web import boards, fragments, notices
from app.web.access import actor, signed_in, user, viewer, visit
from app.web.forms import id_argument, text_argument
from app.web.portal import portal
from app.web.project_forms import ContactForm, EndForm, MemberForm, NewForm, day_of
from app.web.reminding import of_board
from app.web.texts import later

pages = Blueprint("projects", __name__, url_prefix="/projects")

PAGE = 50
FIRST, NAMED = 8, 200
"""Of what somebody would lose, so many are named at once, and so many at all."""


@pages.get("")
@signed_in
def index() -> str:
    """Every project that one may know of, the open ones first."""
    at = visit().at
    with portal().sessions.read() as session:
        found = project_pages.lines(session, viewer(), at)
        begins = standing.may_begin_projects(session, viewer(), at)
        over = [line.standing.id for line in found if line.ends_at <= at and line.standing.oversees]
        backs = take_backs.of_projects(session, over, at) if over else {}
    return render_template(
        "projects/index.html",
        present=[line for line in found if line.ends_at > at],
        past=[line for line in reversed(found) if line.ends_at <= at],
        backs=backs,
        begins=begins,
        at=at,
        forever=FOREVER,
    )


@pages.get("/new")
@signed_in
def new() -> str:
    """Its name, from when until when, and what goes to phones."""
    _demand_beginner()
    return render_template("projects/new.html", form=NewForm(), profiles=PROFILES)


@pages.post("/new")
@signed_in
def add() -> tuple[str, int] | Response:
    """Begin a project that is led by the one who begins it."""
    _demand_beginner()
    form = NewForm(request.form)
    if not form.validate():
        return render_template("projects/new.html", form=form, profiles=PROFILES), 422
    made = NewProject(
        slug="",
        name=form.name.data or "",
        starts_at=day_of(form.begins.data, is_end=False),
        ends_at=day_of(form.until.data, is_end=True),
        allows_sync=form.phones.data == "yes",
        fields=form.fields.data or PROFILES[0],
    )
    with portal().sessions.write() as session:
        slug = projects.add(session, actor(), made, visit().at).slug
    response = redirect(url_for("projects.show", project=slug), code=303)
    return notices.say(response, later("The project is ready: %(name)s"), name=made.name)


@pages.get("/<slug:project>")
@signed_in
def show(project: str) -> str:
    """Who works in it, with whom, until when."""
    return shown(known(project))


def shown(
    line: ProjectLine, member: MemberForm | None = None, contact: ContactForm | None = None
) -> str:
    """The page, with the forms as they came back."""
    at, after, of = visit().at, id_argument("after"), line.standing
    with portal().sessions.read() as session:
        people = project_pages.members(session, of.id, at)
        parts = project_pages.parts(session, viewer(), of, at, after, PAGE + 1)
        shares = project_pages.may_share(session, viewer(), at)
        colleagues = access_table.people(session, at) if of.steers else []
        asked = (session, viewer(), of, text_argument("find") if shares else "", at)
        finds = project_pages.finds(*asked)
    ids = [part.card.public_id for part in parts[:PAGE]]
    if request.method == "GET":
        also = [card.public_id for card in finds.cards]
        portal().gatherer.shown(user().user_id, "project", [*ids, *also], at)
    inside = {one.id for one in people}
    return render_template(
        "projects/show.html",
        line=line,
        people=people,
        parts=parts[:PAGE],
        after=after,
        following=ids[-1] if len(parts) > PAGE else "",
        shares=shares,
        colleagues=[one for one in colleagues if one.id not in inside],
        finds=finds,
        looked_at=project_pages.LOOKED_AT,
        member=member or MemberForm(),
        contact=contact or ContactForm(),
        at=at,
        forever=FOREVER,
    )


@pages.get("/<slug:project>/end")
@signed_in
def review(project: str) -> str | Response:
    """What would go away from whom and what would stay, if it ended now or on a day."""
    line = overseen(project)
    if line.ends_at <= visit().at:
        return redirect(url_for("projects.take_back", project=project), code=303)
    # A day that is over, or none, is no question: the page answers for now.
    on = text_argument("on")
    return reviewed(line, EndForm(data={"on": on if _coming(on) else ""}))


@pages.post("/<slug:project>/end")
@signed_in
def end(project: str) -> tuple[str, int] | Response:
    """End it now or on that day; a day behind the present end lets it go on until then."""
    line, form, at = steered(project), EndForm(request.form), visit().at
    if not form.validate():
        return reviewed(line, form), 422
    until = day_of(form.on.data, is_end=True) or at
    subject = (actor(), line.standing.id)
    if until > line.ends_at:
        if line.ends_at <= at:
            abort(409)
        if not form.note.data:
            form.note.errors = [later("Write why it is to end later.")]
            return reviewed(line, form), 422
        with portal().sessions.write() as session:
            projects.extend(session, *subject, until, form.note.data, at)
        said = later("The project goes on until the day that you chose: %(name)s")
    else:
        with portal().sessions.write() as session:
            projects.end(session, *subject, at, ends_at=until, note=form.note.data or "")
        said = later("The project will end on the day that you chose: %(name)s")
    room = "projects.take_back" if until <= at else "projects.show"
    if until <= at:
        said = later("The project is over: %(name)s. Phones are told when they next connect.")
    response = redirect(url_for(room, project=project), code=303)
    return notices.say(response, said, name=line.standing.name)


def reviewed(line: ProjectLine, form: EndForm) -> str:
    """The page, for the day that the form names, or for now where it names none that can be."""
    at = visit().at
    until = _coming(form.on.data) or at
    with portal().sessions.read() as session:
        end = project_ends.preview(
            session, viewer(), line.standing.id, min(until, line.ends_at), at
        )
    if request.method == "GET":
        ids = {card.public_id for loss in end.losses for card in loss.cards[:NAMED]}
        ids |= {card.public_id for card in end.left_cards[:NAMED]}
        portal().gatherer.shown(user().user_id, "project", sorted(ids), at)
    return render_template(
        "projects/end.html",
        line=line,
        form=form,
        end=end,
        until=until,
        is_later=until > line.ends_at,
        first=FIRST,
        named=NAMED,
        at=at,
        forever=FOREVER,
    )


@pages.get("/<slug:project>/take-back")
@signed_in
def take_back(project: str) -> str:
    """What went to phones and how far it has come back; asked for again until all is settled."""
    at, line = visit().at, overseen(project)
    with portal().sessions.read() as session:
        back = take_backs.of_project(session, line.standing.id, at)
    return fragments.render(
        "projects/take_back.html",
        "boards/board.html",
        line=line,
        of=line.standing.name,
        alone=False,
        again=url_for("projects.take_back", project=project),
        board=boards.board(back, at),
        reminding=of_board(
            back,
            ("project", line.standing.id),
            url_for("reminders.in_project", project=project),
        ),
        known=text_argument("known"),
        at=at,
        forever=FOREVER,
    )


def overseen(slug: str) -> ProjectLine:
    """The project, where the one who asks may know what it gave to whom."""
    line = known(slug)
    return line if line.standing.oversees else abort(403)


def known(slug: str) -> ProjectLine:
    """The project, where the one who asks may know of it; else there is nothing here."""
    with portal().sessions.read() as session:
        line = project_pages.line(session, viewer(), slug, visit().at)
    return line or abort(404)


def steered(slug: str) -> ProjectLine:
    """The project, where the one who asks decides about it."""
    line = known(slug)
    return line if line.standing.steers else abort(403)


def _coming(typed: str | None) -> datetime | None:
    """The end of the day that was typed; None where it is over, or no day."""
    try:
        until = day_of(typed, is_end=True)
    except ValidationError:
        return None
    return until if until is not None and until > visit().at else None


def _demand_beginner() -> None:
    with portal().sessions.read() as session:
        if not standing.may_begin_projects(session, viewer(), visit().at):
            abort(404)
