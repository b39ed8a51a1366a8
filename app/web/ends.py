"""Another end for an access: an earlier one for nothing, a later one with a reason."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from app.db import FOREVER
from app.policy import Action
from app.queries.access_table import Entry
from app.queries.directory_pages import DirectoryLine
from app.services import grants
from app.services.moments import last_day
from app.web import notices
from app.web.access import actor, signed_in, visit
from app.web.directories import known
from app.web.granting import REASON_LENGTH, EndForm, one_text
from app.web.portal import portal
from app.web.sharing import named_entry
from app.web.texts import later

pages = Blueprint("ends", __name__, url_prefix="/directories/<slug:directory>/access/change")


class MoveForm(EndForm):
    """The other end; why is asked for a later one alone."""

    reason = StringField(
        filters=[one_text],
        validators=[Length(max=REASON_LENGTH, message=later("This is too long."))],
    )


@pages.get("")
@signed_in
def ask(directory: str) -> str:
    """Until when it is now, and until when it is to be."""
    line, entry = _closing(directory)
    form = MoveForm()
    if entry.until < FOREVER:
        form.until.data = last_day(entry.until, portal().settings.zone).isoformat()
    return _page(line, entry, form)


@pages.post("")
@signed_in
def move(directory: str) -> tuple[str, int] | Response:
    """Move the end."""
    line, entry = _closing(directory)
    form = MoveForm(request.form)
    if not form.validate():
        return _page(line, entry, form), 422
    wrong = _wrong(line, entry, form) if form.end > entry.until else ""
    if wrong:
        form.reason.errors = [wrong]
        return _page(line, entry, form), 422
    asked = (actor(), entry.grant_id, form.end)
    with portal().sessions.write() as session:
        if form.end > entry.until:
            grants.extend(session, *asked, form.reason.data or "", visit().at)
        else:
            grants.shorten(session, *asked, visit().at)
    response = redirect(url_for("access.index", directory=directory), code=303)
    return notices.say(response, later("The end has been changed: %(name)s"), name=entry.name)


def _closing(directory: str) -> tuple[DirectoryLine, Entry]:
    line = known(directory)
    if not line.standing.closes:
        abort(403)
    return line, named_entry(line.standing.id)


def _wrong(line: DirectoryLine, entry: Entry, form: MoveForm) -> str:
    """Why no later end can be given, or "" where it can."""
    if Action.MANAGE not in line.standing.may:
        return later("Only who manages the directory can choose a later end.")
    if entry.until <= visit().at:
        return later("This access is over. Give a new one.")
    if entry.kind == "person" and entry.members[0].is_disabled:
        return later("This account is disabled: nothing can be given to it.")
    return "" if form.reason.data else later("A later end needs a reason.")


def _page(line: DirectoryLine, entry: Entry, form: MoveForm) -> str:
    return render_template(
        "access/change.html", line=line, entry=entry, form=form, forever=FOREVER, at=visit().at
    )
