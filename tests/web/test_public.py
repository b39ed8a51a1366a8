"""People without an account: ask, look, stop; nothing tells whether an address is known."""

import re
from email.message import EmailMessage
from itertools import product

import pytest
from sqlalchemy import event, select

from app.mail import Envelope, built
from app.models import (
    ConsentEvent,
    Contact,
    ContactPoint,
    Directory,
    LegalBasis,
    Organisation,
    OutboxMessage,
    Purpose,
    TokenKind,
)
from app.models.consent_kinds import ConsentType
from app.models.kinds import BasisKind
from app.policy import Channel, Viewer, visible
from app.queries import outbox as outbox_readers
from app.services import outbox, public_tokens
from app.settings import MailServer
from tests.portal import Portal
from tests.rooms import public as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.test_access import database

KNOWN, UNKNOWN = rooms.EMAIL, "kare1.novotny@example.org"


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def messages(world: World) -> list[OutboxMessage]:
    with world.portal.sessions.read() as session:
        return list(session.query(OutboxMessage).order_by(OutboxMessage.id))


def link_in(message: OutboxMessage) -> str:
    found = re.search(r"/p/mine/[\w-]+", message.body)
    assert found, message.body
    return found[0]


def ask(world: World, email: str, address: str = "192.0.2.7") -> tuple[object, list[str]]:
    """The answer as its asker sees it, and the statements that it took."""
    browser, ran = Browser(world.portal, address), []
    engine = world.portal.sessions.engine

    def note(*args: object) -> None:
        ran.append(re.sub(r"\s+", " ", str(args[2])))

    event.listen(engine, "before_cursor_execute", note)
    answer = browser.open("POST", "/p/ask?lang=cs", {"email": email})
    event.remove(engine, "before_cursor_execute", note)
    seen = (answer.status, answer.data, sorted(answer.headers.items()))
    return seen, ran


@pytest.mark.parametrize("tells", [True, False])
def test_nothing_tells_a_known_address_from_an_unknown_one(world: World, tells: bool) -> None:
    rooms.agreed(world)
    with world.portal.sessions.write() as session:
        session.query(Organisation).one().tells_unknown = tells
    known, unknown = ask(world, f" {KNOWN.upper()}"), ask(world, UNKNOWN)
    assert known == unknown
    told, silent = messages(world)
    assert told.to == KNOWN
    assert silent.to == (UNKNOWN if tells else "")
    assert ("nic" in silent.body) == tells


def test_who_is_unknown_leaves_a_row_that_is_never_sent(world: World) -> None:
    ask(world, UNKNOWN)
    with world.portal.sessions.read() as session:
        assert not outbox.is_any_due(session, world.at)
        (line,) = outbox_readers.lines(session)
        assert line.state is outbox_readers.MessageState.CANCELLED
    assert UNKNOWN not in str(database(world.portal.sessions))


def test_the_answer_goes_to_the_address_on_file_and_opens_his_page(world: World) -> None:
    rooms.agreed(world)
    ask(world, KNOWN)
    (message,) = messages(world)
    assert "Stavby Morava" in message.body
    assert "pomoc@example.org" in message.body
    page = Browser(world.portal).get(f"{link_in(message)}?lang=en")
    for words in (rooms.WORDS, "News from our projects", "Karel Novotný", "Stop everything"):
        assert words in page.text
    assert "Eva" not in page.text


def test_administrators_do_not_read_the_links_of_others(world: World) -> None:
    rooms.agreed(world)
    ask(world, KNOWN)
    (message,) = messages(world)
    with world.portal.sessions.read() as session:
        shown = outbox_readers.one(session, message.public_id)
    assert shown is not None
    token = link_in(message).rpartition("/")[2]
    assert token not in shown.text + shown.html
    assert "/p/mine/…" in shown.text


def test_one_address_is_written_to_three_times_at_most(world: World) -> None:
    rooms.agreed(world)
    for number in range(6):
        assert ask(world, KNOWN, f"198.51.100.{number}")[0] == ask(world, UNKNOWN)[0]
    assert [message.to for message in messages(world)].count(KNOWN) == 3


def test_what_is_no_address_is_said(world: World) -> None:
    page = Browser(world.portal).post("/p/ask?lang=en", {"email": "karel"}, 422)
    assert "This is not an e-mail address." in page.text


