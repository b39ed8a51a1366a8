"""The reader's own choices: language and theme."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import sessions as browsers
from app.services import sessions
from app.services.sessions import LANGUAGES
from app.web import cookies
from app.web.access import actor, public, signed_in, user, visit
from app.web.agents import browser_name
from app.web.cookies import YEAR_SECONDS, Cookie
from app.web.forms import own_page
from app.web.portal import portal
from app.web.templating import THEMES

pages = Blueprint("language", __name__)


@pages.get("/account")
@signed_in
def account() -> str:
    """Who is signed in here and elsewhere, in which language and theme."""
    with portal().sessions.read() as session:
        mine = browsers.of_user(session, user().user_id, visit().at)
    return render_template("account/index.html", browsers=mine, browser_name=browser_name)


@pages.post("/language")
@public
def choose_language() -> Response:
    """Read in this language from now on; a user everywhere, a visitor in this browser."""
    wanted = request.form.get("language", "")
    response = _back()
    if wanted not in LANGUAGES:
        return response
    signed_in_user = visit().signed_in
    if signed_in_user is not None:
        with portal().sessions.write() as session:
            who = signed_in_user.user_id
            sessions.choose_language(session, actor(), who, wanted, visit().at)
    cookies.write(response, Cookie.LANGUAGE, wanted, YEAR_SECONDS)
    return response


@pages.post("/theme")
@public
def choose_theme() -> Response:
    """Show light, dark or as the system says, in this browser."""
    wanted = request.form.get("theme", "")
    response = _back()
    if wanted in THEMES:
        cookies.write(response, Cookie.THEME, wanted, YEAR_SECONDS)
    return response


def _back() -> Response:
    return redirect(own_page(request.form.get("next", ""), url_for("auth.home")), code=303)
