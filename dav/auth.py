"""Who asks: HTTP Basic with an app password; and Radicale's plugin, which believes our answer."""

import base64
import binascii

from radicale import types
from radicale.auth import BaseAuth
from typing_extensions import override

from dav import visit

_LONGEST = 1_024


def credentials(header: str) -> tuple[str, str] | None:
    """Login and password of a Basic header, or None where there is none or it is malformed.

    Stock Radicale answers 500 to bad base64, a missing colon or an empty value.
    """
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        return None
    try:
        raw = base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    login, colon, password = _text(raw).partition(":")
    return (login, password) if colon and login.isprintable() else None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class Auth(BaseAuth):
    """Radicale's auth plugin: the front has recognised the device already."""

    @override
    def get_external_login(self, environ: types.WSGIEnviron) -> tuple[()] | tuple[str, str]:
        return visit.current.get().device, ""

    @override
    def _login(self, login: str, password: str) -> str:
        return visit.current.get().device
