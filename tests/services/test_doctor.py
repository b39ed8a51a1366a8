"""Fourteen faults put in on purpose, and the doctor's word for each of them."""

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from sqlalchemy import text

from app import clock, engines, keys
from app.db import open_database
from app.factory import create_app
from app.guard import Guard
from app.models import Heartbeat
from app.queries.outbox import MailStanding
from app.services import backups, instances, recovery
from app.services.audit import OPERATOR
from app.services.health import outside, post, probe, timekeeping
from app.services.health.check import Check
from app.services.health.examination import Surroundings, examine, free_bytes
from app.services.health.life import SILENCE, SKEW, STALE
from app.services.health.machine import LEAST_FREE
from app.services.health.probe import Seen
from app.services.recovery import Order
from app.settings import Settings
from tests.e2e.serving import serving
from tests.serve.running import free_port
from tests.services.scene import SECOND

HOUR = timedelta(hours=1)
CERTIFICATES = Path(__file__).parent / "certificates"


@dataclass
class Proxy:
    """Ends TLS in front of a portal on this machine, and may do each thing wrong."""

    inside: WSGIApplication
    headers: dict[str, str] = field(default_factory=lambda: {"PROTO": "https", "FOR": "192.0.2.9"})
    host: str = ""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "http"
        for name, value in self.headers.items():
            environ[f"HTTP_X_FORWARDED_{name}"] = value
        if self.host:
            environ["HTTP_HOST"] = self.host
        return self.inside(environ, start)


