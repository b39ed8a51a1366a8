"""The ground of all pages for people without an account: their dress, words, limits, headers.

Such a page is declared @outside (app/web/access.py). Its template extends public/base.html, in
all languages of app.catalogues.OF_THE_OUTSIDE; the language stands in the address, for there is
no cookie.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.catalogues import OF_THE_OUTSIDE
from app.keys import KeyName
from app.queries import instances
from app.queries.instances import RightsDesk
from app.services import throttle
from app.services.throttle import Door
from app.web import texts
from app.web.access import is_outside, visit
from app.web.portal import portal

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""No script runs on these pages, not even ours."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    # The addresses hold tokens: nobody whom a page links to is told.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def page(template: str, status: int = 200, **values: object) -> Response:
    """A page of templates/public/."""
    return make_response(render_template(f"public/{template}", **values), status)


def here(endpoint: str, **values: str) -> str:
    """The address of a page for people without an account, in the language chosen by address."""
    chosen = request.args.get(texts.LANGUAGE, "")
    return _address(endpoint, chosen if chosen in OF_THE_OUTSIDE else "", values)


def link(endpoint: str, language: str = "", **values: str) -> str:
    """The whole address for a mail, in the language of the mail."""
    return portal().settings.base_url + _address(endpoint, language, values)


def tries(what: str, whose: str = "") -> int:
    """Count one try of this act within the present window, and say how many there were.

    They are counted for the address that it comes from; or, where `whose` is said, for that
    alone, wherever they come from.
    """
    key = portal().keys.current(KeyName.SESSION)
    address = "" if whose else request.remote_addr or ""
    who = throttle.subject(key, Door.OUTSIDE, address, f"{what}\0{whose}")
    with portal().sessions.write() as session:
        return throttle.count(session, who, visit().at).failures


def limit(what: str, most: int = throttle.LIMIT) -> None:
    """Let nobody do this too often from one address: the page for that with 429."""
    if tries(what) > most:
        abort(429)


def desk() -> RightsDesk:
    """Who answers for the data, looked up once a request."""
    if "rights_desk" not in g:
        with portal().sessions.read() as session:
            g.rights_desk = instances.rights_desk(session)
    found: RightsDesk = g.rights_desk
    return found


def forget_desk() -> None:
    """Say nothing of it on a page that must not ask the database."""
    g.rights_desk = RightsDesk()


def install(app: Flask) -> None:
    """Give the templates what they need, and every answer its headers."""
    app.jinja_env.globals.update(here=here, rights_desk=desk, outside_languages=texts.OUTSIDE_NAMES)
    app.after_request(_protect)


def _address(endpoint: str, language: str, values: Mapping[str, str]) -> str:
    said: dict[str, Any] = {**values, texts.LANGUAGE: language or None}
    return url_for(endpoint, **said)


def _protect(response: Response) -> Response:
    if is_outside():
        response.headers.update(HEADERS)
    return response
