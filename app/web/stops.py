"""What people stopped, and the two colleagues that it takes to call it recorded in error."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.errors import Conflict, Refused
from app.queries import stops as readers
from app.services import stop_doubts
from app.web import notices
from app.web.access import actor, in_role, viewer, visit
from app.web.forms import OurForm
from app.web.granting import REASON_LENGTH, one_text
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("stops", __name__, url_prefix="/stopped")

GROUNDS = {
    "withdrawal": later("consent taken back"),
    "objection": later("objection"),
    "erasure": later("erased on request"),
    "off-list": later("asked to be taken off the list"),
    "bounce": later("mail came back"),
}
WORDS = {
    "subject": later("by the person"),
    "typed": later("by a typed address"),
    "staff": later("recorded by a colleague"),
    "system": later("by Kustod itself"),
}


class DoubtForm(OurForm):
    """Why it should not have been recorded."""

    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why it was recorded in error.")),
            Length(max=REASON_LENGTH, message=later("This is too long.")),
        ],
    )


@pages.get("")
@in_role("owner", "dpo")
def index() -> str:
    """Everything that is stopped, what is in doubt first."""
    with portal().sessions.read() as session:
        lines = readers.lines(session, viewer().user_id)
    return render_template("stops/index.html", lines=lines, grounds=GROUNDS, words=WORDS)


@pages.get("/<public_id:stop>")
@in_role("owner", "dpo")
def show(stop: str) -> str:
    """Ask why this one was recorded in error."""
    return _page(stop, DoubtForm())


@pages.post("/<public_id:stop>")
@in_role("owner", "dpo")
def doubt(stop: str) -> tuple[str, int] | Response:
    """Say so; a colleague has to agree."""
    form = DoubtForm(request.form)
    if not form.validate():
        return _page(stop, form), 422
    try:
        with portal().sessions.write() as session:
            stop_doubts.doubt(session, actor(), stop, form.reason.data or "", visit().at)
    except Refused:
        abort(403)
    response = redirect(url_for("stops.index"), code=303)
    return notices.say(response, later("Said. It counts on until a colleague agrees."))


@pages.post("/doubts/<public_id:name>")
@in_role("owner", "dpo")
def answer(name: str) -> Response:
    """Agree, or leave it as it is."""
    agrees = request.form.get("answer") == "yes"
    response = redirect(url_for("stops.index"), code=303)
    try:
        with portal().sessions.write() as session:
            stop_doubts.answer(session, actor(), name, visit().at, agrees=agrees)
    except Refused:
        abort(403)
    except Conflict:
        return notices.say(response, later("It was answered already."))
    said = later("It counts no more.") if agrees else later("It stays stopped.")
    return notices.say(response, said)


def _page(stop: str, form: DoubtForm) -> str:
    with portal().sessions.read() as session:
        found = [one for one in readers.lines(session, viewer().user_id) if one.id == stop]
    if not found:
        abort(404)
    if not found[0].may_be_error:
        abort(403)
    return render_template(
        "stops/show.html", line=found[0], form=form, grounds=GROUNDS, words=WORDS
    )
