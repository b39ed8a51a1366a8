"""One's own account: the browsers that are signed in, and another password."""

import pytest

from app.services.throttle import LIMIT
from tests.portal import PASSWORD, Portal
from tests.web.browser import Browser
from tests.web.conftest import signed_in

FRESH = "battery horse correct"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


def change(browser: Browser, status: int = 303, **typed: str) -> str:
    form = {"present": PASSWORD, "fresh": FRESH, "again": FRESH, **typed}
    token = browser.get("/account").form("/sign-out")
    return browser.post("/account/password", token | form, status).text


def test_every_browser_is_named_and_can_be_signed_out(portal: Portal, eva: Browser) -> None:
    elsewhere = Browser(portal, **{"User-Agent": FIREFOX})
    elsewhere.sign_in(portal.eva.email)
    page = eva.get("/account")
    assert "Firefox, Windows" in page.text
    action = next(a for a in _actions(page.response.text) if "/account/sign-out/" in a)
    signed_in(portal, portal.jan).post(action, {}, 400)
    eva.submit(page, action)
    assert elsewhere.redirect("/contacts").startswith("/sign-in")
    assert "Firefox" not in eva.get("/account").text


def _actions(text: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('action="')[1:]]


def test_nobody_ends_the_sign_in_of_somebody_else(portal: Portal, eva: Browser) -> None:
    jan = signed_in(portal, portal.jan)
    for number in range(1, 5):
        token = jan.get("/account").form("/sign-out")
        if number != 2:
            jan.post(f"/account/sign-out/{number}", token)
    eva.get("/account")


def test_all_others_are_signed_out_at_once(portal: Portal, eva: Browser) -> None:
    others = [signed_in(portal, portal.eva) for _ in range(2)]
    eva.submit(eva.get("/account"), "/account/sign-out-others")
    assert "Signed out in every other browser." in eva.get("/account").text
    for other in others:
        assert other.redirect("/contacts").startswith("/sign-in")


def test_a_new_password_keeps_this_browser_and_ends_all_others(
    portal: Portal, eva: Browser
) -> None:
    other, before = signed_in(portal, portal.eva), eva.cookie("kustod-dev")
    change(eva)
    assert "The password is changed." in eva.get("/account").text
    assert eva.cookie("kustod-dev") != before
    assert other.redirect("/contacts").startswith("/sign-in")
    elsewhere = Browser(portal)
    elsewhere.sign_in(portal.eva.email, status=422)
    elsewhere.sign_in(portal.eva.email, FRESH)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"present": "wrong horse battery"}, "This is not your present password."),
        ({"fresh": "short", "again": "short"}, "The new password is too short"),
        ({"fresh": "x" * 257, "again": "x" * 257}, "The new password is too long."),
        ({"again": "battery horse"}, "The new password is not the same both times."),
        ({"present": ""}, "Write your present password."),
    ],
)
def test_what_does_not_fit_changes_nothing(
    portal: Portal, eva: Browser, typed: dict[str, str], said: str
) -> None:
    assert said in change(eva, 422, **typed)
    Browser(portal).sign_in(portal.eva.email)


def test_who_keeps_guessing_has_to_wait(portal: Portal, eva: Browser) -> None:
    for _ in range(LIMIT):
        change(eva, 422, present="wrong horse battery")
    change(eva, 429)
    Browser(portal).sign_in(portal.eva.email, status=429)
