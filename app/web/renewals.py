"""What ends soon and can be renewed in one press, and access that has to be looked at again."""

from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import endings
from app.queries.endings import Ending
from app.services import grants, projects, reviews
from app.services.moments import last_day
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.granting import EndForm
from app.web.portal import portal
from app.web.texts import later

SHORTEST, LONGEST = timedelta(days=30), timedelta(days=365)

pages = Blueprint("renewals", __name__, url_prefix="/renewals")


@pages.get("")
@signed_in
def index() -> str:
    """Everything that the one who asks can renew or has to look at."""
    return _page()


@pages.post("")
@signed_in
def renew() -> tuple[str, int] | Response:
    """Let one thing go on until another day, with the reason that is recorded."""
    ending, form, at = _named(), EndForm(request.form), visit().at
    if ending.is_review:
        abort(404)
    form.no_end.data = False
    if not form.validate():
        return _page(ending, form), 422
    if form.end <= ending.ends_at:
        form.until.errors = [later("Choose a day after the present end.")]
        return _page(ending, form), 422
    asked = (actor(), ending.ref_id, form.end, form.reason.data or "", at)
    with portal().sessions.write() as session:
        if ending.is_project:
            projects.extend(session, *asked)
        else:
            grants.extend(session, *asked)
    response = redirect(url_for("renewals.index"), code=303)
    return notices.say(response, later("Goes on: %(name)s"), name=ending.holder or ending.name)


@pages.post("/right")
@signed_in
def confirm() -> Response:
    """Say that access without an end is still right."""
    ending = _named()
    if not ending.is_review:
        abort(404)
    with portal().sessions.write() as session:
        reviews.confirm(session, actor(), ending.ref_id, visit().at)
    response = redirect(url_for("renewals.index"), code=303)
    return notices.say(response, later("Still right: %(name)s"), name=ending.holder)


@pages.post("/end")
@signed_in
def end() -> Response:
    """End access without an end."""
    ending = _named()
    if not ending.is_review:
        abort(404)
    with portal().sessions.write() as session:
        grants.end(session, actor(), ending.ref_id, visit().at)
    response = redirect(url_for("renewals.index"), code=303)
    message = later("Access ended: %(name)s. Phones are told at their next connection.")
    return notices.say(response, message, name=ending.holder)


def _found() -> list[Ending]:
    with portal().sessions.read() as session:
        return endings.of(session, viewer(), visit().at)


def _named() -> Ending:
    key = request.form.get("what", "")
    return next((one for one in _found() if one.key == key), None) or abort(404)


def _page(wrong: Ending | None = None, form: EndForm | None = None) -> str:
    found = _found()
    return render_template(
        "renewals/index.html",
        ends=[(one, _usual(one)) for one in found if not one.is_review],
        reviews=[one for one in found if one.is_review],
        wrong=wrong,
        form=form,
        at=visit().at,
    )


def _usual(ending: Ending) -> str:
    """The day that is proposed: as long again as it was, a month at least, a year at most."""
    term = min(max(ending.ends_at - ending.began_at, SHORTEST), LONGEST)
    until: datetime = ending.ends_at + term
    return last_day(until, portal().settings.zone).isoformat()
