"""The six cookies: session, form of a visitor, language, theme, a notice, what is shown once."""

from enum import StrEnum

from flask import request
from werkzeug.wrappers import Response

from app.web.portal import portal

YEAR_SECONDS = 365 * 24 * 3600


class Cookie(StrEnum):
    """What a cookie is for, as the end of its name."""

    SESSION = ""
    FORM = "-form"
    LANGUAGE = "-language"
    THEME = "-theme"
    NOTICE = "-notice"
    ONCE = "-once"


def name(cookie: Cookie) -> str:
    """The name: with the prefix that pins it to this host wherever https allows it."""
    return ("__Host-kustod" if portal().settings.is_secure else "kustod-dev") + cookie


def read(cookie: Cookie) -> str:
    """What the browser sent, or ""."""
    return request.cookies.get(name(cookie), "")


def write(response: Response, cookie: Cookie, value: str, max_age: int | None = None) -> None:
    """Set it for the whole portal, out of reach of scripts and of other sites."""
    response.set_cookie(
        name(cookie),
        value,
        max_age=max_age,
        path="/",
        secure=portal().settings.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop(response: Response, cookie: Cookie) -> None:
    """Take it back."""
    write(response, cookie, "", max_age=0)
