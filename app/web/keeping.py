"""A contact shut away, let out, erased; and the contacts of a directory that nobody sees."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from app.errors import Refused
from app.policy import Channel
from app.queries import contacts, erasures, standing
from app.queries import keeping as readers
from app.queries.keeping import Kept
from app.services import bases, restrictions
from app.services import erasures as commands
from app.services.erasures import Order
from app.web import notices, texts
from app.web.access import actor, signed_in, user, viewer, visit
from app.web.forms import OurForm
from app.web.granting import REASON_LENGTH, one_text
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("keeping", __name__)


class ReasonForm(OurForm):
    """Why; how the person was told; and what has to be said before something is erased."""

    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why.")),
            Length(max=REASON_LENGTH, message=later("This is too long.")),
        ],
    )
    told = StringField(filters=[one_text])
    despite = BooleanField()
    at_once = BooleanField()


@pages.get("/directories/<slug:directory>/hidden")
@signed_in
def hidden(directory: str) -> str:
    """What of a directory nobody sees, and why; it names nobody."""
    with portal().sessions.read() as session:
        home = standing.in_directory(session, viewer(), directory, visit().at)
        if home is None:
            abort(404)
        if not home.oversees:
            abort(403)
        found = readers.hidden(session, viewer(), directory, visit().at)
    return render_template("keeping/hidden.html", home=home, found=found)


@pages.get("/contacts/<public_id:contact>/keeping")
@signed_in
def show(contact: str) -> str:
    """Why nobody sees it, or what erasing it would do; with what may be done."""
    return _page(_kept(contact), ReasonForm())


@pages.post("/contacts/<public_id:contact>/keeping/restrict")
@signed_in
def restrict(contact: str) -> Response:
    """Let it only be stored from now on."""
    found, form = _deciding(contact), ReasonForm(request.form)
    if not form.validate():
        return make_response(_page(found, form), 422)
    with portal().sessions.write() as session:
        reason = form.reason.data or ""
        restrictions.restrict(session, actor(), found.id, reason, visit().at)
    return notices.say(_back(contact), later("From now on it is only stored."))


@pages.post("/contacts/<public_id:contact>/keeping/release")
@signed_in
def release(contact: str) -> Response:
    """Let it be used again, after the person was told."""
    found, form = _deciding(contact), ReasonForm(request.form)
    if not form.validate():
        return make_response(_page(found, form), 422)
    try:
        with portal().sessions.write() as session:
            said = (form.reason.data or "", form.told.data or "")
            args = (session, actor(), found.id, *said, portal().settings.zone, visit().at)
            restrictions.release(*args, language=texts.language())
    except Refused:
        form.told.errors = [later("No e-mail address is known: write how the person was told.")]
        return make_response(_page(found, form), 422)
    return notices.say(_back(contact), later("The end of the restriction is recorded."))


@pages.post("/contacts/<public_id:contact>/keeping/reason")
@signed_in
def give_reason(contact: str) -> Response:
    """Let the directory's own reason hold for it, so that it is seen again."""
    found = _deciding(contact)
    try:
        with portal().sessions.write() as session:
            bases.add(session, actor(), found.id, visit().at)
    except Refused:
        said = later("That reason cannot be given by hand: a consent is needed, or he said no.")
        return notices.say(_back(contact), said)
    return notices.say(_back(contact), later("It has its reason again."))


@pages.post("/contacts/<public_id:contact>/keeping/erase")
@signed_in
def erase(contact: str) -> Response:
    """Erase it: hidden at once, made empty when the phones have given it back."""
    found, form = _deciding(contact), ReasonForm(request.form)
    if not form.validate():
        return make_response(_page(found, form), 422)
    order = Order(
        form.reason.data or "", despite=bool(form.despite.data), at_once=bool(form.at_once.data)
    )
    try:
        with portal().sessions.write() as session:
            done = commands.begin(session, actor(), found.id, order, visit().at)
    except Refused:
        form.despite.errors = [later("A contract or a law says to keep it: tick that you know.")]
        return make_response(_page(found, form), 422)
    if done.erased_at is None:
        said = later("It is hidden, and erased when the phones gave it back.")
        return notices.say(_back(contact), said)
    response = redirect(url_for("directories.show", directory=found.slug), code=303)
    return notices.say(response, later("The contact is erased."))


def _page(found: Kept, form: ReasonForm) -> str:
    with portal().sessions.read() as session:
        plan = erasures.plan(session, found.id, visit().at)
        name = contacts.whole(session, found.id).shown_name() if found.sees else ""
    if found.sees and request.method == "GET":
        portal().gatherer.shown(user().user_id, "keeping", [found.uid], visit().at)
    return render_template("keeping/show.html", found=found, plan=plan, name=name, form=form)


def _kept(contact: str) -> Kept:
    """The contact; 404 where he may not know of it, 403 where he only sees it."""
    with portal().sessions.read() as session:
        found = readers.find(session, viewer(), contact, visit().at)
        if found is None:
            seen = contacts.find(session, viewer(), Channel.PORTAL, contact, visit().at)
            abort(404 if seen is None else 403)
    return found


def _deciding(contact: str) -> Kept:
    found = _kept(contact)
    if not found.may_decide:
        abort(403)
    return found


def _back(contact: str) -> Response:
    return redirect(url_for("keeping.show", contact=contact), code=303)
