"""People: who works here, what they have, and how it is taken from them."""

from collections.abc import Iterable

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import tokens
from app.cards.text import xml_safe
from app.errors import Conflict, Refused
from app.queries import entitlements, ledger
from app.queries import people as readers
from app.queries import sessions as browsers
from app.queries.people import GUARDED, Colleague
from app.services import accounts, people, sessions
from app.services.accounts import NewUser
from app.services.choices import ROLES
from app.services.sessions import LANGUAGES
from app.web import notices
from app.web.access import actor, in_role, user, visit
from app.web.agents import browser_name
from app.web.devices import days_silent
from app.web.forms import OurForm, is_address
from app.web.portal import portal
from app.web.texts import later

_LONGEST = 200
_TAKEN = later("Somebody has this address already.")
_LAST_OWNER = later("This is the last owner. Make somebody else an owner first.")

pages = Blueprint("people", __name__, url_prefix="/people")


class PersonForm(OurForm):
    """Who somebody is here."""

    name = StringField(
        filters=[lambda typed: " ".join(xml_safe(typed or "").split())],
        validators=[
            DataRequired(later("Write the name.")),
            Length(max=_LONGEST, message=later("The name is too long.")),
        ],
    )
    email = StringField(
        filters=[lambda typed: xml_safe(typed or "").strip()],
        validators=[DataRequired(later("Write the e-mail address.")), is_address],
    )
    roles = SelectMultipleField(
        validators=[InputRequired(later("Choose at least one role."))],
        choices=list(ROLES),  # type: ignore[arg-type] # words are choices, too
    )
    language = SelectField(default="", choices=["", *LANGUAGES])  # type: ignore[list-item] # words are choices, too


@pages.get("")
@in_role("admin", "owner")
def index() -> str:
    """Everybody with a login."""
    with portal().sessions.read() as session:
        everybody = readers.everybody(session, visit().at)
    here = [one for one in everybody if one.disabled_since is None]
    gone = [one for one in everybody if one.disabled_since is not None]
    return render_template("people/index.html", here=here, gone=gone)


@pages.get("/new")
@in_role("admin", "owner")
def new() -> str:
    """The form for a colleague who comes."""
    return _new(PersonForm(data={"roles": [ROLES[-1]]}))


@pages.post("/new")
@in_role("admin", "owner")
def add() -> Response:
    """Add a colleague; the answer shows the password, this once."""
    form = PersonForm(request.form)
    if not form.validate():
        return make_response(_new(form), 422)
    password = tokens.app_password()
    name, email, roles, language = _typed(form)
    try:
        with portal().sessions.write() as session:
            fresh = NewUser(email, name, roles, password, language)
            made = accounts.add_user(session, actor(), fresh, visit().at).id
    except Conflict:
        form.email.errors = [_TAKEN]
        return make_response(_new(form), 422)
    return _shown_once(known(made), password, is_new=True)


@pages.get("/<int(max=2147483647):person>")
@in_role("admin", "owner")
def show(person: int) -> str:
    """What a colleague holds: phones, access, open browsers."""
    at, found = visit().at, known(person)
    with portal().sessions.read() as session:
        return render_template(
            "people/show.html",
            person=found,
            may_touch=_may_touch(found),
            devices=ledger.devices(session, at, person),
            days_silent=days_silent,
            openings=entitlements.of_user(session, person, at),
            browsers=browsers.of_user(session, person, at),
            browser_name=browser_name,
        )


@pages.get("/<int(max=2147483647):person>/edit")
@in_role("admin", "owner")
def edit(person: int) -> str:
    """Name, address, roles, language."""
    found = _touched(person)
    values = {"name": found.name, "email": found.email, "language": found.language}
    return _edit(found, PersonForm(data=values | {"roles": list(found.roles)}))


@pages.post("/<int(max=2147483647):person>/edit")
@in_role("admin", "owner")
def change(person: int) -> Response:
    """Change what is different."""
    found, form = _touched(person), PersonForm(request.form)
    if not form.validate():
        return make_response(_edit(found, form), 422)
    try:
        _change(found, form)
    except Conflict:
        form.email.errors = [_TAKEN]
        return make_response(_edit(found, form), 422)
    except Refused:
        if not _may_give(set(form.roles.data or ()) ^ set(found.roles)):
            raise
        form.roles.errors = [_LAST_OWNER]
        return make_response(_edit(found, form), 422)
    return notices.say(_to(person), later("Saved: %(name)s"), name=form.name.data or "")


@pages.post("/<int(max=2147483647):person>/password")
@in_role("admin", "owner")
def password(person: int) -> Response:
    """A new password, shown this once; every browser of his is signed out."""
    found, fresh = _touched(person), tokens.app_password()
    with portal().sessions.write() as session:
        accounts.set_password(session, actor(), found.id, fresh, visit().at)
    return _shown_once(found, fresh, is_new=False)


@pages.post("/<int(max=2147483647):person>/enable")
@in_role("admin", "owner")
def enable(person: int) -> Response:
    """Let him sign in again; nothing comes back by itself."""
    found = _touched(person)
    with portal().sessions.write() as session:
        people.enable_user(session, actor(), found.id, visit().at)
    return notices.say(_to(person), later("Can sign in again: %(name)s"), name=found.name)


@pages.post("/<int(max=2147483647):person>/sign-out")
@in_role("admin", "owner")
def sign_out(person: int) -> Response:
    """Sign him out in every browser."""
    found = known(person)
    with portal().sessions.write() as session:
        sessions.end_all(session, actor(), found.id, visit().at)
    return notices.say(_to(person), later("Signed out everywhere: %(name)s"), name=found.name)


def _new(form: PersonForm) -> str:
    return render_template("people/new.html", form=form, roles=_roles())


def _edit(found: Colleague, form: PersonForm) -> str:
    return render_template("people/edit.html", person=found, form=form, roles=_roles())


def _shown_once(found: Colleague, fresh: str, *, is_new: bool) -> Response:
    page = render_template("people/password.html", person=found, password=fresh, is_new=is_new)
    return make_response(page)


def _typed(form: PersonForm) -> tuple[str, str, list[str], str]:
    said = (form.name.data or "", form.email.data or "")
    return *said, list(form.roles.data or ()), form.language.data or ""


def _change(found: Colleague, form: PersonForm) -> None:
    name, email, roles, language = _typed(form)
    by, at = actor(), visit().at
    with portal().sessions.write() as session:
        if name != found.name:
            people.rename(session, by, found.id, name, at)
        if email != found.email:
            accounts.change_email(session, by, found.id, email, at)
        if set(roles) != set(found.roles):
            people.set_roles(session, by, found.id, roles, at)
        if language and language != found.language:
            sessions.choose_language(session, by, found.id, language, at)


def known(person: int) -> Colleague:
    """The colleague with this number, or nothing is here."""
    with portal().sessions.read() as session:
        return readers.colleague(session, person, visit().at) or abort(404)


def _touched(person: int) -> Colleague:
    """The colleague, where the one who asks may act on his account."""
    found = known(person)
    if not _may_touch(found):
        abort(403)
    return found


def _may_touch(found: Colleague) -> bool:
    return not found.is_guarded or "owner" in visit().roles or found.id == user().user_id


def _may_give(roles: Iterable[str]) -> bool:
    return "owner" in visit().roles or not GUARDED & set(roles)


def _roles() -> list[str]:
    """The roles that the one who asks may give."""
    return [role for role in ROLES if _may_give([role])]


def _to(person: int) -> Response:
    return redirect(url_for("people.show", person=person), code=303)
