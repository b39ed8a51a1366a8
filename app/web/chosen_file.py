"""Chosen contacts handed out in a file: recorded one by one before the file is made."""

from functools import partial

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired, Length

from app.cards.card import Card
from app.exports import FORMATS
from app.policy import Action
from app.queries import selections
from app.queries.selections import Choice, Outlook
from app.services import exports
from app.services.exports import Errand
from app.web import outlooks
from app.web.access import allowed, viewer
from app.web.choosing import MISSED, choice_in, listed
from app.web.forms import OurForm
from app.web.granting import one_text
from app.web.listing import said_of
from app.web.project_forms import NAME_LENGTH, one_line
from app.web.texts import later

pages = Blueprint("chosen_file", __name__, url_prefix="/contacts/chosen/file")

_REASON_LENGTH = 2_000
_FILES = {
    "vcard": ("text/vcard; charset=utf-8", "contacts.vcf"),
    "csv": ("text/csv; charset=utf-8", "contacts.csv"),
}


class FileForm(OurForm):
    """Who gets the file, what for, and as what."""

    to = StringField(
        filters=[one_line],
        validators=[
            DataRequired(later("Write who receives it.")),
            Length(max=NAME_LENGTH, message=later("This is too long.")),
        ],
    )
    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write what it is for.")),
            Length(max=_REASON_LENGTH, message=later("This is too long.")),
        ],
    )
    form = StringField(
        default="csv", validators=[AnyOf(tuple(_FILES), later("Choose one of the forms."))]
    )


@pages.before_request
def demand_choice() -> Response | None:
    """Who chose nothing goes back and is told so."""
    choice = choice_in(request.values)
    if choice.is_all or choice.ticked:
        return None
    return redirect(listed(said_of(choice.asked) | {"choose": MISSED}), code=303)


@pages.get("")
@allowed(Action.EXPORT)
def ask() -> str:
    """Which of them may leave; who gets them and what for."""
    choice = choice_in(request.args)
    return _page(choice, FileForm(), outlooks.seen(choice, selections.leaving()))


@pages.post("")
@allowed(Action.EXPORT)
def hand_over() -> Response:
    """Record it and answer with the file, if the page said what is still true."""
    choice, form = choice_in(request.form), FileForm(request.form)
    act = selections.leaving()
    if not form.validate():
        return make_response(_page(choice, form, outlooks.seen(choice, act)), 422)
    errand = Errand(form.to.data or "", form.reason.data or "")
    cards: list[Card] = []
    leave = partial(exports.hand_over_chosen, viewer=viewer(), errand=errand)
    outlook, is_done = outlooks.acted(
        choice, act, lambda *who, **what: cards.extend(leave(*who, **what))
    )
    if not is_done:
        return make_response(_page(choice, form, outlook), 409)
    return _file(cards, form.form.data or "")


def _page(choice: Choice, form: FileForm, outlook: Outlook) -> str:
    return outlooks.page("chosen/file.html", choice, outlook, form=form)


def _file(cards: list[Card], wanted: str) -> Response:
    mimetype, name = _FILES[wanted]
    response = make_response(b"".join(FORMATS[wanted](cards)))
    response.headers["Content-Type"] = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
