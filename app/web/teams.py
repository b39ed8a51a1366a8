"""Teams: who belongs to them and until when; what a team may open, all of them may."""

from datetime import datetime

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.cards.text import xml_safe
from app.queries import entitlements
from app.queries import people as colleagues
from app.queries import teams as readers
from app.queries.people import Colleague
from app.queries.teams import TeamView
from app.services import slugs, teams
from app.services.moments import moment
from app.web import notices
from app.web.access import actor, in_role, user, visit
from app.web.forms import OurForm
from app.web.portal import portal
from app.web.texts import later

_LONGEST = 200

pages = Blueprint("teams", __name__, url_prefix="/teams")


def _is_day(_form: OurForm, field: StringField) -> None:
    try:
        moment(field.data or "", portal().settings.zone, is_end=True)
    except (ValueError, OverflowError):
        raise ValidationError(later("Write a date, for example 31. 12. 2026.")) from None


class TeamForm(OurForm):
    """A new team."""

    name = StringField(
        filters=[lambda typed: " ".join(xml_safe(typed or "").split())],
        validators=[
            DataRequired(later("Write the name.")),
            Length(max=_LONGEST, message=later("The name is too long.")),
        ],
    )


class MemberForm(OurForm):
    """Who joins a team, from which day and until which."""

    person = StringField(validators=[DataRequired(later("Choose a colleague."))])
    start = StringField(validators=[Optional(), _is_day])
    until = StringField(validators=[Optional(), _is_day])


@pages.get("")
@in_role("admin", "owner")
def index() -> str:
    """Every team with those who belong to it now."""
    with portal().sessions.read() as session:
        found = readers.everything(session, visit().at)
    return render_template("teams/index.html", teams=found)


@pages.get("/new")
@in_role("admin", "owner")
def new() -> str:
    """The form for a team."""
    return render_template("teams/new.html", form=TeamForm())


@pages.post("/new")
@in_role("admin", "owner")
def add() -> Response:
    """Add a team that nobody belongs to yet."""
    form = TeamForm(request.form)
    if not form.validate():
        return make_response(render_template("teams/new.html", form=form), 422)
    name = form.name.data or ""
    with portal().sessions.write() as session:
        slug = slugs.made_from(name, readers.slugs(session), "team")
        teams.add(session, actor(), slug, name, visit().at)
    response = redirect(url_for("teams.show", team=slug), code=303)
    return notices.say(response, later("The team is there. Now add who belongs to it."))


@pages.get("/<slug:team>")
@in_role("admin", "owner")
def show(team: str) -> str:
    """Who belongs to it, and what that opens."""
    return _page(team, MemberForm())


@pages.post("/<slug:team>/members")
@in_role("admin", "owner")
def join(team: str) -> Response:
    """Let a colleague belong to it in this period and in no other."""
    found, form, at = _team(team), MemberForm(request.form), visit().at
    who = {str(one.id): one for one in _candidates()}.get(form.person.data or "")
    is_ours = form.validate()
    if form.person.data and who is None:
        form.person.errors = [later("Choose a colleague.")]
    start, until = _edge(form.start, is_end=False), _edge(form.until, is_end=True)
    if is_ours and until is not None and until <= (start or at):
        form.until.errors = [later("This day is over before it begins to count.")]
    if who is None or form.errors:
        return make_response(_page(team, form), 422)
    # A day that is going on begins now: what was, stays as it was.
    begins = start if start is not None and start > at else None
    with portal().sessions.write() as session:
        subject = (session, actor(), found.id, who.id, at)
        teams.set_member(*subject, valid_from=begins, valid_until=until)
    response = redirect(url_for("teams.show", team=team), code=303)
    return notices.say(response, later("Belongs to the team: %(name)s"), name=who.name)


@pages.post("/<slug:team>/end")
@in_role("admin", "owner")
def end(team: str) -> Response:
    """Let a colleague belong to it no longer. Twice is no error."""
    found, typed = _team(team), request.form.get("person", "")
    members = {str(one.user_id): one for one in (*found.present, *found.future, *found.past)}
    member = members.get(typed) or abort(404)
    with portal().sessions.write() as session:
        teams.end_member(session, actor(), found.id, member.user_id, visit().at)
    response = redirect(url_for("teams.show", team=team), code=303)
    message = later("Not in the team any more: %(name)s. Phones are told at their next connection.")
    return notices.say(response, message, name=member.name)


def _page(team: str, form: MemberForm) -> str:
    at, found = visit().at, _team(team)
    with portal().sessions.read() as session:
        opens = entitlements.of_team(session, found.id, at)
    return render_template(
        "teams/show.html", team=found, form=form, opens=opens, candidates=_candidates()
    )


def _team(slug: str) -> TeamView:
    with portal().sessions.read() as session:
        return readers.one(session, slug, visit().at) or abort(404)


def _candidates() -> list[Colleague]:
    """Whom the one who asks may let in: nobody but an owner lets himself in."""
    with portal().sessions.read() as session:
        active = colleagues.active(session, visit().at)
    return [one for one in active if one.id != user().user_id or "owner" in visit().roles]


def _edge(field: StringField, *, is_end: bool) -> datetime | None:
    if not field.data or field.errors:
        return None
    return moment(field.data, portal().settings.zone, is_end=is_end)
