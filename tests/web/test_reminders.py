"""Reminding somebody of a phone that has to connect: without content, once a day."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import AuditEvent, OutboxMessage
from app.web.portal import EXTENSION
from tests.portal import NAMES, Portal
from tests.rooms import leaving, projects
from tests.rooms.reminders import email
from tests.rooms.world import World, people
from tests.web.browser import Browser, target
from tests.web.conftest import signed_in

Board = Callable[[World], str]
BOARDS = [
    pytest.param(projects.half_back, "Łukasz Żak", "starý telefon", id="project"),
    pytest.param(leaving.half_back, "Eva Nováková", "starý telefon", id="person"),
]


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def mails(world: World) -> list[OutboxMessage]:
    with world.portal.sessions.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.mark.parametrize(("board", "who", "silent"), BOARDS)
def test_a_reminder_names_the_phone_and_nothing_else(
    world: World, board: Board, who: str, silent: str
) -> None:
    address = board(world)
    browser = olga(world)
    page = browser.get(address)
    form = page.form(f"{address}/remind") | email(world, who)
    assert target(browser.post(f"{address}/remind", form).response) == address
    (mail,) = mails(world)
    assert mail.to == email(world, who)["email"]
    assert (mail.link, mail.subject.endswith("to connect")) == (address, True)
    for text in (mail.body, mail.html):
        assert silent in text
        assert not [name for name in (*NAMES, "Most", "Customers", "Pixel 8") if name in text]
    with world.portal.sessions.read() as session:
        acts = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "take_back.remind")
        ).all()
        assert [(act.actor_id, act.detail) for act in acts] == [
            (world.olga.id, {"user": mail.user_id})
        ]
    assert (
        f"the reminder only waits in the outbox. Say it yourself: {who}"
        in browser.get(address).text
    )


@pytest.mark.parametrize(("board", "who", "silent"), BOARDS)
def test_with_a_mail_server_the_reminder_is_on_its_way(
    world: World, board: Board, who: str, silent: str
) -> None:
    opened = world.portal.app.extensions[EXTENSION]
    ready = replace(opened.settings, smtp_host="mail.example.org", smtp_from="k@example.org")
    world.portal.app.extensions[EXTENSION] = replace(opened, settings=ready)
    address = board(world)
    browser = olga(world)
    form = browser.get(address).form(f"{address}/remind") | email(world, who)
    browser.post(f"{address}/remind", form)
    page = browser.get(address)
    assert f"A reminder is on its way: {who}" in page.text
    assert silent in page.text


@pytest.mark.parametrize(("board", "who", "silent"), BOARDS)
def test_nobody_is_reminded_twice_a_day_for_one_board(
    world: World, board: Board, who: str, silent: str
) -> None:
    address = board(world)
    form = olga(world).get(address).form("/sign-out") | email(world, who)
    for hours, count in ((0, 1), (0, 1), (23, 1), (1, 2)):
        world.portal.clock.tick(hours=hours)
        browser = olga(world)
        form = browser.get(address).form("/sign-out") | email(world, who)
        browser.post(f"{address}/remind", form)
        assert len(mails(world)) == count


def test_who_leaves_is_not_sent_to_a_portal_that_he_cannot_enter(world: World) -> None:
    for address, who in (
        (leaving.half_back(world), "Eva Nováková"),
        (projects.half_back(world), "Łukasz Żak"),
    ):
        browser = olga(world)
        form = browser.get(address).form("/sign-out") | email(world, who)
        browser.post(f"{address}/remind", form)
    gone, here = mails(world)
    assert "answer this message" in gone.body
    assert "/devices" not in gone.body
    assert "/devices" in here.body


def test_who_has_given_everything_back_is_reminded_of_nothing(world: World) -> None:
    address = projects.half_back(world)
    browser = olga(world)
    page = browser.get(address)
    form = page.form("/sign-out") | email(world, "Alena Malá")
    browser.post(f"{address}/remind", form, 404)
    assert mails(world) == []


def test_where_nothing_is_out_there_is_nobody_to_remind(world: World) -> None:
    address = leaving.all_back(world)
    assert not olga(world).get(address).has_form(f"{address}/remind")
