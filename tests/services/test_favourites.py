"""Favourites: kept by who sees the contact, dropped by anybody, and nothing opened by them."""

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.errors import NotFound
from app.models import AuditEvent, Favourite
from app.policy import Viewer
from app.queries import recents
from app.services import erasing, favourites
from app.services.sessions import actor_of
from tests import factories as make
from tests.factories import NOON


def test_kept_and_dropped_twice_each_is_one_act(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, home = make.user(session), make.directory(session)
        make.grant(session, home, eva)
        one = make.contact(session, home)
        asked = (session, actor_of(eva.id), Viewer(eva.id), one.public_id, NOON)
        for act in (favourites.keep, favourites.keep):
            act(*asked)
        assert recents.kept_among(session, Viewer(eva.id), [one.public_id, "x"]) == {one.public_id}
        for act in (favourites.drop, favourites.drop):
            act(*asked)
        assert recents.kept_among(session, Viewer(eva.id), [one.public_id]) == frozenset()
        acts = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert acts == ["favourite.keep", "favourite.drop"]


def test_what_is_not_seen_can_be_dropped_and_not_kept(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, home = make.user(session), make.directory(session)
        one = make.contact(session, home)
        session.add(Favourite(user_id=eva.id, contact_id=one.id, kept_at=NOON))
        asked = (session, actor_of(eva.id), Viewer(eva.id), one.public_id, NOON)
        favourites.drop(*asked)
        assert recents.kept_among(session, Viewer(eva.id), [one.public_id]) == frozenset()
        with pytest.raises(NotFound):
            favourites.keep(*asked)


def test_an_erased_contact_is_nobodys_favourite(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, one = make.user(session), make.contact(session, make.directory(session))
        session.add(Favourite(user_id=eva.id, contact_id=one.id, kept_at=NOON))
        session.flush()
        erasing.empty(session, [one.id], NOON)
        assert session.scalars(select(Favourite)).all() == []
