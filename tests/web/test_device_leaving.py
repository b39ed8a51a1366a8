"""What leaves a device, card by card: how far it has come, named only while it may be seen."""

from app.models import Consultation, Directory
from app.models.kinds import SyncPolicy
from tests import factories as make
from tests.portal import Portal
from tests.web.browser import Browser
from tests.web.test_devices import end_access


def test_what_leaves_is_listed_by_how_far_it_has_come(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    phone.sync()
    here = f"/devices/{phone.device}"
    assert f"{here}?state=due" not in eva.get(here).links().values()
    portal.set(portal.directory, sync_policy=SyncPolicy.NEVER)
    links = eva.get(here).links()
    assert links["3 contacts: the device has not connected since"] == f"{here}?state=due"
    assert links["0 contacts stay on the device"] == here
    due = eva.get(f"{here}?state=due")
    assert due.rows()[2] == "Novotný Karel 3 May 2026, 14:00 not yet not yet"
    assert "As of 3 May 2026, 14:00." in due.text
    portal.clock.tick(minutes=1)
    answer = phone.report()
    told = eva.get(f"{here}?state=told").rows()
    assert told[2] == "Novotný Karel 3 May 2026, 14:00 3 May 2026, 14:01 not yet"
    assert "No contact is in this state" in eva.get(f"{here}?state=due").text
    portal.clock.tick(minutes=1)
    phone.take(answer)
    phone.sync()
    gone = eva.get(f"{here}?state=confirmed").rows()
    assert gone[2].endswith("3 May 2026, 14:01 3 May 2026, 14:02")
    assert eva.get(f"{here}?state=nonsense").rows() == []


def test_who_may_not_be_looked_up_any_more_is_not_named(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    end_access(portal)
    page = eva.get(f"/devices/{phone.device}?state=due")
    assert len(page.rows()) == 3
    assert page.rows()[0].startswith("not named: you may not look it up any more 3 May 2026")
    assert "Novotný" not in page.response.text


def test_what_was_named_among_what_leaves_is_recorded(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    portal.set(portal.directory, sync_policy=SyncPolicy.NEVER)
    eva.get(f"/devices/{phone.device}?state=due")
    portal.gatherer.flush()
    with portal.sessions.read() as session:
        (noted,) = session.query(Consultation).all()
        assert sorted(noted.contact_ids) == sorted(contact.id for contact in portal.contacts)


def test_a_device_that_was_cut_off_will_never_confirm(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    here = f"/devices/{phone.device}"
    eva.submit(eva.get(f"{here}/stop"), f"{here}/stop")
    eva.submit(eva.get(f"{here}/give-up"), f"{here}/give-up", reason="It burned.")
    page = eva.get(f"{here}?state=given_up")
    assert page.rows()[1].endswith("not yet never: the device is cut off")


def test_what_leaves_has_pages(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.get_one(Directory, portal.directory.id)
        for number in range(60):
            make.contact(session, home, f"Adam Aba{number:02}")
    phone = portal.phone(portal.eva)
    phone.sync()
    portal.set(portal.directory, sync_policy=SyncPolicy.NEVER)
    here = f"/devices/{phone.device}?state=due"
    page = eva.get(here)
    assert (len(page.rows()), page.links()["Next"]) == (50, f"{here}&start=50")
    second = eva.get(f"{here}&start=50")
    assert (len(second.rows()), second.links()["From the beginning"]) == (13, here)
    assert "Next" not in second.links()
    assert not set(page.rows()) & set(second.rows())
