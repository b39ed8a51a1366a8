"""A phone is lost: the report, the incident and its clock, the list, the decision, the way back."""

import csv
import io
import json

import pytest

from app.models import Consultation, HandOver, IncidentFact
from tests.portal import Portal
from tests.rooms import incidents as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


@pytest.fixture
def dora(world: World) -> Browser:
    return signed_in(world.portal, world.dora)


def report(world: World, browser: Browser, **said: str) -> tuple[str, Page]:
    """Report a phone of Eva's that has everything; its address, and the page that follows."""
    phone = world.phone
    phone.sync()
    path = f"/devices/{phone.device}/lost"
    answer = browser.submit(browser.get(path), path, 303, **said).response
    return path.removesuffix("/lost"), browser.get(answer.headers["Location"])


def incident(browser: Browser) -> str:
    """The address of the newest incident."""
    return next(
        a for a in browser.get("/incidents").links().values() if a.startswith("/incidents/")
    )


def test_stop_and_lost_are_two_pages_with_their_own_words(portal: Portal, eva: Browser) -> None:
    phone = portal.phone(portal.eva)
    phone.sync()
    stop = eva.get(f"/devices/{phone.device}/stop").text
    lost = eva.get(f"/devices/{phone.device}/lost").text
    assert "leave the account on the phone" in stop
    assert "72 hours" not in stop
    assert "who has to be told" in lost
    assert "nothing that is changed on it is taken over" in lost


def test_a_report_is_one_press_and_tells_its_owner_what_to_do(world: World, eva: Browser) -> None:
    _, page = report(world, eva)
    assert "Reported. Owners and the data protection officer see it" in page.text
    assert "Reported lost 3 May 2026, 14:00" in page.text
    assert "Leave the account on it as it is" in page.text
    assert "Set it up anew." in page.text
    assert "Incident" not in page.links()
    with world.portal.sessions.read() as session:
        assert session.query(IncidentFact).all() == []


def test_what_the_reporter_knows_stands_in_the_incident(
    world: World, eva: Browser, olga: Browser
) -> None:
    report(world, eva, locked="yes", encrypted="unknown", note="Left in a train")
    text = olga.get(incident(olga)).text
    assert "Locked yes" in text
    assert "Encrypted not known" in text
    assert "Left in a train" in text
    assert "no, a private one" in text
    assert "Reported by Eva Nováková" in text


def test_the_clock_runs_on_the_page_and_on_the_overview(
    world: World, eva: Browser, dora: Browser
) -> None:
    report(world, eva)
    clock = world.portal.clock
    for hours, words in (
        (0, "72 hours left"),
        (58, "14 hours left"),
        (13, "1 hour left"),
        (0.5, "less than an hour left"),
        (0.5, "overdue since 6 May 2026, 14:00"),
    ):
        clock.tick(hours=hours)
        dora = signed_in(world.portal, world.dora)
        assert words in dora.get(incident(dora)).text
        assert f"Lost, not decided yet: Phone {words}" in dora.get("/overview").text
    assert "Lost, not decided yet" not in signed_in(world.portal, world.adam).get("/overview").text


def test_the_page_counts_and_the_list_names_with_the_values_of_that_day(
    world: World, eva: Browser, dora: Browser
) -> None:
    report(world, eva)
    here = incident(dora)
    page = dora.get(here)
    assert "3 people: names, phone numbers" in page.text
    assert "Novotný" not in page.response.text
    world.portal.clock.tick(hours=1)
    rows = dora.get(f"{here}/contacts").rows()
    assert len(rows) == 3
    assert any(row.startswith("Novotný Karel") and "not connected since" in row for row in rows)
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        seen = session.query(Consultation).filter_by(user_id=world.dora.id).one()
        assert (seen.page, len(seen.contact_ids)) == ("incident", 3)


def test_a_long_list_has_pages(world: World, olga: Browser) -> None:
    here = rooms.many(world)
    olga = signed_in(world.portal, world.olga)
    first = olga.get(f"{here}/contacts")
    assert len(first.rows()) == 50
    second = olga.get(first.links()["Next"])
    assert len(second.rows()) == 13
    assert second.links()["From the beginning"] == f"{here}/contacts"


def test_the_officer_advises_and_the_owner_decides(
    world: World, eva: Browser, olga: Browser, dora: Browser
) -> None:
    report(world, eva)
    here = incident(olga)
    assert "Decide" in olga.get(here).links()
    assert "Advise" not in olga.get(here).links()
    assert "Decide" not in dora.get(here).links()
    dora.submit(dora.get(f"{here}/advice"), f"{here}/advice", 422, words=" ")
    dora.submit(dora.get(f"{here}/advice"), f"{here}/advice", words="Tell the authority.")
    page = olga.get(f"{here}/decision")
    assert "Tell the authority." in page.text
    olga.submit(page, f"{here}/decision", 422, tell="somebody", reason="")
    world.portal.clock.tick(hours=2)
    olga.submit(page, f"{here}/decision", tell="authority", reason="It was not locked.")
    page = olga.get(here)
    assert "The decision is recorded." in page.text
    assert "The authority is told" in page.text
    assert "It was not locked." in page.text
    assert "decided within the 72 hours" in page.text
    assert "Lost, not decided yet" not in olga.get("/overview").text


