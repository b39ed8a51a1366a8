"""One act upon several contacts is each act alone, and all of it or nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.errors import NotFound, Refused
from app.models import Assignment, AuditEvent, Contact, Favourite, Participation, User
from app.policy import Viewer
from app.services import several
from app.services.audit import OPERATOR
from app.services.sessions import actor_of
from tests import factories as make
from tests.factories import LONG_AGO, NOON

DAY = timedelta(days=1)


def people(session: Session, number: int = 3) -> tuple[User, User, list[Contact]]:
    """Olga who manages, Eva, and contacts."""
    olga, eva, home = make.user(session, "Olga"), make.user(session), make.directory(session)
    make.grant(session, home, olga, can="read,manage")
    return olga, eva, [make.contact(session, home, f"Adam {n:03}") for n in range(number)]


def audited(session: Session) -> list[tuple[str, int | None]]:
    rows = session.execute(select(AuditEvent.action, AuditEvent.subject_id, AuditEvent.detail))
    return [(row.action, row.detail.get("contact", row.subject_id)) for row in rows]


def test_each_is_in_his_charge_and_audited(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva, some = people(session)
        make.assignment(session, some[0], eva, LONG_AGO, NOON + DAY)
        make.assignment(session, some[1], eva, NOON + DAY, FOREVER)
        ids = [one.id for one in some]
        until = NOON + 9 * DAY
        several.assign(session, actor_of(olga.id), ids, eva.id, NOON, valid_until=until)
        rows = session.scalars(select(Assignment).order_by(Assignment.contact_id, Assignment.id))
        assert [(r.contact_id, r.valid_from, r.valid_until) for r in rows] == [
            (ids[0], LONG_AGO, until),
            (ids[1], NOON + DAY, NOON + DAY),
            (ids[1], NOON, until),
            (ids[2], NOON, until),
        ]
        assert audited(session) == [("contact.assign", one) for one in ids]


def test_each_takes_part_and_keeps_its_role_where_none_is_said(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, _, some = people(session)
        project = make.project(session)
        make.participation(session, project, some[0]).role = "jeřáb"
        ids, subject = [one.id for one in some], (session, actor_of(olga.id), project.id)
        several.set_contacts(*subject, ids, NOON)
        several.set_contacts(*subject, ids[1:2], NOON, role="beton")
        rows = session.execute(
            select(Participation.contact_id, Participation.role).order_by(Participation.contact_id)
        )
        assert [tuple(row) for row in rows] == [
            (ids[0], "jeřáb"), (ids[1], "beton"), (ids[2], "")
        ]  # fmt: skip
        assert audited(session) == [
            ("project.set_contact", one) for one in (*ids, ids[1])
        ]  # fmt: skip


def test_favourites_are_kept_once(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, _, some = people(session)
        asked = (session, actor_of(olga.id), Viewer(olga.id))
        several.keep(*asked, [some[0].id], NOON)
        several.keep(*asked, [one.id for one in some], NOON)
        assert len(session.scalars(select(Favourite)).all()) == 3
        assert audited(session) == [("favourite.keep", one.id) for one in some]


def test_one_that_is_not_his_to_give_stops_all(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva, some = people(session)
        received = make.directory(session)
        make.grant(session, received, olga, can="read")
        ids = [*(one.id for one in some), make.contact(session, received).id]
        project, actor = make.project(session), actor_of(olga.id)
        with pytest.raises(Refused):
            several.assign(session, actor, ids, eva.id, NOON)
        with pytest.raises(Refused):
            several.set_contacts(session, actor, project.id, ids, NOON)
        assert audited(session) == []


def test_one_that_is_not_there_stops_all(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva, some = people(session)
        some[2].erased_at = NOON
        session.flush()
        hidden = make.contact(session, make.directory(session)).id
        ids, project = [one.id for one in some], make.project(session)
        with pytest.raises(NotFound):
            several.assign(session, OPERATOR, ids, eva.id, NOON)
        with pytest.raises(NotFound):
            several.set_contacts(session, OPERATOR, project.id, ids, NOON)
        with pytest.raises(NotFound):
            several.set_contacts(session, OPERATOR, 0, ids[:1], NOON)
        for unseen in (ids[2], hidden):
            with pytest.raises(NotFound):
                several.keep(session, actor_of(olga.id), Viewer(olga.id), [ids[0], unseen], NOON)
        assert audited(session) == []


@pytest.mark.parametrize("act", ["assign", "set_contacts", "keep"])
def test_the_number_of_questions_does_not_grow_with_the_contacts(
    sessions: Sessions, act: str
) -> None:
    def counted(number: int) -> int:
        with sessions.write() as session:
            olga, eva, some = people(session, number)
            ids, actor = [one.id for one in some], actor_of(olga.id)
            project = make.project(session)
            acts: dict[str, Callable[[], object]] = {
                "assign": lambda: several.assign(session, actor, ids, eva.id, NOON),
                "set_contacts": lambda: several.set_contacts(session, actor, project.id, ids, NOON),
                "keep": lambda: several.keep(session, actor, Viewer(olga.id), ids, NOON),
            }
            session.expire_all()
            said: list[str] = []

            def listen(conn: object, cursor: object, statement: str, *rest: object) -> None:
                said.extend([statement] if statement.startswith("SELECT") else [])

            event.listen(sessions.engine, "before_cursor_execute", listen)
            acts[act]()
            event.remove(sessions.engine, "before_cursor_execute", listen)
            return len(said)

    assert counted(60) == counted(3)
