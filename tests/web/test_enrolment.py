"""Setting up a phone: the password is shown once and works, and leaving early harms nothing."""

import plistlib
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest

from app.models import AuditEvent, Device, Organisation
from app.models.kinds import DeviceKind
from app.services.enrolment import LINK_TERM
from app.web import qr
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal
from tests.web.browser import Browser, Page, target, words

TYPED = {"name": "Eva's phone", "fields": "full", "read": "y"}


def enrol(eva: Browser, kind: str = "android", **typed: str) -> str:
    """The address of the page that shows the password."""
    path = f"/devices/new/{kind}"
    form = eva.get(path).form(path) | TYPED | typed
    return target(eva.post(path, form).response)


def value(page: Page, name: str) -> str:
    """What stands there to be typed elsewhere."""
    return next((words(e) for e in page.root.iter("code") if e.get("id") == name), "")


def phone(portal: Portal, page: Page) -> Phone:
    """A phone that was set up with what the page says."""
    device = urlsplit(value(page, "server")).path.split("/")[2]
    return Phone(portal.door, value(page, "login"), value(page, "password"), device=device)


def rows(portal: Portal) -> list[Device]:
    with portal.sessions.read() as session:
        return session.query(Device).order_by(Device.id).all()


def acts(portal: Portal) -> list[tuple[str, dict[str, object]]]:
    with portal.sessions.read() as session:
        events = session.query(AuditEvent).order_by(AuditEvent.id).all()
        return [(row.action, row.detail) for row in events if row.action.startswith("device.")]


def test_what_the_page_says_connects_a_phone(portal: Portal, eva: Browser) -> None:
    made = phone(portal, eva.get(enrol(eva)))
    made.sync()
    assert len(made.names()) == 3
    (row,) = rows(portal)
    assert (row.name, row.kind, row.user_id) == ("Eva's phone", DeviceKind.ANDROID, portal.eva.id)


