"""Every column about consent has its place in the registry, and erasing does what it says."""

from typing import Any

import pytest
from sqlalchemy import select

from app.db import Base, Sessions
from app.keys import Key
from app.models import ConsentEvent
from app.models.guards import ASKED, BLANKABLE
from app.models.kinds import PointKind
from app.models.personal import REGISTRY, Fate
from app.queries import consents as found
from app.services import consent_subjects, erasing
from tests.services.consenting import HOUR, stage
from tests.services.scene import NOON

MARK = consent_subjects.marked(Key("k1", b"x" * 32), PointKind.EMAIL, "karel@example.org")
WHERE: dict[str, Any] = {
    "page": "https://example.org/?who=karel",
    "ip": "192.0.2.0",
    "user_agent": "Firefox",
}


@pytest.mark.parametrize("table", REGISTRY)
def test_every_column_stands_in_the_registry(table: str) -> None:
    assert set(REGISTRY[table]) == set(Base.metadata.tables[table].columns.keys())


def test_what_may_be_emptied_is_what_erasing_empties() -> None:
    emptied = {
        (table, column)
        for table, columns in REGISTRY.items()
        for column, fate in columns.items()
        if fate is Fate.EMPTIED
    }
    assert emptied == {
        *(("consent_event", column) for column in BLANKABLE),
        *(("subject_request", column) for column in (*ASKED, "wanted")),
    }


def test_an_erased_person_leaves_proof_without_an_address(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = stage(session)
        scene.give("P", point=MARK, **WHERE)
        other = stage(session, prefix="o-")
        other.give("P", point=MARK, **WHERE)
        erasing.empty(session, [scene.karel.id], NOON + HOUR)
        session.expire_all()
        gone, kept = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)).all()
        assert [getattr(gone, column) for column in BLANKABLE] == [""] * len(BLANKABLE)
        assert (gone.point_mac, gone.type) == (MARK.mac, kept.type)
        assert kept.point_value == "karel@example.org"
        assert not scene.withdraw("P", NOON + HOUR).holds


def test_what_is_about_him_is_handed_out_to_him(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = stage(session)
        scene.give("P", point=MARK, **WHERE)
        entry = found.history(session, scene.karel.id)[0]
        assert (entry.point, entry.page) == ("karel@example.org", WHERE["page"])
        assert (entry.ip, entry.user_agent) == (WHERE["ip"], WHERE["user_agent"])
