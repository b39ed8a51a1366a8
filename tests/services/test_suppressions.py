"""What is stopped at a contact point outlives the contact, and opens by the person's act alone."""

import contextlib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Point
from app.db import Sessions
from app.errors import KustodError, Refused
from app.keys import KeyName
from app.models import StopGround, Suppression
from app.models.consent_kinds import ConsentType, EvidenceKind, Medium
from app.models.kinds import ActorKind, PointKind
from app.queries import suppressions as stopped
from app.services import (
    accounts,
    bases,
    consent_subjects,
    contacts,
    erasing,
    evidence,
    proof_files,
    stop_doubts,
    suppressions,
)
from app.services.accounts import NewUser
from app.services.audit import OPERATOR, Actor
from app.services.bases import Override
from app.services.consent_subjects import Mark
from app.services.evidence import NewEvidence
from tests.conftest import KEYS
from tests.services.consenting import HIMSELF, HOUR, Consenting, stage
from tests.services.scene import DAY, NOON
from tests.services.test_evidence import picture

OWN: dict[str, Any] = {"kind": "own-customer"}
EVA = NewUser("eva@example.org", "Eva")
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


def test_an_error_takes_two_colleagues_and_is_never_what_he_pressed(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        made = with_mail(stage(session))
        made.give("P", NOON)
        made.record(OPERATOR, made.act(ConsentType.WITHDRAWN, "P"), NOON + HOUR)
        one, two = (
            Actor(ActorKind.USER, accounts.add_user(session, OPERATOR, new, NOON).id)
            for new in (NewUser("a@b.org", "Anna", ["owner"]), NewUser("d@b.org", "Dana", ["dpo"]))
        )
        nobody = Actor(ActorKind.USER, accounts.add_user(session, OPERATOR, EVA, NOON).id)
        name = session.scalars(select(Suppression.public_id)).first() or ""
        for who in (nobody, OPERATOR):
            with pytest.raises(Refused):
                stop_doubts.doubt(session, who, name, "Wrong person.", NOON + DAY)
        asked = stop_doubts.doubt(session, one, name, "Wrong person.", NOON + DAY).public_id
        for who in (one, nobody):
            with pytest.raises(Refused):
                stop_doubts.answer(session, who, asked, NOON + DAY, agrees=True)
        assert made.holds(NOON + DAY) == "---"
        stop_doubts.answer(session, two, asked, NOON + DAY, agrees=True)
        assert (made.holds(NOON + DAY), made.bases(NOON + DAY)) == ("+++", "+++")
        made.withdraw("P", NOON + 2 * DAY)
        own = session.scalars(select(Suppression).order_by(Suppression.id.desc())).first()
        assert own is not None
        with pytest.raises(Refused):
            stop_doubts.doubt(session, one, own.public_id, "Wrong person.", NOON + 2 * DAY)


STAFF = ("edit", "kind", "basis", "paper", "list", "again")


@settings(max_examples=8)
@given(st.lists(st.sampled_from(STAFF), max_size=6))
def test_no_sequence_of_staff_calls_lifts_it(sqlite: Sessions, calls: list[str]) -> None:
    """Whatever colleagues do, alone and without the person's proof."""
    with Session(sqlite.engine) as session:
        made = with_mail(stage(session))
        suppressions.suppress(
            session, HIMSELF, mark(), suppressions.ALL_MARKETING, StopGround.OBJECTION, NOON
        )
        for number, call in enumerate(calls):
            with contextlib.suppress(KustodError):
                _does(made, call, NOON + (number + 1) * DAY)
        at = NOON + 30 * DAY
        contacts.edit(session, OPERATOR, made.karel.id, {"emails": (Point(MAIL),)}, at)
        assert (made.holds(at), made.bases(at)) == ("---", "---")
        session.rollback()


def _does(made: Consenting, call: str, at: datetime) -> None:
    session, who = made.session, made.karel.id
    told = {"notice_id": made.notice_id, "evidence_ids": (made.proof(),)}
    if call == "edit":
        contacts.edit(session, OPERATOR, who, {"emails": ()}, at)
    elif call == "kind":
        for kind in ("organisation", "person"):
            contacts.edit(session, OPERATOR, who, {"kind": kind}, at)
    elif call == "basis":
        bases.add(session, OPERATOR, who, at, **OWN)
    elif call == "paper":
        made.record(OPERATOR, made.act(ConsentType.GIVEN, "P", **told), at)
    elif call == "list":
        made.record(OPERATOR, made.act(ConsentType.IMPORTED, "P", **told), at)
    else:
        with_mail(made)
