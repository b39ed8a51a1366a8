"""For the people in the cards: the way in, open to everybody."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.web.access import outside
from app.web.outside import page

pages = Blueprint("public", __name__, url_prefix="/p")


@pages.get("/")
@outside
def index() -> Response:
    """What somebody without an account can do here."""
    return page("index.html")
