"""Mail through a real server on loopback: once, refused, later, encrypted."""

import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import logs, mail, worker
from app.db import Sessions
from app.letters import Letter
from app.mail import Undelivered
from app.models import AuditEvent, Organisation, OutboxMessage
from app.queries import outbox as readers
from app.queries.outbox import MessageState
from app.services import outbox, posting
from app.services.audit import OPERATOR
from app.services.outbox import Cause
from app.settings import MailServer, Settings
from tests import factories as make
from tests.factories import NOON
from tests.mail.postbox import Postbox, serving, settings, trusting

# Its own warning: behind a line that is encrypted from the first byte on, nothing is in the clear.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

LETTER = Letter("Přístup končí", "Dobrý den,\n\nkončí.\n", "<p>Dobrý den,</p>", "cs")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def written(sessions: Sessions, at: datetime = NOON, name: str = "Eva Nováková") -> str:
    """A message in the outbox, and its name."""
    with sessions.write() as session:
        if session.scalar(select(Organisation)) is None:
            session.add(Organisation(name="Stavby Morava", help_email="pomoc@example.org"))
        user = make.user(session, name)
        row = outbox.write(session, user, LETTER, Cause("test"), at)
        return row.public_id


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def line(sessions: Sessions, name: str) -> readers.MessageLine:
    with sessions.read() as session:
        found = readers.one(session, name)
    assert found is not None
    return found.line


def test_a_message_arrives_as_it_was_written(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sessions)
    with serving(postbox, tmp_path) as to:
        assert posting.send_next(sessions, to, at(NOON))
        assert not posting.send_next(sessions, to, at(NOON + MINUTE))
    (message,) = postbox.received
    assert message["Subject"] == "Přístup končí"
    assert message["From"] == "Stavby Morava <kontakty@example.org>"
    assert message["Reply-To"] == "pomoc@example.org"
    assert message["Message-ID"] == f"<{name}@kontakty.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    assert parts["text/plain"].replace("\r\n", "\n") == LETTER.text
    assert "<p>Dobrý den,</p>" in parts["text/html"]
    found = line(sessions, name)
    assert postbox.recipients == [found.to]
    assert (found.state, found.ended_at, found.tries) == (MessageState.SENT, NOON, 1)
    with sessions.read() as session:
        acts = session.scalars(select(AuditEvent.action)).all()
    assert acts == ["message.sent"]


