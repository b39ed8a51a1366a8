"""For whoever watches the server: is the process alive, can it serve. It tells no versions."""

from flask import Blueprint, Response, abort, request

from app.services.health import probe
from app.services.health.probe import Seen
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


@pages.get(f"{probe.PATH}<public_id:question>")
@public
def doctor(question: str) -> Response:
    """Tell `kustod doctor`, who proves that it holds our keys, how this request came in."""
    ring = portal().keys
    if not probe.may_ask(ring, question):
        abort(404)
    seen = Seen(request.scheme, request.host, request.remote_addr or "")
    return Response(probe.answer(ring, question, seen), content_type="application/json")


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")
