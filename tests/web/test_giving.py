"""Giving access: what was chosen, what it would do, and that nothing is given before the press."""

import pytest

from app.db import FOREVER
from app.models import Directory, Grant
from app.models.kinds import SyncPolicy
from tests import factories as make
from tests.portal import Portal, add_user
from tests.rooms.access import said
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page
from tests.web.conftest import signed_in
from tests.web.test_sharing import form


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def door(world: World) -> str:
    return f"/directories/{world.directory.slug}/access/give"


def ask(world: World, olga: Browser, status: int = 200, **values: str) -> Page:
    return olga.post(door(world), form(olga, **said(world, **values)), status)


def grants(world: World) -> list[Grant]:
    with world.portal.sessions.read() as session:
        return session.query(Grant).order_by(Grant.id).all()


def test_the_form_names_everybody_by_address_too(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        namesake, gone = add_user(session, "Eva Nováková"), add_user(session, "Gustav Pryč")
        make.suspension(session, gone)
        address = namesake.email
    page = olga.get(door(world))
    options = [option.text or "" for option in page.root.iter("option")]
    assert {f"Eva Nováková ({world.portal.eva.email})", f"Eva Nováková ({address})"} < set(options)
    assert "Team: Stavba" in options
    assert not any("Gustav" in option for option in options)
    assert page.form(door(world))["until"] == "2026-08-01"


def test_it_is_said_what_it_does_before_anything_is_given(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        make.restriction(session, world.portal.contacts[0])
    before = len(grants(world))
    world.portal.phone(world.portal.dana)
    page = ask(world, olga, what="phone", until="2026-06-30")
    assert "Dana Cizí will find 2 contacts in the portal (everything)." in page.text
    assert "2 contacts go to 1 phone (name, firm, phones)." in page.text
    assert "Until 30 Jun 2026; after that no other access to them remains." in page.text
    assert "1 contact stays back: no legal basis 0, restricted 1." in page.text
    assert len(grants(world)) == before


def test_what_is_pressed_is_what_was_shown(world: World, olga: Browser) -> None:
    page = ask(world, olga, what="phone", export="y", scope="assigned", fields="minimal")
    olga.submit(page, door(world), 303, step="give")
    row = grants(world)[-1]
    assert (row.user_id, row.granted_by_id) == (world.portal.dana.id, world.olga.id)
    assert (row.can_read, row.can_sync, row.can_export) == (True, True, True)
    assert (row.can_edit, row.can_manage) == (False, False)
    assert (row.scope.value, row.fields, row.reason) == ("assigned", 2, "vede stavbu")
    assert row.valid_until.isoformat() == "2099-12-31T23:00:00+00:00"
    page = olga.get(f"/directories/{world.directory.slug}/access")
    assert "Access given: Dana Cizí" in page.text


def test_a_team_gets_it_and_each_is_told(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        members = [add_user(session, f"Člen {number}") for number in range(7)]
        slug = make.team(session, *members).slug
    page = ask(world, olga, to=f"team:{slug}", no_end="y")
    assert "Team: Stavba" in page.text
    assert "Člen 6 will find 3 contacts" in page.text
    assert "and 6 more people" in page.text
    olga.submit(page, door(world), 303, step="give")
    row = grants(world)[-1]
    assert (row.team_id is not None, row.valid_until) == (True, FOREVER)


def test_an_empty_team_is_no_error(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        slug = make.team(session).slug
    assert "Nobody belongs to this team now." in ask(world, olga, to=f"team:{slug}").text


def test_what_is_there_already_and_what_remains_is_said(world: World, olga: Browser) -> None:
    page = ask(world, olga, to=world.portal.jan.email, until="2026-06-30")
    assert "3 of them are found already, through the team Stavba." in page.text
    assert "after that 3 contacts remain, through the team Stavba." in page.text


def test_numbers_that_changed_are_shown_again(world: World, olga: Browser) -> None:
    page = ask(world, olga)
    with world.portal.sessions.write() as session:
        make.contact(session, session.get_one(Directory, world.directory.id), "Nová Nová")
    before = len(grants(world))
    page = olga.submit(page, door(world), 409, step="give")
    assert "Something has changed meanwhile." in page.text
    assert "will find 4 contacts" in page.text
    assert len(grants(world)) == before
    olga.submit(page, door(world), 303, step="give")
    assert len(grants(world)) == before + 1


def test_going_back_keeps_what_was_said(world: World, olga: Browser) -> None:
    page = olga.submit(ask(world, olga, export="y"), door(world), 200, step="change")
    assert "Give access" in page.heading
    again = page.form(door(world))
    assert (again["until"], again["export"]) == ("2099-12-31", "y")
    chosen = [o.attrib["value"] for o in page.root.iter("option") if "selected" in o.attrib]
    assert world.portal.dana.email in chosen
    assert (page.one("textarea").text or "").strip() == "vede stavbu"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"to": "nobody@example.org"}, "Choose a person or a team from the list."),
        ({"to": "team:none"}, "Choose a person or a team from the list."),
        ({"what": "all"}, "Choose what it is for."),
        ({"scope": "some"}, "Choose which contacts."),
        ({"fields": "more"}, "Choose one of the lists."),
        ({"until": "2026-05-02"}, "This day is over."),
        ({"until": "soon"}, "Write a date such as"),
        ({"until": "9999-12-31"}, "Write a date such as"),
        ({"reason": " "}, "Write why."),
        ({"reason": "x" * 2_001}, "This is too long."),
        ({"what": "manage", "scope": "assigned"}, "choose all of them"),
    ],
    ids=lambda said: (
        " ".join(f"{k}={v[:20]}" for k, v in said.items()) if said != str(said) else ""
    ),
)
def test_what_cannot_be_is_said_in_words(
    world: World, olga: Browser, values: dict[str, str], message: str
) -> None:
    assert message in ask(world, olga, 422, **values).text


