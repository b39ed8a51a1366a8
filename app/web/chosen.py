"""What is done to several contacts at once: put in charge, put into a project, kept at hand.

A page counts anew what the act would do. Only its button acts, and only while all that the page
says is still true.
"""

from datetime import datetime
from functools import partial

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from app.db import FOREVER
from app.policy import Action
from app.queries import access_table, selections
from app.queries.access_table import Person
from app.queries.selections import Choice, OpenProject, Outlook
from app.services import several
from app.web import contact_words, outlooks
from app.web.access import allowed, signed_in, viewer, visit
from app.web.choosing import MISSED, address, choice_in, listed
from app.web.contact_charge import ChargeForm, instant_of
from app.web.forms import OurForm
from app.web.listing import said_of
from app.web.portal import portal
from app.web.project_forms import NAME_LENGTH, one_line
from app.web.texts import later

pages = Blueprint("chosen", __name__, url_prefix="/contacts/chosen")

Answer = str | tuple[str, int] | Response

_ASKED = {"csrf": False}
"""What is asked in an address changes nothing, and carries no proof that the form was ours."""


class IntoForm(OurForm):
    """Into which project, and as what."""

    into = StringField(filters=[one_line])
    role = StringField(
        filters=[one_line],
        validators=[Length(max=NAME_LENGTH, message=later("This is too long."))],
    )


@pages.before_request
def demand_choice() -> Response | None:
    """Who chose nothing goes back and is told so."""
    choice = choice_in(request.values)
    if choice.is_all or choice.ticked:
        return None
    return redirect(listed(said_of(choice.asked) | {"choose": MISSED}), code=303)


@pages.get("/charge")
@allowed(Action.MANAGE)
def charge() -> Answer:
    """Who is to be in charge of them; and once that is said, what it would do."""
    choice, form = choice_in(request.args), ChargeForm(request.args, meta=_ASKED)
    people = _people()
    who = _who(form, people) if "who" in request.args else None
    if who is None:
        return _charge_form(choice, form, people)
    return _charge_check(choice, form, who, outlooks.seen(choice, _charge(form, who)))


@pages.post("/charge")
@allowed(Action.MANAGE)
def put_in_charge() -> Answer:
    """Put them in a colleague's charge, if the page said what is still true."""
    choice, form = choice_in(request.form), ChargeForm(request.form)
    people = _people()
    who = _who(form, people)
    if who is None:
        return _charge_form(choice, form, people)
    since, until = _span(form)
    do = partial(several.assign, user_id=who.id, valid_from=since, valid_until=until)
    outlook, is_done = outlooks.acted(choice, _charge(form, who), do)
    if not is_done:
        return _charge_check(choice, form, who, outlook), 409
    said = later("In charge: %(name)s. Contacts: %(number)s.")
    return outlooks.done(listed(said_of(choice.asked)), said, outlook, who.name)


@pages.get("/project")
@allowed(Action.SHARE)
def project() -> Answer:
    """Into which project; and once that is said, what it would do."""
    choice, form = choice_in(request.args), IntoForm(request.args, meta=_ASKED)
    projects = _projects()
    into = _into(form, projects) if "into" in request.args else None
    if into is None:
        return _project_form(choice, form, projects)
    return _project_check(
        choice, form, into, outlooks.seen(choice, selections.into(into, visit().at))
    )


@pages.post("/project")
@allowed(Action.SHARE)
def put_into_project() -> Answer:
    """Put them into a project, if the page said what is still true."""
    choice, form = choice_in(request.form), IntoForm(request.form)
    projects = _projects()
    into = _into(form, projects)
    if into is None:
        return _project_form(choice, form, projects)
    do = partial(several.set_contacts, project_id=into.id, role=form.role.data or None)
    outlook, is_done = outlooks.acted(choice, selections.into(into, visit().at), do)
    if not is_done:
        return _project_check(choice, form, into, outlook), 409
    said = later("Put into the project: %(name)s. Contacts: %(number)s.")
    return outlooks.done(url_for("projects.show", project=into.slug), said, outlook, into.name)