def test_two_workers_deliver_each_message_once(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    names = [written(sessions) for _ in range(10)]
    together = threading.Barrier(2)

    def send(to: Settings) -> None:
        together.wait()
        while posting.send_next(sessions, to, at(NOON)):
            pass

    with serving(postbox, tmp_path) as to:
        workers = [threading.Thread(target=send, args=(to,)) for _ in range(2)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        while posting.send_next(sessions, to, at(NOON)):
            pass
    ids = sorted(message["Message-ID"] for message in postbox.received)
    assert ids == sorted(f"<{name}@kontakty.example.org>" for name in names)


def test_a_message_that_is_being_sent_is_nobody_elses(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    written(sessions)
    seconds: list[bool] = []

    def slow(server: MailServer, message: EmailMessage) -> None:
        seconds.append(posting.send_next(sessions, to, at(NOON)))
        mail.deliver(server, message)

    with serving(postbox, tmp_path) as to:
        assert posting.send_next(sessions, to, at(NOON), slow)
    assert seconds == [False]
    assert len(postbox.received) == 1


def test_a_message_whose_worker_died_is_sent_again_under_the_same_name(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sessions)
    with sessions.write() as session:
        dead = outbox.claim(session, NOON)
    assert dead is not None
    with serving(postbox, tmp_path) as to:
        assert not posting.send_next(sessions, to, at(NOON + outbox.LEASE - MINUTE))
        assert posting.send_next(sessions, to, at(NOON + outbox.LEASE))
    assert [m["Message-ID"] for m in postbox.received] == [f"<{name}@kontakty.example.org>"]
    with sessions.write() as session:
        late = NOON + outbox.LEASE + MINUTE
        outbox.not_sent(session, dead, "too late", late, is_final=True)
    assert line(sessions, name).state is MessageState.SENT


def test_who_lost_his_claim_says_nothing_of_the_message_any_more(sessions: Sessions) -> None:
    name = written(sessions)
    with sessions.write() as session:
        dead = outbox.claim(session, NOON)
    with sessions.write() as session:
        assert outbox.claim(session, NOON + outbox.LEASE) is not None
    assert dead is not None
    with sessions.write() as session:
        outbox.not_sent(session, dead, "too late", NOON, is_final=True)
    assert line(sessions, name).state is MessageState.WAITING


def test_a_refused_message_has_failed_with_the_servers_words(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sessions)
    postbox.to_recipient = ["550 5.1.1 no such mailbox here"]
    with serving(postbox, tmp_path) as to:
        assert posting.send_next(sessions, to, at(NOON))
        assert not posting.send_next(sessions, to, at(NOON + timedelta(days=7)))
    found = line(sessions, name)
    assert (found.state, found.problem) == (
        MessageState.FAILED, "550 5.1.1 no such mailbox here",
    )  # fmt: skip
    assert postbox.received == []


def test_a_message_that_the_server_finds_wrong_has_failed(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sessions)
    postbox.to_message = ["554 5.7.1 looks like spam"]
    with serving(postbox, tmp_path) as to:
        posting.send_next(sessions, to, at(NOON))
    found = line(sessions, name)
    assert (found.state, found.problem) == (MessageState.FAILED, "554 5.7.1 looks like spam")


@pytest.mark.parametrize("where", ["to_recipient", "to_message"])
def test_a_server_that_is_busy_is_asked_again_later(
    sessions: Sessions, postbox: Postbox, tmp_path: Path, where: str
) -> None:
    name = written(sessions)
    setattr(postbox, where, ["451 4.3.0 come back later"])
    with serving(postbox, tmp_path) as to:
        assert posting.send_next(sessions, to, at(NOON))
        found = line(sessions, name)
        assert (found.state, found.problem, found.next_try_at) == (
            MessageState.WAITING, "451 4.3.0 come back later", NOON + outbox.WAITS[0],
        )  # fmt: skip
        assert not posting.send_next(sessions, to, at(NOON + outbox.WAITS[0] - MINUTE / 2))
        assert posting.send_next(sessions, to, at(NOON + outbox.WAITS[0]))
    found = line(sessions, name)
    assert (found.state, found.problem, found.tries) == (MessageState.SENT, "", 2)


def test_a_server_that_is_not_there_is_asked_for_some_days(
    sessions: Sessions, tmp_path: Path
) -> None:
    name, now = written(sessions), NOON
    with socket.socket() as taken:
        # Bound and never listening: nothing can answer at this port.
        taken.bind(("127.0.0.1", 0))
        to = settings(tmp_path, taken.getsockname()[1])
        for _ in outbox.WAITS:
            assert posting.send_next(sessions, to, at(now))
            now = line(sessions, name).next_try_at
            assert line(sessions, name).state is MessageState.WAITING
        assert posting.send_next(sessions, to, at(now))
    found = line(sessions, name)
    assert found.state is MessageState.FAILED
    assert "refused" in found.problem
    assert timedelta(days=1) < now - NOON < timedelta(days=3)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_encrypted_to_a_server_that_proves_who_it_is(
    sqlite: Sessions, postbox: Postbox, tmp_path: Path, security: str
) -> None:
    name = written(sqlite)
    with serving(postbox, tmp_path, security) as to:
        server = to.mail_server
        assert server is not None
        mail.try_out(server, trusting())
        assert posting.send_next(sqlite, to, at(NOON), partial(mail.deliver, context=trusting()))
    assert postbox.was_encrypted == [True]
    assert line(sqlite, name).state is MessageState.SENT


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    sqlite: Sessions, postbox: Postbox, tmp_path: Path, security: str
) -> None:
    name = written(sqlite)
    with serving(postbox, tmp_path, security) as to:
        posting.send_next(sqlite, to, at(NOON))
    found = line(sqlite, name)
    assert found.state is MessageState.WAITING
    assert "CERTIFICATE_VERIFY_FAILED" in found.problem
    assert postbox.received == []


def test_a_wrong_password_is_named_and_can_be_mended(
    sqlite: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sqlite)
    with serving(postbox, tmp_path, "tls") as to:
        wrong = settings(tmp_path, int(to.smtp_port), "tls", password="another one")
        server = wrong.mail_server
        assert server is not None
        deliver = partial(mail.deliver, context=trusting())
        posting.send_next(sqlite, wrong, at(NOON), deliver)
        found = line(sqlite, name)
        assert found.state is MessageState.WAITING
        assert found.problem.startswith("535")
        with pytest.raises(Undelivered, match="535"):
            mail.try_out(server, trusting())
        posting.send_next(sqlite, to, at(found.next_try_at), deliver)
    assert line(sqlite, name).state is MessageState.SENT


def test_nothing_of_a_password_or_an_address_is_shown_or_logged(
    sqlite: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = settings(tmp_path, 9, "tls")
    assert to.smtp_password not in repr(to) + repr(to.mail_server)
    written(sqlite)
    stop = threading.Event()

    def fail(*_: object) -> bool:
        stop.set()
        raise ValueError(f"{to.smtp_password} eva@example.org")

    monkeypatch.setattr(posting, "send_next", fail)
    stream = StringIO()
    logs.configure("info", stream)
    worker.post(sqlite, to, stop)
    logs.configure("info")
    assert "mail failed" in stream.getvalue()
    assert to.smtp_password not in stream.getvalue()
    assert "eva@" not in stream.getvalue()


def test_without_a_mail_server_messages_stay(sessions: Sessions, tmp_path: Path) -> None:
    name = written(sessions)
    assert not posting.send_next(sessions, Settings(instance=tmp_path), at(NOON))
    found = line(sessions, name)
    assert (found.state, found.tries) == (MessageState.WAITING, 0)


def test_an_address_that_is_none_fails_without_a_server(sqlite: Sessions, tmp_path: Path) -> None:
    name = written(sqlite)
    with sqlite.write() as session:
        session.scalars(select(OutboxMessage)).one().to = "nobody"
    posting.send_next(sqlite, settings(tmp_path, 9), at(NOON))
    found = line(sqlite, name)
    assert found.state is MessageState.FAILED
    assert "address" in found.problem


def test_a_cancelled_message_stays_and_can_be_sent_after_all(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    name = written(sessions)
    _each(sessions, lambda session: outbox.cancel(session, OPERATOR, name, NOON))
    assert line(sessions, name).state is MessageState.CANCELLED
    with serving(postbox, tmp_path) as to:
        assert not posting.send_next(sessions, to, at(NOON))
        _each(sessions, lambda session: outbox.again(session, OPERATOR, name, NOON))
        assert posting.send_next(sessions, to, at(NOON))
    assert line(sessions, name).state is MessageState.SENT


def test_what_a_message_said_is_erased_and_an_old_one_never_sent(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    old = written(sessions)
    young = written(sessions, NOON + MINUTE)
    late = NOON + outbox.KEPT
    _each(sessions, lambda session: outbox.erase(session, late))
    with sessions.read() as session:
        found = readers.one(session, old)
        assert found is not None
        assert (found.text, found.html, found.line.erased_at) == ("", "", late)
        assert readers.counts(session) == {
            MessageState.WAITING: 1, MessageState.FAILED: 0,
            MessageState.SENT: 0, MessageState.CANCELLED: 1,
        }  # fmt: skip
    with serving(postbox, tmp_path) as to:
        while posting.send_next(sessions, to, at(late)):
            pass
    assert [m["Message-ID"] for m in postbox.received] == [f"<{young}@kontakty.example.org>"]


def test_how_mail_stands_is_told_in_numbers(
    sessions: Sessions, postbox: Postbox, tmp_path: Path
) -> None:
    for minutes in range(3):
        written(sessions, NOON + minutes * MINUTE)
    postbox.to_recipient = ["550 no", "451 later"]
    with serving(postbox, tmp_path) as to:
        for _ in range(3):
            posting.send_next(sessions, to, at(NOON + 5 * MINUTE))
    with sessions.read() as session:
        assert readers.standing(session) == readers.MailStanding(
            waiting=1,
            oldest_waiting_at=NOON + MINUTE,
            failed=1,
            last_sent_at=NOON + 5 * MINUTE,
            last_problem="451 later",
        )


def _each(sessions: Sessions, act: Callable[[Session], object]) -> None:
    """Twice, because nothing changes with the second time."""
    for _ in range(2):
        with sessions.write() as session:
            act(session)
