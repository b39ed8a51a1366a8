"""Refusals and accidents, in words, on the same page for hidden and absent."""

from datetime import timedelta

import pytest
from werkzeug.exceptions import HTTPException, ImATeapot

from app.errors import Busy, Conflict, Invalid, KustodError, NotFound, Refused
from app.guard import Guard
from app.web.access import public, signed_in
from tests.portal import Portal
from tests.web.browser import Browser


def raising(portal: Portal, error: Exception, path: str = "/raising") -> None:
    def view() -> str:
        raise error

    portal.app.add_url_rule(path, endpoint=path, view_func=public(view))


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (NotFound("secret"), 404, "Nothing here"),
        (Refused("secret"), 403, "This is not allowed"),
        (Invalid("field", "secret"), 400, "This could not be understood"),
        (Conflict("secret"), 409, "Somebody else was faster"),
        (Busy("secret"), 503, "Too much is going on here just now"),
        (ImATeapot("secret"), 418, "This could not be understood"),
        (ZeroDivisionError("secret"), 500, "Something went wrong here"),
    ],
)
def test_what_goes_wrong_is_said_in_words(
    portal: Portal, eva: Browser, error: Exception, status: int, heading: str
) -> None:
    raising(portal, error)
    for browser in (eva, Browser(portal)):
        page = browser.get("/raising", status)
        assert page.heading == heading
        assert "secret" not in page.response.text
    assert isinstance(error, KustodError | HTTPException | ZeroDivisionError)


def test_busy_says_when_to_come_again(portal: Portal, eva: Browser) -> None:
    raising(portal, Busy("locked"))
    assert eva.get("/raising", 503).response.headers["Retry-After"] == "5"


def test_a_locked_database_is_busy(portal: Portal, eva: Browser) -> None:
    form = eva.get("/account").form("/sign-out")
    engine = portal.sessions.engine.execution_options(kustod_write=True)
    with engine.connect() as connection, connection.begin():
        assert eva.post("/sign-out", form, 503).heading.startswith("Too much")
    eva.submit(eva.get("/account"), "/sign-out")


def test_absent_tells_nothing_about_the_address(eva: Browser) -> None:
    assert eva.get("/devices/aaa", 404).response.data == eva.get("/devices/bbb", 404).response.data
    text = eva.get("/no/such/page?a=b", 404).text
    assert "There is nothing here, or you may not see it." in text
    assert "such" not in text


def test_a_wrong_method_names_the_right_ones(eva: Browser) -> None:
    page = eva.get("/sign-out", 405)
    assert sorted(page.response.headers["Allow"].split(", ")) == ["OPTIONS", "POST"]


def test_a_path_with_two_slashes_is_no_other_path(eva: Browser) -> None:
    for path in ("/devices//", "/devices///x", "/static//kustod.css"):
        eva.get(path, 404)


def test_a_long_body_is_refused(portal: Portal, eva: Browser) -> None:
    eva.client.application = portal.app
    page = eva.post("/sign-out", {"csrf_token": "x" * 2_000_000}, 413)
    assert "larger than this page takes" in page.text


def test_a_foreign_name_is_refused_without_the_guard_too(portal: Portal) -> None:
    client = portal.app.test_client()
    assert client.get("/sign-in", base_url="http://evil.example").status_code == 400
    assert client.get("/sign-in", base_url="http://localhost:8080").status_code == 200
    assert client.get("/sign-in", base_url="http://[::1]:8080").status_code == 200


def test_an_accident_keeps_its_reason_for_the_log(
    portal: Portal, eva: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    raising(portal, ZeroDivisionError("Karel Novotný"))
    reference = eva.get("/raising", 500).text.partition("reference: ")[2].split()[0]
    out, err = capfd.readouterr()
    assert reference in out + err
    assert "Novotný" not in out + err


def test_headers_are_there_once_with_and_without_the_guard(portal: Portal, eva: Browser) -> None:
    for application in (portal.app, Guard(portal.app, portal.app.extensions["kustod"].settings)):
        eva.client.application = application
        eva.get("/contacts")
        eva.get("/nowhere", 404)


def test_an_old_session_is_sent_back_not_refused(portal: Portal, eva: Browser) -> None:
    form = eva.get("/account").form("/sign-out")
    portal.clock.instant += timedelta(days=1)
    assert eva.post("/sign-out", form).response.headers["Location"] == "/sign-in"


def test_a_page_may_be_declared_on_any_view(portal: Portal, eva: Browser) -> None:
    @signed_in
    def view() -> str:
        return "mine"

    portal.app.add_url_rule("/mine", view_func=view)
    assert eva.open("GET", "/mine").text == "mine"
