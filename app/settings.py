"""Everything that is set from outside, read once from `KUSTOD_*` and the instance's env file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.errors import Invalid

ENV_FILE = "kustod.env"
DATABASE_FILE = "kustod.db"
HAND_OUT_FILE = "handed-out.log"


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
    def is_secure(self) -> bool:
        """Whether the public address is https, which decides the cookies' names and flags."""
        return urlsplit(self.base_url).scheme == "https"

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
