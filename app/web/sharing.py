"""Access to a directory: everybody who has it and why; giving it and ending it."""

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.db import FOREVER
from app.queries import access_table, standing
from app.queries.access_table import Entry
from app.services import grants
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.directories import known, overseen
from app.web.portal import portal
from app.web.strips import strip
from app.web.texts import later

_NUMBER = re.compile(r"[0-9]{1,9}")

pages = Blueprint("access", __name__, url_prefix="/directories/<slug:directory>/access")


@pages.get("")
@signed_in
def index(directory: str) -> str:
    """Who has access now, and who had it."""
    at, line = visit().at, overseen(directory)
    with portal().sessions.read() as session:
        table = access_table.table(session, line.standing.id, at)
    return render_template(
        "access/index.html",
        line=line,
        table=table,
        at=at,
        forever=FOREVER,
        ends=[entry.until for entry in table.present if entry.until < FOREVER],
        strip=lambda entry: strip(entry.start, entry.until, at),
        past_shown=access_table.PAST_SHOWN,
    )


@pages.post("/end")
@signed_in
def end(directory: str) -> Response:
    """End one access now. Twice is no error."""
    at, line = visit().at, known(directory)
    if not line.standing.closes:
        abort(403)
    entry = _entry(line.standing.id)
    if entry.until > at:
        with portal().sessions.write() as session:
            grants.end(session, actor(), entry.grant_id, at)
    with portal().sessions.read() as session:
        left = standing.in_directory(session, viewer(), directory, at)
    still = left is not None and left.oversees
    way = url_for("access.index", directory=directory) if still else url_for("directories.index")
    message = later("Access ended: %(name)s. Phones are told at their next connection.")
    return notices.say(redirect(way, code=303), message, name=entry.name)


def _entry(directory_id: int) -> Entry:
    """The access that the form names, where it is one to this directory."""
    typed = request.values.get("grant", "")
    number = int(typed) if _NUMBER.fullmatch(typed) else 0
    with portal().sessions.read() as session:
        found = access_table.entry(session, directory_id, number, visit().at)
    return found or abort(404)
