"""The consents of a contact: every state in words, recorded with proof, taken back by a press."""

import pytest

from app.models.consent_kinds import ConsentActor
from app.policy.consents import ConsentState
from app.web import consent_words
from tests.portal import Portal
from tests.rooms import consents as rooms
from tests.rooms.consents import of
from tests.rooms.world import World, people
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def test_every_state_and_every_actor_has_its_words() -> None:
    states = {state.value for state in ConsentState}
    assert set(consent_words.STATES) == states == set(consent_words.REASONS)
    assert set(consent_words.ACTORS) == {actor.value for actor in ConsentActor}


def test_the_table_says_what_holds_and_the_timeline_keeps_what_was_taken_back(world: World) -> None:
    page = signed_in(world.portal, world.olga).get(rooms.with_story(world))
    mail, text = page.rows()
    assert mail.startswith("News from our projectse-mail holds")
    assert "news/en/1" in mail
    assert text.startswith("News from our projectstext messages withdrawn")
    assert "News from our projects: withdrawn" in page.text
    assert "the original: pořadač 3, list 41" in page.text
    assert "does not hold any more" in page.text


def test_one_press_takes_back_and_the_notice_says_so(world: World) -> None:
    browser = signed_in(world.portal, world.portal.eva)
    page = browser.get(rooms.with_story(world))
    browser.submit(page, of(world, "/no"))
    page = browser.get(of(world))
    assert "Recorded. It counts from now on." in page.text
    assert all("withdrawn" in row for row in page.rows())


def test_a_consent_without_a_proof_is_not_recorded_and_the_page_says_why(world: World) -> None:
    browser, address = signed_in(world.portal, world.olga), rooms.ready(world)
    values = browser.get(address).form(address) | rooms.paper(world)
    page = browser.post(address, values, 422)
    assert "Add the proof, or write where it is kept" in page.text
    page = browser.post(address, values | {"notice": "", "place": "binder 3"}, 422)
    assert "Choose what the person was told" in page.text
    page = browser.post(address, values | {"day": "2999-01-01", "place": "binder 3"}, 422)
    assert "This day has not come yet." in page.text
    assert "paper" not in browser.get(of(world)).text


def test_a_paper_with_its_place_is_recorded_and_holds(world: World) -> None:
    browser, address = signed_in(world.portal, world.olga), rooms.ready(world)
    values = browser.get(address).form(address) | rooms.paper(world) | {"place": "binder 3"}
    today = world.at.date().isoformat()
    browser.post(address, values | {"day": today, "media": "sms"})
    page = browser.get(of(world))
    assert "Recorded. It holds." in page.text
    assert "signed paper" in page.text or "scan of a signed paper" in page.text


def test_where_a_form_came_from_is_for_owners_and_the_officer_alone(world: World) -> None:
    address = rooms.from_a_form(world)
    texts = {
        who: signed_in(world.portal, world.one(who)).get(address).text for who in ("eva", "dora")
    }
    assert "karel.novotny@example.org" in texts["dora"]
    assert "karel.novotny@example.org" not in texts["eva"]


def test_what_nobody_sees_any_more_is_still_proved_to_owner_and_officer(world: World) -> None:
    address = rooms.withdrawn(world)
    page = signed_in(world.portal, world.dora).get(address)
    assert all("objection" in row for row in page.rows())
    assert "For nothing at present" in page.text
    signed_in(world.portal, world.portal.eva).get(f"/contacts/{world.contact.public_id}", 404)


def test_the_contact_page_says_the_same(world: World) -> None:
    address = rooms.with_story(world).removesuffix("/consents")
    page = signed_in(world.portal, world.portal.eva).get(address)
    assert "Consent, News from our projects: e-mail holds, text messages withdrawn" in page.text
