"""What is stopped at a contact point outlives the contact, and opens by the person's act alone."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Point
from app.db import Sessions
from app.errors import Refused
from app.keys import KeyName
from app.models import StopGround, Suppression
from app.models.consent_kinds import ConsentType, EvidenceKind, Medium
from app.models.kinds import PointKind
from app.queries import suppressions as stopped
from app.services import (
    accounts,
    bases,
    consent_subjects,
    contacts,
    erasing,
    evidence,
    proof_files,
    suppressions,
)
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.bases import Override
from app.services.consent_subjects import Mark
from app.services.evidence import NewEvidence
from tests.conftest import KEYS
from tests.services.consenting import HIMSELF, HOUR, Consenting, stage
from tests.services.scene import DAY, NOON
from tests.services.test_evidence import picture

OWN: dict[str, Any] = {"kind": "own-customer"}
MAIL = "karel@example.org"


def mark(value: str = MAIL, kind: PointKind = PointKind.EMAIL) -> Mark:
    return consent_subjects.marked(KEYS.current(KeyName.EVIDENCE), kind, value)


def with_mail(made: Consenting, mail: str = MAIL) -> Consenting:
    """Karel gets an address."""
    contacts.edit(made.session, OPERATOR, made.karel.id, {"emails": (Point(mail),)}, NOON)
    return made


def grounds(session: Session) -> list[str]:
    return sorted(row.ground.value for row in session.scalars(select(Suppression)))


def test_a_withdrawal_of_marketing_is_kept_by_point_and_survives_the_contact(
    sessions: Sessions,
) -> None:
    with sessions.write() as session:
        made = with_mail(stage(session))
        made.give("P", NOON)
        made.withdraw("P", NOON + HOUR)
        erasing.empty(session, [made.karel.id], NOON + 2 * HOUR)
        held = stopped.of_marks(session, {mark().mac}, NOON + DAY)
        assert [stop.ground for stop in held] == [StopGround.WITHDRAWAL]
        assert MAIL not in str([vars(row) for row in session.scalars(select(Suppression))])


def test_what_was_stopped_for_everybody_with_a_point_closes_consents(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        made = with_mail(stage(session))
        made.give("P", NOON)
        said = (mark("Karel@Example.org"), suppressions.ALL_MARKETING, StopGround.OFF_LIST)
        suppressions.suppress(session, HIMSELF, *said, NOON + HOUR)
        assert (made.holds(NOON + HOUR), made.bases(NOON + HOUR)) == ("---", "---")
        made.give("C1", NOON + DAY, media=(Medium.EMAIL,))
        assert made.holds(NOON + DAY) == "-+-"
        assert made.holds(NOON + DAY, Medium.SMS) == "---"
        assert made.bases(NOON + DAY) == "-+-"


@pytest.mark.parametrize("ground", [StopGround.WITHDRAWAL, StopGround.OBJECTION])
def test_no_colleague_opens_it_by_his_word(sqlite: Sessions, ground: StopGround) -> None:
    """Neither the place of an original, nor a list from elsewhere, nor the officer's word."""
    with sqlite.write() as session:
        made = with_mail(stage(session))
        suppressions.suppress(session, HIMSELF, mark(), suppressions.ALL_MARKETING, ground, NOON)
        told = {"notice_id": made.notice_id, "evidence_ids": (made.proof(),)}
        for kind in (ConsentType.GIVEN, ConsentType.RENEWED, ConsentType.IMPORTED):
            made.record(OPERATOR, made.act(kind, "P", **told), NOON + HOUR)
        officer = accounts.add_user(session, OPERATOR, NewUser("d@b.org", "Dana", ["dpo"]), NOON)
        for override in (None, Override(officer.id, "He is a customer.")):
            with pytest.raises(Refused):
                bases.add(session, OPERATOR, made.karel.id, NOON + HOUR, **OWN, override=override)
        assert (made.holds(NOON + DAY), made.bases(NOON + DAY)) == ("---", "---")
        paper = NewEvidence(EvidenceKind.PAPER_SCAN, proof_files.sealed(KEYS, picture("PNG")))
        told["evidence_ids"] = (evidence.keep(session, OPERATOR, paper, NOON).id,)
        made.record(OPERATOR, made.act(ConsentType.GIVEN, "C1", **told), NOON + DAY)
        assert made.holds(NOON + DAY) == "-+-"
