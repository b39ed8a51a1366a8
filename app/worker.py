"""The process beside the server: heartbeat, swept tables, a short write-ahead log, long jobs.

Nothing that decides who sees what waits for it: what ends, ends by the clock of whoever asks.
Each duty is one function that can run at any time, twice, or in two workers at once.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import clock, keys, logs
from app.db import Sessions, open_database
from app.errors import Refused
from app.handed_out import HandOutLog
from app.imports import files
from app.services import (
    announcements,
    erasures,
    evidence,
    job_steps,
    jobs,
    migrations,
    outbox,
    posting,
    public_tokens,
    throttle,
    unconfirmed,
    upkeep,
    waiting_files,
)
from app.services import sessions as web_sessions
from app.settings import Settings


@dataclass(frozen=True)
class Duty:
    """Something to be done every so many seconds."""

    name: str
    seconds: float
    step: Callable[[Sessions, datetime], None]


def beat(sessions: Sessions, at: datetime) -> None:
    """Leave the heartbeat, which is also the floor of every process's clock."""
    with sessions.write() as session:
        upkeep.beat(session, at)


def sweep_throttle(sessions: Sessions, at: datetime) -> None:
    """Forget failed tries whose window is over."""
    with sessions.write() as session:
        throttle.sweep(session, at)


def sweep_sessions(sessions: Sessions, at: datetime) -> None:
    """Delete the rows of sessions that nobody can use any more."""
    with sessions.write() as session:
        web_sessions.sweep(session, at)


def sweep_links(sessions: Sessions, at: datetime) -> None:
    """Delete links of people without an account that are long over."""
    with sessions.write() as session:
        public_tokens.sweep(session, at)


def sweep_unconfirmed(sessions: Sessions, at: datetime) -> None:
    """Forget who was asked and never answered, and from where people acted a year ago."""
    with sessions.write() as session:
        unconfirmed.sweep(session, at)


def sweep_files(sessions: Sessions, at: datetime) -> None:
    """Forget files that were sent to the portal and never imported."""
    with sessions.write() as session:
        waiting_files.sweep(session, at)


def erase_mail(sessions: Sessions, at: datetime) -> None:
    """Erase what old messages of the outbox said."""
    with sessions.write() as session:
        outbox.erase(session, at)


def finish_erasures(sessions: Sessions, at: datetime) -> None:
    """Make empty what was to be erased and is on no phone any more."""
    erasures.finish_due(sessions, at)


def erase_proofs(sessions: Sessions, at: datetime) -> None:
    """Erase the bytes of what proved consents long ago; the digests stay."""
    with sessions.write() as session:
        evidence.sweep(session, at)


def announcing(settings: Settings) -> Duty:
    """The duty of telling people what ends soon, from the morning of their zone on."""

    def announce(sessions: Sessions, at: datetime) -> None:
        if at.astimezone(settings.zone).hour >= announcements.FROM_HOUR:
            announcements.announce(sessions, settings.zone, settings.language, at)

    return Duty("announce", 15 * 60, announce)


def shrink_wal(sessions: Sessions, _at: datetime) -> None:
    """Empty a write-ahead log that has grown too long."""
    upkeep.shrink_wal(sessions)


def shorten_log(sessions: Sessions, _at: datetime) -> None:
    """Write the hand-out log anew without its repetitions."""
    if sessions.handed_out is not None:
        sessions.handed_out.compact()


IDLE_SECONDS = 2.0
"""How long a job waits for a worker that has nothing else to do."""

FAREWELL_SECONDS = 5.0
"""How long the end waits for a mail server; a mail that was not finished is sent again."""

DUTIES = (
    Duty("beat", 15, beat),
    Duty("sweep_throttle", 15 * 60, sweep_throttle),
    Duty("sweep_sessions", 60 * 60, sweep_sessions),
    Duty("sweep_files", 15 * 60, sweep_files),
    Duty("sweep_links", 24 * 60 * 60, sweep_links),
    Duty("sweep_unconfirmed", 60 * 60, sweep_unconfirmed),
    Duty("erase_mail", 60 * 60, erase_mail),
    Duty("finish_erasures", 5 * 60, finish_erasures),
    Duty("erase_proofs", 24 * 60 * 60, erase_proofs),
    Duty("shrink_wal", 60, shrink_wal),
    Duty("shorten_log", 24 * 60 * 60, shorten_log),
)


