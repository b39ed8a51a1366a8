"""Projects: what one finds there, who may let whom in, and that taking out is one press."""

import pytest
from sqlalchemy import select

from app.models import Consultation, Participation, Project, ProjectMember
from tests.portal import Portal
from tests.rooms import projects as rooms
from tests.rooms.projects import of
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page, target, words
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


@pytest.fixture
def eva(world: World) -> Browser:
    return signed_in(world.portal, world.portal.eva)


def send(browser: Browser, address: str, status: int = 303, **typed: str) -> Page:
    token = browser.get("/account").form("/sign-out")["csrf_token"]
    return browser.post(address, typed | {"csrf_token": token}, status)


def chosen(page: Page) -> str:
    """The day for which the button of the page ends the project."""
    hidden = page.root.find(".//form[@method='post']/input[@name='on']")
    assert hidden is not None
    return hidden.attrib.get("value", "")


def test_the_list_says_how_long_each_still_has(world: World, olga: Browser) -> None:
    page = olga.get(rooms.several(world))
    assert "120 days left" in page.text
    assert "ends within a day" in page.text
    assert "without an end" in page.text
    assert "portal only, on no phone" in page.text
    assert page.rows() == ["Hala B 13 Apr 2026, 14:00 nothing was on any phone"]


def test_who_may_begin_nothing_is_offered_nothing(world: World, eva: Browser) -> None:
    assert "Begin a project" not in eva.get("/projects").text
    eva.get("/projects/new", 404)


def test_who_begins_a_project_leads_it(world: World, olga: Browser) -> None:
    address = "/projects/new"
    olga.submit(
        olga.get(address), address, 303, name="Most v Lhotě", until="2026-12-31", phones="yes"
    )
    page = olga.get("/projects/most-v-lhote")
    assert page.heading == "Most v Lhotě"
    assert "31 Dec 2026" in page.text
    assert "may go to phones" in page.text
    assert "Olga Králová" in page.rows()[0]
    assert "leads the project" in page.rows()[0]


def test_an_end_before_the_beginning_is_asked_for_again(world: World, olga: Browser) -> None:
    typed = {"name": "Most", "begins": "2026-12-31", "until": "2026-06-30"}
    page = olga.submit(olga.get("/projects/new"), "/projects/new", 422, **typed)
    assert "It ends before it begins." in page.text
    page = olga.submit(
        page, "/projects/new", 422, **typed | {"begins": "někdy", "until": "2020-01-01"}
    )
    assert "Write the day as 31. 12. 2026." in page.text
    assert "This day is over." in page.text


def test_a_contact_is_named_to_who_may_see_it_only(
    world: World, eva: Browser, olga: Browser
) -> None:
    page = eva.get(of(world))
    assert "Novotný Karel" in page.rows()[0]
    assert page.links()["Call Novotný Karel"] == "tel:+420777123456"
    assert not page.has_form(of(world, "/contacts/end"))
    dora = signed_in(world.portal, world.dora).get(of(world))
    assert "Novotný" not in dora.text
    assert "No contact that you may see takes part." in dora.text


def test_contacts_that_were_shown_are_remembered(world: World, eva: Browser) -> None:
    eva.get(of(world))
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        row = session.scalars(select(Consultation)).one()
        assert row.page == "project"


def test_a_contact_is_looked_for_put_in_and_taken_out(world: World, olga: Browser) -> None:
    page = olga.get(rooms.looked_for(world))
    assert "Novák Pavel" in page.text
    found = page.form(of(world, "/contacts"))
    answer = olga.post(of(world, "/contacts"), found | {"role": "jeřáb"}).response
    page = olga.get(target(answer))
    assert "Nováčková Alena" in page.text, "the search goes on"
    assert any(row.startswith("Novák Pavel Doprava a jeřáby jeřáb") for row in page.rows())
    assert "Takes part in the project now: Pavel Novák" in page.text
    send(olga, of(world, "/contacts/end"), contact=found["contact"])
    page = olga.get(of(world))
    assert "Takes part no longer: Pavel Novák." in page.text
    assert not any(row.startswith("Novák") for row in page.rows())
    send(olga, of(world, "/contacts/end"), contact=found["contact"])


def test_what_one_only_received_can_not_be_put_in(
    world: World, olga: Browser, eva: Browser
) -> None:
    second = world.portal.contacts[1].public_id
    send(eva, of(world, "/contacts"), 403, contact=second)
    send(olga, of(world, "/contacts"), 404, contact="nobody")
    send(olga, of(world, "/contacts"), 422, contact=second, role="x" * 201)
    send(olga, of(world, "/contacts/end"), 404, contact="nobody")
    with world.portal.sessions.read() as session:
        assert session.query(Participation).count() == 1


def test_colleagues_come_lead_and_go(world: World, olga: Browser) -> None:
    jan = world.portal.jan.email
    page = olga.get(of(world))
    olga.submit(page, of(world, "/people"), who=jan, until="2026-08-31")
    rows = olga.get(of(world)).rows()
    assert any("Jan Dvořák" in row and "until 31 Aug 2026" in row for row in rows)
    send(olga, of(world, "/people/lead"), who=jan)
    assert "leads the project" in next(r for r in olga.get(of(world)).rows() if "Jan" in r)
    for _ in range(2):
        send(olga, of(world, "/people/end"), who=jan)
    assert not any("Jan Dvořák" in row for row in olga.get(of(world)).rows())
    send(olga, of(world, "/people/end"), 404, who=world.portal.dana.email)


