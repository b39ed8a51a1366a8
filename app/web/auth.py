"""Signing in and out."""

from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import tokens
from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.keys import KeyName
from app.queries import sessions as readers
from app.queries.sessions import ABSOLUTE
from app.services import sessions, throttle
from app.services.throttle import Door
from app.web import cookies, errors
from app.web.access import actor, public, signed_in, user, visit
from app.web.cookies import Cookie
from app.web.forms import SignInForm, own_page
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("auth", __name__)
_REFUSED = later("The e-mail address and the password do not fit together.")


@pages.get("/")
@signed_in
def home() -> Response:
    """The overview is the front page."""
    return redirect(url_for("overview.index"), code=303)


@pages.get("/sign-in")
@public
def sign_in() -> Response | str:
    """The form; who is signed in already goes on."""
    if visit().signed_in is not None:
        return _onward()
    return _form(SignInForm())


@pages.post("/sign-in")
@public
def try_sign_in() -> Response | str:
    """Check the pair; unknown and wrong get the same answer, after the same work."""
    form = SignInForm(request.form)
    if not form.validate():
        return make_response(_form(form), 422)
    login = _login(form.email.data or "")
    blocked_until = _count(login)
    if blocked_until is not None:
        return _too_many(blocked_until)
    with portal().sessions.read() as session:
        candidate = readers.candidate(session, login, visit().at)
    fits = tokens.is_password(candidate.password_hash, form.password.data or "")
    if not fits or candidate.user_id is None:
        return make_response(_form(form, refused=_REFUSED), 422)
    with portal().sessions.write() as session:
        throttle.forget(session, _throttled(login))
    return open_session(_onward(), candidate.user_id)


@pages.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session here and on the server."""
    with portal().sessions.write() as session:
        sessions.sign_out(session, actor(), user().session_id, visit().at)
    response = redirect(url_for("auth.signed_out"), code=303)
    cookies.drop(response, Cookie.SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get("/signed-out")
@public
def signed_out() -> Response | str:
    """Say that it is done."""
    if visit().signed_in is not None:
        return _onward()
    return render_template("auth/signed_out.html")


def _form(form: SignInForm, refused: str = "") -> str:
    with portal().sessions.read() as session:
        is_ready = readers.has_users(session)
    if not is_ready:
        return render_template("auth/first_run.html")
    wanted = request.values.get("next", "")
    return render_template("auth/sign_in.html", form=form, refused=refused, next=wanted)


def _onward() -> Response:
    return redirect(own_page(request.values.get("next", ""), url_for("overview.index")), code=303)


def _login(typed: str) -> str:
    return email_norm(xml_safe(typed)) or xml_safe(typed).strip().casefold()


def _throttled(login: str) -> str:
    key = portal().keys.current(KeyName.SESSION)
    return throttle.subject(key, Door.PORTAL, request.remote_addr or "", login)


def _count(login: str) -> datetime | None:
    with portal().sessions.write() as session:
        return throttle.count(session, _throttled(login), visit().at).blocked_until


def _too_many(until: datetime) -> Response:
    response = errors.page(429, until=until)
    wait = int((until - visit().at).total_seconds()) + 1
    response.headers["Retry-After"] = str(wait)
    return response


def open_session(response: Response, user_id: int) -> Response:
    """Sign this browser in; a session that it had before ends."""
    before = visit().signed_in
    with portal().sessions.write() as session:
        if before is not None:
            sessions.sign_out(session, actor(), before.session_id, visit().at)
        agent = xml_safe(request.user_agent.string)
        token = sessions.sign_in(session, user_id, agent, visit().at)
    cookies.write(response, Cookie.SESSION, token, max_age=int(ABSOLUTE.total_seconds()))
    cookies.drop(response, Cookie.FORM)
    return response
