"""Signing in and out: what gets in, what does not, and what a replayed cookie is worth."""

import pytest
from werkzeug.datastructures import MultiDict

from app.keys import KeyName
from app.models import (
    AuditEvent,
    Suspension,
    SuspensionKind,
    Throttle,
    WebSession,
)
from app.services import throttle
from app.services.throttle import LIMIT, Door
from app.web.forms import SignInForm
from tests.portal import BASE_URL, PASSWORD, Portal
from tests.web.browser import Browser, target


def test_signing_in_leads_to_the_contacts(portal: Portal, browser: Browser) -> None:
    page = browser.sign_in(portal.eva.email)
    assert target(page.response) == "/overview"
    assert "Eva Nováková" in browser.get("/contacts").text
    assert browser.redirect("/") == "/overview"
    assert browser.redirect("/sign-in") == "/overview"
    assert browser.redirect("/signed-out") == "/overview"


def test_the_login_is_taken_as_people_type_it(portal: Portal, browser: Browser) -> None:
    browser.sign_in(f"  {portal.eva.email.upper()} ")


def test_the_way_back_is_kept(portal: Portal, browser: Browser) -> None:
    page = browser.get(browser.redirect("/contacts?q=karel"))
    answer = browser.submit(page, "/sign-in", email=portal.eva.email, password=PASSWORD)
    assert target(answer.response) == "/contacts?q=karel"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/\t/evil.example",
            "https:evil.example",
        ),
        *("javascript:alert(1)", "/%5cevil/../..", "http://a@evil.example", "/nowhere", "/ x"),
        *("/sign-out", "/language", "", "/contacts\r\nSet-Cookie: a=b", "ž"),
    ],
)
def test_the_way_back_leads_nowhere_else(portal: Portal, browser: Browser, address: str) -> None:
    form = browser.get("/sign-in").form("/sign-in")
    form |= {"next": address, "email": portal.eva.email, "password": PASSWORD}
    assert target(browser.post("/sign-in", form).response) == "/overview"


def test_unknown_wrong_and_disabled_look_alike(portal: Portal, browser: Browser) -> None:
    portal.add(
        Suspension(
            user_id=portal.jan.id, kind=SuspensionKind.DISABLED, valid_from=portal.clock.now()
        )
    )
    answers = []
    for email, password in (
        (portal.eva.email, "not this one"),
        ("nobody@example.org", PASSWORD),
        (portal.jan.email, PASSWORD),
    ):
        page = browser.sign_in(email, password, 422)
        assert "do not fit together" in page.text
        answers.append(page.response.text.replace(email, "…"))
    assert len(set(answers)) == 1


def test_a_user_without_password_cannot_sign_in(portal: Portal, browser: Browser) -> None:
    portal.set(portal.eva, password_hash="")
    browser.sign_in(portal.eva.email, "", 422)
    browser.sign_in(portal.eva.email, PASSWORD, 422)


def test_empty_fields_are_named(browser: Browser) -> None:
    page = browser.sign_in("", "", 422)
    assert "Write your e-mail address." in page.text
    assert "Write your password." in page.text


def test_a_form_checks_for_itself_that_it_is_ours(portal: Portal) -> None:
    with portal.app.test_request_context("/sign-in", method="POST", base_url=BASE_URL):
        form = SignInForm(MultiDict({"email": "a", "password": "b"}))
        assert not form.validate()
        assert form.errors == {"csrf_token": ["This form is too old. Please send it again."]}


def test_odd_input_is_only_wrong(browser: Browser) -> None:
    for email, password in (("a\x00b@c", "\x00"), ("x" * 9000, "y" * 9000), ("\ud800@x", "ž")):
        browser.sign_in(email.encode("utf-8", "replace").decode(), password, 422)


def test_a_replayed_cookie_is_dead_after_signing_out(portal: Portal, eva: Browser) -> None:
    cookie = eva.cookie("kustod-dev")
    page = eva.submit(eva.get("/account"), "/sign-out")
    assert target(page.response) == "/signed-out"
    assert page.response.headers["Clear-Site-Data"] == '"cache"'
    assert not eva.cookie("kustod-dev")
    assert "You are signed out" in eva.get("/signed-out").text
    thief = Browser(portal, "198.51.100.9")
    thief.client.set_cookie("kustod-dev", cookie, domain="127.0.0.1")
    assert thief.redirect("/contacts") == "/sign-in?next=/contacts"


