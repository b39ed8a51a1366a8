"""No sequence of calls makes a consent valid without what was told and proof.

Whatever people, staff, sites and the clock do in whatever order: where the reading or a legal
basis says yes, an event says so that names a notice and comes from the person himself or from a
proof, that covers exactly this, and that nothing has closed since. What is closed stays closed
until such an event comes.
"""

import contextlib
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import override

from app.db import Sessions
from app.errors import KustodError
from app.models import ConsentEvent, EventEvidence, NoticeVersion
from app.models.consent_kinds import ConsentActor, ConsentType, Expression, Medium
from app.models.kinds import ActorKind, BasisKind
from app.queries import consents as found
from app.services import bases
from app.services.audit import OPERATOR, SYSTEM, Actor
from app.services.purposes import Terms
from tests.services.consenting import stage
from tests.services.scene import NOON

MEDIA = (Medium.EMAIL, Medium.SMS)
CLOSING = {"refused", "withdrawn", "objected", "terminated", "invalidated"}
ACTORS = {
    "himself": Actor(ActorKind.SUBJECT),
    "staff": Actor(ActorKind.USER, 1),
    "operator": OPERATOR,
    "system": SYSTEM,
}
names = st.sampled_from(["P", "C1", "C2"])
media = st.sampled_from([(), (Medium.EMAIL,), (Medium.SMS,), MEDIA])


class Machine(RuleBasedStateMachine):
    """Everything that services offer, in any order; the database holds what came of it."""

    sessions: Sessions
    """Set by the test, for each engine."""

    def __init__(self) -> None:
        super().__init__()
        self._open = contextlib.ExitStack()

    @initialize(double_opt_in=st.booleans())
    def begin(self, double_opt_in: bool) -> None:
        session = Session(self.sessions.engine)
        self._open.callback(session.close)
        self._open.callback(session.rollback)
        self.scene = stage(session, Terms(("email", "sms"), double_opt_in=double_opt_in))
        self.now = NOON
        self.events: list[int] = []

    @override
    def teardown(self) -> None:
        self._open.close()

    @rule(seconds=st.sampled_from([0, 1, 3600, 86_400 * 40]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        kind=st.sampled_from(list(ConsentType)),
        purpose=names,
        by=st.sampled_from(list(ACTORS)),
        said=st.fixed_dictionaries(
            {
                "media": media,
                "expression": st.sampled_from(list(Expression)),
                "by_site": st.booleans(),
                "statement": st.sampled_from(["", "Ano."]),
            }
        ),
        has_notice=st.booleans(),
        has_proof=st.booleans(),
        ages=st.tuples(st.sampled_from([None, 0, 1, 24]), st.sampled_from([None, 0, 1, 48])),
        lasts=st.sampled_from([None, 1, 24 * 30]),
        refers=st.integers(0, 5),
    )
    def act(
        self,
        kind: ConsentType,
        purpose: str,
        by: str,
        said: dict[str, Any],
        has_notice: bool,
        has_proof: bool,
        ages: tuple[int | None, int | None],
        lasts: int | None,
        refers: int,
    ) -> None:
        ago = [None if age is None else self.now - timedelta(hours=age) for age in ages]
        scene = self.scene
        more = {
            **said,
            "notice_id": scene.notice_id if has_notice else None,
            "evidence_ids": (scene.proof(),) if has_proof else (),
            "occurred_at": ago[0],
            "rendered_at": ago[1],
            "valid_until": self.now + timedelta(hours=lasts) if lasts else None,
            "refers_to_id": self.events[-1 - refers] if refers < len(self.events) else None,
        }
        with contextlib.suppress(KustodError):
            done = scene.record(ACTORS[by], scene.act(kind, purpose, **more), self.now)
            self.events.append(done.event.id)

    @rule(purpose=names, over=media)
    def withdraw(self, purpose: str, over: tuple[Medium, ...]) -> None:
        self.events.append(self.scene.withdraw(purpose, self.now, *over).event.id)
        for medium in over or MEDIA:
            of = self.scene.purposes[purpose].id
            reading = found.state(self.scene.session, self.scene.karel.id, of, medium, self.now)
            assert not reading.holds

    @rule(change=st.sampled_from(["editorial", "processing"]))
    def publish(self, change: str) -> None:
        self.scene.notice_id = self.scene.publish(self.now, "Jinak.", change_class=change)

    @rule(kind=st.sampled_from(list(BasisKind)))
    def basis(self, kind: BasisKind) -> None:
        with contextlib.suppress(KustodError):
            bases.add(self.scene.session, OPERATOR, self.scene.karel.id, self.now, kind=kind.value)

    @rule()
    def end_bases(self) -> None:
        bases.end(self.scene.session, OPERATOR, self.scene.karel.id, self.now)

    @invariant()
    def what_holds_was_told_and_is_proved(self) -> None:
        for purpose in self.scene.purposes.values():
            for medium in MEDIA:
                self._justified(purpose.id, medium)

    @invariant()
    def a_basis_never_outlasts_the_reading(self) -> None:
        for hours in (0, 2, 24 * 60):
            at = self.now + timedelta(hours=hours)
            by_reading = [self.scene.holds(at, medium) for medium in MEDIA]
            held = ["+" in signs for signs in zip(*by_reading, strict=True)]
            based = [sign == "+" for sign in self.scene.bases(at)]
            assert all(holds or not has for has, holds in zip(based, held, strict=True))

    def _justified(self, purpose_id: int, medium: Medium) -> None:
        session, karel = self.scene.session, self.scene.karel.id
        reading = found.state(session, karel, purpose_id, medium, self.now)
        if not reading.holds:
            return
        assert reading.event is not None
        row = session.get_one(ConsentEvent, reading.event.id)
        assert row.notice_version_id is not None
        notice = session.get_one(NoticeVersion, row.notice_version_id)
        named = {of["id"]: of["media"] for of in notice.purposes}
        assert medium.value in named[purpose_id]
        assert [purpose_id, medium.value] in row.covers
        proofs = session.scalars(
            select(EventEvidence.evidence_id).where(EventEvidence.event_id == row.id)
        )
        assert row.actor_kind is ConsentActor.SUBJECT or proofs.all()
        assert (row.actor_kind, row.expression) != (ConsentActor.STAFF, Expression.CHECKBOX)
        assert row.valid_until > self.now
        for other in session.scalars(select(ConsentEvent)):
            below = found.purposes_below(session, other.purpose_id)
            over = not other.media or medium.value in other.media
            if other.type.value in CLOSING and purpose_id in below and over:
                assert other.occurred_at <= row.occurred_at


def test_nothing_is_valid_without_what_was_told_and_proof(sessions: Sessions) -> None:
    class Here(Machine):
        pass

    Here.sessions = sessions
    run_state_machine_as_test(Here, settings=settings(max_examples=15, stateful_step_count=15))
