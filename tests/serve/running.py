"""A real server in a process of its own, and raw sockets to talk to it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app import keys
from app.settings import DATABASE_FILE, Settings

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PATIENCE = 1.0
TIMEOUT = 120.0
_START = """
import sys
from pathlib import Path
from typing import TypeVar
from app.deadline import Patience
from app.serve import serve
from app.settings import Settings
folder, bind, with_worker, workers = sys.argv[1:]
settings = Settings(Path(folder), base_url="http://" + bind)
serve(settings, bind, int(workers), with_worker=with_worker == "yes", patience=Patience(request=%r))
"""


def instance(folder: Path, template: Path) -> Settings:
    """An initialised instance in `folder`: a migrated, empty database and keys."""
    settings = Settings(folder)
    shutil.copy(template, folder / DATABASE_FILE)
    keys.save(keys.generate(), settings.keys_file)
    return settings


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(seen: Callable[[], T | None]) -> T:
    """What `seen` returns once it returns something; fails after half a minute."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        found = seen()
        if found:
            return found
        threading.Event().wait(0.02)
    raise AssertionError(f"{seen} was not seen in {TIMEOUT} s")


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or ") Z " not in stat.read_text()


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Running:
    """One server; `stop` ends it as a service manager would."""

    def __init__(
        self,
        settings: Settings,
        *,
        with_worker: bool = False,
        cwd: Path = ROOT,
        workers: int = 1,
        patience: float = PATIENCE,
    ) -> None:
        self.port = free_port()
        self._log = settings.instance / "log.jsonl"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _START % patience,
                    str(settings.instance),
                    f"127.0.0.1:{self.port}",
                    "yes" if with_worker else "no",
                    str(workers),
                ],
                stdout=log,
                stderr=log,
                cwd=cwd,
            )
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False

    def lines(self) -> list[dict[str, object]]:
        """The log so far; every line must be JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def pids(self, event: str) -> list[int]:
        """The processes that logged this event, in order."""
        return [int(str(line["pid"])) for line in self.lines() if line["event"] == event]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)

    def get(self, path: str) -> Answer:
        return self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def send(self, raw: bytes) -> Answer:
        """Send these bytes, end the sending side, read one answer."""
        with self.connect() as client:
            try:
                client.sendall(raw)
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it may have answered and closed already
            return read(client)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)


def read(client: socket.socket) -> Answer:
    """Read one whole answer. Raises ConnectionError where the server closed without one."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(client)
    head, _, body = got.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (f.partition(": ") for f in fields)}
    while len(body) < int(headers.get("content-length", 0)):
        body += _more(client)
    return Answer(int(line.split(" ")[1]), headers, body)


def _more(client: socket.socket) -> bytes:
    data = client.recv(65536)
    if not data:
        raise ConnectionError("closed without an answer")
    return data
