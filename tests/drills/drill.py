"""One drill from its beginning to its verdict: the minute, or the kills, on one engine."""

import json
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from app import clock
from app.services import consistency, journal
from tests.drills import verdict
from tests.drills.forms import Form
from tests.drills.load import Load
from tests.drills.site import Site

_EVERY = 5.0
_BETWEEN_KILLS = (2.0, 4.0)
_CUT_BACKENDS = 4
"""On PostgreSQL every so many cycles its sessions are cut, and the server lives."""
_CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@dataclass
class Result:
    """What one drill came to: the row of its table, and what was wrong."""

    row: dict[str, str]
    wrong: list[str]


def minute(folder: Path, database_url: str, form: Form) -> Result:
    """Phones, two writers and an import together, for as long as the form says."""
    with _drill("minute", folder, database_url, form) as (load, report):
        load.start_import()
        until = time.monotonic() + form.seconds
        while time.monotonic() < until:
            time.sleep(min(_EVERY, until - time.monotonic()))
            report("under load")
        return _finish("minute", load, 0, report)


def kills(folder: Path, database_url: str, form: Form) -> Result:
    """The same load, while the server and one of the writers are killed again and again."""
    with _drill("kills", folder, database_url, form) as (load, report):
        load.start_import()
        if not form.kills_import:
            time.sleep(form.seconds)
            load.finish_import()
            report("imported")
        for number in range(1, form.kills + 1):
            load.site.wait()
            time.sleep(random.uniform(*_BETWEEN_KILLS))  # noqa: S311 - no secret
            if load.site.sessions.dialect == "postgresql" and number % _CUT_BACKENDS == 0:
                _cut_backends(load.site)
            else:
                load.site.kill()
                load.replace_writer(number % 2)
                load.site.serve()
            report(f"killed {number} of {form.kills}")
        load.site.wait()
        return _finish("kills", load, form.kills, report)


def _cut_backends(site: Site) -> None:
    with site.sessions.engine.connect() as connection:
        connection.execute(text(_CUT))


@contextmanager
def _drill(name: str, folder: Path, database_url: str, form: Form) -> Iterator[tuple[Load, Any]]:
    """A site under load; whatever happens, all of it is ended, at the latest by the watchdog."""
    site = Site(folder, database_url, form)
    load = Load(site, site.plan())
    began = time.monotonic()

    def report(phase: str) -> None:
        told, done = load.told, [line for line in load.lines() if "done" in line]
        longest = max((line["seconds"] for line in done), default=0)
        print(  # noqa: T201 - a drill shows how far it is
            f"{site.sessions.dialect} {name} {time.monotonic() - began:5.1f} s, {phase}: "
            f"{told.get('requests', 0)} requests, {told.get('syncs', 0)} syncs, "
            f"{told.get('busy', 0)} times busy, {told.get('cuts', 0)} cuts, "
            f"{len(done)} writes, the longest {longest:.2f} s, {load.imported()[1]} imported",
            flush=True,
        )

    def give_up() -> None:
        print(f"not over after {form.bound} s: ended", flush=True)  # noqa: T201 - a drill says why it ends
        load.end()
        site.kill()

    watchdog = threading.Timer(form.bound, give_up)
    watchdog.start()
    # The server is a group of its own: who ends the drill must not leave it behind.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        site.serve()
        load.start()
        site.wait()
        yield load, report
    finally:
        signal.signal(signal.SIGTERM, before)
        watchdog.cancel()
        load.end()
        site.stop()


def _finish(name: str, load: Load, killed: int, report: Any) -> Result:
    load.stop_writers()
    report("writers stopped")
    load.finish_import()
    report("imported")
    _let_the_clock_pass(load.site)
    seen = load.settle()
    report("settled")
    at = clock.now()
    plan = json.loads(load.plan.read_text(encoding="utf-8"))
    site, lines = load.site, load.lines()
    with site.sessions.read() as session:
        ledger = consistency.faults(session, at)
    apart = verdict.of_phones(site, plan, seen["held"], at)
    wrong = [
        *apart,
        *seen["faults"],
        *ledger,
        *verdict.of_acts(site, lines),
        *verdict.of_writers(site.form, lines, may_be_cut=bool(killed)),
        *verdict.of_import(site),
        *verdict.of_database(site),
        *verdict.of_log(site, was_cut=bool(killed)),
    ]
    return Result(_row(name, site, seen, lines, killed, apart), wrong)


def _let_the_clock_pass(site: Site) -> None:
    """Wait until no grant ends by itself any more: what is compared must stand still."""
    with site.sessions.read() as session:
        while (journal.next_instant(session, clock.now()) - clock.now()).days < 1:
            time.sleep(0.1)


def _row(
    name: str,
    site: Site,
    seen: dict[str, Any],
    lines: list[dict[str, Any]],
    killed: int,
    apart: list[str],
) -> dict[str, str]:
    waits = [line["seconds"] for line in lines if "done" in line]
    phones = site.form.users * site.form.phones_each
    return {
        "drill": f"{name}, {site.sessions.dialect}",
        "requests": str(seen["requests"]),
        "syncs": str(seen["syncs"]),
        "slowest": f"{seen['slowest']:.2f} s",
        "503": str(seen["busy"]),
        "cuts": str(seen["cuts"]),
        "writes": str(len(waits)),
        "median": f"{median(waits) * 1000:.0f} ms",
        "longest": f"{max(waits) * 1000:.0f} ms",
        "imported": str(site.form.imported),
        "kills": str(killed),
        "converged": f"{phones - len({words.partition(':')[0] for words in apart})}/{phones}",
    }


def table(rows: list[dict[str, str]]) -> str:
    """The rows under one another."""
    names = list(rows[0])
    width = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    lines = [{name: name for name in names}, *rows]
    return "\n".join("  ".join(line[name].rjust(width[name]) for name in names) for line in lines)