@pages.get("/favourites")
@signed_in
def favourites() -> Answer:
    """How many would be kept at hand."""
    choice = choice_in(request.args)
    return _favourites_check(choice, outlooks.seen(choice, selections.favourites(viewer())))


@pages.post("/favourites")
@signed_in
def keep() -> Answer:
    """Keep them at hand, if the page said what is still true."""
    choice = choice_in(request.form)
    do = partial(several.keep, viewer=viewer())
    outlook, is_done = outlooks.acted(choice, selections.favourites(viewer()), do)
    if not is_done:
        return _favourites_check(choice, outlook), 409
    said = later("Kept as favourites. Contacts: %(number)s.")
    return outlooks.done(listed(said_of(choice.asked)), said, outlook)


def _charge(form: ChargeForm, who: Person) -> selections.Act:
    since, until = _span(form)
    return selections.charge(who.id, (max(since, visit().at), until))


def _charge_form(choice: Choice, form: ChargeForm, people: list[Person]) -> Answer:
    page = outlooks.page(
        "chosen/charge.html",
        choice,
        outlooks.seen(choice, selections.charge()),
        form=form,
        people=[(one.email, _called(one)) for one in people],
        who="",
    )
    return (page, 422) if form.errors else page


def _charge_check(choice: Choice, form: ChargeForm, who: Person, outlook: Outlook) -> str:
    since, until = _span(form)
    said = {name: form[name].data or "" for name in ("who", "since", "until")}
    return outlooks.page(
        "chosen/charge.html",
        choice,
        outlook,
        form=form,
        said=said,
        change=address("chosen.charge", choice),
        who=_called(who),
        since=since if form.since.data else None,
        until=until if until < FOREVER else None,
        words=contact_words,
    )


def _project_form(choice: Choice, form: IntoForm, projects: list[OpenProject]) -> Answer:
    page = outlooks.page(
        "chosen/project.html",
        choice,
        outlooks.seen(choice, selections.into(None, visit().at)),
        form=form,
        projects=[(one.slug, one.name) for one in projects],
        into=None,
    )
    return (page, 422) if form.errors else page


def _project_check(choice: Choice, form: IntoForm, into: OpenProject, outlook: Outlook) -> str:
    return outlooks.page(
        "chosen/project.html",
        choice,
        outlook,
        form=form,
        said={"into": into.slug, "role": form.role.data or ""},
        change=address("chosen.project", choice),
        into=into,
        forever=FOREVER,
    )


def _favourites_check(choice: Choice, outlook: Outlook) -> str:
    return outlooks.page("chosen/favourites.html", choice, outlook, said={})


def _people() -> list[Person]:
    with portal().sessions.read() as session:
        return access_table.people(session, visit().at)


def _projects() -> list[OpenProject]:
    with portal().sessions.read() as session:
        return selections.open_projects(session, viewer(), visit().at)


def _who(form: ChargeForm, people: list[Person]) -> Person | None:
    """The colleague who was named, where all of the form is well; else None, and it says why."""
    is_well = form.validate()
    who = next((one for one in people if one.email == form.who.data), None)
    if who is None:
        form.who.errors = [later("Choose who is to be in charge.")]
    return who if is_well else None


def _into(form: IntoForm, projects: list[OpenProject]) -> OpenProject | None:
    """The project that was named, where all of the form is well; else None, and it says why."""
    is_well = form.validate()
    into = next((one for one in projects if one.slug == form.into.data), None)
    if into is None:
        form.into.errors = [later("Choose the project.")]
    return into if is_well else None


def _called(one: Person) -> str:
    return f"{one.name} ({one.email})"


def _span(form: ChargeForm) -> tuple[datetime, datetime]:
    """From when until when; asked only of a valid form."""
    since = instant_of(form.since, is_end=False) or visit().at
    return since, instant_of(form.until, is_end=True) or FOREVER
