"""The archive of notices: what people were told, each version at an address of its own."""

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from app.queries import notices
from app.web.access import outside
from app.web.handing_out import wishes
from app.web.outside import page
from app.web.portal import portal
from app.web.texts import LANGUAGE

pages = Blueprint("public_notices", __name__, url_prefix="/p/notices")


@pages.get("/<slug:key>")
@outside
def current(key: str) -> Response:
    """The version that is published now, in the first language of the reader that there is."""
    with portal().sessions.read() as session:
        there = [one for one in notices.everything(session, key) if one.state == "published"]
    by_language = {one.language: one for one in there}
    languages = (*wishes(request.args.get(LANGUAGE, "")), *by_language)
    found = next((by_language[one] for one in languages if one in by_language), None)
    if found is None:
        abort(404)
    return page("notice.html", notice=found)


@pages.get("/<slug:key>/<slug:language>/<int:number>")
@outside
def version(key: str, language: str, number: int) -> Response:
    """One version, for ever."""
    with portal().sessions.read() as session:
        found = notices.version(session, key, language, number)
    if found is None:
        abort(404)
    return page("notice.html", notice=found)
