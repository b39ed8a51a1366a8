"""Whatever happens to the facts and the clock, a phone that has synced holds what is visible."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import keys
from app.db import FOREVER, Sessions
from app.models import (
    Contact,
    ContactPoint,
    Device,
    Directory,
    Grant,
    LegalBasis,
    LoginName,
    Participation,
    Project,
    ProjectMember,
    Restriction,
    Suspension,
    SuspensionKind,
    TeamMember,
    User,
)
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import Channel, Viewer
from app.queries import contacts, ledger
from app.queries.ledger import HoldingState
from app.services import books, devices
from app.services import ledger as follow
from app.services.audit import OPERATOR
from dav.application import build
from tests import factories as make
from tests.davclient import DavX5, FakeClock, Phone

FEW = st.integers(0, 3)
DELAY = st.sampled_from([0, 0, 1, 2, 5])
PERIODS = (
    TeamMember,
    Grant,
    ProjectMember,
    Participation,
    LegalBasis,
    Restriction,
    Suspension,
)


class Follow(RuleBasedStateMachine):
    """Facts change and time passes; phones sync now and then, and lose answers."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self.sessions = sessions
        self.clock = FakeClock()
        self.ring = keys.generate()
        door = build(sessions, self.ring, self.clock.now)
        with sessions.write() as session:
            eva = make.user(session)
            session.add(LoginName(user_id=eva.id, name=eva.email))
            self.eva = eva.id
            self.team = make.team(session, eva).id
            homes = [make.directory(session) for _ in range(2)]
            self.homes = [home.id for home in homes]
            self.people = [make.contact(session, homes[n % 2], f"Karel {n}").id for n in range(4)]
            self.project = make.project(session).id
            make.grant(session, homes[0], eva)
            self.phones: list[Phone] = []
            for kind in (Phone, DavX5):
                device, password = devices.enrol(
                    session, OPERATOR, eva.id, "Phone", self.ring, self.clock.now()
                )
                self.phones.append(kind(door, eva.email, password, device=device.public_id))
        self.ids = dict(zip(self.phones_names(), self._device_ids(), strict=True))

    def phones_names(self) -> list[str]:
        return [phone.device for phone in self.phones]

    def _device_ids(self) -> list[int]:
        with self.sessions.read() as session:
            return [devices.find(session, name).id for name in self.phones_names()]

    def _period(self, start: int, length: int) -> tuple[datetime, datetime]:
        begin = self.clock.now() + timedelta(seconds=start)
        return begin, begin + timedelta(seconds=length) if length else FOREVER

    def _write(self) -> Any:
        return self.sessions.write()

    @rule(home=FEW, to_team=st.booleans(), start=DELAY, length=DELAY, assigned=st.booleans())
    def grant(self, *, home: int, to_team: bool, start: int, length: int, assigned: bool) -> None:
        begin, end = self._period(start, length)
        with self._write() as session:
            session.add(
                Grant(
                    directory_id=self.homes[home % 2],
                    user_id=None if to_team else self.eva,
                    team_id=self.team if to_team else None,
                    can_sync=True,
                    scope=Scope.ASSIGNED if assigned else Scope.ALL,
                    fields=int(Profile.MINIMAL if home > 1 else Profile.BY_CHANNEL),
                    valid_from=begin,
                    valid_until=end,
                )
            )

    @rule(who=FEW, start=DELAY, length=DELAY)
    def assign(self, who: int, start: int, length: int) -> None:
        with self._write() as session:
            person = session.get_one(Contact, self.people[who])
            user = session.get_one(User, self.eva)
            make.assignment(session, person, user, *self._period(start, length))

    @rule(who=FEW, start=DELAY, length=DELAY)
    def take_part(self, who: int, start: int, length: int) -> None:
        begin, end = self._period(start, length)
        with self._write() as session:
            session.add_all(
                [
                    Participation(
                        project_id=self.project,
                        contact_id=self.people[who],
                        valid_from=begin,
                        valid_until=end,
                    ),
                    ProjectMember(
                        project_id=self.project,
                        user_id=self.eva,
                        valid_from=begin,
                        valid_until=FOREVER,
                    ),
                ]
            )

    @rule(after=DELAY)
    def end_project(self, after: int) -> None:
        with self._write() as session:
            project = session.get_one(Project, self.project)
            project.ends_at = self.clock.now() + timedelta(seconds=after)

    @rule()
    def reopen_project(self) -> None:
        with self._write() as session:
            session.get_one(Project, self.project).ends_at = FOREVER

    @rule(kind=st.sampled_from(PERIODS), number=FEW, after=DELAY)
    def end_one(self, kind: Any, number: int, after: int) -> None:
        with self._write() as session:
            rows = session.scalars(self._mine(kind).order_by(kind.id)).all()
            if rows:
                row = rows[number % len(rows)]
                row.valid_until = self.clock.now() + timedelta(seconds=after)

    def _mine(self, kind: Any) -> Any:
        """The facts of this machine's own world; earlier worlds lie beside it."""
        own = {
            "contact_id": self.people,
            "directory_id": self.homes,
            "project_id": [self.project],
            "user_id": [self.eva],
        }
        column = next(name for name in own if hasattr(kind, name))
        return select(kind).where(getattr(kind, column).in_(own[column]))

    @rule(who=FEW, start=DELAY, length=DELAY)
    def restrict(self, who: int, start: int, length: int) -> None:
        begin, end = self._period(start, length)
        with self._write() as session:
            session.add(
                Restriction(
                    contact_id=self.people[who], reason="x", valid_from=begin, valid_until=end
                )
            )

    @rule(kind=st.sampled_from(list(SuspensionKind)), start=DELAY, length=st.integers(1, 3))
    def suspend(self, kind: SuspensionKind, start: int, length: int) -> None:
        begin, end = self._period(start, length)
        with self._write() as session:
            session.add(Suspension(user_id=self.eva, kind=kind, valid_from=begin, valid_until=end))

    @rule(who=FEW, home=FEW)
    def move(self, who: int, home: int) -> None:
        with self._write() as session:
            target = session.get_one(Directory, self.homes[home % 2])
            person = session.get_one(Contact, self.people[who])
            person.directory_id = target.id
            make.basis(session, person, target)

    @rule(home=FEW, sync=st.sampled_from(list(SyncPolicy)))
    def keep_off_phones(self, home: int, sync: SyncPolicy) -> None:
        with self._write() as session:
            session.get_one(Directory, self.homes[home % 2]).sync_policy = sync

    @rule(managed=st.booleans(), photos=st.booleans(), fields=st.integers(1, 4))
    def configure(self, *, managed: bool, photos: bool, fields: int) -> None:
        with self._write() as session:
            device = session.get_one(Device, self.ids[self.phones[0].device])
            device.is_managed, device.wants_photos, device.fields = managed, photos, fields

    @rule(who=FEW, number=st.integers(1, 99))
    def edit(self, who: int, number: int) -> None:
        with self._write() as session:
            point = session.scalars(
                select(ContactPoint).where(ContactPoint.contact_id == self.people[who])
            ).first()
            assert point is not None
            point.value = f"+420 777 000 0{number:02}"

    @rule(seconds=st.integers(1, 3))
    def tick(self, seconds: int) -> None:
        self.clock.tick(seconds=seconds)

    @rule(which=st.integers(0, 1))
    def sync(self, which: int) -> None:
        phone = self.phones[which]
        phone.sync()
        with self.sessions.read() as session:
            assert self._held(phone) == self._visible(session, phone)

    @rule(which=st.integers(0, 1))
    def lose_an_answer(self, which: int) -> None:
        first, second = self.phones[which].report(), self.phones[which].report()
        assert {*first.members} == {*second.members}

    @rule()
    def visit(self) -> None:
        phone = self.phones[1]
        assert isinstance(phone, DavX5)
        phone.visit()
        with self.sessions.read() as session:
            assert self._held(phone) == self._visible(session, phone)

    def _held(self, phone: Phone) -> dict[str, str]:
        return {
            href.rsplit("/", 1)[1].removesuffix(".vcf"): _phone_line(text)
            for href, text in phone.cards.items()
            if "kustod-help" not in href
        }

    def _visible(self, session: Session, phone: Phone) -> dict[str, str]:
        viewer = Viewer(self.eva, self.ids[phone.device])
        cards = contacts.everything(session, viewer, Channel.CARDDAV, self.clock.now())
        return {card.public_id: card.phones[0].value for card in cards}

    @invariant()
    def a_narrow_reconcile_is_a_full_one(self) -> None:
        at = self.clock.now()
        for device_id in self.ids.values():
            with self.sessions.read() as session:
                book = books.handles(session, device_id)[0]
            book = follow.reconcile(self.sessions, book, at)
            with self.sessions.read() as session:
                plan = follow.make_plan(session, book, at, full=True)
            assert plan is None or plan.is_empty, plan

    @invariant()
    def nothing_is_called_confirmed_that_a_phone_still_holds(self) -> None:
        at = self.clock.now()
        with self.sessions.read() as session:
            for phone in self.phones:
                held = self._held(phone)
                for holder in ledger.on_device(session, self.ids[phone.device], at):
                    public_id = session.get_one(Contact, holder.contact_id).public_id
                    if holder.state is HoldingState.CONFIRMED:
                        assert public_id not in held


def _phone_line(text: str) -> str:
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.startswith("TEL")]
    return lines[0].partition(":")[2] if lines else ""


def test_phones_follow_the_facts(sessions: Sessions) -> None:
    class Here(Follow):
        def __init__(self) -> None:
            super().__init__(sessions)

    run_state_machine_as_test(Here, settings=settings(stateful_step_count=20, max_examples=12))
