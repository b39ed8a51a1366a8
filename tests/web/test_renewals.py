"""Renewing in one press, and calling access right for another year."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db import FOREVER
from app.models import AccessReview, Grant, Project
from tests.portal import Portal
from tests.rooms import renewals as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def filled(page: Page, what: str, action: str = "/renewals") -> dict[str, str]:
    """What the form of one thing sends when only its button is pressed."""
    for form in page.root.iter("form"):
        values = {i.attrib["name"]: i.attrib.get("value", "") for i in form.iter("input")}
        if form.attrib["action"] == action and values.get("what") == what:
            return values
    raise AssertionError(f"{what} is not there")


def test_access_is_renewed_in_one_press(world: World, olga: Browser) -> None:
    page, old = olga.get(rooms.ends(world)), world.portal.grant_id
    sent = filled(page, f"access-{old}")
    assert (sent["until"], sent["reason"]) == ("2026-07-22", "still needed")
    olga.post("/renewals", sent)
    page = olga.get("/renewals")
    assert "Goes on: Eva Nováková" in page.text
    assert f'"access-{old}"' not in page.response.text
    with world.portal.sessions.read() as session:
        new = session.scalars(select(Grant).order_by(Grant.id.desc())).first()
        assert new is not None
        assert (new.user_id, new.reason, new.granted_by_id) == (
            world.portal.eva.id, "still needed", world.olga.id,
        )  # fmt: skip
        assert new.valid_until > world.at + timedelta(days=70)
        assert session.get_one(Grant, old).valid_until == world.at


def test_a_project_is_renewed_in_one_press(world: World, olga: Browser) -> None:
    sent = filled(olga.get(rooms.ends(world)), f"project-{world.project.id}")
    olga.post("/renewals", sent)
    with world.portal.sessions.read() as session:
        found = session.get_one(Project, world.project.id)
        assert found.ends_at > world.at + timedelta(days=300)
        assert found.end_note == "still needed"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"until": ""}, "Write a date"),
        ({"until": "2026-05-04"}, "Choose a day after the present end."),
        ({"reason": " "}, "Write why."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    world: World, olga: Browser, typed: dict[str, str], said: str
) -> None:
    what = f"access-{world.portal.grant_id}"
    sent = filled(olga.get(rooms.ends(world)), what)
    page = olga.post("/renewals", sent | typed, 422)
    assert said in page.text
    assert filled(page, what).items() >= {name: v.strip() for name, v in typed.items()}.items()
    with world.portal.sessions.read() as session:
        found = session.get_one(Grant, world.portal.grant_id)
        assert found.valid_until == world.at + timedelta(days=10)


def test_an_end_is_always_asked_for(world: World, olga: Browser) -> None:
    sent = filled(olga.get(rooms.ends(world)), f"access-{world.portal.grant_id}")
    olga.post("/renewals", sent | {"until": "", "no_end": "y"}, 422)


def test_access_without_an_end_is_called_right_for_another_year(
    world: World, olga: Browser
) -> None:
    page = olga.get("/renewals")
    assert "Stavba: Customers" in page.text
    with world.portal.sessions.read() as session:
        team = session.scalars(select(Grant.id).where(Grant.team_id.is_not(None))).one()
    olga.post("/renewals/right", filled(page, f"review-{team}", "/renewals/right"))
    assert "Stavba: Customers" not in olga.get("/renewals").text
    with world.portal.sessions.read() as session:
        rows = session.scalars(select(AccessReview)).all()
        assert [(r.grant_id, r.user_id, r.reviewed_at) for r in rows] == [
            (team, world.olga.id, world.at)
        ]
        assert session.get_one(Grant, team).valid_until == FOREVER


def test_access_without_an_end_can_be_ended(world: World, olga: Browser) -> None:
    page = olga.get("/renewals")
    with world.portal.sessions.read() as session:
        team = session.scalars(select(Grant.id).where(Grant.team_id.is_not(None))).one()
    olga.post("/renewals/end", filled(page, f"review-{team}", "/renewals/end"))
    with world.portal.sessions.read() as session:
        assert session.get_one(Grant, team).valid_until == world.at


def test_one_kind_is_not_taken_for_another(world: World, olga: Browser) -> None:
    page = olga.get(rooms.ends(world))
    sent = filled(page, f"access-{world.portal.grant_id}")
    for action in ("/renewals/right", "/renewals/end"):
        olga.post(action, sent, 404)
    with world.portal.sessions.read() as session:
        team = session.scalars(select(Grant.id).where(Grant.team_id.is_not(None))).one()
    olga.post("/renewals", sent | {"what": f"review-{team}"}, 404)


def test_who_can_renew_nothing_sees_nothing(world: World) -> None:
    rooms.ends(world)
    page = signed_in(world.portal, world.portal.eva).get("/renewals")
    assert "Nothing ends soon" in page.text
    assert "Customers" not in page.text


def test_the_overview_leads_there(world: World, olga: Browser) -> None:
    rooms.ends(world)
    links = olga.get("/overview").links()
    led = {text for text, address in links.items() if address == "/renewals"}
    assert {text.partition(":")[0] for text in led} == {
        "Access of 1 colleague or team ends soon",
        "Project ends soon",
        "Access without an end",
    }
