"""An organisation full of canaries behind a real server: what must never come out says who hid it.

Eva's phone may have the cards named SEEN, as callers. Cards named DESK she sees in the portal only,
HIDDEN ones belong to Jan, GONE ones were taken back; FIELD stands in fields no phone of hers gets.
A directory and a project of her own she may change as she likes. Olga oversees all and sees none.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app import clock, keys
from app.cards.text import folded
from app.db import Sessions, open_database
from app.models import Contact, ContactPoint, Directory, Organisation, User, UserRole
from app.models.accounts import RoleName
from app.models.kinds import PointKind
from app.services import devices, migrations, sessions
from app.services.audit import OPERATOR
from app.settings import Settings
from app.web import csrf
from tests import factories as make
from tests.chain.conftest import OverHttp
from tests.hostile.wire import exchange, free_port, statuses
from tests.serve.running import TIMEOUT, until

SEEN, DESK, HIDDEN, GONE, FIELD = "zkrseen", "zkrdesk", "zkrhidden", "zkrgone", "zkrfield"
HELP = "kustod-help"
EACH = 5


@dataclass(frozen=True)
class Login:
    """A device: its name, its owner's address, its app password."""

    device: str
    email: str
    password: str


@dataclass
class Cast:
    """Who is there, with every secret and every public name."""

    eva: Login
    jan: Login
    walker: Login
    spares: list[Login]
    session: str = ""
    jans_session: str = ""
    olgas_session: str = ""
    form_token: str = ""
    user_id: int = 0
    ids: dict[str, list[str]] = field(default_factory=dict)
    directories: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        logins = [self.eva, self.jan, self.walker, *self.spares]
        return [login.password for login in logins] + [
            *(self.session or "-" * 9, self.jans_session, self.olgas_session)
        ]


def found(settings: Settings) -> Cast:
    """Fill a migrated database, and say who is in it."""
    opened = open_database(settings.database)
    with opened.write() as session:
        cast = _people(session, opened, keys.load(settings.keys_file))
    opened.engine.dispose()
    return cast


def instance(folder: Path) -> Settings:
    """A migrated, empty instance in `folder`."""
    settings = Settings(folder)
    keys.save(keys.generate(), settings.keys_file)
    opened = open_database(settings.database)
    migrations.upgrade(opened.engine)
    opened.engine.dispose()
    return settings


def _people(session: Session, opened: Sessions, ring: keys.KeyRing) -> Cast:
    session.add(Organisation(id=1, name="Stavby Morava", help_email="pomoc@example.org"))
    eva, jan = make.user(session), make.user(session, "Jan Dvořák")
    session.add_all([make.login_name(eva), make.login_name(jan)])
    phones, desk, elsewhere = (make.directory(session) for _ in range(3))
    make.grant(session, phones, eva)
    make.grant(session, desk, eva, can="read")
    make.grant(session, elsewhere, jan, can="read,sync,manage")
    now = clock.now()
    make.grant(session, elsewhere, eva, end=now - timedelta(days=1))
    ids = {
        SEEN: _contacts(session, phones, SEEN),
        DESK: _contacts(session, desk, DESK),
        HIDDEN: _contacts(session, elsewhere, HIDDEN),
        GONE: _contacts(session, phones, GONE),
    }
    for row in session.query(Contact).filter(Contact.public_id.in_(ids[GONE])):
        row.erased_at = now
    olga = make.user(session, "Olga Králová")
    roles = (RoleName.OWNER, RoleName.ADMIN, RoleName.DPO)
    session.add_all([UserRole(user_id=olga.id, role=role) for role in roles])
    project, team = make.project(session), make.team(session, jan)
    make.member(session, project, eva).is_lead = True
    own = make.directory(session)
    make.grant(session, own, eva, can="read,edit,sync,export,manage")
    for number in range(EACH):
        make.contact(session, own, f"Petr Vlastní{number}")
    logins = [_login(session, eva, ring) for _ in range(6)]
    return Cast(
        eva=logins[0],
        walker=logins[1],
        spares=logins[2:],
        jan=_login(session, jan, ring),
        olgas_session=sessions.sign_in(session, olga.id, "hostile", now),
        directories=[home.slug for home in (own, own, own, phones, desk, elsewhere)],
        projects=[project.slug],
        teams=[team.slug],
        jans_session=sessions.sign_in(session, jan.id, "hostile", now),
        user_id=eva.id,
        ids=ids,
    )