def test_who_takes_himself_out_comes_to_the_list(world: World, olga: Browser) -> None:
    send(olga, of(world, "/people"), who=world.portal.jan.email)
    send(olga, of(world, "/people/lead"), who=world.portal.jan.email)
    jan = signed_in(world.portal, world.portal.jan)
    token = jan.get("/account").form("/sign-out")["csrf_token"]
    form = {"who": world.portal.jan.email, "csrf_token": token}
    assert target(jan.open("POST", of(world, "/people/end"), form)) == "/projects"


def test_nobody_comes_into_a_project_that_is_over(world: World, olga: Browser) -> None:
    page = olga.get(rooms.over(world))
    assert "over since 1 May 2026, 14:00" in page.text
    assert not page.has_form(of(world, "/people"))
    send(olga, of(world, "/people"), 409, who=world.portal.jan.email)
    send(olga, of(world, "/contacts"), 409, contact=world.portal.contacts[1].public_id)
    with world.portal.sessions.read() as session:
        assert session.query(ProjectMember).count() == 2
        assert session.query(Project).count() == 1


def test_the_end_is_shown_before_it_is_one_press(world: World, olga: Browser) -> None:
    rooms.losing(world)
    page = olga.get(of(world, "/end"))
    jana = next(row for row in page.rows() if row.startswith("Jana Tichá"))
    assert "loses 4 contacts" in jana
    assert "4 contacts leave: MacBook Air v kanceláři na stavbě, Pixel 8" in jana
    assert "Karel Novotný" in jana
    eva_row = next(row for row in page.rows() if row.startswith("Eva Nováková"))
    assert "keeps 3 contacts: access to the directory Customers" in eva_row
    assert "1 contact is left without any access" in page.text
    token = olga.get("/account").form("/sign-out")["csrf_token"]
    sent = olga.open("POST", of(world, "/end"), {"csrf_token": token, "on": chosen(page)})
    assert target(sent) == of(world, "/take-back")
    assert "The project is over: Most." in olga.get(of(world, "/take-back")).text
    assert olga.redirect(of(world, "/end")) == of(world, "/take-back")
    send(olga, of(world, "/end"))


def test_an_end_is_set_to_a_day_and_moved_with_a_reason(world: World, olga: Browser) -> None:
    page = olga.get(of(world, "/end?on=2026-06-30"))
    assert "If it ends on 30 Jun 2026" in page.text
    send(olga, of(world, "/end"), on=chosen(page))
    assert "30 Jun 2026" in olga.get(of(world)).text
    page = olga.get(of(world, "/end?on=2026-12-31"))
    assert "What its present end does: 30 Jun 2026" in page.text
    again = send(olga, of(world, "/end"), 422, on=chosen(page))
    assert "Write why it is to end later." in again.text
    send(olga, of(world, "/end"), on=chosen(again), note="zima přišla brzy")
    page = olga.get(of(world))
    assert "31 Dec 2026" in page.text
    assert "zima přišla brzy" in page.text


def test_a_project_that_is_over_does_not_go_on(world: World, olga: Browser) -> None:
    rooms.over(world)
    send(olga, of(world, "/end"), 409, on="2027-12-31", note="ještě")


def test_a_day_that_is_none_is_asked_for_again(world: World, olga: Browser) -> None:
    for day in ("nikdy", "2020-01-01"):
        page = olga.get(of(world, f"/end?on={day}"))
        assert "If it ends now" in page.text
        assert chosen(page) == ""
    send(olga, of(world, "/end"), 422, on="nikdy")
    send(olga, of(world, "/end"), 422, on="2020-01-01")


def test_who_oversees_sees_the_end_and_no_button(world: World) -> None:
    page = signed_in(world.portal, world.dora).get(of(world, "/end"))
    assert "End the project now" not in page.text
    assert "Novotný" not in page.text


def listed(page: Page) -> list[str]:
    """Who takes part, as the page lists them."""
    tables = (one for one in page.root.iter("table") if "k-parts" in one.attrib["class"])
    return [words(row) for table in tables for row in table.findall("./tbody/tr")]


def test_many_contacts_have_pages_and_a_wide_search_says_so(world: World, olga: Browser) -> None:
    page = olga.get(rooms.crowded(world))
    assert "More than 50 contacts fit" in page.text
    assert "Nothing that you may put in" not in page.text
    first = olga.get(of(world))
    rest = olga.get(first.links()["Next"].partition("#")[0])
    assert (len(listed(first)), len(listed(rest))) == (50, 6)
    assert not set(listed(first)) & set(listed(rest))
    assert "Next" not in rest.links()
    assert rest.links()["From the beginning"] == of(world, "#contacts")


def test_of_very_many_names_the_first_are_shown_and_the_others_counted(
    world: World, olga: Browser
) -> None:
    page = olga.get(rooms.much_to_lose(world))
    jana = next(row for row in page.rows() if row.startswith("Jana Tichá"))
    assert "loses 211 contacts" in jana
    assert "Adam Adámek 007 and 203 more" in jana
    assert "Adam Adámek 199 and 11 more" in jana
    assert "Adam Adámek 200" not in jana
