"""The hand-out log: which cards were told to which device, kept beside the database, not in it.

A database can be put back to an earlier day: from a backup, a snapshot, a replica. What phones
were given since then stands here, and nowhere else. A line holds no person: the card's path
(device, book, href) with the revision of the book that first tells it, or a program that read
the book, by the number that its token carries and by its family.

    c 17 k3jx5c2mq7rt4w9z/all/9fQ2x7.vcf
    r 5410927734512001 k3jx5c2mq7rt4w9z/all davx

Several processes append at once. Every write begins a line of its own, so that one which a
crash tore spoils no other; a torn line is passed over, because it has lost its end.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from app.errors import Invalid

_END = ";"


@dataclass
class Told:
    """What one book was handed: the revision of each href, and the programs that read it."""

    cards: dict[str, int] = field(default_factory=dict)
    programs: dict[int, str] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        """The highest revision of the book that is known here; 0 where there is none."""
        return max(self.cards.values(), default=0)


def card_line(book: str, seq: int, href: str) -> str:
    """One card, told by revision `seq` of `book` (`<device>/<key>`) for the first time."""
    return f"c {seq} {book}/{quote(href, safe='')}{_END}\n"


def program_line(book: str, reader_id: int, family: str) -> str:
    """One program that read the book."""
    return f"r {reader_id} {book} {quote(family, safe='')}{_END}\n"


@dataclass(frozen=True)
class HandOutLog:
    """The log of one instance folder; any number of processes may hold one of their own."""

    path: Path

    def append(self, lines: Iterable[str]) -> None:
        """Write these lines so that they survive a power cut. Raises OSError."""
        data = ("\n" + "".join(lines)).encode("ascii")
        with self._locked(fcntl.LOCK_SH):
            is_new = not self.path.exists()
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                while data:
                    data = data[os.write(file, data) :]
                os.fsync(file)
            finally:
                os.close(file)
            if is_new:
                self._sync_folder()

    def read(self) -> dict[str, Told]:
        """Everything in it, by book (`<device>/<key>`); nothing where there is no file yet."""
        with self._locked(fcntl.LOCK_SH):
            return parse(self._lines())

    def hrefs(self, book: str) -> list[str]:
        """The hrefs of all cards that were ever told to this book, in the order of the telling."""
        return list(self.read()[book].cards)

    def absorb(self, others: Iterable[Path]) -> None:
        """Take over the logs of other nodes and of earlier folders.

        Raises OSError, and Invalid for a file that says something, and nothing of a hand-out.
        """
        found = []
        for other in others:
            lines = other.read_text("ascii", "replace").split("\n")
            if any(lines) and not parse(lines):
                raise Invalid(str(other), "it is no hand-out log")
            found += lines
        self.append(write(parse(found)))

    def compact(self) -> int:
        """Write each card and program once, with its highest revision; the bytes it has then."""
        with self._locked(fcntl.LOCK_EX):
            if not self.path.exists():
                return 0
            part = self.path.with_suffix(".part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.writelines(write(parse(self._lines())))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
            self._sync_folder()
            return self.path.stat().st_size

    def _lines(self) -> Iterator[str]:
        if self.path.exists():
            with self.path.open(encoding="ascii", errors="replace") as file:
                yield from file

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the folder: who writes the file anew must meet nobody who appends to the old one."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, how)
            yield
        finally:
            os.close(folder)

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def parse(lines: Iterable[str]) -> dict[str, Told]:
    """What these lines say, by book; what is torn or not ours is passed over."""
    found: dict[str, Told] = defaultdict(Told)
    for line in lines:
        words = line.rstrip("\n").removesuffix(_END).split(" ")
        if not line.rstrip("\n").endswith(_END) or len(words) < _FEWEST or not words[1].isdigit():
            continue
        number = int(words[1])
        if words[0] == "c":
            book, _, href = words[2].rpartition("/")
            cards = found[book].cards
            cards[unquote(href)] = max(number, cards.get(unquote(href), 0))
        elif words[0] == "r":
            found[words[2]].programs[number] = unquote("".join(words[3:]))
    return found


_FEWEST = 3


def write(told: dict[str, Told]) -> Iterator[str]:
    """The lines that say this."""
    for book, known in told.items():
        for reader_id, family in known.programs.items():
            yield program_line(book, reader_id, family)
        for href, seq in known.cards.items():
            yield card_line(book, seq, href)
