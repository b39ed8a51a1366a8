"""Receipts of consent records: for the person behind a link, and for colleagues; page and file."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from app.queries import inquiries, public_tokens
from app.queries import receipts as readers
from app.queries.receipts import Receipt
from app.web.access import outside, signed_in, user, viewer, visit
from app.web.outside import page
from app.web.portal import portal

pages = Blueprint("receipts", __name__)

_STAFF = "/contacts/<public_id:contact>/consents/receipts/<public_id:event>"
_OUTSIDE = "/p/mine/<public_id:link>/receipts/<public_id:event>"


@pages.get(_STAFF)
@signed_in
def show(contact: str, event: str) -> str:
    """The receipt as a page to print."""
    found = _for_staff(contact, event)
    return render_template(
        "consents/receipt.html",
        contact=contact,
        doc=found.document,
        spans=_spans(found.document),
        event=event,
    )


@pages.get(f"{_STAFF}.json")
@signed_in
def file(contact: str, event: str) -> Response:
    """The same as a file."""
    return _file(_for_staff(contact, event).document)


@pages.get(_OUTSIDE)
@outside
def mine(link: str, event: str) -> Response:
    """The receipt for whoever reads the mailbox of the link."""
    found = _for_person(link, event)
    return page(
        "consent_receipt.html",
        link=link,
        doc=found.document,
        spans=_spans(found.document),
        event=event,
    )


@pages.get(f"{_OUTSIDE}.json")
@outside
def mine_file(link: str, event: str) -> Response:
    """The same as a file."""
    return _file(_for_person(link, event).document)


def _for_staff(contact: str, event: str) -> Receipt:
    at = visit().at
    with portal().sessions.read() as session:
        subject = inquiries.subject(session, viewer(), contact, at)
        found = readers.of_event(session, event, portal().settings.base_url, at)
    if subject is None or found is None or found.contact_id != subject.contact_id:
        abort(404)
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "consents", [contact], at)
    return found


def _for_person(link: str, event: str) -> Receipt:
    at = visit().at
    with portal().sessions.read() as session:
        held = public_tokens.of_mailbox(session, link, at)
        found = readers.of_event(session, event, portal().settings.base_url, at)
    if held is None or found is None:
        abort(404)
    is_own = found.contact_id in held.scope["contacts"]
    if not is_own and (found.contact_id or found.subject_id not in held.scope["subjects"]):
        abort(404)
    return found


def _spans(document: dict[str, Any]) -> list[tuple[datetime, datetime | None]]:
    """When each event was and until when it reaches, to be said as people here say it."""
    found = []
    for one in document["events"]:
        _, _, until = one["validity_duration"].partition("/")
        end = datetime.fromisoformat(until) if until else None
        found.append((datetime.fromisoformat(one["event_time"]), end))
    return found


def _file(document: dict[str, Any]) -> Response:
    body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    response = Response(body, mimetype="application/json")
    name = f"receipt-{document['record_id']}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
