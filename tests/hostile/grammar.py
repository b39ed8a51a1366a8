"""Requests as clients send them, and what a hostile hand makes of them; one seed, one stream."""

import base64
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from tests.hostile import bodies, corpus
from tests.hostile.routes import filled, routes
from tests.hostile.world import DESK, GONE, HIDDEN, SEEN, Cast, Login

T = TypeVar("T")
Head = list[tuple[str, str]]
SPECIAL = (b"\r\n", b"\n", b"\x00", b"\xff", b":", b" ", b"\t", b"%", b"0", b"A" * 3000, b"<", b'"')


class Who(StrEnum):
    """As whom a request is sent."""

    DEVICE = "device"
    PORTAL = "portal"
    OVERSEER = "overseer"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Sent:
    """One request: its bytes, and whose it is."""

    family: str
    who: Who
    method: str
    raw: bytes
    is_whole: bool = True
    """Nothing of it was cut or turned over: it must be answered."""


@dataclass
class Grammar:
    """Draws requests. `tokens` are filled in by whoever has met the server."""

    cast: Cast
    seed: str
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - must be repeatable, guards nothing

    def draw(self) -> Sent:
        """The next request."""
        makers: list[tuple[Callable[[], Sent], int]] = [
            (self.lookup, 5),
            (self.xml, 8),
            (self.write, 3),
            (self.page, 3),
            (self.form, 3),
            (self.framing, 2),
            (self.stranger, 2),
        ]
        kinds, weights = zip(*makers, strict=True)
        sent: Sent = self.random.choices(kinds, weights)[0]()
        return self.mangled(sent) if self.chance(0.2) else sent

    def pick(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def basic(self, login: Login) -> str:
        pair = f"{login.email}:{login.password}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def href(self) -> str:
        """An href of the cast's: one's own, somebody else's, hidden, absent, or bent."""
        device = self.pick([self.cast.eva.device] * 4 + [self.cast.jan.device, "nosuchdevice", ""])
        book = self.pick(["all"] * 5 + ["", "none", "ALL"])
        ids = [name for key in (SEEN, SEEN, DESK, HIDDEN, GONE) for name in self.cast.ids[key]]
        card = self.pick(["", f"{self.pick(ids)}.vcf", f"{self.pick(ids)}.vcf", "kustod-help.vcf"])
        path = f"/dav/{device}/{book}/{card}" if device else "/dav/"
        return self.bent(path) if self.chance(0.3) else path

    def bent(self, path: str) -> str:
        """A path with foreign pieces in it, or spelled in another way."""
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(1, max(1, len(path)))
            path = path[:at] + self.pick(corpus.PIECES) + path[at:]
        return quote(path, safe="/") if self.chance(0.1) else path

    def extra(self) -> Head:
        """Headers that somebody might send beside those he needs."""
        offers: list[tuple[str, Sequence[str]]] = [
            ("Depth", corpus.DEPTHS),
            ("If-Match", corpus.CONDITIONS),
            ("If-None-Match", corpus.CONDITIONS),
            ("If-Modified-Since", corpus.TEXTS[:3]),
            ("Destination", (self.href(), "http://evil.example/x", "")),
            ("Overwrite", ("T", "F", "x")),
            ("Expect", ("100-continue", "x")),
            ("Range", ("bytes=0-1", "bytes=9-0", "x", "bytes=" + "0-1," * 500)),
            (self.pick(corpus.FORWARDED), corpus.ADDRESSES),
            ("User-Agent", corpus.AGENTS),
            ("Accept-Language", corpus.LANGUAGES),
            ("Accept-Encoding", corpus.ENCODINGS),
            ("Content-Type", corpus.CONTENT_TYPES),
            ("Content-Encoding", ("gzip", "x")),
            ("Cookie", (self.cookie(),)),
            ("Sec-Fetch-Site", ("cross-site", "none", "same-origin", "x")),
            ("Origin", ("null", "http://evil.example")),
            ("Connection", ("close", "Upgrade, HTTP2-Settings", "keep-alive")),
            ("Upgrade", ("h2c", "websocket")),
            ("Prefer", ("return=minimal", "depth-noroot")),
            ("Brief", ("t",)),
            ("X-" + "y" * 200, ("z" * 4000,)),
        ]
        chosen = self.random.sample(offers, self.random.choice([0, 0, 1, 1, 2, 4]))
        return [(name, self.pick(values)) for name, values in chosen]

    def cookie(self) -> str:
        """Cookies of a browser that has been elsewhere, too."""
        value = self.pick([*corpus.TEXTS[:40], self.cast.session[:-1], "9" * 3000])
        name = self.pick(["kustod-dev", "kustod-dev-form", "kustod-dev-language"])
        name = self.pick([name, name, "kustod-dev-theme", "__Host-kustod", "", "$Version"])
        return f"{name}={value}" + self.pick(["", "; a=b", ";;;", f"; {name}=x", "; =", "; \xff=1"])

    def lookup(self) -> Sent:
        """Any method on any path, as a device."""
        head = [("Authorization", self.basic(self.cast.eva)), *self.extra()]
        return self.make(
            "lookup",
            Who.DEVICE,
            self.pick(corpus.METHODS[:10] * 4 + corpus.METHODS),
            self.href(),
            head,
        )

    def xml(self) -> Sent:
        """A PROPFIND or a report."""
        method = self.pick(["PROPFIND", "REPORT", "REPORT", "PROPPATCH"])
        body = bodies.xml(self.random, self.href, self.tokens)
        head = [("Authorization", self.basic(self.cast.eva)), *self.extra()]
        book = f"/dav/{self.cast.eva.device}/all/"
        path = book if self.chance(0.6) else self.pick([self.href(), "/", "/.well-known/carddav"])
        return self.make(f"xml {method.lower()}", Who.DEVICE, method, path, head, body)

    def write(self) -> Sent:
        """A card that a phone would like to put."""
        body = bodies.vcard(self.random)
        head = [("Authorization", self.basic(self.cast.eva)), *self.extra()]
        return self.make(
            "put", Who.DEVICE, self.pick(["PUT", "PUT", "POST"]), self.href(), head, body
        )

    def page(self) -> Sent:
        """A page of the portal with a query."""
        path = filled(self.pick(routes().pages), self.gap)
        path = self.bent(path) if self.chance(0.2) else path
        names = (*routes().names, "\x00")
        pairs = [
            (self.pick(names), self.value()) for _ in range(self.random.choice([0, 1, 1, 2, 30]))
        ]
        query = bodies.form(pairs).decode("ascii")[: self.pick([200, 3000])]
        who, head = self.visitor(may_oversee=True)
        method = self.pick(["GET"] * 8 + ["HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"])
        return self.make("page", who, method, f"{path}?{query}", [*head, *self.extra()])

    def form(self) -> Sent:
        """A form, with its fields missing, twice, or much too long."""
        path = filled(self.pick(routes().forms), self.gap)
        fields = [
            ("csrf_token", self.pick([self.cast.form_token] * 5 + ["", "x.y", "ž.ž", self.text()])),
            ("password", self.pick([self.text(), "p" * 9000])),
            ("next", self.pick(corpus.REDIRECTS)),
            ("language", self.pick(["cs", "en", self.text()])),
            ("theme", self.pick(["dark", self.text()])),
            *((name, self.value()) for name in self.random.choices(routes().names, k=12)),
        ]
        if self.chance(0.5):
            fields += self.random.choices(fields, k=self.pick([1, 2, 900]))
            self.random.shuffle(fields)
        if self.chance(0.2):
            del fields[0]
        who, head = self.visitor()
        body, kind = bodies.form(fields), corpus.CONTENT_TYPES[4]
        if self.chance(0.2):
            body, kind = bodies.multipart(fields), "multipart/form-data; boundary=x"
        return self.make(
            "form", who, "POST", path, [*head, ("Content-Type", kind), *self.extra()], body
        )

    def gap(self, name: str) -> str:
        """What may stand in the gap of an address: mostly something that is there."""
        logins = [*self.cast.spares, self.cast.jan]
        ids = [one for key in (SEEN, DESK, HIDDEN, GONE) for one in self.cast.ids[key]]
        known: dict[str, Sequence[str]] = {
            "contact": ids,
            "device": [login.device for login in logins],
            "directory": self.cast.directories,
            "project": self.cast.projects,
            "team": self.cast.teams,
            "kind": ("android", "outlook", "other"),
            "person": ("1", "2", "2147483647"),
        }
        return self.pick([*self.pick([known.get(name, ("x",))] * 9 + [("x", "0", "a-b")])])

    def value(self) -> str:
        """What may stand in a field: something that is there, or that somebody would type."""
        cast = self.cast
        ids = (*cast.ids[SEEN], *cast.ids[HIDDEN], *cast.directories, *cast.projects, *cast.teams)
        usual = ("y", "yes", "all", "1", "2", "check", "give", "phone", "2099-12-31", "2020-01-01")
        people = (cast.eva.email, cast.jan.email, "nobody@example.org")
        return self.pick([self.pick(ids), self.pick(usual), self.pick(people), self.text()])

    def visitor(self, *, may_oversee: bool = False) -> tuple[Who, Head]:
        """Whose browser sends it; who oversees everything only looks, or nothing would stay."""
        if self.chance(0.3):
            return Who.NOBODY, []
        if may_oversee and self.chance(0.4):
            return Who.OVERSEER, [("Cookie", f"kustod-dev={self.cast.olgas_session}")]
        return Who.PORTAL, [("Cookie", f"kustod-dev={self.cast.session}")]

    def text(self) -> str:
        return self.pick(corpus.TEXTS)

    def framing(self) -> Sent:
        """A body whose end two readers could see in two places."""
        body = self.pick(
            [b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n"]
        )
        names = ("Content-Length", "Transfer-Encoding", "Content-Length", "TE", "Trailer")
        coding = (
            "chunked",
            "identity",
            "chunked, chunked",
            "xchunked",
            "gzip, chunked",
            "\tchunked",
        )
        head = [("Authorization", self.basic(self.cast.eva))]
        head += [
            (name, self.pick(corpus.NUMBERS if name.startswith("C") else coding))
            for name in self.random.sample(names, 2)
        ]
        version = self.pick(["1.1", "1.0", "2.0", "0.9", "1.1 x", "9"])
        path = self.pick([self.href(), "/sign-in", "http://127.0.0.1/", "*", "127.0.0.1:80"])
        lines = [f"{self.pick(['POST', 'PUT', 'GET'])} {path} HTTP/{version}", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in head]
        raw = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + body
        return Sent("framing", Who.DEVICE, lines[0].partition(" ")[0], raw, is_whole=False)

    def stranger(self) -> Sent:
        """A login that is none."""
        junk = base64.b64encode(self.text().encode("utf-8", "surrogatepass")[:4000]).decode()
        header = self.pick(
            [
                *(f"Basic {junk}", f"Bearer {self.cast.eva.password}", "Basic", "Basic !!!", junk),
                *(f"Basic {self.cast.eva.password}", "Digest username=x", f"Basic {junk * 9}"),
                *(self.basic(self.cast.jan)[:-2], f"Basic {self.cast.session}", "\xff", "basic =="),
            ]
        )
        method = self.pick(["PROPFIND", "REPORT", "GET", "PUT", "DELETE", "OPTIONS"])
        body = bodies.xml(self.random, self.href, self.tokens)
        head = [("Authorization", header), *self.extra()]
        return self.make("stranger", Who.NOBODY, method, self.href(), head, body)

    def make(
        self, family: str, who: Who, method: str, path: str, head: Head, body: bytes = b""
    ) -> Sent:
        """The bytes of a request with a true length, or with true chunks."""
        size = self.random.randint(1, 70_000)
        chunked = bool(body) and self.chance(0.1)
        length = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.pick(['localhost'] * 30 + ['evil'])}"]
        lines += [f"{name}: {value}" for name, value in [*head, length]]
        raw = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")
        return Sent(family, who, method, raw + (bodies.chunked(body, size) if chunked else body))

    def mangled(self, sent: Sent) -> Sent:
        """The same request with some of its bytes cut, doubled, turned or put in."""
        raw = bytearray(sent.raw)
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randrange(len(raw) + 1)
            end = min(len(raw), at + self.pick([1, 2, 8, 200]))
            way = self.random.randrange(5)
            if way == 0:
                del raw[at:end]
            elif way == 1:
                raw[at:at] = raw[at:end]
            elif way == 2:
                raw[at:at] = self.pick(SPECIAL)
            elif way == 3 and at < len(raw):
                raw[at] ^= 1 << self.random.randrange(8)
            elif way == 4 and self.chance(0.3):
                del raw[at:]
        method = bytes(raw).partition(b" ")[0].decode("latin-1")
        return Sent(f"{sent.family} ~", sent.who, method, bytes(raw), is_whole=False)
