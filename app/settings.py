"""Everything that is set from outside, read once from `KUSTOD_*` and the instance's env file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.errors import Invalid

ENV_FILE = "kustod.env"
DATABASE_FILE = "kustod.db"
HAND_OUT_FILE = "handed-out.log"

_PORTS = 65_536
_MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class MailServer:
    """The organisation's mail server, and as whom mail is handed to it.

    `hello` is the name by which we greet it; `security` is starttls, tls or none.
    """

    host: str
    port: int
    security: str
    sender: str
    hello: str = "localhost"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """The settings of one running instance; frozen, passed as an argument."""

    instance: Path
    base_url: str = "http://127.0.0.1:8080"
    bind: str = "127.0.0.1:8080"
    database_url: str = ""
    timezone: str = "Europe/Prague"
    language: str = "en"
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"
    smtp_host: str = ""
    smtp_port: str = ""
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""

    def __post_init__(self) -> None:
        """Raises Invalid where mail is set up with values that cannot be used."""
        _check_mail(self)

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database; SQLite in the instance folder by default."""
        return self.database_url or f"sqlite:///{self.instance / DATABASE_FILE}"

    @property
    def keys_file(self) -> Path:
        """Where the four keys are kept, mode 0600."""
        return self.instance / "keys.json"

    @property
    def hand_out_file(self) -> Path:
        """Where the hand-out log is kept, beside the database of a single server."""
        return self.instance / HAND_OUT_FILE

    @property
    def host(self) -> str:
        """Host and port of the public address, as a browser sends it in Host."""
        return urlsplit(self.base_url).netloc

    @property
    def public_name(self) -> str:
        """The name of the machine in the public address, without a port."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def is_secure(self) -> bool:
        """Whether the public address is https, which decides the cookies' names and flags."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def mail_server(self) -> MailServer | None:
        """Where mail goes; None while it is not set up and messages stay in the outbox."""
        if not self.smtp_host:
            return None
        return MailServer(
            host=self.smtp_host,
            port=int(self.smtp_port or _MAIL_PORTS[self.smtp_security]),
            security=self.smtp_security,
            sender=self.smtp_from or self.smtp_user,
            hello=_literal(self.public_name),
            user=self.smtp_user,
            password=self.smtp_password,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a date typed by a person ends."""
        return ZoneInfo(self.timezone)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment, then the env file of the instance; the environment wins.

        Raises Invalid where a value cannot be used.
        """
        given = dict(os.environ if environ is None else environ)
        instance = Path(given.get("KUSTOD_INSTANCE") or "instance").resolve()
        values = {**_env_file(instance / ENV_FILE), **given}

        def value(name: str, default: str) -> str:
            return values.get(f"KUSTOD_{name}") or default

        bind = value("BIND", cls.bind)
        return cls(
            instance=instance,
            base_url=_address(value("BASE_URL", f"http://{bind}")),
            bind=bind,
            database_url=value("DATABASE_URL", ""),
            timezone=_zone(value("TIMEZONE", cls.timezone)),
            language=value("LANGUAGE", cls.language),
            trusted_proxies=tuple(value("TRUSTED_PROXIES", "").replace(",", " ").split()),
            log_level=value("LOG_LEVEL", cls.log_level).lower(),
            smtp_host=value("SMTP_HOST", ""),
            smtp_port=value("SMTP_PORT", ""),
            smtp_security=value("SMTP_SECURITY", cls.smtp_security).lower(),
            smtp_user=value("SMTP_USER", ""),
            smtp_password=value("SMTP_PASSWORD", ""),
            smtp_from=value("SMTP_FROM", ""),
        )


def _env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; blank lines and lines that begin with # are passed over."""
    if not path.is_file():
        return {}
    values = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def _literal(name: str) -> str:
    """A name as mail servers are greeted with it: addresses stand in brackets (RFC 5321)."""
    if ":" in name:
        return f"[IPv6:{name}]"
    return f"[{name}]" if name.replace(".", "").isdecimal() else name


def _check_mail(of: Settings) -> None:
    if not of.smtp_host:
        return
    if of.smtp_security not in _MAIL_PORTS:
        raise Invalid("KUSTOD_SMTP_SECURITY", f"it is one of {', '.join(_MAIL_PORTS)}")
    if of.smtp_port and not (of.smtp_port.isdecimal() and 0 < int(of.smtp_port) < _PORTS):
        raise Invalid("KUSTOD_SMTP_PORT", f"{of.smtp_port!r} is not a port")
    if of.smtp_security == "none" and of.smtp_password:
        raise Invalid("KUSTOD_SMTP_SECURITY", "a password never goes over a line in the clear")
    if "@" not in (of.smtp_from or of.smtp_user):
        raise Invalid("KUSTOD_SMTP_FROM", "write the address that mail comes from")


def _address(url: str) -> str:
    wrong = Invalid("KUSTOD_BASE_URL", f"{url!r} is not an address such as https://k.example.org")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise wrong
    return f"{parts.scheme}://{parts.netloc}"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("KUSTOD_TIMEZONE", f"{name!r} is not a time zone of the IANA list") from error
    return name
