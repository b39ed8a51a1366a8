"""For the people in the cards: what we hold about them, their own page, the link that stops."""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.form import Form
from wtforms.validators import ValidationError

from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.errors import NotFound
from app.queries import preferences, public_tokens
from app.services import public_asks, public_pages, typed_stops
from app.services.public_asks import Way
from app.web import texts
from app.web.access import from_anywhere, outside, visit
from app.web.outside import here, limit, page, tries
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("public", __name__, url_prefix="/p")

MAILS = 3
"""So many mails to one address within the window of the throttle; then none, and nobody hears."""


class AskForm(Form):
    """One address."""

    email = StringField(filters=[lambda typed: xml_safe(typed or "").strip()])

    def validate_email(self, field: StringField) -> None:
        """What was typed is an e-mail address."""
        if not email_norm(field.data or ""):
            raise ValidationError(later("This is not an e-mail address."))


@pages.get("/")
@outside
def index() -> Response:
    """What somebody without an account can do here."""
    return page("index.html")


@pages.get("/ask")
@outside
def ask() -> Response:
    """One field: which address is it about."""
    return page("ask.html", form=AskForm())


@pages.post("/ask")
@outside
def send() -> Response:
    """Let the answer go to the mailbox on file; what comes back here says nothing of it."""
    form = AskForm(request.form)
    if not form.validate():
        return page("ask.html", 422, form=form)
    limit("ask")
    typed = form.email.data or ""
    if tries("ask", email_norm(typed)) <= MAILS:
        with portal().sessions.write() as session:
            public_asks.ask(session, typed, _way(), visit().at)
    return redirect(here("public.sent"), code=303)


@pages.get("/ask/sent")
@outside
def sent() -> Response:
    """The same for everybody."""
    return page("sent.html")


@pages.get("/off")
@outside
def off() -> Response:
    """One field: which address shall get no more advertising."""
    return page("off.html", form=AskForm())


@pages.post("/off")
@outside
def take_off() -> Response:
    """Stop it at once, whoever has the address; what comes back here says nothing of that."""
    form = AskForm(request.form)
    if not form.validate():
        return page("off.html", 422, form=form)
    limit("off")
    typed = form.email.data or ""
    if tries("off", email_norm(typed)) <= MAILS:
        with portal().sessions.write() as session:
            typed_stops.off(session, typed, _way(), visit().at)
    return redirect(here("public.taken_off"), code=303)


@pages.get("/off/done")
@outside
def taken_off() -> Response:
    """The same for everybody."""
    return page("off_done.html")


@pages.get("/undo/<public_id:link>")
@outside
def undo(link: str) -> Response:
    """What somebody typed, and a button for "it was not me"; looking undoes nothing."""
    with portal().sessions.read() as session:
        held = public_tokens.of_undoing(session, link, visit().at)
    if held is None:
        abort(404)
    return page("undo.html", link=link, held=held)


@pages.post("/undo/<public_id:link>")
@outside
def undo_now(link: str) -> Response:
    """Take precisely that stop back."""
    with portal().sessions.write() as session:
        held = public_tokens.of_undoing(session, link, visit().at)
        if held is None:
            abort(404)
        typed_stops.undo(session, held, visit().at)
    return redirect(here("public.undo", link=link), code=303)


@pages.get("/mine/<public_id:link>")
@outside
def mine(link: str) -> Response:
    """What we hold about whoever reads this mailbox, and how he stops it."""
    with portal().sessions.read() as session:
        held = public_tokens.of_mailbox(session, link, visit().at)
        found = preferences.people(session, held.scope, visit().at) if held else []
        zone = portal().settings.zone
        cases = preferences.asked(session, held.scope, zone, visit().at) if held else []
    if held is None:
        return page("over.html", 404, link=link)
    return page("mine.html", link=link, people=found, cases=cases, until=held.valid_until)


@pages.post("/mine/<public_id:link>")
@outside
def withdraw(link: str) -> Response:
    """Stop one purpose, or with none named everything, for one person or all of the mailbox."""
    at, purpose, who = visit().at, request.form.get("purpose", ""), request.form.get("who", "")
    with portal().sessions.write() as session:
        held = public_tokens.of_mailbox(session, link, at)
        if held is None:
            return page("over.html", 404, link=link)
        try:
            public_pages.withdraw(session, held, (who, purpose), texts.language(), at)
        except NotFound:
            abort(400)
    return redirect(here("public.mine", link=link), code=303)


@pages.post("/mine/<public_id:link>/again")
@outside
def again(link: str) -> Response:
    """Send a fresh link to the address on file, if there is one; the answer is always the same."""
    limit("ask")
    if tries("again", link) <= MAILS:
        with portal().sessions.write() as session:
            public_asks.again(session, link, _way(), visit().at)
    return redirect(here("public.sent"), code=303)


@pages.get("/stop/<public_id:link>")
@outside
def stop(link: str) -> Response:
    """What this link would stop, and a button; looking stops nothing."""
    return _stop_page(link)


@pages.post("/stop/<public_id:link>")
@from_anywhere
def stop_now(link: str) -> Response:
    """Stop it, whoever presses: a person, or his mail program (RFC 8058). Never a redirect."""
    with portal().sessions.write() as session:
        held = public_tokens.of_stop(session, link, visit().at)
        if held is None:
            abort(404)
        public_pages.stop(session, held, texts.language(), visit().at)
    return _stop_page(link)


def _stop_page(link: str) -> Response:
    with portal().sessions.read() as session:
        held = public_tokens.of_stop(session, link, visit().at)
        if held is None:
            abort(404)
        names = preferences.named(session, held.scope.get("purposes", []))
    return page("stop.html", link=link, names=names, stopped_at=held.used_at)


def _way() -> Way:
    return Way(portal().keys, portal().settings.base_url, texts.language())