@pytest.mark.parametrize("token", ["over", "unknown"])
def test_a_link_that_is_over_can_be_renewed_and_tells_nobody_what_it_was(
    world: World, token: str
) -> None:
    address = rooms.over(world) if token == "over" else "/p/mine/nothing"
    browser = Browser(world.portal)
    page = browser.get(f"{address}?lang=en", 404)
    assert page.heading == "This link is over"
    answer = browser.open("POST", f"{address}/again", {})
    assert answer.headers["Location"] == "/p/ask/sent"
    (message,) = messages(world)
    assert message.to == (KNOWN if token == "over" else "")
    browser.post(address, {}, 404)


def test_everything_is_stopped_by_one_press(world: World) -> None:
    address = rooms.mine(world)
    browser = Browser(world.portal)
    browser.post(address, {})
    browser.post(address, {})
    page = browser.get(f"{address}?lang=en")
    assert "does not hold, since" in page.text
    assert "Stop everything" not in page.text
    with world.portal.sessions.read() as session:
        types = [row.type for row in session.query(ConsentEvent).order_by(ConsentEvent.id)]
        assert types == [ConsentType.GIVEN, ConsentType.OBJECTED, ConsentType.OBJECTED]
        live = session.query(LegalBasis).filter(LegalBasis.valid_until > world.at)
        assert rooms.EMAIL not in str(live)
        kinds = {(row.contact_id, row.kind.value) for row in live}
        assert (world.contact.id, "own-customer") not in kinds
        assert (world.contact.id, "consent") not in kinds
        assert (world.contact.id, "legitimate-interest") in kinds


def test_one_purpose_is_stopped_for_one_person_of_a_mailbox(world: World) -> None:
    address = rooms.shared(world)
    browser = Browser(world.portal)
    page = browser.get(f"{address}?lang=en")
    assert "Record 1 of 2" in page.text
    assert "Karel" not in page.text
    browser.post(address, {"who": "0", "purpose": "news"})
    with world.portal.sessions.read() as session:
        assert session.query(ConsentEvent).count() == 2
    for wrong in ({"who": "7"}, {"purpose": "nothing"}):
        browser.post(address, wrong, 400)


def test_who_was_only_asked_can_stop_it(world: World) -> None:
    address = rooms.asked(world)
    page = Browser(world.portal).get(f"{address}?lang=en")
    assert "has not" not in page.text
    assert "It authorises nothing." in page.text
    Browser(world.portal).post(address, {})


BODIES = [
    {"content_type": "application/x-www-form-urlencoded"},
    {"content_type": "multipart/form-data"},
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["content_type"])
def test_the_press_of_a_mail_program_stops_without_a_redirect(
    world: World, body: dict[str, str]
) -> None:
    """RFC 8058; research C5: a proof of the form would answer 400."""
    address = rooms.stop(world)
    client = Browser(world.portal, **{"Sec-Fetch-Site": "cross-site"}).client
    for _ in range(2):
        answer = client.post(
            address,
            base_url="http://127.0.0.1:8080",
            data={"List-Unsubscribe": "One-Click"},
            **body,
        )
        assert answer.status_code == 200
        assert answer.headers.getlist("Set-Cookie") == []
    with world.portal.sessions.read() as session:
        closed = session.query(ConsentEvent).filter_by(type=ConsentType.OBJECTED).count()
    assert closed == 2


def test_the_link_that_stops_works_after_twenty_months(world: World) -> None:
    address = rooms.stop(world)
    world.portal.clock.tick(days=20 * 30)
    page = Browser(world.portal).get(f"{address}?lang=en")
    assert "News from our projects" in page.text
    assert Browser(world.portal).post(address, {}, 200).heading
    assert Browser(world.portal).get(f"{address}?lang=en").heading == "It is stopped"
    Browser(world.portal).post("/p/stop/nothing", {}, 404)


def test_looking_with_any_kind_of_link_changes_nothing(world: World) -> None:
    """For every public rule, GET and HEAD, every kind of token, alive and over."""
    scope = {"contacts": [world.contact.id], "subjects": [], "email": KNOWN, "purposes": []}
    with world.portal.sessions.write() as session:
        tokens = [
            public_tokens.issue(session, kind, None, world.at, scope=scope, term=term)
            for kind, term in product(TokenKind, (None, world.at - world.at))
        ]
    rules = [
        rule.rule
        for rule in world.portal.app.url_map.iter_rules()
        if rule.rule.startswith("/p/") and "GET" in (rule.methods or set())
    ]
    before = database(world.portal.sessions)
    for rule, token, method in product(rules, [*tokens, "x"], ("GET", "HEAD")):
        path = re.sub("<(?:int|slug)[^>]*>", "1", rule)
        answer = Browser(world.portal).open(method, re.sub("<.*?>", token, path))
        assert answer.status_code < 500, rule
    world.portal.gatherer.flush()
    assert database(world.portal.sessions) == before


