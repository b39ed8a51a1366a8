"""The four named keys of an instance, kept outside the database in a file of mode 0600.

Session keys may be dropped after a while. Sync-token and app-password keys are only ever
added: a lost one strands every phone with its cards.
"""

import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path

from app.errors import Refused

SECRET_BYTES = 32
_UNREADABLE = "the keys at {} cannot be read; restore them from a backup"


class KeyName(StrEnum):
    """What a key is for; one key never serves two of them."""

    SESSION = "session"
    APP_PASSWORD = "app-password"  # noqa: S105 - the name of a key, not a password
    SYNC_TOKEN = "sync-token"  # noqa: S105 - the name of a key, not a password
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Key:
    """One secret of 32 bytes with the short id that stands beside every value made with it."""

    id: str
    secret: bytes

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256, 32 bytes."""
        return hmac.new(self.secret, message, sha256).digest()


@dataclass(frozen=True)
class KeyRing:
    """All keys of an instance; the last of each name is the one in use."""

    keys: dict[KeyName, tuple[Key, ...]]

    def current(self, name: KeyName) -> Key:
        """The key that new values are made with."""
        return self.keys[name][-1]

    def all(self, name: KeyName) -> tuple[Key, ...]:
        """Every key of that name, the newest first."""
        return tuple(reversed(self.keys[name]))

    def joined(self, other: "KeyRing") -> "KeyRing":
        """The keys of both; those of the other one that are new here come into use."""
        return KeyRing(
            {
                name: (*mine, *(key for key in other.keys[name] if key not in mine))
                for name, mine in self.keys.items()
            }
        )

    def find(self, name: KeyName, key_id: str) -> Key | None:
        """The key with this id, or None where it never was ours."""
        return next((key for key in self.keys[name] if key.id == key_id), None)


def point_mac(key: Key, kind: str, normal: str) -> str:
    """The keyed hash of a contact point in its normal form, under a name of its own."""
    return key.mac(f"contact point\0{kind}\0{normal}".encode()).hex()


def generate() -> KeyRing:
    """A fresh ring with one key of each name."""
    return KeyRing({name: (_fresh(),) for name in KeyName})


def _fresh() -> Key:
    return Key(id=secrets.token_hex(3), secret=secrets.token_bytes(SECRET_BYTES))


def save(ring: KeyRing, path: Path) -> None:
    """Write the ring with mode 0600, whole or not at all."""
    text = json.dumps(
        {
            name.value: [{"id": key.id, "secret": key.secret.hex()} for key in keys]
            for name, keys in ring.keys.items()
        },
        indent=1,
    )
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)  # what is left of a crash may be open to everybody
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load(path: Path) -> KeyRing:
    """Read the ring. Raises Refused where the file is missing or incomplete."""
    try:
        stored = json.loads(path.read_text())
        ring = KeyRing(
            {
                name: tuple(Key(k["id"], bytes.fromhex(k["secret"])) for k in stored[name.value])
                for name in KeyName
            }
        )
    except FileNotFoundError as error:
        raise Refused(f"no keys at {path}: run `kustod init` first") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(_UNREADABLE.format(path)) from error
    if not all(keys and all(_is_whole(key) for key in keys) for keys in ring.keys.values()):
        raise Refused(_UNREADABLE.format(path))
    return ring


def loader(path: Path) -> Callable[[], KeyRing]:
    """What reads the ring when it is first asked for, and remembers it. It raises as `load`."""
    return cache(lambda: load(path))


def _is_whole(key: Key) -> bool:
    return bool(key.id) and len(key.secret) == SECRET_BYTES
