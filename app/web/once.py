"""What is shown once: an app password and a link, made anew from a seed that a cookie carries.

Nobody keeps the password: the database has its digest, and the cookie a random seed, which only
this server can turn into it, for a minute. The page that shows it takes the cookie away. A
changed seed or term gives another password, which finds no device.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, g
from werkzeug.wrappers import Response

from app import tokens
from app.keys import Key, KeyName
from app.web import cookies
from app.web.cookies import Cookie
from app.web.portal import portal

_TERM = timedelta(minutes=1)
_UNTIL = re.compile(r"[0-9]{1,12}")
_SHOWN = "kustod_once"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The app password, and the token of the link that hands out its profile."""

    password: str
    link: str
    seed: str


def draw(at: datetime) -> Secrets:
    """Fresh ones."""
    key = portal().keys.current(KeyName.SESSION)
    until = int((at + _TERM).timestamp())
    return _made(key, f"{key.id}.{until}.{tokens.random_token()}")


def hand_over(response: Response, secrets: Secrets) -> Response:
    """Let the page that comes next show them."""
    cookies.write(response, Cookie.ONCE, secrets.seed, max_age=int(_TERM.total_seconds()))
    return response


def shown(at: datetime) -> Secrets | None:
    """What this page may show, this once; None where there is nothing or its time is over."""
    seed = cookies.read(Cookie.ONCE)
    key_id, _, rest = seed.partition(".")
    until, _, _ = rest.partition(".")
    key = portal().keys.find(KeyName.SESSION, key_id)
    if key is None or not _UNTIL.fullmatch(until) or at.timestamp() >= int(until):
        return None
    setattr(g, _SHOWN, True)
    return _made(key, seed)


def install(app: Flask) -> None:
    """Take the seed away with the page that showed what it made."""
    app.after_request(_forget)


def _forget(response: Response) -> Response:
    if g.get(_SHOWN):
        cookies.drop(response, Cookie.ONCE)
    return response


def _made(key: Key, seed: str) -> Secrets:
    link = base64.urlsafe_b64encode(_drawn(key, "profile", seed)).decode().rstrip("=")
    return Secrets(tokens.app_password(_drawn(key, "app-password", seed)), link, seed)


def _drawn(key: Key, what: str, seed: str) -> bytes:
    return key.mac(f"{what}\0{seed}".encode("utf-8", "surrogatepass"))
