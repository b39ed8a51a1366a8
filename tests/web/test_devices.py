"""My devices: for each of the cast, in each state of a phone, and the button that stops one."""

from app.models import (
    AuditEvent,
    Consultation,
    Contact,
    Device,
    Directory,
    Grant,
    RoleName,
    UserRole,
)
from app.services.readers import family_of
from app.web.agents import program_name
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal
from tests.web.browser import Browser, Page


def card(page: Page, name: str = "Phone") -> str:
    """What the page says about one device."""
    found = [item for item in page.root.iter("li") if item.get("class", "").startswith("card")]
    texts = [" ".join("".join(item.itertext()).replace("\u00a0", " ").split()) for item in found]
    return next(text for text in texts if text.startswith(name))


def end_access(portal: Portal) -> None:
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).valid_until = portal.clock.now()


def test_the_list_works(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva, "Phone", is_managed=True)
    assert "never connected" in card(eva.get("/devices"))
    phone.sync()
    portal.door.sightings.flush()
    text = card(eva.get("/devices"))
    assert "up to date" in text
    assert "Contacts on it now 3" in text
    assert "Last heard from 3 May 2026, 14:00" in text
    assert "Last change fetched 3 May 2026, 14:00" in text
    assert "Removal confirmed nothing to confirm so far" in text
    assert "managed by the organisation" in text


def test_nobody_sees_the_devices_of_another(portal: Portal, eva: Browser, jan: Browser) -> None:
    phone = portal.phone(portal.eva)
    assert "Phone" in eva.get(f"/devices/{phone.device}").heading
    assert "No phone and no program yet" in jan.get("/devices").text
    absent = jan.get("/devices/nobodys-device", 404).response.data
    assert jan.get(f"/devices/{phone.device}", 404).response.data == absent
    assert jan.get(f"/devices/{phone.device}/stop", 404).response.data == absent
    form = jan.get("/account").form("/sign-out")
    assert jan.post(f"/devices/{phone.device}/stop", form, 404).response.data == absent
    with portal.sessions.read() as session:
        device = session.query(Device).filter_by(public_id=phone.device).one()
        assert device.stopped_at > portal.clock.now()


def test_a_stranger_sees_his_own_empty_device(portal: Portal, dana: Browser) -> None:
    phone = portal.phone(portal.dana)
    phone.sync()
    page = dana.get(f"/devices/{phone.device}")
    assert "There is nothing that this device may have." in page.text
    assert "Novotný" not in page.response.text


def test_signed_out_is_sent_to_sign_in(portal: Portal, browser: Browser) -> None:
    phone = portal.phone(portal.eva)
    assert browser.redirect("/devices") == "/sign-in?next=/devices"
    for path in (f"/devices/{phone.device}", f"/devices/{phone.device}/stop"):
        assert browser.redirect(path) == f"/sign-in?next={path}"
    answer = browser.post(f"/devices/{phone.device}/stop", {})
    assert answer.response.headers["Location"] == "/sign-in"


