"""One phone's line to the server: HTTP that is kept alive, repeated after 503 and after a cut.

What a client must never be shown is written down in the tally, not raised: the drill goes on
and tells all of it at the end.
"""

import base64
import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.davclient import Response

_TIMEOUT = 30
_TRIES = 200
_CUT_PAUSE = 0.5


@dataclass
class Tally:
    """What all phones of a drill saw together."""

    requests: int = 0
    syncs: int = 0
    busy: int = 0
    cuts: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, **more: int) -> None:
        """Add to the counts named."""
        with self._lock:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)

    def took(self, seconds: float) -> None:
        """Keep the longest time that one answer took."""
        with self._lock:
            self.slowest = max(self.slowest, seconds)

    def blame(self, words: str) -> None:
        """Note what a client must never be shown."""
        with self._lock:
            self.faults.append(words)

    def told(self) -> dict[str, Any]:
        """The counts so far."""
        with self._lock:
            found = {f: getattr(self, f) for f in ("requests", "syncs", "busy", "cuts", "slowest")}
            return {**found, "faults": list(self.faults)}


@dataclass
class Line:
    """A connection of one device, opened again whenever the server has gone."""

    port: int
    login: str
    password: str
    user_agent: str
    tally: Tally
    _connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str, depth: str) -> Response:
        """The answer to one request, repeated while the server is busy or gone."""
        for _ in range(_TRIES):
            try:
                answer = self._once(method, path, body, depth)
            except (OSError, http.client.HTTPException):
                self._hang_up()
                self.tally.count(cuts=1)
                time.sleep(_CUT_PAUSE)
                continue
            if answer.status != http.client.SERVICE_UNAVAILABLE:
                return answer
            self._wait(answer)
        raise TimeoutError(f"{method} was not answered in {_TRIES} tries")

    def _once(self, method: str, path: str, body: str, depth: str) -> Response:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT)
        pair = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "User-Agent": self.user_agent, "Depth": depth}
        began = time.monotonic()
        self._connection.request(method, quote(path, safe="/%:@"), body.encode(), headers)
        answer = self._connection.getresponse()
        response = Response(answer.status, dict(answer.getheaders()), answer.read())
        self.tally.count(requests=1)
        self.tally.took(time.monotonic() - began)
        if answer.status not in {207, 503}:
            self.tally.blame(f"{method} depth {depth}: {answer.status} {response.body[:200]!r}")
        return response

    def _wait(self, answer: Response) -> None:
        self.tally.count(busy=1)
        seconds = answer.headers.get("Retry-After", "")
        if not seconds.isdigit():
            self.tally.blame("503 without Retry-After")
        time.sleep(float(seconds or 1))

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
