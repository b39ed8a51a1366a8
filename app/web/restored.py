"""After a restore: what was ended in between stands open again, until somebody has looked."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.queries import instances as readers
from app.services import instances
from app.web import notices
from app.web.access import actor, in_role, visit
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("restored", __name__, url_prefix="/restored")


@pages.get("")
@in_role("admin", "owner")
def index() -> str | Response:
    """Between which days nobody knows what was ended, and where to look."""
    with portal().sessions.read() as session:
        restored = readers.restored(session)
    if restored is None:
        return redirect(url_for("overview.index"), code=303)
    return render_template("restored/index.html", restored=restored)


@pages.post("")
@in_role("admin", "owner")
def looked() -> Response:
    """Say that somebody has looked, and ended again what had to be ended."""
    with portal().sessions.write() as session:
        instances.look_after_restore(session, actor(), visit().at)
    response = redirect(url_for("overview.index"), code=303)
    return notices.say(response, later("Noted: somebody has looked through it after the restore."))
