"""Forms: what comes in is recorded once, is worth nothing without its token, and adds nobody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import keys
from app.db import Sessions
from app.errors import Conflict, Invalid, Refused
from app.models import Contact, ContactPoint
from app.models.kinds import PointKind
from app.services import collecting, opt_in, web_withdrawals
from app.services.submissions import Closed, Outdated, network
from tests.services.forming import NOON, OPERATOR, Forming, form

HOUR = timedelta(hours=1)


@pytest.fixture
def asked(session: Session) -> Forming:
    return form(session)


@pytest.fixture
def plain(session: Session) -> Forming:
    return form(session, double_opt_in=False)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions.write() as opened:
        yield opened


def reach(of: Forming) -> None:
    """Karel has an address."""
    address = "karel@example.org"
    karel = of.scene.karel.id
    of.session.add(
        ContactPoint(contact_id=karel, kind=PointKind.EMAIL, value=address, norm=address)
    )
    of.session.flush()


def test_a_box_says_by_name_all_that_it_covers(asked: Forming) -> None:
    labels = [box.label for box in asked.asking().boxes]
    assert len(labels) == 2
    assert all("C1, C2" in label for label in labels)


def test_nobody_is_added_before_his_mailbox_said_yes(asked: Forming) -> None:
    before = asked.contacts()
    asked.submit(asked.token())
    assert (asked.events(), asked.contacts()) == (["requested"], before)
    assert [mail.to for mail in asked.mails()] == ["karla@example.org"]
    opt_in.confirm(asked.session, asked.nonce(), "", NOON + HOUR)
    assert (asked.events(), asked.contacts()) == (["requested", "confirmed"], before + 1)


def test_a_confirmation_opens_what_the_box_named_and_over_its_medium(asked: Forming) -> None:
    asked.submit(asked.token(), email="karel@example.org")
    reach(asked)
    answer = opt_in.confirm(asked.session, asked.nonce(), "", NOON + HOUR)
    assert (answer.confirmed, answer.reasons) == (1, ())
    assert asked.scene.holds(NOON + HOUR) == "+++"


def test_a_press_works_twice_and_confirms_once(asked: Forming) -> None:
    asked.submit(asked.token())
    opt_in.confirm(asked.session, asked.nonce(), "", NOON + HOUR)
    again = opt_in.confirm(asked.session, asked.nonce(), "", NOON + HOUR)
    assert again.is_repeated
    assert asked.events() == ["requested", "confirmed"]


def test_the_link_is_over_after_seven_days(asked: Forming) -> None:
    before = asked.contacts()
    asked.submit(asked.token())
    late = opt_in.confirm(asked.session, asked.nonce(), "", NOON + timedelta(days=7))
    assert (late.confirmed, asked.contacts()) == (0, before)
    assert "too long ago" in late.reasons[0]


def test_an_old_link_after_a_withdrawal_does_nothing(asked: Forming) -> None:
    """E5 row 10, for somebody who is no contact yet."""
    before = asked.contacts()
    asked.submit(asked.token())
    withdrawn_at = NOON + HOUR
    args = (asked.session, asked.desk, asked.point.id, "Karla@Example.org", withdrawn_at)
    web_withdrawals.withdraw(*args, site="www")
    answer = opt_in.confirm(asked.session, asked.nonce(), "", NOON + 2 * HOUR)
    assert answer.confirmed == 0
    assert "withdrawn" in answer.reasons[0]
    assert asked.contacts() == before


def test_the_same_twice_is_recorded_once(asked: Forming) -> None:
    token = asked.token()
    for _ in range(2):
        asked.submit(token)
    assert len(asked.events()) == len(asked.mails()) == 1


def test_a_person_may_correct_himself_with_the_same_form(asked: Forming) -> None:
    token = asked.token()
    asked.submit(token, email="karla@example.rog")
    asked.submit(token)
    assert [mail.to for mail in asked.mails()] == ["karla@example.rog", "karla@example.org"]


def test_an_idempotency_key_stands_for_one_act(asked: Forming) -> None:
    asked.submit(asked.token(), idempotency_key="7", site="www")
    asked.submit(asked.token(), idempotency_key="7", site="www")
    assert asked.events() == ["requested"]
    with pytest.raises(Conflict):
        asked.submit(asked.token(), idempotency_key="7", site="www", email="jiny@example.org")


def test_a_mailbox_is_not_asked_the_same_all_day_long(asked: Forming) -> None:
    for minute in range(40):
        at = NOON + timedelta(minutes=15 * minute)
        asked.submit(asked.token(at), at)
    assert len(asked.mails()) == 5


def test_a_tick_is_enough_where_the_form_says_so(plain: Forming) -> None:
    plain.submit(plain.token())
    assert (plain.events(), plain.mails()) == (["given"], [])


def test_a_site_alone_says_yes_for_nobody(plain: Forming) -> None:
    plain.submit(plain.token(), site="www", idempotency_key="1")
    assert plain.events() == ["requested"]


def test_a_pasted_form_always_asks_the_mailbox(plain: Forming) -> None:
    plain.submit(plain.token(is_pasted=True), NOON + timedelta(days=90))
    assert plain.events() == ["requested"]


def test_a_form_opened_before_a_withdrawal_asks_the_mailbox(plain: Forming) -> None:
    """E5 row 17."""
    reach(plain)
    token = plain.token()
    plain.scene.withdraw("P", NOON + HOUR)
    plain.submit(token, NOON + 2 * HOUR, email="karel@example.org")
    assert plain.events() == ["withdrawn", "requested"]
    assert plain.scene.holds(NOON + 2 * HOUR) == "---"
    opt_in.confirm(plain.session, plain.nonce(), "", NOON + 3 * HOUR)
    assert plain.scene.holds(NOON + 3 * HOUR) == "+++"


def test_a_known_contact_is_found_and_never_overwritten(asked: Forming) -> None:
    reach(asked)
    before = (asked.contacts(), asked.scene.karel.full_name)
    asked.submit(
        asked.token(),
        email="KAREL@example.org",
        phone="+420 601 123 456",
        boxes=(asked.box("sms"),),
    )
    opt_in.confirm(asked.session, asked.nonce(), "+420 601 123 456", NOON + HOUR)
    karel = asked.session.get_one(Contact, asked.scene.karel.id)
    assert (asked.contacts(), karel.full_name) == before


def test_a_form_that_adds_nobody_says_so_to_who_set_it_up(session: Session) -> None:
    homeless = form(session, directory_id=None)
    homeless.submit(homeless.token())
    with pytest.raises(Refused, match="directory"):
        opt_in.confirm(session, homeless.nonce(), "", NOON + HOUR)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"email": "karla"}, "point"),
        ({"boxes": ()}, "boxes"),
        ({"boxes": ("99:email",)}, "boxes"),
        ({"phone": "call me"}, "phone"),
    ],
)
def test_what_cannot_be_used_is_named(
    asked: Forming, changed: dict[str, Any], expected: str
) -> None:
    with pytest.raises(Invalid) as error:
        asked.submit(asked.token(), **changed)
    assert error.value.field == expected
    assert asked.events() == []


def test_text_messages_need_a_number(asked: Forming) -> None:
    with pytest.raises(Invalid, match="number"):
        asked.submit(asked.token(), boxes=(asked.box("sms"),))


def test_nothing_is_taken_without_its_token(asked: Forming) -> None:
    other = form_token_of_another_instance(asked)
    for token in ("", "x", "a.b.c", asked.token()[:-1], other):
        with pytest.raises(Invalid) as error:
            asked.submit(token)
        assert error.value.field == "token"


def form_token_of_another_instance(asked: Forming) -> str:
    mine, asked.desk = asked.desk, type(asked.desk)(keys.generate(), "")
    token = asked.token()
    asked.desk = mine
    return token


def test_a_form_lies_open_for_a_day(asked: Forming) -> None:
    token = asked.token()
    with pytest.raises(Outdated):
        asked.submit(token, NOON + timedelta(hours=25))


def test_a_pasted_form_ends_with_its_notice(asked: Forming) -> None:
    token = asked.token(is_pasted=True)
    asked.scene.publish(NOON + HOUR, "Other words.")
    with pytest.raises(Outdated):
        asked.submit(token, NOON + 2 * HOUR)


def test_a_closed_form_asks_nobody(asked: Forming) -> None:
    token = asked.token()
    collecting.close(asked.session, OPERATOR, asked.point.id, NOON)
    with pytest.raises(Closed):
        asked.submit(token)


def test_new_words_make_a_new_version_and_the_same_words_none(asked: Forming) -> None:
    publish = (asked.session, OPERATOR, asked.point.id)
    assert collecting.publish(*publish, NOON).version == 1
    purpose = asked.scene.purposes["P"]
    asked.scene.publish(NOON + HOUR, labels={purpose.slug: "what we build"})
    assert collecting.publish(*publish, NOON + HOUR).version == 2
    assert "what we build" in asked.asking().boxes[0].label


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://WWW.Example.org/", "https://www.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://example.org:443", "https://example.org"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_do(raw: str, expected: str) -> None:
    assert collecting.origin(raw) == expected


@pytest.mark.parametrize(
    "raw", ["example.org", "ftp://example.org", "https://example.org/a", "https://x:y", "https://"]
)
def test_what_is_no_origin_is_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        collecting.origin(raw)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("x", "")],
)
def test_of_an_address_only_its_network_is_kept(address: str, expected: str) -> None:
    assert network(address) == expected
