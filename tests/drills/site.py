"""The instance of a drill: an organisation with its phones, and the real server over it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import clock, keys
from app.cards.card import Draft, Point
from app.db import Sessions, open_database
from app.services import accounts, contacts, devices, directories, grants, instances, projects
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.directories import NewDirectory
from app.services.grants import Holder, Terms
from app.services.projects import NewProject
from app.settings import Settings
from tests.drills.forms import BULK_KINDS, KINDS, Form
from tests.serve.running import ROOT, until

HOMES = ("firms", "suppliers")
BULK = "bulk"
"""Where the import goes; the phones of the last user alone get it."""


@dataclass
class Site:
    """One instance in a folder of its own, on one engine."""

    folder: Path
    database_url: str
    form: Form
    port: int = 0
    sessions: Sessions = field(init=False)
    server: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.settings = Settings(
            self.folder,
            base_url=f"http://127.0.0.1:{self.port}",
            bind=f"127.0.0.1:{self.port}",
            database_url=self.database_url,
        )
        instances.init(self.settings, clock.now())
        self.sessions = open_database(self.settings.database)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the command."""
        return {
            **os.environ,  # noqa: TID251 - the command needs the rest of the environment
            "KUSTOD_INSTANCE": str(self.folder),
            "KUSTOD_BIND": self.settings.bind,
            "KUSTOD_BASE_URL": self.settings.base_url,
            "KUSTOD_DATABASE_URL": self.database_url,
        }

    @property
    def log(self) -> Path:
        """What every server of this site wrote, one after the other."""
        return self.folder / "server.log"

    def command(self, *words: str) -> list[str]:
        """The words of one `kustod` command."""
        return [str(Path(sys.executable).with_name("kustod")), *words]

    def plan(self) -> Path:
        """Fill the instance and write down what phones and writers need to know of it."""
        with self.sessions.write() as session:
            plan = _people(session, self)
        path = self.folder / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        return path

    def serve(self) -> None:
        """Start the server in a process group of its own."""
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                self.command("serve"),
                env=self.environ,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until the server answers."""
        until(self._answers)

    def _answers(self) -> bool:
        assert self.server is not None
        assert self.server.poll() is None, self.log.read_text()[-3000:]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    def stop(self) -> None:
        """End the server as a service manager would, and close the database."""
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            self.server.wait(30)
        self.sessions.engine.dispose()


def _people(session: Session, site: Site) -> dict[str, Any]:
    at, form = clock.now(), site.form
    owner = NewUser("olga@example.org", "Olga Malá", ("owner",))
    accounts.add_user(session, OPERATOR, owner, at)
    homes = [_home(session, slug) for slug in (*HOMES, BULK)]
    users = [_user(session, number) for number in range(form.users)]
    there = [_contact(session, homes[n % len(HOMES)], n) for n in range(form.cards)]
    bridge = projects.add(session, OPERATOR, NewProject("most", "Most", allows_sync=True), at).id
    for contact_id in there[:: len(there) // 20 or 1]:
        projects.set_contact(session, OPERATOR, bridge, contact_id, at)
    terms = Terms(("read", "sync"))
    for number, user in enumerate(users):
        home = homes[number % len(HOMES)]
        grants.give(session, OPERATOR, home, Holder(user_id=user), terms, at)
    grants.give(session, OPERATOR, homes[-1], Holder(user_id=users[-1]), terms, at)
    return {
        "database": site.settings.database,
        "port": site.port,
        "users": users,
        "directories": homes[: len(HOMES)],
        "project": bridge,
        "pause": form.pause,
        "writes_each": form.writes_each,
        "phones": _phones(session, site, users),
    }


def _home(session: Session, slug: str) -> int:
    new = NewDirectory(slug, slug.title(), "suppliers")
    return directories.add(session, OPERATOR, new, clock.now()).id


def _user(session: Session, number: int) -> int:
    new = NewUser(f"user{number}@example.org", f"User {number}")
    return accounts.add_user(session, OPERATOR, new, clock.now()).id


def _contact(session: Session, home: int, number: int) -> int:
    draft = Draft(
        given="Karel",
        family=f"Novák{number}",
        organisation=f"Firma {number}",
        phones=(Point(f"+420 605 {number:06}", "cell"),),
    )
    return contacts.add(session, OPERATOR, home, NewContact(draft, "x"), clock.now()).contact.id


def _phones(session: Session, site: Site, users: list[int]) -> list[dict[str, str]]:
    ring, found = keys.load(site.settings.keys_file), []
    for number, user in enumerate(users):
        kinds = BULK_KINDS if user == users[-1] else KINDS
        for turn in range(site.form.phones_each):
            kind = kinds[turn % len(kinds)]
            device, password = devices.enrol(
                session, OPERATOR, user, f"{kind} {turn}", ring, clock.now()
            )
            login = f"user{number}@example.org"
            entry = {"device": device.public_id, "login": login, "password": password}
            found.append({**entry, "kind": kind.value})
    return found
