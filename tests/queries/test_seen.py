from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import Invalid, NotFound
from app.models import Consultation, Contact, HandOver
from app.queries import seen
from app.queries.seen import Seen
from tests import factories as make
from tests.factories import NOON

HOUR = timedelta(hours=1)
START, END = NOON - HOUR, NOON + HOUR


def asked(session: Session, contact: Contact) -> Seen:
    return seen.of_contact(session, contact.public_id, START, END, NOON + 9 * HOUR)


def consulted(session: Session, user_id: int, ids: list[int], at: datetime) -> None:
    session.add(Consultation(at=at, user_id=user_id, page="contacts", contact_ids=ids))
    session.flush()


def test_every_showing_in_the_period_is_told_with_page_and_user(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = make.directory(session), make.user(session)
        karel = make.contact(session, home)
        longer = int(f"{karel.id}7")
        for ids, at in (
            ([karel.id], START),
            ([99_999, karel.id], NOON),
            ([longer], NOON),
            ([karel.id], END),
            ([karel.id], START - HOUR),
        ):
            consulted(session, eva.id, ids, at)
        consulted(session, 999, [karel.id], NOON + HOUR / 2)
        told = asked(session, karel).was_shown
        assert [(row.at, row.email, row.page) for row in told] == [
            (START, eva.email, "contacts"),
            (NOON, eva.email, "contacts"),
            (NOON + HOUR / 2, None, "contacts"),
        ]


def test_every_file_it_left_in_is_told_with_recipient_and_fields(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = make.directory(session), make.user(session)
        karel, other = make.contact(session, home), make.contact(session, home)
        for contact, at in (
            (karel, START),
            (other, NOON),
            (karel, END),
            (karel, START - HOUR),
        ):
            session.add(
                HandOver(
                    at=at,
                    contact_id=contact.id,
                    channel="export",
                    fields=2,
                    recipient="Tax adviser",
                    reason="accounts",
                    user_id=eva.id,
                )
            )
        session.flush()
        (left,) = asked(session, karel).went_out
        assert (left.at, left.channel, left.fields) == (START, "export", "minimal")
        assert (left.recipient, left.reason) == ("Tax adviser", "accounts")
        assert (left.user, left.email) == (eva.name, eva.email)


def test_a_contact_that_is_erased_or_hidden_now_is_answered_for(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = make.directory(session), make.user(session)
        make.grant(session, home, eva, can="read")
        karel, hidden = make.contact(session, home), make.contact(session, home)
        karel.erased_at = END + HOUR
        make.restriction(session, hidden, start=END + HOUR)
        for contact in (karel, hidden):
            (sight,) = asked(session, contact).could_see
            assert (sight.email, sight.start, sight.end) == (eva.email, START, END)


def test_what_cannot_be_asked(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        karel = make.contact(session, make.directory(session))
        with pytest.raises(NotFound):
            seen.of_contact(session, "nobody", START, END, NOON)
        with pytest.raises(Invalid, match="ends before it begins"):
            seen.of_contact(session, karel.public_id, START, START, NOON)
        assert asked(session, karel) == Seen(karel.public_id, START, END, [], [], [], [])