def test_the_password_is_shown_once(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    shown = eva.get(place)
    again = eva.get(place)
    assert value(shown, "password")
    assert value(shown, "password") not in again.response.text
    assert "The password was shown once" in again.text
    assert value(again, "server") == value(shown, "server")


def test_the_cookie_alone_is_no_password(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    seed = eva.cookie("kustod-dev-once")
    password = value(eva.get(place), "password")
    assert password not in seed
    key_id, until, rest = seed.split(".")
    later = str(int(until) + 3600)
    for changed in ("x", f"{key_id}.{later}.{rest}", f"{key_id}..{rest}", f"none.{until}.{rest}"):
        eva.client.set_cookie("kustod-dev-once", changed, domain="127.0.0.1")
        assert value(eva.get(place), "password") == "", changed


def test_after_a_minute_it_is_not_shown(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    seed = eva.cookie("kustod-dev-once")
    portal.clock.tick(minutes=1)
    eva.client.set_cookie("kustod-dev-once", seed, domain="127.0.0.1")
    assert value(eva.get(place), "password") == ""


def test_it_belongs_to_one_device(portal: Portal, eva: Browser) -> None:
    other = portal.phone(portal.eva, "Other")
    enrol(eva)
    assert value(eva.get(f"/devices/{other.device}/connect"), "password") == ""


def test_starting_again_ends_the_former_password(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    former = phone(portal, eva.get(place))
    path = place.replace("/connect", "/again")
    fresh = eva.get(target(eva.submit(eva.get(place), path).response))
    assert former.report().status == 401
    assert phone(portal, fresh).report().status == 207
    assert len(rows(portal)) == 1
    assert [action for action, _ in acts(portal)] == ["device.enrol", "device.renew"]


def test_a_phone_with_contacts_keeps_its_password(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    made = phone(portal, eva.get(place))
    made.sync()
    page = eva.get(place)
    assert "This password is in use" in page.text
    path = place.replace("/connect", "/again")
    assert not page.has_form(path)
    eva.post(path, {"csrf_token": eva.get("/account").form("/sign-out")["csrf_token"]}, 403)
    assert made.report().status == 207


def test_a_stopped_device_gets_no_new_password(portal: Portal, eva: Browser) -> None:
    made = portal.phone(portal.eva)
    path = f"/devices/{made.device}/stop"
    eva.submit(eva.get(path), path)
    form = eva.get("/account").form("/sign-out")
    eva.post(f"/devices/{made.device}/again", form, 403)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "  "}, "Give the phone or program a name."),
        ({"name": "x" * 101}, "This name is too long."),
        ({"read": ""}, "Read the rules and tick the box."),
        ({"fields": "everything"}, "Choose how much goes there."),
    ],
)
def test_a_form_with_a_fault_comes_back(
    portal: Portal, eva: Browser, typed: dict[str, str], said: str
) -> None:
    path = "/devices/new/android"
    page = eva.post(path, eva.get(path).form(path) | TYPED | typed, 422)
    assert said in page.text
    assert rows(portal) == []


def test_an_unknown_kind_is_not_there(eva: Browser) -> None:
    eva.get("/devices/new/fridge", 404)
    token = eva.get("/account").form("/sign-out")["csrf_token"]
    eva.post("/devices/new/fridge", TYPED | {"csrf_token": token}, 404)


def test_what_goes_there_is_counted_by_the_policy(
    portal: Portal, eva: Browser, dana: Browser
) -> None:
    text = eva.get("/devices/new/android").text
    assert "3 contacts: name, firm, phones" in text
    assert "No contact goes there yet" in dana.get("/devices/new/android").text


def test_a_device_can_ask_for_less(portal: Portal, eva: Browser) -> None:
    enrol(eva, fields="caller", photos="y")
    (row,) = rows(portal)
    assert (row.fields, row.wants_photos) == (1, True)


def test_the_rules_are_those_of_the_organisation(portal: Portal, eva: Browser) -> None:
    assert "The contacts belong to the organisation" in eva.get("/devices/new/mac").text
    enrol(eva, "mac")
    with portal.sessions.write() as session:
        session.get_one(Organisation, 1).phone_policy = "First rule.\n\nSecond <rule>."
    page = eva.get("/devices/new/mac")
    assert "First rule." in page.text
    assert "Second <rule>." in page.text
    assert "The contacts belong to the organisation" not in page.text
    enrol(eva, "mac", name="Her other Mac")
    read = [detail["policy"] for action, detail in acts(portal) if action == "device.enrol"]
    assert read[0] == "default"
    assert read[1] != "default"


def test_outlook_is_told_the_truth(eva: Browser) -> None:
    text = eva.get("/devices/new/outlook").text
    assert "Outlook by itself cannot do it" in text
    assert "Thunderbird can do it" in text


@pytest.mark.parametrize("kind", ["iphone", "mac", "android", "thunderbird", "outlook", "other"])
def test_each_kind_is_told_how_to_check(portal: Portal, eva: Browser, kind: str) -> None:
    place = enrol(eva, kind)
    assert "How to check:" in eva.get(place).text
    assert "looks for changes" in eva.get(place.replace("/connect", "/ready")).text


def test_without_https_it_says_so(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    assert "Phones refuse to send a password without https." in eva.get(place).text


def test_the_link_of_davx5_holds_all_it_needs(portal: Portal, eva: Browser) -> None:
    settings = portal.app.extensions["kustod"].settings
    for base, scheme in (("http://127.0.0.1:8080", "carddav"), ("https://127.0.0.1:8080", "davx5")):
        place = enrol(eva, name=scheme)
        object.__setattr__(settings, "base_url", base)
        eva.client.set_cookie("__Host-kustod", eva.cookie("kustod-dev"), domain="127.0.0.1")
        eva.client.set_cookie(
            "__Host-kustod-once", eva.cookie("kustod-dev-once"), domain="127.0.0.1"
        )
        page = eva.get(place)
        parts = urlsplit(page.links()["Open DAVx⁵"])
        assert parts.scheme == scheme
        assert (unquote(parts.username or ""), unquote(parts.password or "")) == (
            portal.eva.email,
            value(page, "password"),
        )
        assert parts.path == urlsplit(value(page, "server")).path
        object.__setattr__(settings, "base_url", "http://127.0.0.1:8080")


def test_a_code_is_the_text_it_was_made_of() -> None:
    made = qr.code("davx5://eva@k.example.org/")
    assert made.size > 29
    assert made.path.startswith("M4 4h1v1h-1z")
    assert made.path != qr.code("davx5://jan@k.example.org/").path


def profile_of(page: Page) -> str:
    return urlsplit(page.links()["Get the profile"]).path


def test_the_profile_works_once_and_holds_no_password(
    portal: Portal, eva: Browser, browser: Browser
) -> None:
    shown = eva.get(enrol(eva, "iphone"))
    link = profile_of(shown)
    answer = browser.submit(browser.get(link), link, 200).response
    assert answer.headers["Content-Type"] == "application/x-apple-aspen-config"
    (account,) = plistlib.loads(answer.data)["PayloadContent"]
    assert account["CardDAVUsername"] == portal.eva.email
    assert (account["CardDAVHostName"], account["CardDAVPort"]) == ("127.0.0.1", 8080)
    assert account["CardDAVUseSSL"] is False
    assert account["CardDAVPrincipalURL"] == f"/dav/{rows(portal)[0].public_id}/"
    assert value(shown, "password").encode() not in answer.data
    browser.get(link, 404)
    form = browser.get("/sign-in").form("/sign-in")
    browser.post(link, form, 404)
    assert [action for action, _ in acts(portal)] == ["device.enrol", "device.profile"]


def test_the_link_ends_after_ten_minutes(portal: Portal, eva: Browser, browser: Browser) -> None:
    link = profile_of(eva.get(enrol(eva, "iphone")))
    portal.clock.tick(seconds=LINK_TERM.total_seconds() - 1)
    page = browser.get(link)
    portal.clock.tick(seconds=1)
    browser.get(link, 404)
    browser.submit(page, link, 404)


def test_the_link_is_kept_as_a_digest(portal: Portal, eva: Browser) -> None:
    link = profile_of(eva.get(enrol(eva, "iphone"))).rpartition("/")[2]
    (row,) = rows(portal)
    assert row.link_digest
    assert link not in row.link_digest


def test_the_wait_tells_how_far_it_is(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    made = phone(portal, eva.get(place))
    waiting = place.replace("/connect", "/waiting")
    page = eva.get(waiting)
    assert "It has not signed in yet" in page.text
    assert "every 3s" in page.response.text
    made.propfind("D:sync-token", path=f"/dav/{made.device}/")
    portal.door.sightings.flush()
    page = eva.get(waiting)
    assert "It has signed in" in page.text
    assert "It has not asked for the list yet" in page.text
    answer = made.report()
    page = eva.get(waiting)
    assert "It asked for the list" in page.text
    assert "0 of 3 contacts fetched" in page.text
    made.take(answer)
    portal.door.sightings.flush()
    page = eva.get(waiting)
    assert "3 of 3 contacts fetched" in page.text
    assert "every 3s" not in page.response.text
    assert "3 contacts are on it" in eva.get(page.links()["Go on"]).text


def test_the_wait_is_a_part_of_its_page(portal: Portal, eva: Browser) -> None:
    waiting = enrol(eva).replace("/connect", "/waiting")
    eva.headers = {"HX-Request-Type": "partial"}
    part = eva.open("GET", waiting).text
    eva.headers = {}
    assert part.lstrip().startswith("<section")
    assert part.strip() in eva.get(waiting).response.text


def test_the_wait_ends_by_itself(portal: Portal, eva: Browser) -> None:
    waiting = enrol(eva).replace("/connect", "/waiting")
    portal.clock.tick(seconds=timedelta(hours=1).total_seconds())
    page = eva.get(waiting)
    assert "every 3s" not in page.response.text
    assert "It has not come yet" in page.text


def test_wrong_passwords_are_told_while_one_waits(portal: Portal, eva: Browser) -> None:
    place = enrol(eva)
    made = phone(portal, eva.get(place))
    Phone(portal.door, made.login, "wrong", device=made.device).report()
    Phone(portal.door, portal.jan.email, "wrong", device=made.device).report()
    waiting = place.replace("/connect", "/waiting")
    assert "1 try with your user name and a wrong password" in eva.get(waiting).text
    portal.clock.tick(minutes=16)
    assert "wrong password" not in eva.get(waiting).text


def test_leaving_early_is_no_harm(portal: Portal, eva: Browser) -> None:
    eva.get(enrol(eva))
    page = eva.get("/devices")
    assert "never connected" in page.text
    assert "Start again" in eva.get(page.links()["Connect it Eva's phone"]).text


def test_two_devices_of_one_owner_have_two_names(portal: Portal, eva: Browser) -> None:
    enrol(eva)
    path = "/devices/new/android"
    again = eva.post(path, eva.get(path).form(path) | TYPED | {"name": "EVA'S PHONE"}, 422)
    assert "Another device of yours has this name." in again.text
    assert "This name is free: EVA'S PHONE 2" in again.text
    enrol(eva, "iphone", name="iPhone")
    assert eva.get("/devices/new/iphone").form("/devices/new/iphone")["name"] == "iPhone 2"
    first, second = rows(portal)
    rename = f"/devices/{second.public_id}/name"
    typed = eva.get(rename).form(rename)
    assert eva.post(rename, typed | {"name": first.name}, 422).has_form(rename)
    eva.post(rename, typed)


def test_it_says_which_projects_stay_off_phones(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        for name, allows in (("Most", False), ("Tunel", True)):
            project = make.project(session)
            project.name, project.allows_sync = name, allows
            make.member(session, project, portal.eva)
    text = eva.get("/devices/new/android").text
    assert "so they do not go there: Most." in text
