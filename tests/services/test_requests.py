"""Requests of people: entered with a receipt, extended in time, answered; and what they set off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import (
    Contact,
    ContactPoint,
    Directory,
    LegalBasis,
    OutboxMessage,
    RoleName,
    SubjectRequest,
    User,
    UserRole,
)
from app.models.kinds import BasisKind, PointKind
from app.models.requests import Identity, RequestOutcome, StepKind
from app.policy import Channel, Viewer, visible
from app.queries import requests as readers
from app.queries.requests import Case
from app.services import consent_subjects, requests, restrictions
from app.services.audit import OPERATOR
from app.services.public_asks import HIMSELF
from app.services.requests import NewRequest
from tests import factories as make
from tests.services.scene import DAY, NOON, acting, acts, colleague, directory, karel, owner

ZONE = ZoneInfo("Europe/Prague")
EMAIL = "karel@example.org"


@dataclass
class Scene:
    """Karel, of whom an address is known; Olga, an owner; Eva, who sees him."""

    session: Session
    olga: User
    eva: User
    home: Directory
    karel: Contact

    def ask(self, kind: str = "access", way: str = "page", **more: object) -> Case:
        said = {"subject_id": self.subject, "email": EMAIL, "language": "cs", **more}
        new = NewRequest(kind, way, **said)  # type: ignore[arg-type]
        return requests.enter(self.session, HIMSELF, new, ZONE, NOON)

    @property
    def subject(self) -> int:
        return consent_subjects.of_contact(self.session, self.karel.id, NOON).id

    def case(self, number: str, at: datetime = NOON) -> Case:
        found = readers.find(self.session, number, ZONE, at)
        assert found is not None
        return found

    def close(self, number: str, outcome: str = "done", at: datetime = NOON) -> Case:
        return requests.close(self.session, acting(self.olga), number, outcome, "So.", ZONE, at)

    def sees(self, at: datetime = NOON) -> bool:
        self.session.flush()
        shown = visible(Viewer(self.eva.id), Channel.PORTAL, at)
        query = select(Contact.id).where(Contact.id == self.karel.id, shown)
        return self.session.scalar(query) is not None

    def mails(self) -> list[OutboxMessage]:
        return list(self.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def rest_on(self, kind: BasisKind) -> None:
        rows = self.session.scalars(
            select(LegalBasis).where(LegalBasis.contact_id == self.karel.id)
        )
        for row in rows:
            row.kind = kind
        self.session.flush()


def arranged(session: Session) -> Scene:
    olga, eva, home = owner(session), colleague(session), directory(session)
    him = karel(session, home)
    session.add(
        ContactPoint(contact_id=him.id, kind=PointKind.EMAIL, value=EMAIL, norm=EMAIL, position=9)
    )
    make.grant(session, home, eva)
    session.flush()
    return Scene(session, olga, eva, home, him)


@pytest.fixture
def scene(sqlite: Sessions) -> Iterator[Scene]:
    with sqlite.write() as session:
        yield arranged(session)


def test_a_request_has_its_receipt_and_its_last_day(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = arranged(session)
        case = scene.ask(words="Copy, please.")
        assert case.due_at == datetime(2026, 6, 3, 22, 0, tzinfo=UTC)
        assert (case.identity, case.is_open, case.owner) == (Identity.MAILBOX, True, "")
        (mail,) = scene.mails()
        assert mail.to == EMAIL
        assert case.number in mail.subject
        assert "3. 6. 2026" in mail.body.replace("\u00a0", " ")
        assert acts(session, "request.add") == 1
        assert readers.undecided(session, ZONE, NOON) == [case]
        assert readers.of_contacts(session, [scene.karel.id], ZONE, NOON) == [case]


def test_the_same_over_the_page_within_a_day_is_one(scene: Scene) -> None:
    first = scene.ask(words="Copy.")
    assert scene.ask(words="Copy.").number == first.number
    assert scene.ask(words="Another.").number != first.number
    assert scene.ask(way="mail", words="Copy.").number != first.number
    assert len(scene.mails()) == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "freedom"}, "kind"),
        ({"way": "dream"}, "way"),
        ({"received_at": NOON + DAY}, "received"),
        ({"email": "karel"}, "email"),
    ],
)
def test_what_cannot_be_is_said(scene: Scene, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as error:
        scene.ask(**wrong)  # type: ignore[arg-type]
    assert error.value.field == field


def test_a_case_is_taken_noted_and_answered_by_letter(scene: Scene) -> None:
    session, number, olga = scene.session, scene.ask().number, acting(scene.olga)
    requests.take(session, olga, number, NOON)
    requests.note(session, olga, number, "Called him.", NOON)
    done = scene.close(number, at=NOON + DAY)
    assert [step.kind for step in done.steps] == [
        StepKind.IDENTITY,
        StepKind.TAKEN,
        StepKind.NOTE,
        StepKind.CLOSED,
    ]
    assert (done.owner, done.outcome, done.closed_at) == ("Olga", RequestOutcome.DONE, NOON + DAY)
    assert "So." in scene.mails()[-1].body
    again = scene.close(number, "partly", NOON + 2 * DAY)
    assert (again.outcome, again.closed_at) == (RequestOutcome.PARTLY, NOON + DAY)
    assert readers.everything(session, ZONE, NOON) == [again]
    assert acts(session, "request.closed") == 2


def test_it_takes_longer_once_and_only_if_told_within_the_month(scene: Scene) -> None:
    session, olga = scene.session, acting(scene.olga)
    number, other = scene.ask().number, scene.ask(words="Other").number
    longer = requests.extend(session, olga, number, "Many papers.", ZONE, NOON + DAY)
    assert longer.due_at == datetime(2026, 8, 3, 22, 0, tzinfo=UTC)
    assert "Many papers." in scene.mails()[-1].body
    for which, at in ((number, NOON + DAY), (other, longer.first_due_at)):
        with pytest.raises(Refused):
            requests.extend(session, olga, which, "More.", ZONE, at)
    scene.close(other)
    with pytest.raises(Refused):
        requests.extend(session, olga, other, "More.", ZONE, NOON)
    with pytest.raises(Invalid):
        requests.extend(session, olga, number, " ", ZONE, NOON)


def test_the_clock_stands_still_while_he_is_asked_who_he_is(scene: Scene) -> None:
    session, olga = scene.session, acting(scene.olga)
    number = scene.ask(way="mail").number
    plain = scene.case(number).due_at
    requests.identify(session, olga, number, "none", "Which Karel?", NOON + DAY)
    waiting = scene.case(number, NOON + 4 * DAY)
    assert waiting.is_waiting
    assert waiting.due_at > plain
    requests.identify(session, olga, number, "known", "", NOON + 8 * DAY)
    known = scene.case(number, NOON + 20 * DAY)
    assert (known.is_waiting, known.identity) == (False, Identity.KNOWN)
    assert known.due_at == datetime(2026, 6, 10, 22, 0, tzinfo=UTC)
    scene.close(number)
    with pytest.raises(Refused):
        requests.identify(session, olga, number, "known", "", NOON)


def test_owners_and_the_officer_answer_and_nobody_else(scene: Scene) -> None:
    number = scene.ask().number
    with pytest.raises(Refused):
        requests.take(scene.session, acting(scene.eva), number, NOON)
    scene.session.add(UserRole(user_id=scene.eva.id, role=RoleName.DPO))
    scene.session.flush()
    requests.take(scene.session, acting(scene.eva), number, NOON)
    with pytest.raises(NotFound):
        requests.take(scene.session, OPERATOR, "2026-NOBODY", NOON)


def test_days_left_and_lateness_are_read_from_the_clock(scene: Scene) -> None:
    case = scene.ask()
    assert case.left(NOON) == 31
    assert case.left(case.due_at - timedelta(hours=1)) == 0
    assert case.left(case.due_at) == 0
    assert case.left(case.due_at + timedelta(hours=1)) == -1
    assert (case.is_late(NOON), case.is_late(case.due_at)) == (False, True)


@pytest.mark.parametrize(
    ("kind", "is_shut"), [(BasisKind.LEGITIMATE_INTEREST, True), (BasisKind.CONTRACT, False)]
)
def test_an_objection_shuts_away_what_is_ours_to_weigh(
    scene: Scene, kind: BasisKind, *, is_shut: bool
) -> None:
    scene.rest_on(kind)
    assert scene.sees()
    scene.ask("objection")
    assert scene.sees() is not is_shut


def test_an_objection_that_is_right_ends_our_reasons_for_good(scene: Scene) -> None:
    scene.rest_on(BasisKind.LEGITIMATE_INTEREST)
    number = scene.ask("objection").number
    scene.close(number)
    args = (scene.session, OPERATOR, scene.karel.id, "Weighed.", "by phone", ZONE, NOON)
    restrictions.release(*args)
    assert not scene.sees()


def test_an_objection_that_is_refused_lets_out_only_after_he_was_told(scene: Scene) -> None:
    scene.rest_on(BasisKind.LEGITIMATE_INTEREST)
    scene.close(scene.ask("objection").number, "refused")
    assert not scene.sees()
    args = (scene.session, OPERATOR, scene.karel.id, "Weighed.", "", ZONE, NOON)
    done = restrictions.release(*args, language="en")
    assert (done.told, done.ends_at) == (EMAIL, NOON + restrictions.NOTICE)
    assert not scene.sees(NOON + DAY)
    assert scene.sees(done.ends_at)
    assert "use your data again" in scene.mails()[-1].subject


def test_what_he_wanted_stands_beside_his_words(scene: Scene) -> None:
    case = scene.ask("rectification", wanted={"phone": " 777 1 ", "colour": "red", "name": ""})
    assert case.wanted == {"phone": "777 1"}
    assert scene.session.scalars(select(SubjectRequest.kind)).one().value == "rectification"


def test_nobody_lets_out_without_leave_reason_or_telling(scene: Scene) -> None:
    session, of = scene.session, scene.karel.id
    args = (session, OPERATOR, of)
    with pytest.raises(Refused):
        restrictions.release(*args, "Why", "", ZONE, NOON)
    restrictions.restrict(*args, "He doubts the number.", NOON)
    restrictions.restrict(*args, "Again.", NOON)
    with pytest.raises(Invalid):
        restrictions.release(*args, " ", "by phone", ZONE, NOON)
    with pytest.raises(Refused):
        restrictions.release(session, acting(scene.eva), of, "Why", "by phone", ZONE, NOON)
    for row in session.scalars(select(ContactPoint).where(ContactPoint.kind == PointKind.EMAIL)):
        session.delete(row)
    with pytest.raises(Refused):
        restrictions.release(*args, "Why", "", ZONE, NOON)
    with pytest.raises(Invalid):
        restrictions.restrict(*args, " ", NOON)
    with pytest.raises(NotFound):
        restrictions.restrict(session, OPERATOR, 999, "Why", NOON)
    restrictions.release(*args, "Right now.", "by phone", ZONE, NOON)
    assert scene.sees()


def test_shutting_away_again_stops_an_end_that_was_announced(scene: Scene) -> None:
    args = (scene.session, OPERATOR, scene.karel.id)
    restrictions.restrict(*args, "Doubts.", NOON)
    ends = restrictions.release(*args, "Settled.", "", ZONE, NOON).ends_at
    restrictions.restrict(*args, "Not settled.", NOON + DAY)
    assert not scene.sees(ends)