def test_a_day_lasts_until_its_end_here(world: World, olga: Browser) -> None:
    """The clock of the portal stands at 14:00 on 3 May."""
    page = ask(world, olga, until="3. 5. 2026")
    olga.submit(page, door(world), 303, step="give")
    assert grants(world)[-1].valid_until.isoformat() == "2026-05-03T22:00:00+00:00"


def test_a_disabled_account_is_refused_in_words(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        make.suspension(session, world.portal.dana)
    assert "This account is disabled" in ask(world, olga, 422).text


def test_a_directory_kept_off_phones_says_so(world: World, olga: Browser) -> None:
    world.portal.set(world.directory, sync_policy=SyncPolicy.NEVER)
    assert "Not here: contacts of this directory are kept off all phones." in (
        olga.get(door(world)).text
    )
    for values in ({"what": "phone"}, {"what": "look", "phones": "y"}):
        page = ask(world, olga, 422, **values)
        assert "Contacts of this directory are kept off all phones." in page.text


def test_a_phone_that_nobody_manages_is_counted_out(world: World, olga: Browser) -> None:
    world.portal.set(world.directory, sync_policy=SyncPolicy.MANAGED)
    world.portal.phone(world.portal.dana)
    page = ask(world, olga, what="phone")
    assert "1 phone gets nothing: the organisation does not manage it" in page.text
    world.portal.set(world.directory, sync_policy=SyncPolicy.ANY)
    world.portal.phone(world.portal.dana, "Another")
    assert "3 contacts go to 2 phones" in ask(world, olga, what="phone").text


def test_without_a_phone_that_is_said(world: World, olga: Browser) -> None:
    assert "There is no phone or program yet" in ask(world, olga, what="phone").text


def test_what_finds_nothing_is_said(world: World, olga: Browser) -> None:
    assert "Dana Cizí will find no contact" in ask(world, olga, scope="assigned").text


def test_who_has_access_already_is_told_what_this_adds(world: World, olga: Browser) -> None:
    eva = world.portal.eva.email
    page = ask(world, olga, to=eva, what="manage")
    assert "Eva Nováková already has: look up, on phones" in page.text
    assert "This adds: change, decide who has access." in page.text
    assert "This adds nothing to what is allowed" in ask(world, olga, to=eva, what="look").text
    assert "already has" not in ask(world, olga).text
