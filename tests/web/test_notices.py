"""What was just done is said once, and only in our words."""

from flask import redirect
from werkzeug.wrappers import Response

from app.web import notices
from app.web.access import signed_in
from app.web.texts import later
from tests.portal import Portal
from tests.web.browser import Browser, Page, words

DONE = later("Contacts")


def stand_up(portal: Portal, **values: str) -> None:
    @signed_in
    def act() -> Response:
        return notices.say(redirect("/account", code=303), DONE, **values)

    portal.app.add_url_rule("/act", view_func=act)


def said(page: Page) -> list[str]:
    return [words(e) for e in page.root.iter("div") if e.attrib.get("class") == "k-notice"]


def test_it_is_said_once(portal: Portal, eva: Browser) -> None:
    stand_up(portal)
    eva.redirect("/act")
    assert said(eva.get("/account")) == ["Contacts"]
    assert said(eva.get("/account")) == []


def test_it_may_offer_a_way_back(portal: Portal, eva: Browser) -> None:
    stand_up(portal, undo="/contacts")
    eva.redirect("/act")
    assert said(eva.get("/account")) == ["Contacts Undo"]


def test_nobody_else_can_write_it(portal: Portal, eva: Browser) -> None:
    stand_up(portal)
    eva.redirect("/act")
    ours = eva.cookie("kustod-dev-notice")
    for wrong in ("x", "a.b.c", ours + "0", "ž" + ours, ours.replace(".", "..", 1)):
        eva.client.set_cookie("kustod-dev-notice", wrong, domain="127.0.0.1")
        assert said(eva.get("/account")) == []