def test_signing_in_again_ends_the_session_before(portal: Portal, eva: Browser) -> None:
    before = eva.cookie("kustod-dev")
    form = {"csrf_token": eva.get("/account").form("/sign-out")["csrf_token"]}
    eva.post("/sign-in", form | {"email": portal.eva.email, "password": PASSWORD})
    assert eva.cookie("kustod-dev") != before
    with portal.sessions.read() as session:
        rows = session.query(WebSession).order_by(WebSession.id).all()
        assert [row.ended_at <= portal.clock.now() for row in rows] == [True, False]


def test_a_disabled_user_is_out_at_once(portal: Portal, eva: Browser) -> None:
    eva.get("/contacts")
    portal.add(
        Suspension(
            user_id=portal.eva.id, kind=SuspensionKind.DISABLED, valid_from=portal.clock.now()
        )
    )
    assert eva.redirect("/contacts") == "/sign-in?next=/contacts"


def test_an_idle_session_ends_and_a_used_one_lives_a_week(portal: Portal, eva: Browser) -> None:
    for _ in range(16):
        portal.clock.tick(hours=10)
        eva.get("/account")
        portal.gatherer.flush()
    portal.clock.tick(hours=9)
    assert eva.redirect("/account") == "/sign-in?next=/account"
    eva.sign_in(portal.eva.email)
    portal.clock.tick(hours=12)
    assert eva.redirect("/account") == "/sign-in?next=/account"


@pytest.mark.parametrize("cookie", ["", "x", "ž", "a" * 5000, "..", "%00"])
def test_a_broken_cookie_is_nobody(portal: Portal, browser: Browser, cookie: str) -> None:
    browser.headers = {"Cookie": f"kustod-dev={cookie}".encode().decode("latin-1")}
    answer = browser.open("GET", "/account")
    assert target(answer) == "/sign-in?next=/account"


def test_the_cookie_is_out_of_reach(portal: Portal, browser: Browser) -> None:
    header = browser.sign_in(portal.eva.email).response.headers.getlist("Set-Cookie")[0]
    parts = header.split("; ")
    assert parts[0].startswith("kustod-dev=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=604800"} <= set(parts)
    with portal.sessions.read() as session:
        row = session.query(WebSession).one()
        assert row.token_digest not in header
        assert len(row.token_digest) == 64


def test_both_acts_leave_an_audit_row(portal: Portal, eva: Browser) -> None:
    eva.submit(eva.get("/account"), "/sign-out")
    with portal.sessions.read() as session:
        events = session.query(AuditEvent).order_by(AuditEvent.id).all()
        acts = [(event.action, event.actor_id) for event in events]
    assert acts == [("session.opened", portal.eva.id), ("session.ended", portal.eva.id)]


def test_too_many_tries_wait_here_and_nowhere_else(portal: Portal, browser: Browser) -> None:
    key = portal.ring.current(KeyName.SESSION)
    who = throttle.subject(key, Door.PORTAL, browser.address, portal.eva.email)
    with portal.sessions.write() as session:
        for _ in range(LIMIT - 1):
            throttle.count(session, who, portal.clock.now())
    browser.sign_in(portal.eva.email, "guess", 422)
    page = browser.sign_in(portal.eva.email, PASSWORD, 429)
    assert page.response.headers["Retry-After"] == "901"
    assert "Try again after 3 May 2026, 14:15." in page.text
    browser.sign_in(portal.jan.email)
    Browser(portal, "198.51.100.9").sign_in(portal.eva.email)
    portal.clock.tick(minutes=15)
    Browser(portal).sign_in(portal.eva.email)
    with portal.sessions.read() as session:
        assert session.query(Throttle).count() == 0


def test_tries_are_counted_without_names(portal: Portal, browser: Browser) -> None:
    browser.sign_in(portal.eva.email, "guess", 422)
    with portal.sessions.read() as session:
        row = session.query(Throttle).one()
        assert len(row.subject) == 64
        assert (row.failures, row.since_at) == (1, portal.clock.now())
