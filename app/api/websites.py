"""What websites of the organisation ask and send: forms, consents, withdrawals.

A site fetches the form with its token, shows the words as they are, and hands in what a person
ticked. Whoever it is about, the answer is the same.
"""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.api.answering import Answered, accepted, answers, body, page_of, said, site, text
from app.cards.text import xml_safe
from app.catalogues import OF_THE_OUTSIDE
from app.queries import forms
from app.queries.forms import Asking, Point
from app.services import submissions, web_withdrawals
from app.services.submissions import Submission
from app.web import handing_out, outside
from app.web.access import from_anywhere, visit
from app.web.access import outside as for_outside
from app.web.portal import portal

pages = Blueprint("websites", __name__, url_prefix="/api/v1")


@pages.get("/forms/<slug:key>")
@for_outside
@answers
def form(key: str) -> Response:
    """The words of a form, and the token that proves them; readable by the sites it names."""
    with portal().sessions.read() as session:
        point = forms.point(session, key)
        wishes = handing_out.wishes(request.args.get("language", ""))
        found = forms.asking(session, point, wishes) if point is not None else None
    if point is None:
        raise Answered(404, f"there is no form {key}")
    if found is None or not point.is_active:
        raise Answered(410, "this form asks nobody any more")
    return _shared(point, said(200, _document(found)))


@pages.post("/consents")
@from_anywhere
@answers
def consents() -> Response:
    """Take what a person ticked on a site; his mailbox is asked before anything is valid."""
    point, name = site()
    sent = body()
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise Answered(400, "Idempotency-Key: the header is missing")
    boxes = sent.get("boxes")
    if not isinstance(boxes, list) or not all(isinstance(box, str) for box in boxes):
        raise Answered(400, "boxes: this is no list of names of boxes")
    sub = Submission(
        boxes=boxes,
        email=xml_safe(text(sent, "email", is_demanded=True)),
        phone=xml_safe(text(sent, "phone")),
        page=page_of(point, sent),
        ip=text(sent, "ip"),
        user_agent=text(sent, "user_agent"),
        site=name,
        idempotency_key=key,
    )
    token = text(sent, "token", is_demanded=True)
    with portal().sessions.write() as session:
        submissions.submit(session, handing_out.desk(), point.id, token, sub, visit().at)
    return accepted()


@pages.post("/withdrawals")
@from_anywhere
@answers
def withdrawals() -> Response:
    """Stop marketing to an address; `confirm` says whether its mailbox is told."""
    point, name = site()
    sent = body()
    email = xml_safe(text(sent, "email", is_demanded=True))
    is_confirmed = sent.get("confirm", False)
    if not isinstance(is_confirmed, bool):
        raise Answered(400, "confirm: this is neither true nor false")
    is_told = is_confirmed and outside.tries("stopped", email.casefold()) <= 1
    with portal().sessions.write() as session:
        desk = handing_out.desk()
        known = web_withdrawals.withdraw(session, desk, point.id, email, visit().at, site=name)
        if is_told and known:
            language = _language(text(sent, "language"))
            web_withdrawals.write_receipt(session, email, language, visit().at)
    return accepted()


def _language(chosen: str) -> str:
    return chosen if chosen in OF_THE_OUTSIDE else portal().settings.language


def _document(found: Asking) -> dict[str, Any]:
    notice = found.notice
    base = portal().settings.base_url
    return {
        "form": found.point.key,
        "language": found.language,
        "languages": list(found.languages),
        "boxes": [
            {"name": box.name, "medium": box.medium, "label": box.label} for box in found.boxes
        ],
        "needs_phone": found.needs_number,
        "notice": {
            "url": f"{base}/p/notices/{notice.key}/{notice.language}/{notice.version}",
            "version": notice.version,
            "sha256": notice.sha256,
        },
        "token": handing_out.token(found),
    }


def _shared(point: Point, response: Response) -> Response:
    """Let scripts of the named sites read it, and of no other."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if origin in point.origins:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