@contextmanager
def listening(app: WSGIApplication, port: int, certificate: str = "right") -> Iterator[None]:
    """Answer at https://localhost:port, or over plain http where no certificate is named."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    with serving(app, port, context):
        yield


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A fresh instance behind a proxy, and a machine that believes the authority of the tests."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
    made = Settings(
        instance=tmp_path / "instance",
        base_url=f"https://localhost:{free_port()}",
        trusted_proxies=("127.0.0.1",),
    )
    instances.init(made, clock.now())
    return made


def portal(settings: Settings) -> WSGIApplication:
    """The portal of this instance behind its guard, as `kustod serve` has it."""
    app = create_app(settings, open_database(settings.database), keys.load(settings.keys_file))
    return Guard(app, settings)


def port(settings: Settings) -> int:
    return int(settings.base_url.rpartition(":")[2])


def found(
    settings: Settings, at: datetime | None = None, free: Callable[[Path], int] = free_bytes
) -> dict[str, Check]:
    checks = examine(settings, at or clock.now(), Surroundings(free_bytes=free))
    return {check.name: check for check in checks}


def wrong(
    settings: Settings, at: datetime | None = None, free: Callable[[Path], int] = free_bytes
) -> dict[str, str]:
    return {n: c.detail for n, c in found(settings, at, free).items() if not c.is_ok}


def behind(settings: Settings, proxy: Proxy, certificate: str = "right") -> dict[str, str]:
    """What is wrong while this proxy answers."""
    with listening(proxy, port(settings), certificate):
        return wrong(settings)


def test_all_is_well_behind_a_proxy_that_does_its_work(settings: Settings) -> None:
    with listening(Proxy(portal(settings)), port(settings)):
        checks = found(settings)
    assert [name for name, check in checks.items() if not check.is_ok] == []
    assert "192.0.2.9" in checks["proxy"].detail
    assert checks["certificate"].detail.startswith("valid until 21")


def test_a_phone_that_cannot_reach_the_server_is_never_emptied(settings: Settings) -> None:
    """Nothing is wrong with an address inside the house, and it is said all the same."""
    with listening(Proxy(portal(settings)), port(settings)):
        reach = found(settings)["reach"]
    assert reach.is_note
    assert "is this machine alone" in reach.detail
    assert "a phone that cannot reach this address is never emptied" in reach.detail
    assert "without Wi-Fi" in reach.detail
    inside = outside._reach(settings, "192.168.1.4")
    assert (inside.is_note, "inside your own network" in inside.detail) == (True, True)
    assert not outside._reach(settings, "93.184.216.34").is_note


def test_1_nothing_answers_at_the_public_address(settings: Settings) -> None:
    assert "nothing answers" in wrong(settings)["reach"]
    assert "nobody knows the name" in wrong(_at(settings, "https://kustod.invalid"))["reach"]


def test_1_what_answers_speaks_no_tls(settings: Settings) -> None:
    assert "speaks no TLS" in behind(settings, Proxy(portal(settings)), "")["reach"]


def test_1_the_public_address_is_not_https(settings: Settings) -> None:
    assert "reads passwords" in wrong(_at(settings, "http://k.example.org"))["reach"]
    assert found(_at(settings, "http://127.0.0.1:8080"))["reach"].is_note


@pytest.mark.parametrize(
    ("certificate", "why"),
    [("other", "ostname mismatch"), ("expired", "expired"), ("unknown", "self-signed")],
)
def test_2_the_certificate_is_not_valid(settings: Settings, certificate: str, why: str) -> None:
    said = behind(settings, Proxy(portal(settings)), certificate)
    assert why in said["certificate"]
    assert "reach" not in said


def test_2_the_certificate_ends_soon(settings: Settings) -> None:
    with listening(Proxy(portal(settings)), port(settings)):
        reply = outside._get(settings, "/healthz")
        for days, is_soon in ((22, False), (20, True)):
            assert outside._certificate(reply, reply.ends - timedelta(days=days)).is_ok != is_soon
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    short, long = begins + timedelta(days=40), begins + timedelta(days=90)
    assert not outside.is_soon(begins, short, short - timedelta(days=11))
    assert outside.is_soon(begins, short, short - timedelta(days=9))
    assert outside.is_soon(begins, long, long - timedelta(days=20, hours=23))


def test_3_something_else_answers(settings: Settings, tmp_path: Path) -> None:
    def stranger(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<h1>It works!</h1>"]

    assert "something else answers" in behind(settings, Proxy(stranger))["portal"]
    other = replace(settings, instance=tmp_path / "other")
    instances.init(other, clock.now())
    assert "something else answers" in behind(settings, Proxy(portal(other)))["portal"]


def test_3_the_portal_behind_the_proxy_is_not_there(settings: Settings) -> None:
    def broken(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("502 Bad Gateway", [])
        return []

    assert "start `kustod serve`" in behind(settings, Proxy(broken))["portal"]


def test_4_the_proxy_is_not_believed(settings: Settings) -> None:
    unsaid = replace(settings, trusted_proxies=())
    said = behind(unsaid, Proxy(portal(unsaid)))["proxy"]
    assert "KUSTOD_TRUSTED_PROXIES=127.0.0.1" in said
    other = replace(settings, trusted_proxies=("10.0.0.7",))
    said = behind(other, Proxy(portal(other)))["proxy"]
    assert "asked by 127.0.0.1, KUSTOD_TRUSTED_PROXIES names 10.0.0.7" in said


def test_4_the_proxy_says_nothing_or_another_name(settings: Settings) -> None:
    silent = Proxy(portal(settings), headers={})
    assert "let it say the scheme" in behind(settings, silent)["proxy"]
    renaming = Proxy(portal(settings), host="127.0.0.1:8080")
    assert "let it send Host unchanged" in behind(settings, renaming)["proxy"]
    assert not outside._proxy(settings, Seen("https", "localhost", "192.0.2.9")).is_ok


def test_5_the_clock_was_set_back(settings: Settings) -> None:
    at = clock.now()
    _beat(settings, at + SKEW + SECOND)
    assert "set back" in wrong(settings, at)["clock"]


def test_6_the_disk_is_full(settings: Settings) -> None:
    assert "MB are free" in wrong(settings, free=lambda _: LEAST_FREE - 1)["disk"]
    assert "disk" not in wrong(settings, free=lambda _: LEAST_FREE)


def test_7_others_may_read_the_secrets(settings: Settings) -> None:
    settings.keys_file.chmod(0o644)
    assert f"chmod 600 {settings.keys_file}" in wrong(settings)["keys"]
    settings.instance.chmod(0o755)
    (settings.instance / "kustod.db").chmod(0o644)
    assert "chmod 600" in wrong(settings)["files"]


def test_8_the_worker_is_silent(settings: Settings) -> None:
    at = clock.now()
    _beat(settings, at - SILENCE)
    assert "worker" not in wrong(settings, at)
    assert "silent since" in wrong(settings, at + SECOND)["worker"]


def test_9_the_mail_server_does_not_take_mail(settings: Settings) -> None:
    assert found(settings)["mail"].is_note
    port, sender = str(free_port()), "kustod@example.org"
    mailing = replace(
        settings, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", smtp_from=sender
    )
    assert f"127.0.0.1:{port} does not take mail from us" in wrong(mailing)["mail"]


def test_9_mail_waits_for_too_long(settings: Settings) -> None:
    at = clock.now()
    mailing = replace(settings, smtp_host="mail.example.org", smtp_from="kustod@example.org")
    for age, is_ok in ((post.PATIENCE, True), (post.PATIENCE + SECOND, False)):
        standing = MailStanding(2, at - age, 0, None, "450 come back later")
        check = post.look(standing, mailing, at, lambda _: None)
        assert check.is_ok == is_ok
        assert ("2 wait, the oldest since" in check.detail) != is_ok
    nothing = MailStanding(0, None, 0, None, "")
    assert "lets us in" in post.look(nothing, mailing, at, lambda _: None).detail


def test_10_migrations_are_pending(settings: Settings) -> None:
    opened = open_database(settings.database)
    with opened.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    opened.engine.dispose()
    assert wrong(settings)["schema"].endswith("run `kustod init`")


def test_11_this_sqlite_can_corrupt_the_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "is_safe_sqlite", lambda _: False)
    assert "PostgreSQL" in wrong(settings)["database"]


def test_12_nobody_keeps_the_clock_right(settings: Settings) -> None:
    around = Surroundings(is_clock_kept=lambda: False)
    (check,) = [one for one in examine(settings, clock.now(), around) if one.name == "time"]
    assert check == timekeeping.look(kept=False)
    for kept, words in ((False, "systemd-timesyncd"), (None, "does not say"), (True, "")):
        check = timekeeping.look(kept)
        assert (check.is_ok, check.is_note) == (True, not kept)
        assert words in check.detail
    assert timekeeping.is_kept() in {True, False, None}


def test_13_no_backup_was_made_lately(settings: Settings, tmp_path: Path) -> None:
    begun = clock.now()
    assert found(settings, begun + STALE - HOUR)["backup"].is_note
    assert "none was ever made" in wrong(settings, begun + STALE + HOUR)["backup"]
    opened = open_database(settings.database)
    backups.make(settings, opened, tmp_path / "b", begun, None, lambda _: None)
    opened.engine.dispose()
    assert "backup" not in wrong(settings, begun + STALE)
    said = wrong(settings, begun + STALE + SECOND)["backup"]
    assert f"the last one was made at {begun:%Y-%m-%d %H:%M}Z" in said
    assert "kustod-backup.timer" in said


def test_14_nobody_has_looked_since_the_restore(settings: Settings, tmp_path: Path) -> None:
    made, at = clock.now(), clock.now() + HOUR
    opened = open_database(settings.database)
    backups.make(settings, opened, tmp_path / "b", made, None, lambda _: None)
    opened.engine.dispose()
    there = replace(settings, instance=tmp_path / "there")
    recovery.restore(there, Order(tmp_path / "b"), at, lambda _: None)
    said = wrong(there, at)["restore"]
    assert f"as it was at {made:%Y-%m-%d %H:%M}Z" in said
    assert "STAND OPEN AGAIN" in said
    opened = open_database(there.database)
    with opened.write() as session:
        instances.look_after_restore(session, OPERATOR, at + SECOND)
    opened.engine.dispose()
    assert "restore" not in wrong(there, at + HOUR)
    assert "restore" not in found(settings, at)


def test_only_who_holds_the_keys_may_ask_and_answer(settings: Settings) -> None:
    ring, stranger = keys.load(settings.keys_file), keys.generate()
    question, seen = probe.ask(ring), Seen("https", "k.example.org", "192.0.2.9")
    assert probe.may_ask(ring, question)
    for other in ("", "x" * 64, question[:-1] + "g", "0" * 64, probe.ask(stranger)):
        assert not probe.may_ask(ring, other)
    told = probe.answer(ring, question, seen).encode()
    assert probe.read(ring, question, told) == seen
    assert probe.read(ring, probe.ask(ring), told) is None
    assert probe.read(ring, question, told.replace(b"https", b"http")) is None
    for nothing in (b"", b"[]", b"{}", b'{"seen": "{}", "proof": "x"}', b"\xff"):
        assert probe.read(ring, question, nothing) is None


def _at(settings: Settings, address: str) -> Settings:
    return replace(settings, base_url=address)


def _beat(settings: Settings, at: datetime) -> None:
    opened = open_database(settings.database)
    with opened.write() as session:
        session.add(Heartbeat(name="worker", at=at))
    opened.engine.dispose()
