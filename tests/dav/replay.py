"""Replays the requests that a real program made, with the tokens and names of this server.

A log in `logs/` has sections (`== sync`) of requests (`>> METHOD path options`) with their
bodies. `{token}` is the token the program keeps, `{each}` stands for a line per card to fetch.
Options: `depth=`, `batch=` (so many cards a request), `takes-token`, `takes-ctag` (keeps what
the answer shows), `if-moved` (only when what PROPFIND showed is not what is kept).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.davclient import CARD, CS, DAV, Phone, Response

LOGS = Path(__file__).with_name("logs")
PROGRAMS = ("thunderbird", "vdirsyncer", "evolution", "davx5")


@dataclass(frozen=True)
class Recorded:
    """One request of a log."""

    method: str
    path: str
    options: dict[str, str]
    body: str


@dataclass(frozen=True)
class Log:
    """What one program sends, by occasion."""

    user_agent: str
    sections: dict[str, list[Recorded]]


@cache
def log(program: str) -> Log:
    """The log of this program."""
    text = (LOGS / f"{program}.txt").read_text()
    head, *parts = text.split("\n== ")
    agent = next(line for line in head.splitlines() if line.startswith("User-Agent: "))
    sections = {}
    for part in parts:
        name, *requests = part.split("\n>> ")
        sections[name.strip()] = [_recorded(request) for request in requests]
    return Log(agent.removeprefix("User-Agent: "), sections)


def _recorded(text: str) -> Recorded:
    line, _, body = text.partition("\n")
    method, path, *options = line.split()
    pairs = (option.partition("=") for option in options)
    return Recorded(method, path, {name: value for name, _, value in pairs}, body.strip())


class LostAnswer(Exception):
    """An answer never came; what the program had kept until then stands."""


@dataclass
class Program:
    """A program on a phone, and what it keeps: cards with their ETags, a token or a ctag."""

    name: str
    phone: Phone
    token: str = ""
    shown: str = ""
    kept: str = ""
    cards: dict[str, str] = field(default_factory=dict)
    to_fetch: list[str] = field(default_factory=list)
    lose: int = -1
    """The how manieth answer of the next section is lost."""

    def set_up(self) -> None:
        """Its first requests; one answer may be lost, then it begins anew."""
        self.token, self.shown, self.kept, self.cards = "", "", "", {}
        self._run("set up")

    def sync(self) -> None:
        """One ordinary sync."""
        self._run("sync")

    def _run(self, section: str) -> None:
        requests = log(self.name).sections[section]
        self.to_fetch = []
        try:
            for number, request in enumerate(requests):
                self._send(request, is_lost=number == self.lose)
        except LostAnswer:
            self.lose = -1
            self._run(section)
            return
        self.kept = self.token or self.shown

    def _send(self, request: Recorded, *, is_lost: bool) -> None:
        if "if-moved" in request.options and self.shown == self.kept:
            return
        for body in self._bodies(request):
            answer = self._ask(request, body)
            if is_lost:
                raise LostAnswer
            self._take(request, answer)

    def _bodies(self, request: Recorded) -> Iterator[str]:
        if "batch" not in request.options:
            yield request.body.replace("{token}", self.token)
            return
        line = next(line for line in request.body.splitlines() if "{each}" in line)
        size = int(request.options["batch"])
        wanted = self.to_fetch
        for start in range(0, len(wanted), size):
            part = wanted[start : start + size]
            yield request.body.replace(line, "\n".join(line.replace("{each}", h) for h in part))

    def _ask(self, request: Recorded, body: str) -> Response:
        phone = self.phone
        phone.user_agent = log(self.name).user_agent
        path = request.path.format(home=f"/dav/{phone.device}/", book=phone.book)
        depth = request.options.get("depth")
        headers = {} if depth is None else {"depth": depth}
        answer = phone.request(request.method, path, body, **headers)
        assert answer.status == 207, answer.body
        return answer

    def _take(self, request: Recorded, answer: Response) -> None:
        listed = {
            href: etag
            for href, member in answer.members.items()
            if href.endswith(".vcf") and (etag := member.findtext(f".//{DAV}getetag"))
        }
        if "batch" in request.options or answer.xml.find(f".//{CARD}address-data") is not None:
            self.cards |= listed
        elif listed:
            self.to_fetch = [href for href, etag in listed.items() if self.cards.get(href) != etag]
        self._drop(request, answer, set(listed))
        if "takes-token" in request.options:
            self.token = answer.xml.findtext(f".//{DAV}sync-token") or ""
        if "takes-ctag" in request.options:
            self.shown = answer.xml.findtext(f".//{CS}getctag") or ""

    def _drop(self, request: Recorded, answer: Response, listed: set[str]) -> None:
        if request.method == "PROPFIND" and listed:
            gone = set(self.cards) - listed
        else:
            gone = {
                href
                for href, member in answer.members.items()
                if "404" in (member.findtext(f"{DAV}status") or "")
            }
        for href in gone:
            self.cards.pop(href, None)
