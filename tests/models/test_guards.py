"""What is proof cannot be changed or deleted, not even by raw SQL, on both engines."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Base, Sessions
from app.keys import KeyName
from app.models import (
    CollectionPoint,
    ConsentForm,
    RequestStep,
    StopDoubt,
    StopGround,
    SubjectRequest,
)
from app.models.consent_kinds import CollectionKind
from app.models.guards import ASKED, BLANKABLE, GUARDS, Guard
from app.models.kinds import PointKind
from app.models.requests import RequestKind, RequestWay, StepKind
from app.services import consent_subjects, notices, suppressions
from app.services.audit import OPERATOR
from app.services.notices import NewNotice
from tests.conftest import KEYS
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON, colleague


@pytest.fixture
def scene(sessions: Sessions) -> Iterator[Consenting]:
    """One row of each guarded table: a consent with its proof, a form, a notice, a request."""
    with Session(sessions.engine) as session:
        made = stage(session)
        made.give("P", evidence_ids=(made.proof(),), page="https://example.org", ip="192.0.2.0")
        point = CollectionPoint(
            public_key="form",
            name="Form",
            kind=CollectionKind.WEB_FORM,
            notice_key="p",
            created_at=NOON,
        )
        session.add(point)
        session.flush()
        session.add(
            ConsentForm(
                collection_point_id=point.id, version=1, labels={}, sha256="", created_at=NOON
            )
        )
        mark = consent_subjects.marked(KEYS.current(KeyName.EVIDENCE), PointKind.EMAIL, "a@b.org")
        said = (mark, suppressions.ALL_MARKETING, StopGround.OFF_LIST, NOON)
        stop = suppressions.suppress(session, OPERATOR, *said)
        doubt = {"public_id": "doubt", "suppression_id": stop.id, "reason": "Typed twice."}
        asked = colleague(session).id
        session.add(StopDoubt(**doubt, asked_by_id=asked, asked_at=NOON))
        request = SubjectRequest(
            number="2026-AAAAAA",
            kind=RequestKind.ACCESS,
            way=RequestWay.MAIL,
            received_at=NOON,
            recorded_at=NOON,
            words="A copy.",
            email="karel@example.org",
        )
        session.add(request)
        session.flush()
        session.add(RequestStep(request_id=request.id, at=NOON, kind=StepKind.NOTE))
        session.commit()
        yield made


def refused(session: Session, statement: str) -> bool:
    """Whether the database says no, in words that name the table; nothing stays of the try."""
    try:
        session.execute(text(statement))
    except IntegrityError as error:
        session.rollback()
        return "is only ever added to" in str(error.orig)
    session.rollback()
    return False


def other_value(session: Session, table: str, column: str) -> str:
    """SQL for another value than the one that stands there."""
    found = session.execute(text(f"SELECT {column} FROM {table} LIMIT 1")).scalar_one()
    if isinstance(found, bool | int):
        return f"{column} + 1"
    if found is None:
        return "'2020-01-01T00:00:00.000000Z'" if column.endswith("_at") else "1"
    return "NULL"


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.table)
def test_no_column_takes_another_value(scene: Consenting, guard: Guard) -> None:
    session, table = scene.session, guard.table
    kept = set(Base.metadata.tables[table].columns.keys()) - {*guard.blankable, *guard.free}
    for column in kept:
        value = other_value(session, table, column)
        assert refused(session, f"UPDATE {table} SET {column} = {value}"), column


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.table)
def test_no_row_goes_away(scene: Consenting, guard: Guard) -> None:
    table = guard.table
    assert refused(scene.session, f"DELETE FROM {table}")
    if scene.session.get_bind().dialect.name == "postgresql":
        assert refused(scene.session, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("consent_event", column) for column in BLANKABLE),
        *(("subject_request", column) for column in ASKED),
    ],
)
def test_what_is_about_the_person_becomes_empty_and_nothing_else(
    scene: Consenting, table: str, column: str
) -> None:
    assert refused(scene.session, f"UPDATE {table} SET {column} = 'else'")
    assert not refused(scene.session, f"UPDATE {table} SET {column} = ''")


def test_a_published_notice_is_retired_and_never_comes_back(scene: Consenting) -> None:
    session = scene.session
    assert refused(session, "UPDATE notice_version SET state = 'draft'")
    notices.retire(session, OPERATOR, scene.notice_id, NOON)
    session.commit()
    for state in ("draft", "published"):
        assert refused(session, f"UPDATE notice_version SET state = '{state}'")
    assert refused(session, "UPDATE notice_version SET retired_at = NULL")


def test_a_draft_may_still_be_changed_and_thrown_away(scene: Consenting) -> None:
    session = scene.session
    row = notices.draft(
        session, OPERATOR, NewNotice(scene.purposes["P"].id, "en", "We write."), NOON
    )
    session.commit()
    where = f"WHERE id = {row.id}"
    assert not refused(session, f"UPDATE notice_version SET sha256 = 'x' {where}")
    assert not refused(session, f"DELETE FROM notice_version {where}")
