"""Random tokens, hashes of tokens, hashes of passwords. No key of the instance is read here."""

import base64
import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
PASSWORD_MIN, PASSWORD_MAX = 12, 256


def random_token(bits: int = 128) -> str:
    """A URL-safe random token with this many bits."""
    return secrets.token_urlsafe(bits // 8)


def app_password(drawn: bytes = b"") -> str:
    """A random app password of 130 bits that can be read aloud: groups of base32 letters.

    Made of at least 20 random bytes, drawn here where none are given.
    """
    text = base64.b32encode(drawn or secrets.token_bytes(20)).decode().lower()[:26]
    return "-".join(text[i : i + 5] for i in range(0, 25, 5)) + text[25:]


def digest(token: str) -> str:
    """SHA-256 in hex: enough for a value that is itself 128 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id with the library's current parameters."""
    return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


@cache
def _dummy() -> str:
    """A hash that no password fits, so that an unknown user takes as long as a known one."""
    return _HASHER.hash(secrets.token_bytes(16))


def is_password(stored: str, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown user, whose `stored` is empty."""
    raw = password.encode("utf-8", "surrogatepass")
    if len(raw) > PASSWORD_MAX:
        return False
    try:
        _HASHER.verify(stored or _dummy(), raw)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def random_name() -> str:
    """A random name of 16 lower-case letters and digits, for addresses that clients keep."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()
