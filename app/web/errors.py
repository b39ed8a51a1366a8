"""What went wrong, in words: one page for all of it. Hidden and absent are the same page."""

from datetime import datetime
from http import HTTPStatus

from flask import Flask, make_response, render_template
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from app import logs, tokens
from app.errors import Busy, Conflict, Invalid, KustodError, NotFound, Refused
from app.web import outside
from app.web.access import forget_visit, is_outside

RETRY_SECONDS = 5
WORDED = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})
_STATUS: dict[type[KustodError], int] = {
    NotFound: 404,
    Refused: 403,
    Invalid: 400,
    Conflict: 409,
    Busy: 503,
}


def page(status: int, *, until: datetime | None = None, reference: str = "") -> Response:
    """The page for this status; `until` is when to try again, `reference` what the log says."""
    shown = status
    if status not in WORDED:
        shown = 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    template = "public/error.html" if is_outside() else "errors/page.html"
    text = render_template(template, status=shown, until=until, reference=reference)
    response = make_response(text, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def install(app: Flask) -> None:
    """Give every refusal and every accident its page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(KustodError, _ours)
    app.register_error_handler(Exception, _accident)


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # A foreign Host has no addresses, so no page of ours can be written for it.
        return error.get_response()
    response = page(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    # A 405 names the methods that are allowed.
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _ours(error: KustodError) -> Response:
    if isinstance(error, Busy):
        forget_visit()
        outside.forget_desk()
    return page(next(status for kind, status in _STATUS.items() if isinstance(error, kind)))


def _accident(error: Exception) -> Response:
    reference = tokens.random_token(48)
    logs.logger().error("failed", reference=reference, **logs.failure(error))
    forget_visit()
    outside.forget_desk()
    return page(HTTPStatus.INTERNAL_SERVER_ERROR, reference=reference)
