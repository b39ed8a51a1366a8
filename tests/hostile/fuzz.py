"""`make fuzz`: hostile requests against a real server for as long as you like.

python -m tests.hostile.fuzz --seconds 600 [--seed N] [--connections 3] [--crashers FOLDER]
Ends with 1 where anything was found; the exact bytes are then in the folder of crashers.
"""

import argparse
import hashlib
import json
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

from tests.hostile import judges
from tests.hostile.grammar import Grammar, Sent
from tests.hostile.wire import TIMEOUT, exchange, statuses
from tests.hostile.world import Server, instance, serving

SLOW_SECONDS = 2.0
GROWTH_MB = 50.0
PEAK_MB = 150.0
WARM_UP = 2_000
LOOK_EVERY = 200


@dataclass
class Tally:
    """What happened so far."""

    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    found: list[tuple[str, str]] = field(default_factory=list)
    memory: list[list[float]] = field(default_factory=list)
    syncs: int = 0
    retried: int = 0

    @property
    def requests(self) -> int:
        return sum(sum(counter.values()) for counter in self.statuses.values())


class Quiet:
    """Many may work together; who wants to be alone waits for them, and they for him."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._working = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._working)
            yield


class Fuzz:
    """One run: some connections, one tally."""

    def __init__(
        self, server: Server, seed: int, crashers: Path, patience: float = SLOW_SECONDS
    ) -> None:
        self.server, self.seed, self.crashers, self.patience = server, seed, crashers, patience
        self.tally = Tally()
        self._lock = threading.Lock()
        self._quiet = Quiet()

    def stream(self, number: int) -> Iterator[Sent]:
        """The requests of one connection; tokens and proofs are renewed on the way."""
        grammar = Grammar(self.server.cast, f"{self.seed}/{number}")
        while True:
            self.meet(grammar)
            for _ in range(LOOK_EVERY):
                yield grammar.draw()

    def meet(self, grammar: Grammar) -> None:
        """A calm moment: phones sync as ever, and show which tokens there are."""
        with self._quiet.alone():
            self.server.keep_signed_in()
            cast = self.server.cast
            for login in (cast.eva, cast.jan, cast.walker):
                phone = self.server.phone(login)
                phone.sync()
                first = phone.token
                phone.sync()
                grammar.tokens = [*grammar.tokens, first, phone.shown_token(), phone.token][-30:]
                if login is not cast.jan and not self.server.wanted() <= phone.names():
                    self.note("the phone lacks cards", b"")
            self.tally.syncs += 3
            if self.tally.requests > WARM_UP:
                self.tally.memory.append(self.server.memory_mb())

    def send(self, sent: Sent) -> None:
        """One request, judged; a slow answer is asked for again, alone."""
        with self._quiet.together():
            took, got = self.timed(sent)
        found = ["hang"] if got is None else judges.faults(self.server, sent, got)
        if took > self.patience:
            with self._quiet.alone():
                took, _ = min(self.timed(sent) for _ in range(2))
            self.tally.retried += 1
            found += [f"slow, {took:.1f} s"] if took > self.patience else []
        with self._lock:
            counter = self.tally.statuses.setdefault(sent.family, Counter())
            counter[" ".join(map(str, statuses(got or b"", sent.method))) or "none"] += 1
            self.tally.slowest[sent.family] = max(took, self.tally.slowest.get(sent.family, 0))
        for fault in found:
            self.note(f"{sent.family} as {sent.who}: {fault}", sent.raw)

    def timed(self, sent: Sent) -> tuple[float, bytes | None]:
        began = time.monotonic()
        try:
            got: bytes | None = exchange(self.server.port, sent.raw, TIMEOUT)
        except TimeoutError:
            got = None
        return time.monotonic() - began, got

    def note(self, fault: str, raw: bytes) -> None:
        """Keep the bytes of what went wrong."""
        name = hashlib.sha256(raw).hexdigest()[:12]
        with self._lock:
            self.tally.found.append((fault, name))
        self.crashers.mkdir(parents=True, exist_ok=True)
        (self.crashers / name).write_bytes(raw)

    def some(self, count: int) -> None:
        """Send so many over one connection."""
        for sent in islice(self.stream(0), count):
            self.send(sent)
        self.close()

    def run(self, connections: int, seconds: float) -> None:
        """Send until the time is over."""
        until = time.monotonic() + seconds

        def work(number: int) -> None:
            for sent in self.stream(number):
                self.send(sent)
                if time.monotonic() > until:
                    return

        threads = [threading.Thread(target=work, args=(n,)) for n in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.close()

    def close(self) -> None:
        """What can be seen at the end alone: the log, the memory, a phone set up anew."""
        self.meet(Grammar(self.server.cast, "last"))
        for fault in log_faults(self.server):
            self.note(fault, b"")
        base, late, most = growth(self.tally.memory)
        if late - base > GROWTH_MB or most - base > PEAK_MB:
            self.note(f"memory grew from {base:.0f} to {late:.0f}, once {most:.0f} MB", b"")


def log_faults(server: Server) -> list[str]:
    """Failures and secrets in the server's log; every line of it is JSON."""
    log = server.log
    found = [f"the log has {word}" for word in ("zkr", *server.cast.secrets) if word in log]
    for line in log.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            found.append(f"the log has {line[:80]}")
            continue
        # Radicale calls a path that it answers with 400 an error, and is the only one to do so.
        is_refusal = str(said["event"]).startswith("request contains invalid path")
        if said["level"] in {"error", "critical"} and not is_refusal:
            found.append(f"the log has {line}")
    return found


def growth(memory: list[list[float]]) -> tuple[float, float, float]:
    """The first sum, the median of the last quarter, and the greatest.

    Only looks at as many processes as at the first count. What one large body took is given
    back a moment later, so that a single look says little: growth is what stays.
    """
    sums = [sum(one) for one in memory if len(one) == len(memory[0])]
    late = sums[len(sums) * 3 // 4 :]
    return (sums[0], median(late), max(sums)) if sums else (0.0, 0.0, 0.0)


def table(fuzz: Fuzz, seconds: float) -> Iterator[str]:
    """The run in lines."""
    tally = fuzz.tally
    yield f"{'family':16} {'requests':>8}  slowest ms  statuses"
    for family, counter in sorted(tally.statuses.items()):
        ranked = [
            (s, n) for s, n in counter.most_common() if n > 9 or "5" in s.partition(" ")[0][:1]
        ]
        shown = ", ".join(f"{status} x{count}" for status, count in ranked)
        slow = tally.slowest[family] * 1000
        yield f"{family:16} {sum(counter.values()):8} {slow:10.0f}   {shown}"
    base, late, most = growth(tally.memory)
    yield f"{tally.requests} requests in {seconds:.0f} s, {tally.syncs} syncs between them"
    yield f"slower than {SLOW_SECONDS:.0f} s at first, and asked again alone: {tally.retried}"
    yield (
        f"memory of all processes: {base:.0f} MB after warm-up, {late:.0f} MB in the last quarter, "
        f"{most:.0f} MB at most"
    )
    yield f"found: {len(tally.found)}"
    yield from (f"  {name} {fault}" for fault, name in tally.found)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--connections", type=int, default=3)
    parser.add_argument("--crashers", type=Path, default=Path("build/crashers"))
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.connections} connections, {given.seconds:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder, serving(instance(Path(folder))) as server:
        fuzz = Fuzz(server, given.seed, given.crashers)
        began = time.monotonic()
        fuzz.run(given.connections, given.seconds)
        print("\n".join(table(fuzz, time.monotonic() - began)))
    return 1 if fuzz.tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
