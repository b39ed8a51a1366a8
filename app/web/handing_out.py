"""Forms as they are handed out, with their tokens, and whose requests they may answer."""

from flask import request

from app.catalogues import OF_THE_OUTSIDE
from app.queries.forms import Asking, Point
from app.services import render_tokens
from app.services.opt_in import Desk
from app.web.access import visit
from app.web.portal import portal

_OWN = frozenset({"same-origin", "none"})


def desk() -> Desk:
    """What the services of forms need."""
    return Desk(portal().keys, portal().settings.base_url)


def token(form: Asking) -> str:
    """The signed token of a form that is handed out now."""
    return render_tokens.made(portal().keys, form, visit().at)


def wishes(chosen: str = "") -> tuple[str, ...]:
    """The languages to try: the one chosen, the browser's, the organisation's."""
    accepted = request.accept_languages.best_match(OF_THE_OUTSIDE)
    return (chosen, accepted or "", portal().settings.language)


def is_welcome(point: Point) -> bool:
    """Whether a form comes from our own page, or from a site that may send to this point.

    Our own pages tell nobody where they are, so that their forms come from the origin null.
    """
    if request.headers.get("Sec-Fetch-Site", "") in _OWN:
        return True
    origin = request.headers.get("Origin", "")
    if origin in {"", "null"}:
        return "Sec-Fetch-Site" not in request.headers and not origin
    return origin in (*point.origins, portal().settings.base_url)
