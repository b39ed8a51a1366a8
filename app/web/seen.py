"""Who saw a contact in a period: asked by owners and the data protection officer, and logged.

Asking is a form: it leaves its row in the log and leads to the page with the answer. Nobody
reads an answer there that he has not asked for; each look at it is a consultation as well.
"""

from datetime import date, timedelta
from urllib.parse import quote

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired, ValidationError

from app.cards.text import xml_safe
from app.queries import contacts, inquiries
from app.queries.inquiries import Answer, Audience, Question, Subject
from app.services import inquiries as commands
from app.services import moments
from app.web import contact_words, seen_words
from app.web.access import actor, in_role, signed_in, user, viewer, visit
from app.web.forms import OurForm, text_argument
from app.web.portal import portal
from app.web.texts import later

FOLDED = 50
"""So many rows of one answer are shown until all are asked for."""

_PERIOD = timedelta(days=30)

pages = Blueprint("seen", __name__)


def _line(typed: str | None) -> str:
    return xml_safe(typed or "").strip()


class PeriodForm(OurForm):
    """Which days, the last one included, and for whom the answer is."""

    first = StringField(filters=[_line], validators=[DataRequired(later("Say the first day."))])
    last = StringField(filters=[_line], validators=[DataRequired(later("Say the last day."))])
    audience = StringField(
        validators=[AnyOf([*Audience], message=later("Say for whom the answer is."))]
    )

    def validate_first(self, field: StringField) -> None:
        """It is a day."""
        _read_day(field.data or "")

    def validate_last(self, field: StringField) -> None:
        """It is a day that has come, and not before the first one."""
        named = _read_day(field.data or "")
        if named > _today():
            raise ValidationError(later("This day has not come yet."))
        if _is_day(self.first.data or "") and named < moments.day(self.first.data or ""):
            raise ValidationError(later("It ends before it begins."))

    def days(self) -> tuple[date, date]:
        """The first and the last day, once they are checked."""
        return moments.day(self.first.data or ""), moments.day(self.last.data or "")


@pages.get("/seen")
@in_role("owner", "dpo")
def find() -> str:
    """Find the person that it is about: by exactly his number, address, name or our number."""
    said = text_argument("q")
    with portal().sessions.read() as session:
        found = inquiries.exactly(session, said, visit().at) if said else []
    if request.method == "GET":
        ids = [card.public_id for card in found]
        portal().gatherer.shown(user().user_id, "seen", ids, visit().at)
    return render_template("seen/find.html", said=said, found=found, words=contact_words)


@pages.get("/contacts/<public_id:contact>/seen")
@signed_in
def show(contact: str) -> str:
    """The form, and beneath it the answer to what was asked."""
    subject = _subject(contact)
    form = PeriodForm(data=_in_address())
    question = _question(form)
    with portal().sessions.read() as session:
        found = None
        if question:
            found = inquiries.answer(session, viewer(), contact, question, visit().at)
        name = contacts.whole(session, subject.contact_id).shown_name()
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "seen", [contact], visit().at)
    return _page(contact, subject, form, name, found)


@pages.post("/contacts/<public_id:contact>/seen")
@signed_in
def ask(contact: str) -> Response:
    """Ask, which stands in the log from now on, and go where the answer is."""
    subject = _subject(contact)
    form = PeriodForm(request.form)
    if not form.validate():
        with portal().sessions.read() as session:
            name = contacts.whole(session, subject.contact_id).shown_name()
        return make_response(_page(contact, subject, form, name, None), 422)
    first, last = form.days()
    audience = Audience(form.audience.data or "")
    with portal().sessions.write() as session:
        commands.ask(session, actor(), contact, _over(first, last, audience), visit().at)
    said = {"from": first.isoformat(), "to": last.isoformat(), "for": audience.value}
    query = "&".join(f"{name}={quote(value)}" for name, value in said.items())
    return redirect(f"{url_for('seen.show', contact=contact)}?{query}#answer", code=303)


def _subject(contact: str) -> Subject:
    with portal().sessions.read() as session:
        found = inquiries.subject(session, viewer(), contact, visit().at)
    if found is None:
        abort(404)
    if not found.may_ask:
        abort(403)
    return found


def _in_address() -> dict[str, str]:
    """What the address asks for; else the last thirty days, for the person himself."""
    today = _today()
    return {
        "first": text_argument("from", 20) or (today - _PERIOD).isoformat(),
        "last": text_argument("to", 20) or today.isoformat(),
        "audience": text_argument("for", 20) or Audience.PERSON.value,
    }


def _question(form: PeriodForm) -> Question | None:
    """The question that these values make, or None for nonsense."""
    is_known = form.audience.data in {one.value for one in Audience}
    if not (is_known and _is_day(form.first.data or "") and _is_day(form.last.data or "")):
        return None
    return _over(*form.days(), Audience(form.audience.data or ""))


def _over(first: date, last: date, audience: Audience) -> Question:
    zone = portal().settings.zone
    start = moments.moment(first.isoformat(), zone, is_end=False)
    return Question(start, moments.moment(last.isoformat(), zone, is_end=True), audience)


def _page(contact: str, subject: Subject, form: PeriodForm, name: str, found: Answer | None) -> str:
    return render_template(
        "seen/show.html",
        contact=contact,
        subject=subject,
        form=form,
        name=name,
        found=found,
        today=_today().isoformat(),
        limit=None if "all" in request.args else FOLDED,
        args=dict(request.args),
        at=visit().at,
        words=contact_words,
        say=seen_words,
    )


def _today() -> date:
    return visit().at.astimezone(portal().settings.zone).date()


def _is_day(typed: str) -> bool:
    try:
        for is_end in (False, True):
            moments.moment(moments.day(typed).isoformat(), portal().settings.zone, is_end=is_end)
    except (ValueError, OverflowError):
        return False
    return True


def _read_day(typed: str) -> date:
    if not _is_day(typed):
        raise ValidationError(later("Write a day such as 2026-05-03 or 3. 5. 2026."))
    return moments.day(typed)
