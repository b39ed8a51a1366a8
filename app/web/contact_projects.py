"""The projects in which a contact takes part: put into one from its own page, and taken out."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from app.db import FOREVER
from app.policy import Action, Channel
from app.queries import contacts, project_pages, standing
from app.queries.one_contact import Sheet
from app.queries.project_pages import ProjectLine
from app.services import projects
from app.web import contact_words, notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.contact_access import remember, rights, sheet, sheet_for
from app.web.portal import portal
from app.web.project_forms import ContactForm, day_of, is_coming, one_line
from app.web.texts import later


class PutForm(ContactForm):
    """Into which project, as what, until when; without a day until the project ends."""

    project = StringField(filters=[one_line])
    until = StringField(filters=[one_line], validators=[is_coming])


@signed_in
def ask(contact: str) -> str:
    """The open projects that one knows, each with whom it would open the contact to."""
    found = sheet_for(contact, Action.SHARE)
    remember(contact)
    return _page(found, PutForm(), _open_to(found))


@signed_in
def put(contact: str) -> Response | tuple[str, int]:
    """Let it take part in one, which opens it to everybody who works there."""
    found, form = sheet_for(contact, Action.SHARE), PutForm(request.form)
    choices, is_well = _open_to(found), form.validate()
    line = next((one for one in choices if one.standing.slug == form.project.data), None)
    if line is None:
        form.project.errors = [later("Choose a project.")]
    if line is None or not is_well:
        return _page(found, form, choices), 422
    until, role = day_of(form.until.data, is_end=True), form.role.data or ""
    with portal().sessions.write() as session:
        subject = (session, actor(), line.standing.id, found.id, visit().at)
        projects.set_contact(*subject, role=role, valid_until=until)
    response = redirect(url_for("contact.show", contact=contact), code=303)
    said = later("Takes part in the project now: %(name)s")
    return notices.say(response, said, name=found.card.shown_name())


@signed_in
def take_out(contact: str) -> Response:
    """Let it take part no longer. Twice is no error."""
    found, at, slug = sheet(contact), visit().at, request.form.get("project", "")
    with portal().sessions.read() as session:
        inside = standing.in_project(session, viewer(), slug, at)
    if inside is None:
        abort(404)
    if not (inside.steers or Action.SHARE in rights(found)):
        abort(403)
    with portal().sessions.write() as session:
        projects.end_contact(session, actor(), inside.id, found.id, at)
    with portal().sessions.read() as session:
        left = contacts.find(session, viewer(), Channel.PORTAL, contact, at)
    # Who saw it through this project alone does not see it any more.
    way = url_for("contact.show", contact=contact) if left else url_for("contacts.index")
    said = later("Takes part no longer: %(name)s. Phones are told when they next connect.")
    return notices.say(redirect(way, code=303), said, name=found.card.shown_name())


def _open_to(found: Sheet) -> list[ProjectLine]:
    """The projects that are not over, that one knows, and in which it does not take part."""
    inside = {one.slug for one in found.projects}
    with portal().sessions.read() as session:
        lines = project_pages.lines(session, viewer(), visit().at)
    return [
        line for line in lines if line.ends_at > visit().at and line.standing.slug not in inside
    ]


def _page(found: Sheet, form: PutForm, choices: list[ProjectLine]) -> str:
    return render_template(
        "contact/projects.html",
        sheet=found,
        card=found.card,
        form=form,
        choices=choices,
        words=contact_words,
        forever=FOREVER,
    )
