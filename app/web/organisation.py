"""The organisation: what it says of itself, and what people agree to who set up a phone."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.cards.text import xml_safe
from app.queries import instances as readers
from app.services import instances
from app.services.instances import Rights
from app.web import notices
from app.web.access import actor, in_role, visit
from app.web.forms import OurForm, is_address
from app.web.portal import portal
from app.web.templating import tel
from app.web.texts import later

_LONGEST = 200
_LONGEST_POLICY = 5_000
_LONGEST_AUTHORITY = 500

pages = Blueprint("organisation", __name__, url_prefix="/organisation")


def _line(typed: str | None) -> str:
    return " ".join(xml_safe(typed or "").split())


def _is_number(_form: OurForm, field: StringField) -> None:
    if not tel(field.data or ""):
        raise ValidationError(later("This is not a phone number."))


class OrganisationForm(OurForm):
    """What the organisation says of itself."""

    name = StringField(
        filters=[_line],
        validators=[
            DataRequired(later("Write the name.")),
            Length(max=_LONGEST, message=later("The name is too long.")),
        ],
    )
    help_email = StringField(filters=[_line], validators=[Optional(), is_address])
    help_phone = StringField(filters=[_line], validators=[Optional(), _is_number])
    rights_email = StringField(filters=[_line], validators=[Optional(), is_address])
    rights_phone = StringField(filters=[_line], validators=[Optional(), _is_number])
    authority = TextAreaField(
        filters=[lambda typed: xml_safe(typed or "").strip()],
        validators=[Length(max=_LONGEST_AUTHORITY, message=later("This text is too long."))],
    )
    tells_unknown = BooleanField()
    phone_policy = TextAreaField(
        filters=[lambda typed: xml_safe(typed or "").strip()],
        validators=[Length(max=_LONGEST_POLICY, message=later("This text is too long."))],
    )


@pages.get("")
@in_role("admin", "owner")
def show() -> str:
    """What is said now, to be changed."""
    with portal().sessions.read() as session:
        place = readers.place(session, visit().at)
    return _page(OrganisationForm(obj=place))


@pages.post("")
@in_role("admin", "owner")
def change() -> Response:
    """Say it otherwise from now on."""
    form = OrganisationForm(request.form)
    if not form.validate():
        return make_response(_page(form), 422)
    with portal().sessions.write() as session:
        instances.describe(
            *(session, actor(), form.name.data or "", visit().at),
            email=form.help_email.data or "",
            phone=form.help_phone.data or "",
            phone_policy=form.phone_policy.data or "",
            rights=Rights(
                form.rights_email.data or "",
                form.rights_phone.data or "",
                form.authority.data or "",
                tells_unknown=form.tells_unknown.data,
            ),
        )
    response = redirect(url_for("organisation.show"), code=303)
    return notices.say(response, later("Saved. Phones fetch the help card at next connection."))


def _page(form: OrganisationForm) -> str:
    with portal().sessions.read() as session:
        place = readers.place(session, visit().at)
    return render_template("organisation/show.html", form=form, place=place)
