"""Programs behind one password, restored from backups, with answers lost, in any order.

Whatever they do, no removal is called confirmed while a program that came since still has the
card. What a phone has that was restored and has not come back, nobody can know.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.db import FOREVER, Sessions
from app.models import Restriction
from tests import factories as make
from tests.dav.conftest import make_world
from tests.davclient import DavX5, Phone

MOST = 3
ONE = st.integers(0, MOST - 1)


class Shared(RuleBasedStateMachine):
    """One device of Eva's, up to three programs with its password, three contacts."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self.world = make_world(sessions)
        self.programs = [self.world.phone()]
        self.backups: list[Phone | None] = [None]
        self.has_come = [False]
        self.old: list[str] = []
        self.hidden: dict[int, Restriction] = {}

    def _which(self, number: int) -> int:
        return number % len(self.programs)

    @precondition(lambda self: len(self.programs) < MOST)
    @rule(polls_first=st.booleans())
    def set_up(self, *, polls_first: bool) -> None:
        """Another program with the same password."""
        kind = DavX5 if polls_first else Phone
        self.programs.append(self.world.again(self.programs[0], kind))
        self.backups.append(None)
        self.has_come.append(False)

    @rule(number=ONE)
    def sync(self, number: int) -> None:
        self.world.clock.tick(minutes=1)
        which = self._which(number)
        phone = self.programs[which]
        self.old.append(phone.token)
        if isinstance(phone, DavX5):
            phone.visit()
        else:
            phone.sync()
        self.has_come[which] = True

    @rule(number=ONE)
    def lose_an_answer(self, number: int) -> None:
        self.programs[self._which(number)].report()

    @rule(number=ONE)
    def look_at_the_token(self, number: int) -> None:
        self.programs[self._which(number)].shown_token()

    @rule(number=ONE, place=st.integers(0, 99))
    def replay(self, number: int, place: int) -> None:
        """An old request once more, whose answer nobody reads."""
        if self.old:
            self.programs[self._which(number)].report(self.old[place % len(self.old)])

    @rule(number=ONE)
    def back_up(self, number: int) -> None:
        which = self._which(number)
        phone = self.programs[which]
        self.backups[which] = replace(phone, cards=dict(phone.cards))

    @rule(number=ONE)
    def restore(self, number: int) -> None:
        """A phone is again as it was, and has not come back yet."""
        which = self._which(number)
        kept = self.backups[which]
        if kept is not None:
            self.programs[which] = replace(kept, cards=dict(kept.cards))
            self.has_come[which] = False

    @rule(number=ONE, which=ONE)
    def back_up_and_take_back(self, number: int, which: int) -> None:
        """A backup of a phone that has the card, which is then hidden and confirmed by it."""
        if number in self.hidden:
            self.hide_or_show(number)
        self.sync(which)
        self.back_up(which)
        self.hide_or_show(number)
        self.sync(which)
        self.sync(which)

    @rule(number=ONE)
    def come_back(self, number: int) -> None:
        """A restored phone syncs as it was: an answer that it does not hear the end of."""
        self.restore(number)
        which = self._which(number)
        if self.backups[which] is not None:
            self.programs[which].report()
            self.has_come[which] = True

    @rule(number=ONE)
    def hide_or_show(self, number: int) -> None:
        at = self.world.clock.tick(minutes=1)
        if number in self.hidden:
            self.world.set(self.hidden.pop(number), valid_until=at)
            return
        with self.world.sessions.write() as session:
            contact = self.world.contacts[number]
            self.hidden[number] = make.restriction(session, contact, start=at, end=FOREVER)

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        """Never for thirty days at a time: a phone that was silent so long is taken for another."""
        self.world.clock.instant += timedelta(days=days / 10)

    @invariant()
    def nothing_is_confirmed_that_a_program_still_has(self) -> None:
        for number in self.hidden:
            if self.world.state(number) != "confirmed":
                continue
            for phone, has_come in zip(self.programs, self.has_come, strict=True):
                assert not has_come or self.world.href(phone, number) not in phone.cards


def test_no_order_of_requests_confirms_what_a_program_still_has(sqlite: Sessions) -> None:
    class Here(Shared):
        def __init__(self) -> None:
            super().__init__(sqlite)

    run_state_machine_as_test(Here, settings=settings(stateful_step_count=15, max_examples=12))
