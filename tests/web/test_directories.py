"""Directories: what one finds and may do there in words, and a new one in a minute."""

from sqlalchemy import select

from app.models import AuditEvent, Directory, Grant
from app.models.kinds import Scope, SyncPolicy
from tests import factories as make
from tests.portal import Portal
from tests.rooms.world import people
from tests.web.browser import Browser, Page, words
from tests.web.conftest import signed_in


def facts(page: Page) -> list[str]:
    return [words(one) for one in page.root.findall(".//dl/div")]


def test_each_finds_his_own_number(portal: Portal, eva: Browser, jan: Browser) -> None:
    with portal.sessions.write() as session:
        make.restriction(session, portal.contacts[0])
    assert facts(eva.get("/directories")) == [
        "Contacts you see 2 contacts",
        "You may look up, have on the phone",
    ]
    assert facts(jan.get("/directories"))[1] == "You may look up"


def test_what_covers_only_assigned_contacts_is_said(portal: Portal, dana: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.get_one(Directory, portal.directory.id)
        make.grant(session, home, portal.dana, can="read,edit,manage", scope=Scope.ASSIGNED)
    assert facts(dana.get("/directories")) == [
        "Contacts you see none",
        "You may look up, change: only contacts in your charge",
    ]


def test_without_a_directory_there_is_a_way_on(dana: Browser) -> None:
    page = dana.get("/directories")
    assert "No directory yet" in page.text
    assert page.links()["To the contacts"] == "/contacts"


def test_a_new_directory_is_its_makers(portal: Portal) -> None:
    olga = signed_in(portal, people(portal).olga)
    page = olga.get("/directories/new")
    typed = {"preset": "suppliers", "name": " Dodavatelé  dřeva ", "sync": "", "country": "SK"}
    made = olga.submit(page, "/directories/new", 303, **typed)
    assert made.response.headers["Location"] == "/directories/dodavatele-dreva"
    page = olga.get("/directories/dodavatele-dreva")
    assert "The directory is ready: Dodavatelé dřeva" in page.text
    assert "You may look up, change, decide who has access" in facts(page)
    with portal.sessions.read() as session:
        row = session.scalars(select(Directory).where(Directory.slug == "dodavatele-dreva")).one()
        assert (row.preset, row.country, row.sync_policy) == ("suppliers", "SK", SyncPolicy.ANY)
        grant = session.scalars(select(Grant).where(Grant.directory_id == row.id)).one()
        event = session.query(AuditEvent).filter_by(action="directory.add").one()
        assert grant.user_id == event.actor_id


def test_the_rule_for_phones_may_be_chosen(portal: Portal) -> None:
    olga = signed_in(portal, people(portal).olga)
    typed = {"preset": "members", "name": "Členové", "sync": "never", "country": "??"}
    olga.submit(olga.get("/directories/new"), "/directories/new", 303, **typed)
    page = olga.get("/directories/clenove")
    assert "Where the contacts may be in the portal and on no phone" in facts(page)
    with portal.sessions.read() as session:
        row = session.scalars(select(Directory).where(Directory.slug == "clenove")).one()
        assert row.country == "CZ"


def test_what_is_missing_is_asked_for_and_what_was_typed_stays(portal: Portal) -> None:
    olga = signed_in(portal, people(portal).olga)
    page = olga.get("/directories/new")
    page = olga.submit(page, "/directories/new", 422, name="Dřevo", preset="toys", sync="maybe")
    assert "Choose what is kept in the directory." in page.text
    assert "Choose one of the rules for phones." in page.text
    assert page.form("/directories/new")["name"] == "Dřevo"
    with portal.sessions.read() as session:
        assert session.query(Directory).count() == 1


def test_the_texts_follow_the_basis(portal: Portal, eva: Browser) -> None:
    portal.set(portal.directory, basis="contract", fallback_basis="legitimate-interest")
    found = facts(eva.get(f"/directories/{portal.directory.slug}"))
    assert (
        "Why we may keep people here Because of the contract with them. Those who act for a firm: "
        "because both sides need to reach each other; they may object." in found
    )
    assert "How long they are to be kept 36 months after the last dealings with them" in found


def test_a_name_changes_at_once_and_the_address_stays(portal: Portal) -> None:
    olga = signed_in(portal, people(portal).olga)
    home = f"/directories/{portal.directory.slug}"
    page = olga.get(f"{home}/change")
    olga.submit(page, f"{home}/change", 303, name="Zákazníci", sync="any")
    page = olga.get(home)
    assert page.heading == "Zákazníci"
    assert "Saved: Zákazníci. The rule for phones is as before." in page.text


def test_a_stricter_rule_says_first_what_it_takes_from_phones(portal: Portal) -> None:
    world = people(portal)
    olga, home = signed_in(portal, world.olga), f"/directories/{portal.directory.slug}"
    world.phone.sync()
    asked = olga.submit(olga.get(f"{home}/change"), f"{home}/change", 200, sync="never")
    assert "This takes up to 3 contacts back from 1 phone." in asked.text
    with portal.sessions.read() as session:
        assert session.get_one(Directory, portal.directory.id).sync_policy is SyncPolicy.ANY
    olga.submit(asked, f"{home}/change", 303, sync="never")
    assert "The rule for phones has changed: Customers." in olga.get(home).text
    with portal.sessions.read() as session:
        assert session.get_one(Directory, portal.directory.id).sync_policy is SyncPolicy.NEVER
    asked = olga.submit(olga.get(f"{home}/change"), f"{home}/change", 200, sync="managed")
    assert "No phone gains or loses a contact by this now." in asked.text
    asked = olga.submit(asked, f"{home}/change", 200, sync="any")
    assert "This lets up to 3 contacts go to 1 phone." in asked.text


def test_a_name_is_needed(portal: Portal) -> None:
    olga = signed_in(portal, people(portal).olga)
    home = f"/directories/{portal.directory.slug}"
    page = olga.submit(olga.get(f"{home}/change"), f"{home}/change", 422, name=" ", sync="any")
    assert "Write a name." in page.text
