"""The outbox: did a message leave, and what did it say; for those who run the place."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import outbox as readers
from app.queries.outbox import Message, MessageState
from app.services import outbox, posting
from app.web import notices
from app.web.access import actor, in_role, visit
from app.web.forms import id_argument
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("outbox", __name__, url_prefix="/outbox")

_STATES = {state.value: state for state in MessageState}


@pages.get("")
@in_role("admin", "owner")
def index() -> str:
    """Every message, the newest first, or those of one state."""
    state = _STATES.get(request.args.get("state", ""))
    before = id_argument("before")
    with portal().sessions.read() as session:
        found = readers.lines(session, state, before)
        counts = readers.counts(session)
    shown = found[: readers.PAGE]
    return render_template(
        "outbox/index.html",
        messages=shown,
        counts=counts,
        state=state,
        before=before,
        following=shown[-1].public_id if len(found) > len(shown) else "",
        is_set_up=_is_set_up(),
    )


@pages.post("/test")
@in_role("admin", "owner")
def test() -> Response:
    """Send a message to oneself, to see whether mail arrives."""
    with portal().sessions.write() as session:
        name = posting.write_test(session, actor(), portal().settings, visit().at)
    response = redirect(url_for("outbox.show", message=name), code=303)
    return notices.say(response, later("A message to you is in the outbox."))


@pages.get("/<public_id:message>")
@in_role("admin", "owner")
def show(message: str) -> str:
    """What one message says, and what became of it."""
    return render_template(
        "outbox/show.html",
        message=_message(message),
        is_set_up=_is_set_up(),
        kept_days=outbox.KEPT.days,
    )


@pages.post("/<public_id:message>/again")
@in_role("admin", "owner")
def again(message: str) -> Response:
    """Send it now, from the first try on."""
    line = _message(message).line
    if line.state is MessageState.SENT or line.erased_at is not None:
        abort(409)
    with portal().sessions.write() as session:
        outbox.again(session, actor(), message, visit().at)
    response = redirect(url_for("outbox.show", message=message), code=303)
    return notices.say(response, later("The message is sent as soon as mail can be sent."))


@pages.post("/<public_id:message>/cancel")
@in_role("admin", "owner")
def cancel(message: str) -> Response:
    """Send it no more. Twice is no error."""
    _message(message)
    with portal().sessions.write() as session:
        outbox.cancel(session, actor(), message, visit().at)
    response = redirect(url_for("outbox.show", message=message), code=303)
    return notices.say(response, later("The message is not sent any more."))


def _message(name: str) -> Message:
    with portal().sessions.read() as session:
        return readers.one(session, name) or abort(404)


def _is_set_up() -> bool:
    return portal().settings.mail_server is not None
