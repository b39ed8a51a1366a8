"""The link that the shell printed: whoever opens it first makes himself the first owner."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from app.cards.text import xml_safe
from app.errors import NotFound
from app.services import first_owner
from app.web import auth, notices
from app.web.access import public, visit
from app.web.forms import OurForm, is_address, is_long_enough
from app.web.portal import portal
from app.web.texts import later

_LONGEST = 200
_WELCOME = later("You are the first owner. Next: a directory, then your colleagues.")

pages = Blueprint("first_owner", __name__, url_prefix="/p/first-owner")


def _line(typed: str | None) -> str:
    return " ".join(xml_safe(typed or "").split())


class FirstOwnerForm(OurForm):
    """Who decides for the organisation, and how he will sign in."""

    name = StringField(
        filters=[_line],
        validators=[
            DataRequired(later("Write your name.")),
            Length(max=_LONGEST, message=later("The name is too long.")),
        ],
    )
    email = StringField(
        filters=[_line],
        validators=[InputRequired(later("Write your e-mail address.")), is_address],
    )
    fresh = PasswordField(validators=[InputRequired(later("Write a password.")), is_long_enough])
    again = PasswordField(
        validators=[EqualTo("fresh", later("The new password is not the same both times."))]
    )


class FoundingForm(FirstOwnerForm):
    """The same, and what the organisation is called."""

    organisation = StringField(
        filters=[_line],
        validators=[
            DataRequired(later("Write the name of the organisation.")),
            Length(max=_LONGEST, message=later("The name is too long.")),
        ],
    )


@pages.get("/<public_id:link>")
@public
def show(link: str) -> Response | str:
    """The form; opening it uses nothing up."""
    with portal().sessions.read() as session:
        is_open = first_owner.is_open(session, link, visit().at)
        is_unnamed = first_owner.is_unnamed(session)
    if not is_open:
        return _over()
    return _page(FoundingForm() if is_unnamed else FirstOwnerForm(), link)


@pages.post("/<public_id:link>")
@public
def make(link: str) -> Response:
    """Make the owner, name the organisation where nobody has, and sign him in."""
    with portal().sessions.read() as session:
        is_open = first_owner.is_open(session, link, visit().at)
        is_unnamed = first_owner.is_unnamed(session)
    if not is_open:
        return _over()
    form = FoundingForm(request.form) if is_unnamed else FirstOwnerForm(request.form)
    if not form.validate():
        return make_response(_page(form, link), 422)
    try:
        user_id = _make(form, link)
    except NotFound:
        return _over()
    response = redirect(url_for("overview.index"), code=303)
    return notices.say(auth.open_session(response, user_id), _WELCOME)


def _make(form: FirstOwnerForm, link: str) -> int:
    typed = (form.email.data or "", form.name.data or "", form.fresh.data or "")
    with portal().sessions.write() as session:
        made = first_owner.make(session, link, *typed, visit().at)
        if isinstance(form, FoundingForm):
            first_owner.name_organisation(session, form.organisation.data or "", visit().at)
    return made


def _page(form: FirstOwnerForm, link: str) -> str:
    return render_template("auth/first_owner.html", form=form, link=link)


def _over() -> Response:
    return make_response(render_template("auth/first_owner_over.html"), 404)
