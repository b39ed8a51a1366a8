"""For whoever watches the server: is the process alive, can it serve. It tells no versions."""

from flask import Blueprint, Response

from app.services.readiness import is_ready
from app.web.access import public
from app.web.portal import portal

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@public
def alive() -> Response:
    """The process is alive; nothing is asked of the database."""
    return _plain("ok", 200)


@pages.get("/readyz")
@public
def ready() -> Response:
    """A request could be served: the database answers, migrations and triggers are in place."""
    if is_ready(portal().sessions):
        return _plain("ready", 200)
    return _plain("not ready", 503)


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")
