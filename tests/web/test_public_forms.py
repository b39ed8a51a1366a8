"""Forms for everybody: the same answer for whoever it is; clear ones for what cannot be taken."""

import re

import pytest
from sqlalchemy import func, select

from app.models import ConsentEvent, Contact, ContactPoint, OutboxMessage
from app.models.kinds import PointKind
from app.queries import notices as told
from app.services import notices
from app.services.audit import OPERATOR
from app.web.public_forms import MOST
from tests.portal import Portal
from tests.rooms.public_forms import SITE, closed, form, link
from tests.rooms.world import World, people
from tests.web.browser import Browser, target


@pytest.fixture
def world(portal: Portal) -> World:
    found = people(portal)
    form(found)
    return found


def rows(world: World) -> tuple[int, int, int]:
    """How many events, mails, contacts there are."""
    with world.portal.sessions.read() as session:
        count = [
            select(func.count()).select_from(t) for t in (ConsentEvent, OutboxMessage, Contact)
        ]
        return tuple(session.scalar(one) or 0 for one in count)  # type: ignore[return-value]


def filled(world: World, **more: str) -> dict[str, str]:
    page = Browser(world.portal).get("/p/f/news?lang=en")
    boxes = [i for i in page.root.iter("input") if i.attrib["type"] == "checkbox"]
    assert [box for box in boxes if "checked" in box.attrib] == []
    token = next(i.attrib["value"] for i in page.root.iter("input") if i.attrib["name"] == "token")
    return {"token": token, "box": boxes[0].attrib["value"], "email": "karla@example.org"} | more


def test_known_and_unknown_get_the_same_answer(world: World) -> None:
    karel = world.portal.contacts[0].id
    norm = "karel@example.org"
    world.portal.add(ContactPoint(contact_id=karel, kind=PointKind.EMAIL, value=norm, norm=norm))
    answers = []
    for email in ("karla@example.org", norm, "karla@EXAMPLE.org"):
        answer = Browser(world.portal).open("POST", "/p/f/news", filled(world, email=email))
        answers.append((answer.status_code, target(answer), len(answer.data)))
    assert set(answers) == {(303, "/p/f/news/sent", answers[0][2])}


def test_a_form_from_another_site_is_not_taken(world: World) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    before = rows(world)
    page = Browser(world.portal, **foreign).open("POST", "/p/f/news", filled(world))
    assert page.status_code == 403
    assert "we do not know" in page.text
    assert rows(world) == before


def test_a_form_from_a_site_of_ours_is_taken(world: World) -> None:
    ours = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
    answer = Browser(world.portal, **ours).open("POST", "/p/f/news", filled(world))
    assert answer.status_code == 303


@pytest.mark.parametrize("token", ["", "rubbish"])
def test_without_its_token_the_form_comes_back(world: World, token: str) -> None:
    before = rows(world)
    page = Browser(world.portal).post("/p/f/news?lang=en", filled(world, token=token), 422)
    assert "was not complete" in page.text
    assert "karla@example.org" in page.response.text
    assert rows(world) == before


def test_what_is_missing_is_said_with_a_way_to_it(world: World) -> None:
    said = filled(world, email="karla")
    page = Browser(world.portal).post("/p/f/news?lang=en", said, 422)
    assert [a.attrib["href"] for a in page.root.iter("a") if a.attrib["href"] == "#email"]
    del said["box"]
    page = Browser(world.portal).post("/p/f/news?lang=en", said | {"email": "k@example.org"}, 422)
    assert "Tick what you agree to" in page.text


def test_a_flood_is_stopped(world: World) -> None:
    said = filled(world)
    browser = Browser(world.portal)
    for _ in range(MOST):
        assert browser.open("POST", "/p/f/news", said).status_code == 303
    assert browser.open("POST", "/p/f/news", said).status_code == 429
    assert rows(world)[1] == 1


def test_a_refusal_leaves_nothing(world: World) -> None:
    before = rows(world)
    page = Browser(world.portal).get("/p/f/news?invited=1&lang=en")
    assert "No, thanks" in page.text
    answer = Browser(world.portal).open("POST", "/p/f/news", filled(world, answer="no"))
    assert target(answer) == "/p/f/news/no"
    assert rows(world) == before


def test_a_closed_form_takes_nothing_and_says_so(world: World) -> None:
    said = filled(world)
    address = closed(world)
    before = rows(world)
    page = Browser(world.portal).post(f"{address}?lang=en", said, 410)
    assert page.heading == "This form is closed"
    assert "pomoc@example.org" in page.text
    assert rows(world) == before


def test_the_press_in_the_mailbox_adds_and_opens(world: World) -> None:
    Browser(world.portal).open("POST", "/p/f/news?lang=en", filled(world))
    with world.portal.sessions.read() as session:
        mail = session.scalars(select(OutboxMessage)).one()
    assert mail.to == "karla@example.org"
    found = re.search(r"http://127\.0\.0\.1:8080(/p/k/\S+)", mail.body)
    assert found
    assert found[1] in mail.html
    before = rows(world)
    page = Browser(world.portal).get(found[1])
    assert page.heading == "Do you agree?"
    assert rows(world) == before
    for _ in range(2):
        Browser(world.portal).open("POST", found[1])
    assert Browser(world.portal).get(found[1]).heading == "You have agreed"
    assert rows(world) == (before[0] + 1, before[1], before[2] + 1)


@pytest.mark.parametrize(
    ("state", "heading"), [("withdrawn", "This was taken back"), ("waits", "This link is too old")]
)
def test_an_old_link_does_nothing_and_says_so(world: World, state: str, heading: str) -> None:
    address = link(world, state)
    if state == "waits":
        world.portal.clock.tick(days=8)
    before = rows(world)
    Browser(world.portal).open("POST", address)
    assert rows(world) == before
    assert Browser(world.portal).get(f"{address}?lang=en").heading == heading


def test_a_form_without_double_opt_in_says_what_it_did(world: World) -> None:
    form(world, "plain", double_opt_in=False)
    assert "We have noted" in Browser(world.portal).get("/p/f/plain/sent?lang=en").text


def test_the_archive_shows_each_version_with_its_hash(world: World) -> None:
    page = Browser(world.portal).get("/p/notices/news/cs/1")
    assert re.search("[0-9a-f]{64}", page.text)
    assert "Stavby Morava, Brno." in page.text
    Browser(world.portal).get("/p/notices/news/cs/2", 404)


def test_a_form_whose_notice_is_gone_asks_nobody(world: World) -> None:
    with world.portal.sessions.write() as session:
        for row in told.everything(session, "news"):
            notices.retire(session, OPERATOR, row.row_id, world.portal.clock.now())
    assert Browser(world.portal).get("/p/f/news?lang=en").heading == "This form is closed"
    assert "not shown to anybody" in Browser(world.portal).get("/p/notices/news/en/1?lang=en").text