def test_a_mail_carries_the_address_that_stops(world: World) -> None:
    address = f"https://kontakty.example.org{rooms.stop(world)}"
    server = MailServer("smtp.example.org", 25, "none", "kustod@example.org")
    envelope = Envelope(KNOWN, "Stavby", "", "<1@example.org>", world.at, address)
    message: EmailMessage = built(server, envelope, "News", "Hello", "")
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("has_contract", [False, True])
def test_a_withdrawal_by_link_takes_the_card_from_the_next_phone_and_export(
    world: World, has_contract: bool
) -> None:
    """Unless another basis for the same purpose holds: then it stays."""
    address = rooms.mine(world)
    with world.portal.sessions.write() as session:
        news = session.query(Purpose).filter_by(slug="news").one()
        session.get_one(Directory, world.directory.id).purpose_id = news.id
        if has_contract:
            kind = BasisKind.CONTRACT
            basis = LegalBasis(contact_id=world.contact.id, purpose_id=news.id, kind=kind)
            basis.valid_from = world.at
            session.add(basis)
    world.phone.sync()
    assert "Karel" in str(world.phone.cards)
    Browser(world.portal).post(address, {})
    world.portal.clock.tick(seconds=1)
    world.phone.sync()
    assert ("Karel" in str(world.phone.cards)) == has_contract
    exported = visible(Viewer(world.olga.id), Channel.EXPORT, world.at)
    with world.portal.sessions.read() as session:
        names = session.scalars(select(Contact.full_name).where(exported)).all()
    assert ("Karel Novotný" in names) == has_contract
    page = Browser(world.portal).get(f"{address}?lang=en")
    assert ("No one here can look you up any more." in page.text) != has_contract
    assert ("Because of a contract with you." in page.text) == has_contract


def test_a_request_gets_its_number_here_and_by_mail_and_stays_to_be_read(world: World) -> None:
    link = rooms.mine(world)
    browser = Browser(world.portal)
    form = browser.get(f"{link}/ask/access?lang=en")
    action = f"{link}/ask/access?lang=en"
    answer = browser.submit(form, action, words="All of it, please.").response
    receipt = browser.get(answer.headers["Location"])
    number = receipt.heading.rpartition(" ")[2]
    assert number in receipt.text
    assert "All of it, please." in receipt.text
    (mail,) = messages(world)
    assert (mail.to, mail.subject) == (KNOWN, f"We have your request {number}")
    assert number in browser.get(f"{link}?lang=en").text
    assert (
        browser.submit(form, action, words="All of it, please.").response.headers["Location"]
        == (answer.headers["Location"])
    )
    other = _link_of(world, world.portal.contacts[1].id)
    browser.get(f"{other}/requests/{number}", 404)


def _link_of(world: World, contact_id: int) -> str:
    scope = {"contacts": [contact_id], "subjects": [], "email": "sarka@example.org"}
    with world.portal.sessions.write() as session:
        token = public_tokens.issue(session, TokenKind.PREFERENCES, None, world.at, scope=scope)
    return f"/p/mine/{token}"


def test_a_correction_says_what_is_wrong_and_changes_nothing_by_itself(world: World) -> None:
    link = rooms.mine(world)
    browser, way = Browser(world.portal), f"{link}/ask/rectification?lang=en"
    empty = browser.submit(browser.get(way), way, 422)
    assert "Write what is wrong" in empty.text
    answer = browser.submit(browser.get(way), way, phone="+420 601 123 456").response
    assert "+420 601 123 456" in browser.get(answer.headers["Location"]).text
    with world.portal.sessions.read() as session:
        points = session.scalars(select(ContactPoint.value)).all()
    assert "+420 601 123 456" not in points


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/ask/freedom", {}, 404),
        ("/ask/access", {"who": "7"}, 400),
        ("/ask/access", {"words": "x" * 3000}, 422),
    ],
)
def test_what_cannot_be_asked_is_not(
    world: World, path: str, form: dict[str, str], status: int
) -> None:
    Browser(world.portal).post(rooms.mine(world) + path, form, status)


def test_a_link_that_is_over_asks_for_nothing(world: World) -> None:
    Browser(world.portal).post(rooms.over(world) + "/ask/erasure", {}, 404)
    assert messages(world) == []
