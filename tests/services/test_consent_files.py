"""Files of answers: who said yes by them, what each row lacks, and that no row counts twice."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.db import Sessions
from app.errors import Invalid
from app.imports import answers
from app.models import ConsentEvent, ContactPoint, Evidence
from app.models.kinds import PointKind
from app.services import consent_files, proof_files
from app.services.audit import OPERATOR
from app.services.consent_files import NewFile
from tests import factories as make
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON
from tests.services.test_source_kinds import DESK

SMS = b"""number;text;time;short code
+420 777 123 456;news YES;2026-05-01T10:00;90210
+420 777 123 456;STOP;2026-05-02T10:00;90210
+420 600 000 000;NEWS YES;2026-05-01T10:00;90210
+420 777 123 456;NEWS YES;yesterday;90210
+420 777 123 456;NEWS YES;2027-05-01T10:00;90210
+420 777 123 456;NEWS YES;2026-05-01T11:00;
"""
OLD = b"""email;day;original
karel@example.org;2026-05-01;binder 3
karel@example.org;2026-05-01;
shared@example.org;2026-05-01;binder 4
"""


@pytest.fixture
def scene(sessions: Sessions) -> Iterator[Consenting]:
    with sessions.write() as session:
        found = stage(session)
        other = make.contact(session, found.home, "Jana Malá", phone="+420777000001")
        for contact, email in ((found.karel, "karel"), (found.karel, "shared"), (other, "shared")):
            value = f"{email}@example.org"
            point = {"kind": PointKind.EMAIL, "value": value, "norm": value}
            session.add(ContactPoint(contact_id=contact.id, **point))
        session.flush()
        yield found


def file(scene: Consenting, data: bytes, how: str, /, **more: object) -> NewFile:
    new = NewFile(
        how,
        scene.purposes["P"].id,
        scene.notice_id,
        proof_files.sealed(DESK.keys, data),
        answers.read(data),
        ZoneInfo("Europe/Prague"),
        keyword="NEWS YES",
        facts={"system": "old shop"} if how == "import" else {},
        artwork=proof_files.sealed(DESK.keys, b"%PDF-1.7 poster") if how == "sms" else None,
    )
    return replace(new, **more)  # type: ignore[arg-type]


def taken(scene: Consenting, new: NewFile, *, is_dry: bool = False) -> list[str]:
    found = consent_files.take_in(scene.session, DESK, OPERATOR, new, NOON, is_dry=is_dry)
    return [row.outcome for row in found]


def test_each_row_of_a_providers_file_has_its_outcome(scene: Consenting) -> None:
    outcomes = ["given", "other-text", "unknown", "invalid", "invalid", "unproven"]
    assert taken(scene, file(scene, SMS, "sms")) == outcomes
    assert scene.holds(NOON) == scene.bases(NOON) == "+++"
    event = scene.session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)).first()
    assert event is not None
    assert (event.point_value, event.statement) == ("+420 777 123 456", "news YES")
    again = taken(scene, file(scene, SMS, "sms"))
    assert again == ["repeated", *outcomes[1:5], "repeated"]


def test_without_what_the_terms_stood_on_a_providers_file_opens_nothing(scene: Consenting) -> None:
    assert "given" not in taken(scene, file(scene, SMS, "sms", artwork=None))
    assert scene.bases(NOON) == "---"


def test_what_another_system_says_is_unproven_without_notice_or_evidence(scene: Consenting) -> None:
    bare = file(scene, OLD, "import", notice_id=None)
    assert taken(scene, bare, is_dry=True) == ["unproven", "unproven", "shared"]
    assert taken(scene, file(scene, OLD, "import")) == ["given", "unproven", "shared"]
    assert scene.bases(NOON) == "+++"


def test_who_took_it_back_since_stays_out(scene: Consenting) -> None:
    scene.withdraw("P", NOON)
    assert taken(scene, file(scene, OLD, "import")) == ["taken-back", "unproven", "shared"]
    assert scene.bases(NOON) == "---"


def test_trying_it_keeps_nothing(scene: Consenting) -> None:
    assert taken(scene, file(scene, SMS, "sms"), is_dry=True)[0] == "given"
    for table in (ConsentEvent, Evidence):
        assert scene.session.scalar(select(func.count()).select_from(table)) == 0
    assert scene.bases(NOON) == "---"


@pytest.mark.parametrize(
    ("more", "words"),
    [({"how": "paper"}, "is none of"), ({"keyword": " "}, "which text means yes")],
)
def test_what_cannot_be_taken_in_is_said(
    scene: Consenting, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        taken(scene, file(scene, SMS, "sms", **more))