def test_it_may_have_been_known_earlier_and_never_later(
    world: World, eva: Browser, olga: Browser
) -> None:
    world.phone.sync()
    world.portal.clock.tick(hours=10)
    eva = signed_in(world.portal, world.portal.eva)
    olga = signed_in(world.portal, world.olga)
    report(world, eva)
    here = incident(olga)
    page = olga.get(f"{here}/known")
    for wrong in ("yesterday", "2026-05-04T00:30", "2026-05-03T13:00"):
        olga.submit(page, f"{here}/known", 422, since=wrong, locked="", encrypted="")
    olga.submit(page, f"{here}/known", since="2026-05-03T20:00", locked="no", encrypted="")
    text = olga.get(here).text
    assert "Known since 3 May 2026, 20:00" in text
    assert "68 hours left" in text
    assert "Locked no" in text


def taken(world: World, browser: Browser, form: str) -> Page:
    here = incident(browser)
    page = browser.get(f"{here}/hand-over")
    said = {"to": "The authority", "reason": "Article 33", "form": form}
    return browser.submit(page, f"{here}/hand-over", 200, **said)


def test_the_list_for_the_authority_is_a_page_and_two_files(
    world: World, eva: Browser, olga: Browser
) -> None:
    report(world, eva, locked="no")
    paper = taken(world, olga, "paper")
    assert len(paper.rows()) == 3
    for words in ("For The authority", "72 hours left", "Locked no", "Known since 3 May 2026"):
        assert words in paper.text
    answer = taken(world, olga, "csv").response
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {line["full_name"] for line in lines} == {c.full_name for c in world.portal.contacts}
    assert {(line["state"], line["fields"]) for line in lines} == {("due", "caller")}
    found = json.loads(taken(world, olga, "json").response.data)
    assert (found["locked"], found["on_it"]["people"], found["hours_left"]) == ("no", 3, 72)
    assert found["contacts"][0]["values"]["phones"]
    story = olga.get(incident(olga)).text
    assert story.count("The list was handed over: 3 contacts") == 3
    assert "Olga" in story.partition("The list was handed over")[2]
    assert "The authority: Article 33" in story
    with world.portal.sessions.read() as session:
        rows = session.query(HandOver).order_by(HandOver.id).all()
        assert [row.channel for row in rows] == ["print"] * 3 + ["export"] * 6
        assert {(row.recipient, row.reason, row.user_id) for row in rows} == {
            ("The authority", "Article 33", world.olga.id)
        }


def test_without_a_recipient_nothing_is_taken_out(
    world: World, eva: Browser, olga: Browser
) -> None:
    report(world, eva)
    here = incident(olga)
    page = olga.get(f"{here}/hand-over")
    olga.submit(page, f"{here}/hand-over", 422, to=" ", reason="why", form="csv")
    with world.portal.sessions.read() as session:
        assert session.query(HandOver).all() == []


def test_a_phone_that_comes_back_is_emptied_and_both_pages_say_so(
    world: World, eva: Browser, olga: Browser
) -> None:
    device, _ = report(world, eva)
    clock = world.portal.clock
    clock.tick(days=60)
    olga = signed_in(world.portal, world.olga)
    here = incident(olga)
    assert "It has not connected since it was reported" in olga.get(here).text
    assert len(world.phone.sync()) == 3
    world.portal.door.sightings.flush()
    assert "It has connected since, last 2 Jul 2026, 14:00" in olga.get(here).text
    clock.tick(minutes=1)
    world.phone.sync()
    page = olga.get(here)
    assert "It came back and gave everything back: confirmed 2 Jul 2026, 14:01" in page.text
    assert "3 contacts: removal confirmed" in page.text
    assert "overdue since" in page.text, "that it is empty decides nothing"
    eva = signed_in(world.portal, world.portal.eva)
    assert "It has come back and given everything back." in eva.get(device).text
    assert world.phone.report().status == 401


def test_giving_up_needs_a_reason_that_stands_in_the_incident(
    world: World, eva: Browser, olga: Browser
) -> None:
    device, page = report(world, eva)
    path = page.links()["Give up on it"]
    ask = eva.get(path)
    assert "Its password ends now." in ask.text
    assert "Write why." in eva.submit(ask, path, 422, reason="  ").text
    assert world.phone.report().status == 207
    eva.submit(ask, path, reason="It fell into the river.")
    assert world.phone.report().status == 401
    assert "Nobody waits for it any more" in eva.get(device).text
    text = olga.get(incident(olga)).text
    assert "cut off, and what is on it is not known" in text
    assert "It fell into the river." in text


def test_nothing_is_written_from_a_lost_phone(world: World, eva: Browser) -> None:
    phone = world.portal.phone(world.portal.eva, "Writing")
    phone.sync()
    href = f"{phone.book}{world.contact.public_id}.vcf"
    path = f"/devices/{phone.device}/lost"
    eva.submit(eva.get(path), path)
    body = phone.cards[href].replace("Novotný", "Jiný")
    assert phone.request("PUT", href, body, content_type="text/vcard").status in {403, 404}
    with world.portal.sessions.read() as session:
        assert session.merge(world.contact, load=True).family == "Novotný"


def test_who_looked_and_who_got_the_list_stands_with_the_contact(
    world: World, eva: Browser, olga: Browser
) -> None:
    report(world, eva)
    olga.get(f"{incident(olga)}/contacts")
    taken(world, olga, "paper")
    world.portal.gatherer.flush()
    world.portal.clock.tick(minutes=1)
    path = f"/contacts/{world.contact.public_id}/seen"
    said = {"first": "2026-05-01", "last": "2026-05-03", "audience": "authority"}
    answer = olga.submit(olga.get(path), path, 303, **said).response
    page = olga.get(answer.headers["Location"].partition("#")[0])
    assert "in the list of a lost phone" in page.text
    assert "on paper" in page.text
