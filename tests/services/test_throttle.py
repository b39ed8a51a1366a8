"""Failed tries: counted across processes, per door, address and login, and never for long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.db import Sessions, open_database
from app.keys import Key
from app.services import throttle
from app.services.throttle import LIMIT, WINDOW, Door
from tests.factories import NOON

KEY = Key("k", b"k" * 32)


def test_the_limit_is_reached_and_passes(sessions: Sessions) -> None:
    with sessions.write() as session:
        for number in range(LIMIT):
            tally = throttle.count(session, "a", NOON + timedelta(seconds=number))
            assert tally.blocked_until is None
        tally = throttle.count(session, "a", NOON + timedelta(minutes=1))
        assert (tally.failures, tally.blocked_until) == (LIMIT + 1, NOON + WINDOW)
        assert throttle.count(session, "b", NOON).failures == 1
        assert throttle.count(session, "a", NOON + WINDOW).failures == 1


def test_a_right_password_forgets_the_wrong_ones(sessions: Sessions) -> None:
    with sessions.write() as session:
        throttle.count(session, "a", NOON)
        throttle.forget(session, "a")
        assert throttle.count(session, "a", NOON).failures == 1


def test_old_rows_are_swept(sessions: Sessions) -> None:
    with sessions.write() as session:
        throttle.count(session, "a", NOON)
        throttle.count(session, "b", NOON + WINDOW)
        assert throttle.sweep(session, NOON + WINDOW) == 1
        assert throttle.count(session, "b", NOON + WINDOW).failures == 2


def test_all_at_once_get_no_more_tries_than_one_by_one(database_url: str) -> None:
    engines = [open_database(database_url) for _ in range(2)]

    def attempt(number: int) -> bool:
        with engines[number % 2].write() as session:
            return throttle.count(session, "a", NOON).blocked_until is None

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(attempt, range(4 * LIMIT)))
    for opened in engines:
        opened.engine.dispose()
    assert passed == LIMIT


def test_each_door_address_and_login_counts_alone() -> None:
    asked = {
        throttle.subject(KEY, door, address, login)
        for door in Door
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", "", "unix")
        for login in ("eva@example.org", "jan@example.org", "", "\ud800")
    }
    assert len(asked) == len(Door) * 6 * 4


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("::ffff:192.0.2.1", "192.0.2.1")],
)
def test_one_household_is_one_address(one: str, other: str) -> None:
    assert throttle.subject(KEY, Door.PORTAL, one, "a") == throttle.subject(
        KEY, Door.PORTAL, other, "a"
    )
