"""Pages asked for in this process: milliseconds, processor, statements."""

import json
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from werkzeug.test import Client

from app import clock, keys
from app.db import Sessions
from app.factory import create_app
from app.guard import Guard
from app.services import sessions as signing
from app.settings import Settings

GOAL = {"devices": 50, "overview": 50, "directories": 50, "projects": 50, "contact": 50}


OK = 200


_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Rooms:
    """The application with a browser in front of it."""

    sessions: Sessions
    client: Client
    statements: list[tuple[str, float]] = field(default_factory=list)
    explains: bool = False

    def get(self, path: str) -> str:
        """A page. Raises AssertionError where it is none."""
        found = self.client.get(path, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def post(self, path: str, data: dict[str, str]) -> str:
        """A page that answers a form. Raises AssertionError where it is none."""
        found = self.client.post(path, data=data, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def sign_in(self, user_id: int) -> None:
        """Be this user from now on."""
        with self.sessions.write() as session:
            token = signing.sign_in(session, user_id, "benchmark", clock.now())
        self.client.set_cookie("kustod-dev", token, domain="127.0.0.1")

    def note(self, connection: Connection, statement: str, parameters: object) -> None:
        """Count a statement, and how long the server of PostgreSQL works for it."""
        spent = 0.0
        if self.explains and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            driver: Any = connection.connection.dbapi_connection
            with driver.cursor() as cursor:
                cursor.execute(
                    "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement, parameters
                )
                found = cursor.fetchone()[0]
            (plan,) = json.loads(found) if isinstance(found, str) else found
            spent = plan["Planning Time"] + plan["Execution Time"]
        self.statements.append((statement, spent))


def opened(sessions: Sessions, folder: str) -> Rooms:
    """The portal over this database."""
    settings = Settings(Path(folder))
    app = create_app(settings, sessions, keys.generate())
    rooms = Rooms(sessions, Client(Guard(app, settings)))

    def counted(
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: object,
        _context: object,
        _many: object,
    ) -> None:
        rooms.note(connection, statement, parameters)

    event.listen(sessions.engine, "before_cursor_execute", counted)
    return rooms


@dataclass(frozen=True)
class Room:
    """A page under a name: who opens it, at which address, with which form."""

    name: str
    who: int
    path: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def goal(self) -> int:
        """How much processor it may take, in milliseconds."""
        return GOAL.get(self.name.split(maxsplit=1)[0].rstrip(":,"), 200)


def measure(rooms: Rooms, room: Room, rounds: int, *, server: bool) -> None:
    """Print the line of a page; a slow one is asked for less often."""
    rooms.sign_in(room.who)
    form = dict(room.form)
    if form:
        found = _TOKEN.search(rooms.get(room.path))
        assert found is not None
        form["csrf_token"] = found.group(1)

    def ask() -> str:
        return rooms.post(room.path, form) if form else rooms.get(room.path)

    began = time.perf_counter()
    body = ask()
    first = time.perf_counter() - began
    walls, busy = [], []
    for _ in range(max(3, min(rounds, int(4 / first)))):
        rooms.statements.clear()
        began, spent = time.perf_counter(), time.process_time()
        ask()
        busy.append((time.process_time() - spent) * 1e3)
        walls.append((time.perf_counter() - began) * 1e3)
    count, work = len(rooms.statements), ""
    if server and rooms.sessions.dialect == "postgresql":
        rooms.explains = True
        rooms.statements.clear()
        ask()
        rooms.explains = False
        work = f"{sum(spent for _, spent in rooms.statements):>8.1f} ms"
    own = statistics.median(busy)
    print(
        f"{room.name:<30}{statistics.median(walls):>8.1f} ms{_p95(walls):>8.1f} ms{own:>8.1f} ms"
        f"{count:>6}{len(body) // 1024:>7} kB{work}{'' if own <= room.goal else '  over'}",
        flush=True,
    )


def _p95(walls: list[float]) -> float:
    return statistics.quantiles(walls, n=20, method="inclusive")[-1]
