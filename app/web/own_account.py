"""One's own account: the browsers that are signed in, and another password."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from app import tokens
from app.cards.text import xml_safe
from app.keys import KeyName
from app.queries import sessions as readers
from app.queries.sessions import ABSOLUTE
from app.services import accounts, sessions, throttle
from app.services.throttle import Door
from app.web import cookies, errors, notices
from app.web.access import actor, signed_in, user, visit
from app.web.cookies import Cookie
from app.web.forms import OurForm, is_long_enough
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("own_account", __name__, url_prefix="/account")


class PasswordForm(OurForm):
    """The present password, and the one that follows it, typed twice."""

    present = PasswordField(validators=[InputRequired(later("Write your present password."))])
    fresh = PasswordField(
        validators=[InputRequired(later("Write the new password.")), is_long_enough]
    )
    again = PasswordField(
        validators=[EqualTo("fresh", later("The new password is not the same both times."))]
    )


@pages.get("/password")
@signed_in
def password() -> str:
    """The form for another password."""
    return render_template("account/password.html", form=PasswordForm())


@pages.post("/password")
@signed_in
def change_password() -> Response:
    """Take the new password, end every other sign-in, and stay signed in here."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _again(form)
    with portal().sessions.write() as session:
        until = throttle.count(session, _who(), visit().at).blocked_until
    if until is not None:
        response = errors.page(429, until=until)
        response.headers["Retry-After"] = str(int((until - visit().at).total_seconds()) + 1)
        return response
    with portal().sessions.read() as session:
        stored = readers.candidate(session, user().email, visit().at).password_hash
    if not tokens.is_password(stored, form.present.data or ""):
        form.present.errors = [later("This is not your present password.")]
        return _again(form)
    return _changed(form.fresh.data or "")


@pages.post("/sign-out-others")
@signed_in
def sign_out_others() -> Response:
    """End every sign-in but this one."""
    with portal().sessions.write() as session:
        mine = (user().user_id, visit().at)
        sessions.end_all(session, actor(), *mine, but=user().session_id)
    return notices.say(_home(), later("Signed out in every other browser."))


@pages.post("/sign-out/<int(max=2147483647):browser>")
@signed_in
def sign_out_one(browser: int) -> Response:
    """End one sign-in of one's own. Twice is no error."""
    with portal().sessions.write() as session:
        sessions.end_of(session, actor(), user().user_id, browser, visit().at)
    return notices.say(_home(), later("Signed out in that browser."))


def _again(form: PasswordForm) -> Response:
    return make_response(render_template("account/password.html", form=form), 422)


def _changed(fresh: str) -> Response:
    with portal().sessions.write() as session:
        throttle.forget(session, _who())
        accounts.set_password(session, actor(), user().user_id, fresh, visit().at)
        agent = xml_safe(request.user_agent.string)
        token = sessions.sign_in(session, user().user_id, agent, visit().at)
    message = later("The password is changed. Every other browser is signed out.")
    response = notices.say(_home(), message)
    cookies.write(response, Cookie.SESSION, token, max_age=int(ABSOLUTE.total_seconds()))
    return response


def _who() -> str:
    """Tries count together with those at the sign-in page."""
    key = portal().keys.current(KeyName.SESSION)
    return throttle.subject(key, Door.PORTAL, request.remote_addr or "", user().email)


def _home() -> Response:
    return redirect(url_for("language.account"), code=303)
