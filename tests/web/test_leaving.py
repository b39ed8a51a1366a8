"""A colleague leaves: what whoever takes his account away is told before."""

import pytest

from app.models import Assignment, Consultation, Grant, ProjectMember, User
from app.models.kinds import Scope
from tests import factories as make
from tests.portal import Portal
from tests.rooms import leaving
from tests.rooms.world import World, people
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def test_the_look_counts_what_was_looked_at_and_handed_out(world: World) -> None:
    page = signed_in(world.portal, world.olga).get(leaving.busy(world))
    assert "Opened the pages of 2 contacts, 2\u00d7 in all." in page.text
    assert "3 contacts were shown, in lists and searches, too." in page.text
    assert "3 contacts were handed out in a file or on paper." in page.text
    assert "In charge of 2 contacts." in page.text
    assert "3 phones and programs are told at their next connection" in page.text


def test_the_look_names_projects_that_nobody_else_leads(world: World) -> None:
    with world.portal.sessions.write() as session:
        project = session.merge(world.project)
        session.query(ProjectMember).filter_by(project_id=project.id).update({"is_lead": False})
        eva = session.get_one(User, world.portal.eva.id)
        make.member(session, project, eva).is_lead = True
        said = f"Nobody else leads the project {project.name}: choose who is to lead it."
    address = f"/people/{world.portal.eva.id}/leave"
    assert said in signed_in(world.portal, world.olga).get(address).text


def test_an_owner_reads_the_names_that_she_may_look_up(world: World) -> None:
    address = leaving.busy(world)
    page = signed_in(world.portal, world.olga).get(address)
    assert page.links()["Karel Novotný"] == f"/contacts/{world.contact.public_id}"
    assert "to: Účetní kancelář" in page.text
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        (shown,) = session.query(Consultation).filter_by(user_id=world.olga.id)
    assert (shown.page, len(shown.contact_ids)) == ("leaving", 2)


@pytest.mark.parametrize("who", ["adam", "dora"])
def test_who_may_look_up_nothing_reads_numbers_alone(world: World, who: str) -> None:
    page = signed_in(world.portal, world.one(who)).get(leaving.busy(world))
    assert "Opened the pages of 2 contacts, 2\u00d7 in all." in page.text
    assert not [name for name in ("Novotný", "Chalupová", "Žák") if name in page.text]


def test_an_administrator_reads_numbers_even_of_what_he_may_look_up(world: World) -> None:
    address = leaving.busy(world)
    with world.portal.sessions.write() as session:
        adam = session.get_one(User, world.adam.id)
        make.grant(session, session.merge(world.directory), adam)
    page = signed_in(world.portal, world.adam).get(address)
    assert "Novotný" not in page.text
    assert "Účetní kancelář" not in page.text


def test_an_heir_sees_what_was_handed_over_exactly_as_the_policy_says(world: World) -> None:
    """Without access he sees nothing of it; with access to his own contacts, just these."""
    portal = world.portal
    leaving.orphaned(world)
    olga, dana = signed_in(portal, world.olga), signed_in(portal, portal.dana)
    address = f"/people/{portal.eva.id}"
    page = olga.get(f"{address}/take-back")
    olga.submit(page, f"{address}/leave", heir=str(portal.dana.id))
    assert "Karel" not in dana.get("/contacts").text
    with portal.sessions.write() as session:
        taken = session.query(Assignment).filter_by(user_id=portal.dana.id)
        assert {row.contact_id for row in taken} == {one.id for one in portal.contacts[:2]}
        heir = session.get_one(User, portal.dana.id)
        grant = make.grant(session, session.merge(world.directory), heir)
        session.get_one(Grant, grant.id).scope = Scope.ASSIGNED
    found = dana.get("/contacts").text
    assert [name in found for name in ("Novotný", "Chalupová", "Žák")] == [True, True, False]


def test_what_he_changed_and_sent_stays_after_the_press(world: World) -> None:
    """An account that ends takes access, not work: his corrections stay with his name."""
    portal = world.portal
    address = f"/contacts/{world.contact.public_id}"
    with portal.sessions.write() as session:
        eva = session.get_one(User, portal.eva.id)
        make.grant(session, session.merge(world.directory), eva, can="read,edit")
    eva_browser = signed_in(portal, portal.eva)
    form = f"{address}/edit"
    eva_browser.submit(eva_browser.get(form), form, note="volat po osmé")
    leaving.leaves(world, portal.eva)
    page = signed_in(portal, world.olga).get(f"{address}/history")
    assert "volat po osmé" in page.text
    assert "Eva Nováková" in page.text


def test_a_reason_is_kept_and_one_too_long_is_said_to_be(world: World) -> None:
    olga = signed_in(world.portal, world.olga)
    address = f"/people/{world.portal.eva.id}/leave"
    page = olga.submit(olga.get(address), address, 422, reason="x" * 501)
    assert "The reason is too long." in page.text
    olga.submit(olga.get(address), address, reason="odchod")
    assert "Why odchod" in olga.get(address.replace("leave", "record")).text
