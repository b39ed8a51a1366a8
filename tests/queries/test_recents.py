"""What a user looked at last and what he keeps at hand, as far as he may still see it."""

from datetime import timedelta

from app.db import Sessions
from app.models import Consultation, Favourite
from app.policy import Viewer
from app.queries import recents
from tests import factories as make
from tests.factories import NOON


def test_recent_are_those_whose_pages_were_opened_last(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, home, gone = make.user(session), make.directory(session), make.directory(session)
        make.grant(session, home, eva)
        a, b, c = (make.contact(session, home, f"{name} {name}") for name in "ABC")
        hidden = make.contact(session, gone, "X X")
        opened = (a, b, hidden, a, c)
        for minute, one in enumerate(opened):
            at = NOON + timedelta(minutes=minute)
            session.add(Consultation(at=at, user_id=eva.id, page="contact", contact_ids=[one.id]))
            session.flush()
        session.add(Consultation(at=NOON, user_id=eva.id, page="contacts", contact_ids=[b.id]))
        session.add(Consultation(at=NOON, user_id=eva.id + 1, page="contact", contact_ids=[b.id]))
        viewer = Viewer(eva.id)
    with sessions.read() as session:
        names = [card.family for card in recents.recent(session, viewer, NOON)]
        first = [card.family for card in recents.recent(session, viewer, NOON, 1)]
    assert (names, first) == (["C", "A", "B"], ["C"])


def test_favourites_come_in_the_order_of_names(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, home = make.user(session), make.directory(session)
        make.grant(session, home, eva)
        rows = [make.contact(session, home, name) for name in ("B B", "A A", "C C")]
        rows.append(make.contact(session, make.directory(session), "X X"))
        for row in rows:
            session.add(Favourite(user_id=eva.id, contact_id=row.id, kept_at=NOON))
        viewer = Viewer(eva.id)
    with sessions.read() as session:
        assert [c.family for c in recents.favourites(session, viewer, NOON)] == ["A", "B", "C"]
        assert [c.family for c in recents.favourites(session, viewer, NOON, 2)] == ["A", "B"]
