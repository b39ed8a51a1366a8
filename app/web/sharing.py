"""Access to a directory: everybody who has it and why; giving it and ending it."""

import re
from datetime import datetime
from functools import partial

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.db import FOREVER
from app.queries import access_table, standing
from app.queries.access_table import Entry, Person
from app.queries.directory_pages import DirectoryLine
from app.services import grants, previews
from app.services.previews import Preview
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.directories import known, managed, overseen
from app.web.granting import Choices, GiveForm, check, usual_end
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
        deciding=[one for one in table.present if "manage" in one.rights and one.start <= at],
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
    entry = named_entry(line.standing.id)
    if entry.until > at:
        with portal().sessions.write() as session:
            grants.end(session, actor(), entry.grant_id, at)
    with portal().sessions.read() as session:
        left = standing.in_directory(session, viewer(), directory, at)
    still = left is not None and left.oversees
    way = url_for("access.index", directory=directory) if still else url_for("directories.index")
    message = later("Access ended: %(name)s. Phones are told at their next connection.")
    return notices.say(redirect(way, code=303), message, name=entry.name)


@pages.get("/give")
@signed_in
def give(directory: str) -> str:
    """Who, what, which contacts, until when and why."""
    form = GiveForm(request.args)
    if not form.until.data:
        form.until.data = usual_end()
    return _form_page(managed(directory), form, _choices())


@pages.post("/give")
@signed_in
def submit(directory: str) -> str | tuple[str, int] | Response:
    """Show what it would do, go back to the form, or give it, as the button says."""
    line, choices, form = managed(directory), _choices(), GiveForm(request.form)
    step = request.form.get("step", "")
    if step == "change":
        return _form_page(line, form, choices)
    is_off = line.about.sync_policy.value == "never"
    if not check(form, choices, is_off_phones=is_off, is_known=_is_known(form.to.data or "")):
        return _form_page(line, form, choices), 422
    holder = choices.holder(form.to.data or "") or abort(404)
    asked = (actor(), line.standing.id, holder, form.terms, visit().at)
    with portal().sessions.write() as session:
        preview = previews.of_grant(session, *asked)
        is_agreed = step == "give" and preview.counts == form.counts.data
        if is_agreed:
            grants.give(session, *asked)
    if not is_agreed:
        page = _check_page(line, form, choices, preview, has_changed=step == "give")
        return page, (409 if step == "give" else 200)
    response = redirect(url_for("access.index", directory=directory), code=303)
    name = choices.name(form.to.data or "")
    return notices.say(response, later("Access given: %(name)s"), name=name)


def _choices() -> Choices:
    with portal().sessions.read() as session:
        return Choices(access_table.people(session, visit().at), access_table.teams(session))


def _is_known(email: str) -> bool:
    with portal().sessions.read() as session:
        return access_table.is_known(session, email)


def _form_page(line: DirectoryLine, form: GiveForm, choices: Choices) -> str:
    return render_template("access/give.html", line=line, form=form, choices=choices)


def _check_page(
    line: DirectoryLine, form: GiveForm, choices: Choices, preview: Preview, *, has_changed: bool
) -> str:
    """What it would do, person by person, with what each has already and what remains."""
    at, until = visit().at, form.end
    with portal().sessions.read() as session:
        present = access_table.table(session, line.standing.id, at).present
    held = [entry for entry in present if choices.is_named(form.to.data or "", entry)]
    had = frozenset[str]().union(*(entry.rights for entry in held))
    return render_template(
        "access/check.html",
        line=line,
        form=form,
        name=choices.name(form.to.data or ""),
        preview=preview,
        held=held,
        added={"rights": form.rights - had},
        at=at,
        has_changed=has_changed,
        until=until,
        forever=FOREVER,
        already=partial(_holding, present, at),
        afterwards=partial(_holding, present, until),
    )


def _holding(present: list[Entry], at: datetime, one: Person) -> list[Entry]:
    """What opens contacts to this person at that instant, among what is known now."""
    return [entry for entry in present if one in entry.members and entry.start <= at < entry.until]


def named_entry(directory_id: int) -> Entry:
    """The access that the form names, where it is one to this directory."""
    typed = request.values.get("grant", "")
    number = int(typed) if _NUMBER.fullmatch(typed) else 0
    with portal().sessions.read() as session:
        found = access_table.entry(session, directory_id, number, visit().at)
    return found or abort(404)
