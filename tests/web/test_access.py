"""Every route is declared, exactly one way; what is not declared is shut; a GET changes nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import Sessions
from app.factory import create_app
from app.models import Grant
from app.policy import Action
from app.services.consultations import Gatherer
from app.web import access
from app.web.access import Level, allowed, need_of, public, signed_in
from tests.portal import Portal
from tests.web.browser import Browser, target
from tests.web.conftest import signed_in as with_session

PUBLIC = {
    "GET /api/v1/forms/<slug:key>",
    "GET /healthz",
    "GET /p/",
    "GET /p/ask",
    "GET /p/ask/sent",
    "GET /p/mine/<public_id:link>",
    "GET /p/mine/<public_id:link>/ask/<slug:kind>",
    "GET /p/mine/<public_id:link>/receipts/<public_id:event>",
    "GET /p/mine/<public_id:link>/receipts/<public_id:event>.json",
    "GET /p/mine/<public_id:link>/requests/<public_id:number>",
    "POST /p/mine/<public_id:link>/ask/<slug:kind>",
    "GET /p/off",
    "GET /p/off/done",
    "GET /p/undo/<public_id:link>",
    "GET /p/r/<public_id:token>",
    "POST /p/off",
    "POST /p/r/<public_id:token>",
    "POST /p/undo/<public_id:link>",
    "GET /p/stop/<public_id:link>",
    "POST /p/ask",
    "POST /p/mine/<public_id:link>",
    "POST /p/mine/<public_id:link>/again",
    "POST /p/stop/<public_id:link>",
    "GET /p/doctor/<public_id:question>",
    "GET /p/f/<slug:key>",
    "GET /p/f/<slug:key>/no",
    "GET /p/f/<slug:key>/sent",
    "GET /p/first-owner/<public_id:link>",
    "GET /p/k/<public_id:token>",
    "GET /p/notices/<slug:key>",
    "GET /p/notices/<slug:key>/<slug:language>/<int:number>",
    "GET /p/profile/<public_id:link>",
    "GET /readyz",
    "GET /sign-in",
    "GET /signed-out",
    "GET /static/<path:path>",
    "POST /api/v1/consents",
    "POST /api/v1/withdrawals",
    "POST /language",
    "POST /p/f/<slug:key>",
    "POST /p/first-owner/<public_id:link>",
    "POST /p/k/<public_id:token>",
    "POST /p/profile/<public_id:link>",
    "POST /sign-in",
    "POST /theme",
}


def routes(app: Flask) -> Iterator[tuple[str, Any]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}", app.view_functions[rule.endpoint]


def test_every_route_is_declared(portal: Portal) -> None:
    assert [name for name, view in routes(portal.app) if need_of(view) is None] == []


def test_the_public_routes_are_these_and_no_others(portal: Portal) -> None:
    levels = {name: need_of(view) for name, view in routes(portal.app)}
    assert {n for n, need in levels.items() if need and need.level is Level.PUBLIC} == PUBLIC


def test_no_view_is_declared_twice() -> None:
    def view() -> str:
        return ""

    with pytest.raises(TypeError, match="declared twice"):
        signed_in(public(view))


def test_users_pages_send_everybody_else_to_sign_in(portal: Portal, browser: Browser) -> None:
    for name, view in routes(portal.app):
        method, path = name.split(" ")
        need = need_of(view)
        if need is None or need.level is Level.PUBLIC:
            continue
        answer = browser.open(method, re.sub("<.*?>", "1", path))
        assert target(answer).partition("?")[0] == "/sign-in", name
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_forgotten_is_shut(portal: Portal, tmp_path: Path) -> None:
    def forgotten() -> str:
        return "secret"

    portal.app.add_url_rule("/forgotten", view_func=forgotten)
    for browser in (Browser(portal), with_session(portal, portal.eva)):
        assert "This is not allowed" in browser.get("/forgotten", 403).text


def test_an_action_opens_its_page_to_whoever_holds_it(
    portal: Portal, eva: Browser, browser: Browser
) -> None:
    @allowed(Action.MANAGE)
    def managed() -> str:
        return f"managed by {access.viewer().user_id}"

    portal.app.add_url_rule("/managed", view_func=managed)
    assert browser.redirect("/managed") == "/sign-in?next=/managed"
    assert eva.get("/managed", 404).heading == "Nothing here"
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).can_manage = True
    assert eva.open("GET", "/managed").text == f"managed by {portal.eva.id}"


def test_a_public_view_has_no_user(portal: Portal, browser: Browser) -> None:
    @public
    def careless() -> str:
        return access.user().name

    portal.app.add_url_rule("/careless", view_func=careless)
    assert "give this reference" in browser.get("/careless", 500).text


def database(sessions: Sessions) -> dict[str, list[Any]]:
    """Every row of every table."""
    with sessions.read() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return {
            name: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}"'))]
            for name in names
        }


def test_a_visit_without_a_name_changes_nothing(portal: Portal) -> None:
    before = database(portal.sessions)
    visitor = Browser(portal)
    for address in ("/", "/sign-in", "/signed-out", "/contacts", "/nothing"):
        for method in ("GET", "HEAD", "OPTIONS"):
            visitor.open(method, address)
    portal.gatherer.flush()
    assert database(portal.sessions) == before


def test_a_used_session_is_noted_now_and_then(portal: Portal, eva: Browser) -> None:
    eva.get("/account")
    portal.gatherer.flush()
    portal.clock.tick(minutes=5)
    eva.get("/account")
    portal.gatherer.flush()
    (row,) = database(portal.sessions)["web_session"]
    assert portal.clock.now().strftime("%H:%M") in str(row)


@pytest.mark.parametrize("path", ["/sign-out", "/theme", "/language", "/sign-in"])
def test_a_form_of_another_site_is_refused(portal: Portal, eva: Browser, path: str) -> None:
    token = eva.get("/account").form("/sign-out")["csrf_token"]
    for wrong in ("", "x", "a.b", "ž.ž", token[:-1], token.replace(".", ".0", 1), token[1:]):
        page = eva.post(path, {"csrf_token": wrong}, 400)
        assert "Nothing was changed." in page.text
    eva.headers = {"Sec-Fetch-Site": "cross-site"}
    eva.post(path, {"csrf_token": token}, 403)
    eva.headers = {}
    eva.get("/account")


def test_a_form_belongs_to_one_browser(portal: Portal, eva: Browser, jan: Browser) -> None:
    token = jan.get("/account").form("/sign-out")["csrf_token"]
    eva.post("/sign-out", {"csrf_token": token}, 400)
    visitor = Browser(portal).get("/sign-in").form("/sign-in")["csrf_token"]
    eva.post("/sign-out", {"csrf_token": visitor}, 400)


def test_a_form_survives_a_new_session_key(portal: Portal, browser: Browser) -> None:
    form = browser.get("/sign-in").form("/sign-in")
    old = portal.ring.keys.copy()
    fresh = type(portal.ring.current(next(iter(old))))("new", b"n" * 32)
    name = next(key for key in old if key.value == "session")
    portal.ring.keys[name] = (*old[name], fresh)
    browser.post("/sign-in", form | {"email": "a@example.org", "password": "b"}, 422)
    assert browser.get("/sign-in").form("/sign-in")["csrf_token"].startswith("new.")


def test_two_processes_share_sessions_and_tries(portal: Portal, eva: Browser) -> None:
    other = create_app(
        portal.app.extensions["kustod"].settings, portal.sessions, portal.ring, portal.clock.now
    )
    second: Gatherer = other.extensions["kustod"].gatherer
    here = portal.app
    portal.app = other
    elsewhere = Browser(portal)
    elsewhere.client.set_cookie("kustod-dev", eva.cookie("kustod-dev"), domain="127.0.0.1")
    assert elsewhere.get("/account").heading == "My account"
    eva.submit(eva.get("/account"), "/sign-out")
    assert elsewhere.redirect("/account") == "/sign-in?next=/account"
    portal.app = here
    browsers = (Browser(portal), elsewhere)
    for number in range(10):
        browsers[number % 2].sign_in(portal.jan.email, "guess", 422)
    for browser in browsers:
        browser.sign_in(portal.jan.email, status=429)
    second.close()
