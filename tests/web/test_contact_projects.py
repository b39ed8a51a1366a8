"""The projects of a contact: put into one from its page, taken out with one press."""

from datetime import timedelta

import pytest

from app.models import Participation, Project, ProjectMember, User
from tests import factories as make
from tests.portal import Portal
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


@pytest.fixture
def hall(world: World) -> Project:
    """A project of Olga and Dana, who has nothing else; it ends in thirty days."""
    with world.portal.sessions.write() as session:
        project = make.project(session, end=world.at + timedelta(days=30))
        project.name = "Hala"
        for user in (world.olga, world.portal.dana):
            make.member(session, project, session.get_one(User, user.id))
    return project


def of(world: World, rest: str = "") -> str:
    return f"/contacts/{world.contact.public_id}{rest}"


def put(browser: Browser, world: World, status: int = 303, /, **typed: str) -> str:
    address = of(world, "/projects")
    form = browser.get("/account").form("/sign-out")
    return browser.post(address, form | typed, status).text


def lasting(world: World, project: Project) -> list[Participation]:
    with world.portal.sessions.read() as session:
        rows = session.query(Participation).filter_by(project_id=project.id)
        return [row for row in rows if row.valid_until > world.at]


def test_before_it_is_put_in_the_page_says_for_whom(
    world: World, olga: Browser, hall: Project
) -> None:
    page = olga.get(olga.get(of(world)).links()["Add to a project"])
    assert "Hala2 colleagues will find it, may go to phones, until 2 Jun 2026" in page.text
    assert [i.get("value") for i in page.root.iter("input") if i.get("type") == "radio"] == [
        hall.slug
    ]


def test_who_works_there_finds_it_until_the_day_that_was_chosen(
    world: World, olga: Browser, dana: Browser, hall: Project
) -> None:
    assert "Novotný" not in dana.get("/contacts").text
    put(olga, world, project=hall.slug, role="jeřáb", until="2026-05-10")
    assert "Takes part in the project now: Karel Novotný" in olga.get(of(world)).text
    assert "Hala jeřáb until 10 May 2026" in dana.get(of(world)).text
    world.portal.clock.tick(days=8)
    dana.sign_in(world.portal.dana.email)
    dana.get(of(world), 404)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose a project."),
        ({"project": "nowhere"}, "Choose a project."),
        ({"until": "2026-05-02"}, "This day is over."),
        ({"role": "x" * 201}, "This is too long."),
    ],
)
def test_what_is_wrong_is_said(
    world: World, olga: Browser, hall: Project, typed: dict[str, str], said: str
) -> None:
    chosen = typed if "project" in typed or not typed else {"project": hall.slug} | typed
    assert said in put(olga, world, 422, **chosen)
    assert not lasting(world, hall)


def test_one_that_is_over_unknown_or_has_it_already_is_no_choice(
    world: World, olga: Browser, hall: Project
) -> None:
    with world.portal.sessions.write() as session:
        session.get_one(Project, hall.id).ends_at = world.at
    assert "No other project is open" in olga.get(of(world, "/projects")).text
    put(olga, world, 422, project=hall.slug)
    put(olga, world, 422, project=world.project.slug)


def test_who_manages_a_directory_puts_in_only_where_he_knows_the_project(
    world: World, dana: Browser, hall: Project
) -> None:
    with world.portal.sessions.write() as session:
        session.query(ProjectMember).filter_by(user_id=world.portal.dana.id).delete()
        make.grant(session, world.directory, world.portal.dana, can="read,manage")
    assert "Hala" not in dana.get(of(world, "/projects")).text
    put(dana, world, 422, project=hall.slug)


def test_taking_out_is_one_press_and_twice_is_no_error(world: World, olga: Browser) -> None:
    address = of(world, "/projects/end")
    form = olga.get(of(world)).form(address)
    for _ in range(2):
        olga.post(address, form)
        assert "Takes part no longer: Karel Novotný" in olga.get(of(world)).text
    assert not lasting(world, world.project)
    assert "in none that you know of" in olga.get(of(world)).text


def test_who_saw_it_through_the_project_alone_goes_back_to_the_list(
    world: World, dana: Browser
) -> None:
    with world.portal.sessions.write() as session:
        user = session.get_one(User, world.portal.dana.id)
        make.member(session, world.project, user).is_lead = True
    address = of(world, "/projects/end")
    form = dana.get(of(world)).form(address)
    answer = dana.post(address, form).response
    assert answer.headers["Location"] == "/contacts"
    dana.get(of(world), 404)


def test_who_may_only_look_finds_no_way(world: World, eva: Browser) -> None:
    page = eva.get(of(world))
    assert "Most no end is set" in page.text
    assert "Add to a project" not in page.links()
    assert not page.has_form(of(world, "/projects/end"))
