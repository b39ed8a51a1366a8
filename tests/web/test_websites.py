"""JSON for websites: one answer to whatever was taken, a clear one to what was not."""

from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.api.answering import MOST, WRONG_KEYS
from app.models import ConsentEvent, ContactPoint, OutboxMessage, Purpose
from app.models.kinds import PointKind
from app.queries import forms
from app.services import collecting
from app.services.audit import OPERATOR
from app.web import outside
from tests.portal import Portal
from tests.rooms.public_forms import SITE, closed, form
from tests.rooms.world import World, people

ACCEPTED = (202, {"status": "accepted"})


class Site:
    """A website with its key."""

    def __init__(self, world: World) -> None:
        self.world = world
        form(world)
        with world.portal.sessions.write() as session:
            point = forms.get(session, "news")
            at = world.portal.clock.now()
            key, self.key = collecting.issue_key(session, OPERATOR, point.id, "www", at)
            self.key_id = key.public_id
        self.client = world.portal.app.test_client()

    def form(self, key: str = "news", **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1/forms/{key}?language=cs", headers=headers)

    def body(self, **more: Any) -> dict[str, Any]:
        got = self.form().json
        assert got is not None
        said = {"token": got["token"], "boxes": [got["boxes"][0]["name"]]}
        return said | {"email": "karla@example.org", "page": f"{SITE}/news"} | more

    def post(self, what: str, body: Any, **headers: str) -> TestResponse:
        usual = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": "1"}
        sent = {k: v for k, v in (usual | headers).items() if v}
        return self.client.post(f"/api/v1/{what}", json=body, headers=sent)

    def send(self, body: Any, **headers: str) -> tuple[int, Any]:
        answer = self.post("consents", body, **headers)
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, answer.json

    def counts(self) -> tuple[int, int]:
        with self.world.portal.sessions.read() as session:
            events = select(func.count()).select_from(ConsentEvent)
            mails = select(func.count()).select_from(OutboxMessage)
            return session.scalar(events) or 0, session.scalar(mails) or 0

    def know(self, address: str) -> None:
        karel = self.world.portal.contacts[0].id
        row = ContactPoint(contact_id=karel, kind=PointKind.EMAIL, value=address, norm=address)
        self.world.portal.add(row)


@pytest.fixture
def site(portal: Portal) -> Site:
    return Site(people(portal))


def test_a_form_comes_with_its_words_its_notice_and_its_token(site: Site) -> None:
    got = site.form().json
    assert got is not None
    assert (got["language"], got["languages"]) == ("cs", ["cs", "en", "pl", "bg"])
    assert "naše stavby" in got["boxes"][0]["label"]
    assert got["notice"]["url"] == "http://127.0.0.1:8080/p/notices/news/cs/1"


def test_only_scripts_of_named_sites_read_a_form(site: Site) -> None:
    allow = "Access-Control-Allow-Origin"
    assert site.form(Origin=SITE).headers[allow] == SITE
    assert allow not in site.form(Origin="https://evil.example").headers
    assert allow not in site.form().headers


def test_new_and_known_and_again_get_the_same_answer(site: Site) -> None:
    site.know("karel@example.org")
    bodies = [site.body(), site.body(email="karel@example.org"), site.body()]
    answers = [
        site.post("consents", body, **{"Idempotency-Key": str(n)}) for n, body in enumerate(bodies)
    ]
    assert {(a.status_code, a.data, tuple(a.headers)) for a in answers} == {
        (202, answers[0].data, tuple(answers[0].headers))
    }
    assert site.counts() == (2, 2)


def test_a_replay_is_answered_like_the_first_and_recorded_once(site: Site) -> None:
    body = site.body()
    assert [site.send(body) for _ in range(3)] == [ACCEPTED] * 3
    assert site.send(body, **{"Idempotency-Key": "another"}) == ACCEPTED
    assert site.counts() == (1, 1)


def test_a_key_that_stood_for_something_else_is_a_conflict(site: Site) -> None:
    site.send(site.body())
    status, said = site.send(site.body(email="jina@example.org"))
    assert (status, "something else" in said["error"]) == (409, True)


@pytest.mark.parametrize(
    ("headers", "changed", "status", "words"),
    [
        ({"Authorization": "Bearer wrong"}, {}, 401, "no such key"),
        ({"Authorization": ""}, {}, 401, "no such key"),
        ({"Origin": "https://evil.example"}, {}, 403, "evil.example is not among"),
        ({}, {"page": "https://evil.example/x"}, 403, "evil.example is not among"),
        ({}, {"page": "https://[x"}, 400, "no address"),
        ({}, {"page": ""}, 400, "page: it is missing"),
        ({}, {"token": ""}, 400, "token: it is missing"),
        ({}, {"token": "rubbish"}, 422, "did not come from here"),
        ({}, {"email": "karla"}, 422, "neither an e-mail"),
        ({}, {"email": 7}, 400, "email: this is no text"),
        ({}, {"boxes": "all"}, 400, "no list"),
        ({}, {"boxes": []}, 422, "none is ticked"),
        ({"Idempotency-Key": ""}, {}, 400, "header is missing"),
    ],
)
def test_what_cannot_be_taken_is_said_clearly(
    site: Site, headers: dict[str, str], changed: dict[str, Any], status: int, words: str
) -> None:
    answer, said = site.send(site.body(**changed), **headers)
    assert (answer, words in said["error"]) == (status, True), said
    assert site.counts() == (0, 0)


def test_a_malformed_body_is_said_clearly(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.key}", "Idempotency-Key": "1"}
    url = "/api/v1/consents"
    as_json = {"Content-Type": "application/json"}
    assert site.client.post(url, data="{", headers=headers | as_json).status_code == 400
    assert site.client.post(url, data="[]", headers=headers | as_json).status_code == 400
    assert site.client.post(url, data={"email": "x"}, headers=headers).status_code == 415


def test_an_ended_key_opens_nothing(site: Site) -> None:
    with site.world.portal.sessions.write() as session:
        collecting.end_key(session, OPERATOR, site.key_id, site.world.portal.clock.now())
    assert site.send(site.body())[0] == 401


def test_a_form_that_is_too_old_or_closed_is_said(site: Site) -> None:
    body = site.body()
    site.world.portal.clock.tick(hours=25)
    assert site.send(body)[0] == 422
    assert site.form("none").status_code == 404
    assert closed(site.world)
    assert site.form("old").status_code == 410


def test_wrong_keys_are_counted(site: Site) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    answers = [site.send({}, **wrong)[0] for _ in range(WRONG_KEYS + 1)]
    assert answers == [401] * WRONG_KEYS + [429]
    assert site.send(site.body()) == ACCEPTED


def test_a_flood_by_a_right_key_is_stopped(site: Site) -> None:
    with site.world.portal.app.test_request_context():
        for _ in range(MOST):
            outside.tries("site", "news\0www")
    answer = site.post("consents", site.body())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")


@pytest.mark.parametrize("email", ["karel@example.org", "nobody@example.org"])
@pytest.mark.parametrize("confirm", [True, False])
def test_a_withdrawal_is_always_taken(site: Site, email: str, confirm: bool) -> None:
    site.know("karel@example.org")
    answer = site.post("withdrawals", {"email": email, "confirm": confirm, "language": "cs"})
    assert (answer.status_code, answer.json) == ACCEPTED
    is_known = email.startswith("karel")
    assert site.counts() == (int(is_known), int(is_known and confirm))


def test_a_mailbox_is_told_once_however_often_it_is_asked(site: Site) -> None:
    site.know("karel@example.org")
    for _ in range(3):
        site.post("withdrawals", {"email": "karel@example.org", "confirm": True})
    assert site.counts() == (3, 1)


def test_a_withdrawal_says_what_it_cannot_read(site: Site) -> None:
    assert site.post("withdrawals", {"email": "k@example.org", "confirm": "yes"}).status_code == 400
    assert site.post("withdrawals", {"email": "karel"}).status_code == 422


def test_a_withdrawal_ends_what_is_no_marketing_too(site: Site) -> None:
    portal = site.world.portal
    site.know("karel@example.org")
    with portal.sessions.write() as session:
        news = session.scalars(select(Purpose).where(Purpose.slug == "news")).one()
        news.is_marketing = False
    assert site.post("withdrawals", {"email": "karel@example.org"}).status_code == 202
    with portal.sessions.read() as session:
        event = session.scalars(select(ConsentEvent)).one()
        assert (event.type.value, event.origin) == ("withdrawn", "www")