def work(sessions: Sessions, stop: threading.Event) -> None:
    """Do one long job after the other until `stop` is set.

    In a thread of its own, because the duties must not wait for an import. One that is stopped
    in the middle waits for the next worker; one that fails is taken up again after a minute.
    """
    _keep_at(stop, "job failed", lambda: take_up(sessions, stop))


def post(sessions: Sessions, settings: Settings, stop: threading.Event) -> None:
    """Send one mail after the other until `stop` is set.

    In a thread of its own, because nothing else must wait for a mail server.
    """
    _keep_at(stop, "mail failed", lambda: posting.send_next(sessions, settings, clock.now))


def _keep_at(stop: threading.Event, trouble: str, step: Callable[[], bool]) -> None:
    """Do a step again and again; wait a little where it found nothing to do, or failed."""
    while not stop.is_set():
        try:
            is_idle = not step()
        except Exception as error:  # noqa: BLE001 - the next one may go well all the same
            logs.logger().warning(trouble, **logs.failure(error))
            is_idle = True
        if is_idle:
            stop.wait(IDLE_SECONDS)


def take_up(sessions: Sessions, stop: threading.Event) -> bool:
    """Work on the oldest job that waits, as far as it comes; whether there was one."""
    with sessions.read() as session:
        if not jobs.is_any_waiting(session, clock.now()):
            return False
    with sessions.write() as session:
        claim = jobs.claim(session, clock.now())
    if claim is None:
        return False
    for standing in job_steps.run(sessions, claim, files.records, clock.now, stop.wait):
        if stop.is_set() and standing.state not in jobs.ENDED:
            with sessions.write() as session:
                jobs.release(session, claim, clock.now())
            break
    return True


def run(settings: Settings) -> None:
    """Work until TERM or INT comes, or the process that started this one is gone.

    Raises Refused where the database is not ready.
    """
    logs.configure(settings.log_level)
    sessions = open_database(settings.database, HandOutLog(settings.hand_out_file))
    sessions.marking(keys.loader(settings.keys_file))
    problems = migrations.problems(sessions.engine)
    if problems:
        raise Refused(f"{problems[0]}: run `kustod init` first")
    upkeep.hold_clock(sessions)
    stop = _stop_on_signal()
    logs.logger().info("worker started", pid=os.getpid())
    worker = threading.Thread(target=work, args=(sessions, stop), name="jobs")
    worker.start()
    postman = threading.Thread(
        target=post, args=(sessions, settings, stop), name="mail", daemon=True
    )
    if settings.mail_server is not None:
        postman.start()
    loop(sessions, stop, (*DUTIES, announcing(settings)))
    stop.set()
    worker.join()
    if postman.is_alive():
        postman.join(FAREWELL_SECONDS)
    sessions.engine.dispose()
    logs.logger().info("worker ended", pid=os.getpid())


def loop(sessions: Sessions, stop: threading.Event, duties: Sequence[Duty] = DUTIES) -> None:
    """Do each duty when it is due, until `stop` is set; a duty that fails is tried again."""
    parent = os.getppid()
    due = dict.fromkeys(duties, 0.0)
    while not stop.is_set() and os.getppid() == parent:
        for duty in duties:
            if due[duty] <= time.monotonic() and not stop.is_set():
                perform(duty, sessions, clock.now())
                due[duty] = time.monotonic() + duty.seconds
        stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def perform(duty: Duty, sessions: Sessions, at: datetime) -> bool:
    """Do one duty; whether it went well. What goes wrong is logged, never raised."""
    try:
        duty.step(sessions, at)
    except Exception as error:  # noqa: BLE001 - one duty that fails must not stop the others
        logs.logger().warning("duty failed", duty=duty.name, **logs.failure(error))
        return False
    return True


def _stop_on_signal() -> threading.Event:
    """An event that TERM or INT sets.

    A thread waits for the signals, because a handler that sets an event in the thread that
    waits for it can meet the event's own lock.
    """
    ending = {signal.SIGTERM, signal.SIGINT}
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)

    def wait() -> None:
        signal.sigwait(ending)
        stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop
