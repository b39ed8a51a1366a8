"""How requests of websites are read and answered: JSON in, JSON out, an error in one sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.errors import Conflict, Invalid, KustodError, Refused
from app.queries import forms
from app.queries.forms import Point
from app.services.submissions import Closed, Outdated
from app.web import outside
from app.web.portal import portal

WRONG_KEYS = 10
"""So many wrong keys a quarter of an hour from one address."""

MOST = 600
"""So many requests a quarter of an hour by one key: a site speaks for all its visitors."""

_LENGTH = 2_000
_STATUS: dict[type[KustodError], int] = {
    Closed: 410,
    Outdated: 422,
    Invalid: 422,
    Conflict: 409,
    Refused: 422,
}


class Answered(Exception):
    """A request that gets no further, with its answer."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def answers(view: Callable[..., Response]) -> Callable[..., Response]:
    """Say in JSON what a view refuses."""

    @wraps(view)
    def asked(**values: object) -> Response:
        try:
            return view(**values)
        except Answered as answer:
            return said(answer.status, {"error": answer.words}, answer.headers)
        except (Conflict, Invalid, Refused) as error:
            status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
            return said(status, {"error": str(error)})

    return asked


def said(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """One answer."""
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def accepted() -> Response:
    """The one answer to whatever was taken, whoever it is about."""
    return said(202, {"status": "accepted"})


def site() -> tuple[Point, str]:
    """For which collection point a request speaks, and which site. Raises Answered.

    Wrong keys are counted by address, right ones by key.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    is_key = scheme.lower() == "bearer" and bool(secret.strip())
    with portal().sessions.read() as session:
        found = forms.by_site_key(session, secret.strip()) if is_key else None
    count = outside.tries("site", f"{found[0].key}\0{found[1]}" if found else "")
    if count > (MOST if found else WRONG_KEYS):
        raise Answered(429, "too many requests: try again later", Retry_After="900")
    if found is None:
        raise Answered(401, "no such key", WWW_Authenticate="Bearer")
    _check_origin(found[0], request.headers.get("Origin", ""), is_demanded=False)
    return found


def body() -> dict[str, Any]:
    """What was sent. Raises Answered where it is no JSON object."""
    if not request.is_json:
        raise Answered(415, "send application/json")
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Answered(400, "the body is no JSON object")
    return sent


def text(sent: dict[str, Any], name: str, *, is_demanded: bool = False) -> str:
    """One text of the body. Raises Answered where it is something else, or missing."""
    value = sent.get(name, "")
    if not isinstance(value, str) or len(value) > _LENGTH * 2:
        raise Answered(400, f"{name}: this is no text of usual length")
    if is_demanded and not value.strip():
        raise Answered(400, f"{name}: it is missing")
    return value.strip()


def page_of(point: Point, sent: dict[str, Any]) -> str:
    """The page where the person was, on a site that may send here. Raises Answered."""
    page = text(sent, "page", is_demanded=True)
    try:
        parts = urlsplit(page)
    except ValueError as error:
        raise Answered(400, "page: this is no address of a page") from error
    _check_origin(point, f"{parts.scheme}://{parts.netloc}".lower(), is_demanded=True)
    return page


def _check_origin(point: Point, origin: str, *, is_demanded: bool) -> None:
    if (origin or is_demanded) and origin not in point.origins:
        raise Answered(403, f"{origin} is not among the sites that may send to {point.key}")
