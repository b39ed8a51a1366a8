"""The way in from outside: the public address over TLS, its certificate, who answers, the proxy.

Asked from this machine, with a bounded wait. A router that lets nobody in cannot be seen from
here: that takes a phone without Wi-Fi, and the answer says so.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from app.answers import FOREIGN_HOST
from app.keys import KeyRing
from app.services.health import probe
from app.services.health.check import Check, note, well, wrong
from app.services.health.probe import Seen
from app.settings import Settings

TIMEOUT_SECONDS = 5.0
SOON = timedelta(days=21)
"""A certificate that ends sooner should have been renewed; one of less than 84 days in its last
quarter."""
_LONGEST_ANSWER = 4096
_BEHIND = frozenset({502, 503, 504})
_PHONES = "a phone that cannot reach this address is never emptied"
_BY_HAND = "open it on a phone without Wi-Fi to see that the router lets it in"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from the public address."""

    address: str
    begins: datetime
    ends: datetime
    status: int
    body: bytes


def look(settings: Settings, ring: KeyRing, at: datetime) -> Iterator[Check]:
    """Ask the public address what only this instance can answer."""
    if not settings.is_secure:
        yield _without_tls(settings)
        return
    question = probe.ask(ring)
    try:
        reply = _get(settings, f"{probe.PATH}{question}")
    except (OSError, http.client.HTTPException) as error:
        yield _silence(settings, error)
        return
    yield _reach(settings, reply.address)
    yield _certificate(reply, at)
    seen = probe.read(ring, question, reply.body) if reply.status == 200 else None  # noqa: PLR2004 - as HTTP has it
    yield _portal(settings, reply) if seen is None else well("portal", "this instance answers")
    if seen is not None:
        yield _proxy(settings, seen)


def is_soon(begins: datetime, ends: datetime, at: datetime) -> bool:
    """Whether a certificate should have been renewed by now."""
    return ends - at < min(SOON, (ends - begins) / 4)


def _get(settings: Settings, path: str) -> Reply:
    """Raises OSError (ssl.SSLError and TimeoutError are some), HTTPException."""
    parts = urlsplit(settings.base_url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "",
        parts.port or 443,
        timeout=TIMEOUT_SECONDS,
        context=ssl.create_default_context(),
    )
    try:
        connection.connect()
        line: ssl.SSLSocket = connection.sock
        address, shown = str(line.getpeername()[0]), line.getpeercert() or {}
        connection.request("GET", path, headers={"User-Agent": "kustod-doctor"})
        answer = connection.getresponse()
        body = answer.read(_LONGEST_ANSWER)
    finally:
        connection.close()
    return Reply(
        address, _instant(shown, "notBefore"), _instant(shown, "notAfter"), answer.status, body
    )


def _instant(shown: object, name: str) -> datetime:
    text = shown.get(name) if isinstance(shown, dict) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(text)), UTC)


def _without_tls(settings: Settings) -> Check:
    name = urlsplit(settings.base_url).hostname or ""
    if name == "localhost" or _is_kind(name, "is_loopback"):
        detail = f"{settings.base_url} is this machine alone, which does for a trial: {_PHONES}"
        return note("reach", f"{detail}; set KUSTOD_BASE_URL to a public https address")
    detail = (
        f"{settings.base_url} is not https, so everybody on the way reads passwords: let a proxy "
        "end TLS (docs/install.md), set KUSTOD_BASE_URL to the https address, run `kustod init`"
    )
    return wrong("reach", detail)


def _silence(settings: Settings, error: Exception) -> Check:
    """Why nothing of use came back."""
    url = settings.base_url
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = (
            f"the certificate of {url} is not valid ({error.verify_message}): let the proxy fetch "
            "one for this very name (Caddy does so by itself once the name leads here)"
        )
        return wrong("certificate", detail)
    if isinstance(error, ssl.SSLError):
        return wrong("reach", f"what answers at {url} speaks no TLS: end TLS in the proxy there")
    if isinstance(error, http.client.HTTPException):
        return wrong("reach", f"what answers at {url} speaks no HTTP: look what listens there")
    if isinstance(error, socket.gaierror):
        name = urlsplit(url).hostname
        return wrong("reach", f"nobody knows the name {name}: add it to the DNS; {_PHONES}")
    detail = (
        f"nothing answers at {url} within {TIMEOUT_SECONDS:.0f} s ({error}): start the proxy, open "
        f"its port in firewall and router; {_PHONES}"
    )
    return wrong("reach", detail)


def _reach(settings: Settings, address: str) -> Check:
    name = urlsplit(settings.base_url).hostname
    if _is_kind(address, "is_loopback"):
        detail = f"{name} leads to {address}, which is this machine alone, and {_PHONES}"
        return note("reach", f"{detail}; if only /etc/hosts says so, {_BY_HAND}")
    if _is_kind(address, "is_private"):
        detail = f"{name} leads to {address}, which is inside your own network"
        return note("reach", f"{detail}: {_PHONES} until it comes back there; {_BY_HAND}")
    return well("reach", f"{name} answers at {address}, asked from here; {_BY_HAND}")


def _certificate(reply: Reply, at: datetime) -> Check:
    until = f"{reply.ends:%Y-%m-%d}"
    if is_soon(reply.begins, reply.ends, at):
        detail = f"it ends on {until}, and phones stop then: see in the proxy's log why it is not"
        return wrong("certificate", f"{detail} renewed (ports 80 and 443 must be open for that)")
    return well("certificate", f"valid until {until}")


def _portal(settings: Settings, reply: Reply) -> Check:
    """Who answers instead of this instance."""
    url = settings.base_url
    if reply.status in _BEHIND:
        detail = f"the proxy at {url} answers {reply.status}: start `kustod serve` on the address"
        return wrong("portal", f"{detail} the proxy passes to, here {settings.bind}")
    if FOREIGN_HOST.encode() in reply.body:
        detail = f"the proxy at {url} does not pass the name on: let it send Host unchanged"
        return wrong("proxy", f"{detail}, or restart Kustod if KUSTOD_BASE_URL is new")
    detail = f"something else answers at {url} ({reply.status}): look where its name leads"
    return wrong(
        "portal", f"{detail}, which site the proxy has for it, and whether Kustod was restarted"
    )


def _proxy(settings: Settings, seen: Seen) -> Check:
    """Whether the portal learns from the proxy how it was asked."""
    if seen.host != settings.host:
        return wrong("proxy", f"it passes on the name {seen.host}: let it send Host unchanged")
    if seen.scheme == "https":
        return well("proxy", f"the portal sees https, and {seen.peer} as the one who asks")
    if not settings.trusted_proxies:
        detail = f"nobody's word is believed: set KUSTOD_TRUSTED_PROXIES={seen.peer or 'unix'}"
        return wrong("proxy", f"the portal takes it for plain http: {detail} and restart Kustod")
    named = " ".join(settings.trusted_proxies)
    detail = f"it was asked by {seen.peer}, KUSTOD_TRUSTED_PROXIES names {named}: name the address"
    detail = f"{detail} of the proxy, and let it say the scheme, as deploy/nginx.conf does"
    return wrong("proxy", f"the portal takes it for plain http: {detail}")


def _is_kind(address: str, kind: str) -> bool:
    try:
        return bool(getattr(ipaddress.ip_address(address), kind))
    except ValueError:
        return False