def _contacts(session: Session, home: Directory, canary: str) -> list[str]:
    rows = [make.contact(session, home, f"Karel {canary}{n}") for n in range(EACH)]
    for number, row in enumerate(rows):
        row.note = f"{FIELD} {canary}"
        row.search = folded(row.full_name)
        mail = f"{FIELD}{canary}{number}@example.org"
        session.add(ContactPoint(contact_id=row.id, kind=PointKind.EMAIL, value=mail, norm=mail))
    return [row.public_id for row in rows]


def _login(session: Session, of: User, ring: keys.KeyRing) -> Login:
    row, password = devices.enrol(session, OPERATOR, of.id, "Phone", ring, clock.now())
    return Login(row.public_id, of.email, password)


@dataclass
class Server:
    """`kustod serve` on an instance of its own, and its people."""

    settings: Settings
    cast: Cast
    port: int
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        """All that it has logged so far."""
        return (self.settings.instance / "log.jsonl").read_text("utf-8", "replace")

    def keep_signed_in(self) -> None:
        """Sign Eva in, first of all or again, and remember the proof that her forms carry."""
        page = f"GET /account HTTP/1.1\r\nHost: localhost\r\nCookie: kustod-dev={self.cast.session}"
        if statuses(exchange(self.port, f"{page}\r\n\r\n".encode()), "GET") == [200]:
            return
        opened = open_database(self.settings.database)
        with opened.write() as session:
            self.cast.session = sessions.sign_in(session, self.cast.user_id, "hostile", clock.now())
        opened.engine.dispose()
        self.cast.form_token = csrf.token(keys.load(self.settings.keys_file), self.cast.session)

    def phone(self, login: Login) -> OverHttp:
        """A well-behaved client of one device."""
        made = OverHttp(lambda *_: (), login.email, login.password, device=login.device)
        made.port = self.port
        return made

    def wanted(self) -> set[str]:
        """The names that Eva's phones must show."""
        return {f"Karel {SEEN}{number}" for number in range(EACH)}

    def memory_mb(self) -> list[float]:
        """What each of its processes has resident, in megabytes."""
        family, resident = [self.process.pid], []
        for pid in family:
            try:
                family += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
                status = Path(f"/proc/{pid}/status").read_text()
            except FileNotFoundError:
                continue  # it ended just now
            resident += [int(kb) / 1024 for kb in re.findall(r"VmRSS:\s+(\d+)", status)]
        return resident


@contextmanager
def serving(settings: Settings, workers: int = 2) -> Iterator[Server]:
    """Run the console script's `serve`, as an operator would; end it as he would."""
    cast, port = found(settings), free_port()
    bind = f"127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("kustod")), "serve", "--bind", bind]
    environ = {
        **os.environ,  # noqa: TID251 - the command needs the rest of the environment
        "KUSTOD_INSTANCE": str(settings.instance),
        "KUSTOD_BASE_URL": f"http://{bind}",
    }
    with (settings.instance / "log.jsonl").open("w") as log:
        process = subprocess.Popen(
            [*command, "--workers", str(workers)], env=environ, stdout=log, stderr=log
        )
    server = Server(settings, cast, port, process)
    try:
        until(lambda: _answers(server))
        yield server
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def _answers(server: Server) -> bool:
    assert server.process.poll() is None, server.log
    try:
        got = exchange(server.port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    except OSError:
        return False
    return statuses(got, "GET") == [200]
