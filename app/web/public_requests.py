"""Behind the link from his mailbox: what somebody asks of us, each a request with a receipt."""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.form import Form
from wtforms.validators import Length, ValidationError

from app.cards.text import xml_safe
from app.errors import NotFound
from app.queries import preferences, public_tokens
from app.queries.public_tokens import HeldToken
from app.queries.requests import Case
from app.services import public_pages
from app.services.choices import REQUESTS
from app.services.public_pages import Wish
from app.web import texts
from app.web.access import outside, visit
from app.web.outside import here, limit, page
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("public_requests", __name__, url_prefix="/p/mine")

MOST = 20
"""So many requests a quarter of an hour from one address."""

_LONGEST = 2000
_TOO_LONG = Length(max=_LONGEST, message=later("This is too long."))
_SHORT = Length(max=200, message=later("This is too long."))
_SAID = ("name", "phone", "email", "address")


def _plain(typed: str | None) -> str:
    return xml_safe(typed or "").strip()


class WishForm(Form):
    """What somebody wants to say with his request; all of it may be left out, but of a mistake."""

    words = StringField(filters=[_plain], validators=[_TOO_LONG])
    name = StringField(filters=[_plain], validators=[_SHORT])
    phone = StringField(filters=[_plain], validators=[_SHORT])
    email = StringField(filters=[_plain], validators=[_SHORT])
    address = StringField(filters=[_plain], validators=[_SHORT])


class CorrectionForm(WishForm):
    """The same where something is wrong."""

    def validate_words(self, field: StringField) -> None:
        """Something must be said, here or in one of the other fields."""
        if not any((field.data, *(self[name].data for name in _SAID))):
            raise ValidationError(later("Write what is wrong, or how it is right."))


@pages.get("/<public_id:link>/ask/<slug:kind>")
@outside
def ask(link: str, kind: str) -> Response:
    """What this request means, and its button; looking asks for nothing."""
    _known(kind)
    held = _held(link)
    return page("over.html", 404, link=link) if held is None else _page(link, kind, WishForm())


@pages.post("/<public_id:link>/ask/<slug:kind>")
@outside
def send(link: str, kind: str) -> Response:
    """Take the request, and lead to its receipt."""
    _known(kind)
    limit("request", MOST)
    form = (CorrectionForm if kind == "rectification" else WishForm)(request.form)
    held = _held(link)
    if held is None:
        return page("over.html", 404, link=link)
    if not form.validate():
        return _page(link, kind, form, 422)
    wanted = {name: form[name].data or "" for name in _SAID}
    wish = Wish(kind, _who(), form.words.data or "", wanted, texts.language())
    try:
        with portal().sessions.write() as session:
            zone = portal().settings.zone
            case = public_pages.request(session, held, wish, zone, visit().at)
    except NotFound:
        abort(400)
    return redirect(here("public_requests.receipt", link=link, number=case.number), 303)


@pages.get("/<public_id:link>/requests/<public_id:number>")
@outside
def receipt(link: str, number: str) -> Response:
    """That we have it, its number and the last day for our answer; later, what became of it."""
    held = _held(link)
    if held is None:
        return page("over.html", 404, link=link)
    case = next((one for one in _cases(held) if one.number == number), None)
    if case is None:
        abort(404)
    return page("receipt.html", link=link, case=case)


def _cases(held: HeldToken) -> list[Case]:
    with portal().sessions.read() as session:
        return preferences.asked(session, held.scope, portal().settings.zone, visit().at)


def _page(link: str, kind: str, form: Form, status: int = 200) -> Response:
    return page("request.html", status, link=link, kind=kind, who=_who(), form=form)


def _who() -> str:
    return request.values.get("who", "0")[:4]


def _known(kind: str) -> None:
    if kind not in REQUESTS:
        abort(404)


def _held(link: str) -> HeldToken | None:
    with portal().sessions.read() as session:
        return public_tokens.of_mailbox(session, link, visit().at)
