"""What was just done, said once on the next page: in a cookie that only we can write."""

import base64
import hmac
import json
from typing import Any

from flask import Flask, g
from werkzeug.wrappers import Response

from app.keys import Key, KeyName
from app.web import cookies
from app.web.cookies import Cookie
from app.web.portal import portal
from app.web.texts import gettext

SHOWN_WITHIN_SECONDS = 60
_OWN = "kustod_notice"


def say(response: Response, message: str, **values: object) -> Response:
    """Show this message, marked with `later`, on the page that comes next.

    An `undo` value is the address of the page that takes the act back.
    """
    said = {"message": message, "values": values}
    packed = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    key = portal().keys.current(KeyName.SESSION)
    value = f"{key.id}.{packed}.{_mac(key, packed)}"
    cookies.write(response, Cookie.NOTICE, value, max_age=SHOWN_WITHIN_SECONDS)
    return response


def heard() -> dict[str, str] | None:
    """What is to be said on this page, with the address of its undo or ""; None for nothing."""
    said = _read(cookies.read(Cookie.NOTICE))
    if said is None:
        return None
    setattr(g, _OWN, True)
    values: dict[str, object] = dict(said["values"])
    undo = str(values.pop("undo", ""))
    message: str = said["message"]
    return {"text": gettext(message, **values), "undo": undo}


def install(app: Flask) -> None:
    """Forget a notice with the page that showed it."""
    app.after_request(_forget)


def _forget(response: Response) -> Response:
    if g.get(_OWN):
        cookies.drop(response, Cookie.NOTICE)
    return response


def _read(value: str) -> dict[str, Any] | None:
    key_id, _, rest = value.partition(".")
    packed, _, mac = rest.partition(".")
    key = portal().keys.find(KeyName.SESSION, key_id)
    if key is None or not value.isascii():
        return None
    if not hmac.compare_digest(_mac(key, packed), mac):
        return None
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(packed))
    return said


def _mac(key: Key, packed: str) -> str:
    return key.mac(f"notice\0{packed}".encode()).hex()
