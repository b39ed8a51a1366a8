"""The phones of a drill, one thread each, in a process of their own.

They follow the answers as real programs do: DAVx5 asks PROPFIND for the token, then
sync-collection, then its cards in tens; Thunderbird lists once and brings its token from then
on; Evolution and vdirsyncer list and compare ETags. None of them knows what it ought to hold.

Run as `python -m tests.drills.phones PLAN`. A line of counts is printed each second; the line
`settle` on standard input lets every phone sync until nothing moves, and end.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from tests.davclient import CARD, DAV, Response, multiget_body, prop, sync_body
from tests.drills.forms import Kind
from tests.drills.wire import Line, Tally

_STABLE = 2
_MOST_SETTLING = 20


@dataclass
class Phone:
    """One program of one device, and the cards that it keeps: href -> (ETag, vCard)."""

    line: Line
    device: str
    token: str = ""
    cards: dict[str, tuple[str, str]] = field(default_factory=dict)
    batch: int = 50

    @property
    def book(self) -> str:
        """The path of its merged book."""
        return f"/dav/{self.device}/all/"

    def visit(self) -> bool:
        """One sync; whether anything moved."""
        raise NotImplementedError

    def fetch(self, etags: dict[str, str]) -> bool:
        """Fetch those cards whose ETag is another than that of the one kept."""
        new = [href for href, etag in etags.items() if self.cards.get(href, ("",))[0] != etag]
        for hrefs in _parts(new, self.batch):
            answer = self.line.ask("REPORT", self.book, multiget_body(hrefs), "1")
            for href, member in answer.members.items():
                text = member.findtext(f".//{CARD}address-data")
                if text is not None:
                    self.cards[href] = (_etag(member), text)
        return bool(new)

    def report(self) -> bool:
        """Bring the token, take the answer over; the new token is kept when all of it is."""
        answer = self.line.ask("REPORT", self.book, sync_body(self.token), "0")
        gone = {h for h, m in answer.members.items() if "404" in (m.findtext(f"{DAV}status") or "")}
        for href in gone:
            self.cards.pop(href, None)
        etags = {h: _etag(m) for h, m in answer.members.items() if h not in gone}
        moved = self.fetch(etags) or bool(gone) or self.token != answer.token
        self.token = answer.token
        return moved

    def list_(self, *names: str) -> tuple[bool, Response]:
        """List the book and fetch what differs; what is not listed is dropped."""
        answer = self.line.ask("PROPFIND", self.book, prop("D:getetag", *names), "1")
        etags = {h: _etag(m) for h, m in answer.members.items() if h != self.book}
        gone = self.cards.keys() - etags.keys()
        for href in gone:
            del self.cards[href]
        return self.fetch(etags) or bool(gone), answer


class DavX5(Phone):
    """Stays away when PROPFIND shows the token that it has."""

    @override
    def visit(self) -> bool:
        answer = self.line.ask("PROPFIND", self.book, prop("D:sync-token", "CS:getctag"), "0")
        if answer.xml.findtext(f".//{DAV}sync-token") == self.token:
            return False
        return self.report()


class Thunderbird(Phone):
    """Takes its first token from PROPFIND, after a listing."""

    @override
    def visit(self) -> bool:
        if self.token:
            return self.report()
        self.list_()
        answer = self.line.ask("PROPFIND", self.book, prop("D:sync-token"), "0")
        self.token = answer.xml.findtext(f".//{DAV}sync-token") or ""
        return True


class Listing(Phone):
    """Knows no tokens."""

    @override
    def visit(self) -> bool:
        return self.list_()[0]


_KINDS: dict[Kind, tuple[type[Phone], str, int]] = {
    Kind.DAVX5: (DavX5, "DAVx5/4.4.5 (2026/08/01; dav4jvm; okhttp/5.0.0) Android/15", 10),
    Kind.THUNDERBIRD: (Thunderbird, "Mozilla/5.0 (X11; Linux x86_64) Thunderbird/153.0", 100),
    Kind.LISTING: (Listing, "Evolution/3.46.4", 100),
}


def _etag(member: Any) -> str:
    return (member.findtext(f".//{DAV}getetag") or "").strip('"')


def _parts(items: Sequence[str], size: int) -> Iterator[Iterable[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _phone(entry: dict[str, Any], port: int, tally: Tally) -> Phone:
    kind, user_agent, batch = _KINDS[Kind(entry["kind"])]
    line = Line(port, entry["login"], entry["password"], user_agent, tally)
    return kind(line, entry["device"], batch=batch)


def _live(phone: Phone, pause: tuple[float, float], settle: threading.Event, tally: Tally) -> None:
    try:
        while not settle.wait(random.uniform(*pause)):  # noqa: S311 - no secret
            phone.visit()
            tally.count(syncs=1)
        quiet = 0
        for _ in range(_MOST_SETTLING):
            quiet = 0 if phone.visit() else quiet + 1
            tally.count(syncs=1)
            if quiet == _STABLE:
                return
        tally.blame(f"a phone found something new in {_MOST_SETTLING} syncs on end")
    except Exception as error:  # noqa: BLE001 - told at the end, with all else
        tally.blame(f"a phone failed: {error!r}")


def main(path: str) -> None:
    """Let all phones of the plan live until they are told to settle; then print what they hold."""
    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    tally, settle = Tally(), threading.Event()
    phones = [_phone(entry, plan["port"], tally) for entry in plan["phones"]]
    threads = [
        threading.Thread(target=_live, args=(phone, tuple(plan["pause"]), settle, tally))
        for phone in phones
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    threading.Thread(target=_wait_for_the_word, args=(settle,), daemon=True).start()
    while any(thread.is_alive() for thread in threads):
        print(json.dumps(tally.told()), flush=True)  # noqa: T201 - the parent reads it
        time.sleep(1)
    held = {phone.device: phone.cards for phone in phones}
    print(json.dumps({**tally.told(), "held": held}), flush=True)  # noqa: T201 - the parent reads it


def _wait_for_the_word(settle: threading.Event) -> None:
    sys.stdin.readline()
    settle.set()


if __name__ == "__main__":
    main(sys.argv[1])
