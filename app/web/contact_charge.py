"""Who is in charge of a contact: put in a colleague's charge, and taken out of it."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from app.cards.text import xml_safe
from app.policy import Action
from app.queries import access_table
from app.queries.access_table import Person
from app.queries.one_contact import Sheet
from app.services import contacts
from app.services.moments import moment
from app.web import contact_words, notices
from app.web.access import actor, signed_in, visit
from app.web.contact_access import remember, sheet_for
from app.web.forms import OurForm
from app.web.portal import portal
from app.web.texts import later


def _day() -> StringField:
    return StringField(filters=[lambda typed: xml_safe(typed or "").strip()])


class ChargeForm(OurForm):
    """Who, from when and until when; without dates from now on and without an end."""

    who = StringField()
    since = _day()
    until = _day()

    def validate_since(self, field: Field) -> None:
        """A day, if anything."""
        instant_of(field, is_end=False)

    def validate_until(self, field: Field) -> None:
        """A day, if anything, that is not over and not before the beginning."""
        until = instant_of(field, is_end=True)
        if until is None:
            return
        if until <= visit().at:
            raise ValidationError(later("This day is over."))
        since = None if self.since.errors else instant_of(self.since, is_end=False)
        if since is not None and until <= since:
            raise ValidationError(later("The end lies before the beginning."))


@signed_in
def assign(contact: str) -> str:
    """Who is in charge now, and a form for one more."""
    found = sheet_for(contact, Action.MANAGE)
    remember(contact)
    return _page(found, ChargeForm(), _people())


@signed_in
def give(contact: str) -> Response | tuple[str, int]:
    """Put it in a colleague's charge; it replaces what he had before."""
    found, people, form = sheet_for(contact, Action.MANAGE), _people(), ChargeForm(request.form)
    is_well = form.validate()
    who = next((one for one in people if one.email == form.who.data), None)
    if who is None:
        form.who.errors = [later("Choose who is to be in charge.")]
    if who is None or not is_well:
        return _page(found, form, people), 422
    since, until = instant_of(form.since, is_end=False), instant_of(form.until, is_end=True)
    with portal().sessions.write() as session:
        contacts.assign(
            session, actor(), found.id, who.id, visit().at, valid_from=since, valid_until=until
        )
    response = redirect(url_for("contact.show", contact=contact), code=303)
    return notices.say(response, later("In charge: %(name)s."), name=who.name)


@signed_in
def end(contact: str) -> Response:
    """Take it out of a colleague's charge; who is not in charge is no error."""
    found = sheet_for(contact, Action.MANAGE)
    response = redirect(url_for("contact.assign", contact=contact), code=303)
    who = next((one for one in found.in_charge if one.email == request.form.get("who")), None)
    if who is None:
        return response
    with portal().sessions.write() as session:
        contacts.unassign(session, actor(), found.id, who.user_id, visit().at)
    return notices.say(response, later("Not in charge any more: %(name)s."), name=who.name)


def _page(found: Sheet, form: ChargeForm, people: list[Person]) -> str:
    return render_template(
        "contact/charge.html",
        sheet=found,
        card=found.card,
        form=form,
        people=[(one.email, f"{one.name} ({one.email})") for one in people],
        words=contact_words,
    )


def _people() -> list[Person]:
    with portal().sessions.read() as session:
        return access_table.people(session, visit().at)


def instant_of(field: Field, *, is_end: bool) -> datetime | None:
    """The instant that a day means, None for nothing typed. Raises ValidationError."""
    if not field.data:
        return None
    try:
        return moment(field.data, portal().settings.zone, is_end=is_end)
    except (ValueError, OverflowError) as error:
        raise ValidationError(later("Write a date, for example 31. 12. 2026.")) from error
