import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typing_extensions import override

from app import clock, logs
from app.cards.card import Draft
from app.cards.read import Record
from app.db import Sessions
from app.handed_out import HandOutLog, card_line
from app.imports import vcf
from app.models import Throttle, WebSession
from app.queries import instances, jobs
from app.queries.sessions import ABSOLUTE
from app.services import imports, throttle, upkeep
from app.services.audit import OPERATOR
from app.services.imports import Upload
from app.worker import (
    DUTIES,
    IDLE_SECONDS,
    Duty,
    beat,
    loop,
    perform,
    shorten_log,
    shrink_wal,
    sweep_sessions,
    sweep_throttle,
    work,
)
from tests import factories
from tests.factories import NOON
from tests.services import scene


def test_the_heartbeat_never_goes_back(sessions: Sessions) -> None:
    for at in (NOON, NOON + timedelta(seconds=15), NOON):
        beat(sessions, at)
    with sessions.read() as session:
        assert instances.heartbeat(session) == NOON + timedelta(seconds=15)


def test_a_process_that_starts_takes_the_heartbeat_as_its_floor(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    floors: list[datetime] = []
    monkeypatch.setattr(clock, "raise_floor", floors.append)
    upkeep.hold_clock(sqlite)
    assert floors == []
    beat(sqlite, NOON)
    upkeep.hold_clock(sqlite)
    assert floors == [NOON]


def test_failed_tries_are_forgotten_when_their_window_is_over(sessions: Sessions) -> None:
    with sessions.write() as session:
        throttle.count(session, "old", NOON - throttle.WINDOW)
        throttle.count(session, "new", NOON)
    sweep_throttle(sessions, NOON)
    with sessions.read() as session:
        assert session.scalars(select(Throttle.subject)).all() == ["new"]


def test_sessions_that_nobody_can_use_are_deleted(sessions: Sessions) -> None:
    with sessions.write() as session:
        user = factories.user(session)
        for age in (ABSOLUTE, timedelta(0)):
            session.add(
                WebSession(
                    token_digest=str(age),
                    user_id=user.id,
                    created_at=NOON - age,
                    seen_at=NOON - age,
                )
            )
    sweep_sessions(sessions, NOON)
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1


def test_a_long_log_is_emptied_and_a_short_one_left_alone(sqlite: Sessions) -> None:
    beat(sqlite, NOON)
    shrink_wal(sqlite, NOON)
    log = Path(f"{sqlite.engine.url.database}-wal")
    assert log.stat().st_size > 0
    assert upkeep.shrink_wal(sqlite, limit=0)
    assert log.stat().st_size == 0
    assert not upkeep.shrink_wal(sqlite, limit=0)


def test_there_is_no_such_log_elsewhere(sessions: Sessions) -> None:
    if sessions.dialect == "postgresql":
        assert not upkeep.shrink_wal(sessions, limit=0)


def test_the_hand_out_log_is_shortened(sqlite: Sessions, tmp_path: Path) -> None:
    log = HandOutLog(tmp_path / "log")
    for _ in range(3):
        log.append([card_line("device/all", 1, "a.vcf")])
    before = log.path.stat().st_size
    shorten_log(replace(sqlite, handed_out=log), NOON)
    assert log.path.stat().st_size < before
    assert log.hrefs("device/all") == ["a.vcf"]


def test_every_duty_can_be_done_at_once_and_twice(sessions: Sessions) -> None:
    for duty in (*DUTIES, *DUTIES):
        assert perform(duty, sessions, NOON)


def test_a_duty_that_fails_is_logged_without_its_message(sqlite: Sessions) -> None:
    def fail(_sessions: Sessions, _at: datetime) -> None:
        raise ValueError("eva@example.org")

    stream = StringIO()
    logs.configure("info", stream)
    assert not perform(Duty("mail", 1, fail), sqlite, NOON)
    logs.configure("info")
    assert "ValueError" in stream.getvalue()
    assert "eva" not in stream.getvalue()


def test_the_loop_does_what_is_due_and_stops_at_once(sqlite: Sessions) -> None:
    stop = threading.Event()
    done: list[str] = []

    def often(_sessions: Sessions, _at: datetime) -> None:
        done.append("often")
        if len(done) > 3:
            stop.set()

    duties = [
        Duty("often", 0, often),
        Duty("seldom", 3600, lambda _sessions, _at: done.append("seldom")),
    ]
    loop(sqlite, stop, duties)
    assert done == ["often", "seldom", "often", "often"]


def test_a_loop_that_is_stopped_does_nothing(sqlite: Sessions) -> None:
    stop = threading.Event()
    stop.set()
    loop(sqlite, stop, [Duty("never", 0, lambda _sessions, _at: pytest.fail("was done"))])


def test_a_job_that_fails_is_logged_without_its_message_and_stays(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite.write() as session:
        home = scene.home(session)
        upload = Upload(b"", 1, "old phone")
        job_id = imports.begin(session, OPERATOR, home.id, upload, clock.now()).id
    stop = threading.Event()

    def fail(_data: bytes) -> Iterator[Record]:
        stop.set()
        raise ValueError("eva@example.org")

    monkeypatch.setattr(vcf, "records", fail)
    stream = StringIO()
    logs.configure("info", stream)
    work(sqlite, stop)
    logs.configure("info")
    assert "ValueError" in stream.getvalue()
    assert "eva" not in stream.getvalue()
    with sqlite.read() as session:
        assert jobs.one(session, job_id, clock.now())["state"] == "running"


def test_the_worker_does_one_job_after_the_other_until_it_is_stopped(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite.write() as session:
        home = scene.home(session)
        for _ in range(2):
            upload = Upload(b"", 1, "old phone")
            imports.begin(session, OPERATOR, home.id, upload, clock.now())
    files: list[bytes] = []

    def read(data: bytes) -> Iterator[Record]:
        files.append(data)
        yield Record(1, Draft(full_name="Eva"), "", ())

    class Idle(threading.Event):
        """Stops the worker as soon as it has nothing to do."""

        @override
        def wait(self, timeout: float | None = None) -> bool:
            if timeout == IDLE_SECONDS:
                self.set()
            return self.is_set()

    monkeypatch.setattr(vcf, "records", read)
    stop = Idle()
    work(sqlite, stop)
    with sqlite.read() as session:
        assert [job["state"] for job in jobs.listing(session, clock.now())] == ["done", "done"]