def test_what_is_on_it_is_named_while_it_may_be_seen(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    page = eva.get(f"/devices/{phone.device}")
    assert page.rows()[1] == "Novotný Karel comes at the next connection"
    phone.sync()
    page = eva.get(f"/devices/{phone.device}")
    assert page.rows()[1] == "Novotný Karel on the device 3 May 2026, 14:00"
    end_access(portal)
    page = eva.get(f"/devices/{phone.device}")
    assert "3 contacts: the device has not connected since" in page.text
    assert "Contacts on it now 3, all being taken back" in page.text
    assert "Novotný" not in page.response.text


def test_taking_back_goes_from_told_to_confirmed(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    end_access(portal)
    portal.clock.tick(minutes=1)
    phone.sync()
    page = eva.get(f"/devices/{phone.device}")
    assert "3 contacts: the device was told, not confirmed" in page.text
    assert "3 contacts are being taken back" in card(eva.get("/devices"))
    portal.clock.tick(minutes=1)
    phone.sync()
    page = eva.get(f"/devices/{phone.device}")
    assert "3 contacts: removal confirmed" in page.text
    assert "Removal confirmed 3 May 2026, 14:02" in card(eva.get("/devices"))


def test_an_earlier_confirmation_is_not_taken_for_this_one(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    with portal.sessions.write() as session:
        session.get_one(Contact, portal.contacts[0].id).erased_at = portal.clock.now()
    for _ in range(2):
        portal.clock.tick(minutes=1)
        phone.sync()
    end_access(portal)
    assert "Removal confirmed not yet an earlier one: 3 May 2026, 14:02" in card(
        eva.get("/devices")
    )


def test_a_silent_phone_is_called_silent(portal: Portal, eva: Browser) -> None:
    portal.phone(portal.eva).sync()
    portal.door.sightings.flush()
    portal.clock.tick(days=8)
    eva.sign_in(portal.eva.email)
    assert "not heard from for 8 days" in card(eva.get("/devices"))


def test_a_phone_that_never_connected_has_confirmed_nothing(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    stop(eva, phone)
    page = eva.get(f"/devices/{phone.device}")
    assert "ended, it never connected" in page.text
    assert "This device never connected, so nothing was ever on it." in page.text
    assert "emptied, confirmed" not in page.text


def test_long_contents_have_pages(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.get_one(Directory, portal.directory.id)
        for number in range(60):
            make.contact(session, home, f"Adam Aba{number:02}")
    phone = portal.phone(portal.eva)
    first = eva.get(f"/devices/{phone.device}")
    assert len(first.rows()) == 50
    second = eva.get(first.links()["Next"])
    assert len(second.rows()) == 13
    assert second.links()["From the beginning"] == f"/devices/{phone.device}"


def test_showing_the_contents_is_recorded(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    eva.get(f"/devices/{phone.device}")
    eva.open("HEAD", f"/devices/{phone.device}")
    portal.gatherer.flush()
    with portal.sessions.read() as session:
        row = session.query(Consultation).one()
        assert (row.page, len(row.contact_ids)) == ("device", 3)


def stop(eva: Browser, phone: Phone) -> Page:
    path = f"/devices/{phone.device}/stop"
    return eva.submit(eva.get(path), path)


def test_stopping_asks_first_and_then_empties(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    assert "3 contacts are on it now." in eva.get(f"/devices/{phone.device}/stop").text
    assert stop(eva, phone).response.headers["Location"] == f"/devices/{phone.device}"
    page = eva.get("/devices")
    assert "being emptied, not confirmed yet" in card(page)
    assert not any(href.endswith("/stop") for href in page.links().values())
    assert "told to drop every contact" in eva.get(f"/devices/{phone.device}").text
    for _ in range(2):
        portal.clock.tick(minutes=1)
        phone.sync()
    assert "emptied, confirmed" in card(eva.get("/devices"))
    assert "has given everything back" in eva.get(f"/devices/{phone.device}").text


def test_stopping_twice_is_no_error_and_leaves_one_trace(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    stop(eva, phone)
    stop(eva, phone)
    with portal.sessions.read() as session:
        event = session.query(AuditEvent).filter_by(action="device.stop").one()
        assert event.actor_id == portal.eva.id


def test_an_unused_device_has_nothing_to_give_back(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    assert "No contacts are on it now." in eva.get(f"/devices/{phone.device}/stop").text
    stop(eva, phone)
    assert "ended, it never connected" in card(eva.get("/devices"))


def test_what_was_cut_off_or_lost_is_not_called_empty(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    now = portal.clock.now()
    with portal.sessions.write() as session:
        device = session.query(Device).filter_by(public_id=phone.device).one()
        device.given_up_at = device.stopped_at = device.lost_at = now
    text = card(eva.get("/devices"))
    assert "cut off, not confirmed" in text
    assert "reported lost" in text
    page = eva.get(f"/devices/{phone.device}")
    assert "Whether contacts are still on it is not known." in page.text
    assert "3 contacts: not confirmed, the device is cut off" in page.text


def act(portal: Portal, browser: Browser, phone: Phone, what: str, **said: str) -> str:
    """Press the button of the page that asks first; where it leads."""
    path = f"/devices/{phone.device}/{what}"
    return browser.submit(browser.get(path), path, 303, **said).response.headers["Location"]


def acts(portal: Portal) -> list[str]:
    with portal.sessions.read() as session:
        events = session.query(AuditEvent).order_by(AuditEvent.id).all()
        return [row.action for row in events if row.action.startswith("device.")]


def test_a_lost_phone_drains_and_says_so(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    assert "works after months, too" in eva.get(f"/devices/{phone.device}/lost").text
    act(portal, eva, phone, "lost")
    assert "reported lost" in card(eva.get("/devices"))
    assert len(phone.sync()) == 3
    assert acts(portal) == ["device.enrol", "device.lost", "device.stop"]


def test_giving_up_says_what_will_never_be_known(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    act(portal, eva, phone, "stop")
    page = eva.get(f"/devices/{phone.device}")
    assert "will never be known" in eva.get(page.links()["Give up on it"]).text
    act(portal, eva, phone, "give-up", reason="It was run over.")
    assert phone.report().status == 401
    assert "cut off, not confirmed" in card(eva.get("/devices"))


def test_what_is_in_use_is_not_given_up(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    path = f"/devices/{phone.device}/give-up"
    eva.submit(eva.get(path), path, 409, reason="Because.")
    assert phone.report().status == 207


def test_a_new_name_turns_no_phone_away(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva, "Old name")
    by_name = Phone(portal.door, "Old name", phone.password, device=phone.device)
    path = f"/devices/{phone.device}/name"
    for wrong in ("  ", "x" * 101):
        eva.submit(eva.get(path), path, 422, name=wrong)
    eva.submit(eva.get(path), path, name="New name")
    eva.submit(eva.get(path), path, name="New name")
    assert "New name" in eva.get(f"/devices/{phone.device}").heading
    assert by_name.report().status == 207
    assert acts(portal) == ["device.enrol", "device.rename"]


def test_one_program_set_up_again_is_said_to_be_one(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    path = f"/devices/{phone.device}"
    assert not eva.get(path).has_form(f"{path}/same")
    portal.clock.tick(minutes=1)
    Phone(portal.door, phone.login, phone.password, device=phone.device).sync()
    page = eva.get(path)
    assert "More than one program uses this password" in page.text
    eva.submit(page, f"{path}/same")
    page = eva.get(path)
    assert "Recorded: it is the same program." in page.text
    assert not page.has_form(f"{path}/same")
    assert acts(portal)[-1] == "device.set-up-again"


def test_an_administrator_stops_the_phone_of_a_colleague(portal: Portal, dana: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    dana.get("/devices/all", 404)
    portal.add(UserRole(user_id=portal.dana.id, role=RoleName.ADMIN))
    page = dana.get("/devices/all")
    assert page.rows()[0].startswith("Eva Nováková Phone")
    assert "Novotný" not in page.response.text
    dana.get(f"/devices/{phone.device}", 404)
    assert "This device belongs to: Eva Nováková" in dana.get(f"/devices/{phone.device}/stop").text
    assert act(portal, dana, phone, "stop") == "/devices/all"
    assert "being emptied" in dana.get("/devices/all").rows()[0]
    with portal.sessions.read() as session:
        event = session.query(AuditEvent).filter_by(action="device.stop").one()
        assert event.actor_id == portal.dana.id


def test_programs_have_names_that_their_owner_knows() -> None:
    agents = {
        "DAVx5/4.5.3 (2026/01/12; dav4jvm; okhttp/5.1.0) Android/16": "DAVx⁵",
        "iOS/19.1 (23B85) dataaccessd/1.0": "iPhone",
        "macOS/16.1 (25B78) AddressBookCore/2700": "Mac",
        "curl/8.5.0": "curl",
        "": "",
    }
    assert {agent: program_name(family_of(agent)) for agent in agents} == agents
