"""Which of the measured moments the machine was ours for.

On a shared machine a request of 20 ms now and then takes 200 ms because the host gave the
processor to a neighbour. Such a round says nothing of the program. Linux tells of it: the column
`steal` of /proc/stat (in ticks of 10 ms, for the whole machine) and, for each thread, how long it
stood ready without getting a processor (/proc/<id>/schedstat, in nanoseconds).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

WAITED_NS = 1_000_000
"""A round in which a thread of ours stood ready for a millisecond is measured again."""
TRIES = 10
"""At most this many rounds for each one that is wanted."""


@dataclass(frozen=True)
class Times:
    """Milliseconds of the undisturbed rounds, and how many rounds were set aside."""

    undisturbed: list[float]
    set_aside: int


def stolen() -> int:
    """Ticks that the host has kept from this machine since it started."""
    with Path("/proc/stat").open() as lines:
        return int(lines.readline().split()[8])


def waited(process: int | str) -> int:
    """Nanoseconds for which the main thread of this process stood ready and did not run."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[1])


def measured(ask: Callable[[], object], rounds: int, others: Sequence[int] = ()) -> Times:
    """As many undisturbed rounds as were wanted, or as `TRIES` for each of them have given.

    `others` are the processes that work for the answer, for instance a database's.
    """
    processes = ("thread-self", *others)
    times: list[float] = []
    asked = 0
    while len(times) < rounds and asked < rounds * TRIES:
        asked += 1
        before = stolen(), sum(waited(one) for one in processes)
        began = time.perf_counter()
        ask()
        took = (time.perf_counter() - began) * 1e3
        after = stolen(), sum(waited(one) for one in processes)
        if after[0] == before[0] and after[1] - before[1] < WAITED_NS:
            times.append(took)
    return Times(times, asked - len(times))
