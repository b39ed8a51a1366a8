"""Requests of people about their data, for owners and the data protection officer."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import NotFound, Refused
from app.policy import Channel
from app.queries import contacts
from app.queries import requests as readers
from app.queries.requests import Case
from app.services import consent_subjects, requests, restrictions
from app.services.requests import NewRequest
from app.web import notices, texts
from app.web.access import actor, in_role, user, viewer, visit
from app.web.forms import OurForm, id_argument
from app.web.portal import portal
from app.web.request_forms import CloseForm, ExtendForm, IdentityForm, NewForm, NoteForm
from app.web.texts import later

pages = Blueprint("requests", __name__, url_prefix="/requests")

_NOBODY = later("There is no such contact.")


@pages.get("")
@in_role("owner", "dpo")
def index() -> str:
    """What is open, the first to be due first; then what was answered. It names nobody."""
    with portal().sessions.read() as session:
        found = readers.everything(session, portal().settings.zone, visit().at)
    return render_template("requests/index.html", cases=found, at=visit().at)


@pages.get("/new")
@in_role("owner", "dpo")
def new() -> str:
    """What came by mail, on paper, by phone or through a colleague."""
    form = NewForm(data={"contact": id_argument("contact"), "language": texts.language()})
    form.way.data = "mail"
    return render_template("requests/new.html", form=form)


@pages.post("/new")
@in_role("owner", "dpo")
def enter() -> Response:
    """Enter it; whoever asks gets his receipt where an address is known."""
    form = NewForm(request.form)
    if not form.validate():
        return make_response(render_template("requests/new.html", form=form), 422)
    try:
        with portal().sessions.write() as session:
            subject_id, email = None, form.email.data or ""
            if form.contact.data:
                inner = consent_subjects.contact_id(session, form.contact_uid)
                subject_id = consent_subjects.of_contact(session, inner, visit().at).id
                email = email or restrictions.address_of(session, inner)
            said = NewRequest(
                kind=form.kind.data or "",
                way=form.way.data or "",
                subject_id=subject_id,
                received_at=form.received_at,
                language=form.language.data or "",
                words=form.words.data or "",
                email=email,
            )
            case = requests.enter(session, actor(), said, portal().settings.zone, visit().at)
    except NotFound:
        form.contact.errors = [_NOBODY]
        return make_response(render_template("requests/new.html", form=form), 422)
    return notices.say(_back(case.number), later("The request is entered."))


@pages.get("/<public_id:number>")
@in_role("owner", "dpo")
def show(number: str) -> str:
    """One request: whose, until when, its story, and what to do for its kind."""
    return _page(number)


@pages.post("/<public_id:number>/take")
@in_role("owner", "dpo")
def take(number: str) -> Response:
    """Take care of it from now on."""
    _case(number)
    with portal().sessions.write() as session:
        requests.take(session, actor(), number, visit().at)
    return notices.say(_back(number), later("You take care of it now."))


@pages.post("/<public_id:number>/note")
@in_role("owner", "dpo")
def note(number: str) -> Response:
    """Add a note."""
    _case(number)
    form = NoteForm(request.form)
    if not form.validate():
        return make_response(_page(number, form), 422)
    with portal().sessions.write() as session:
        requests.note(session, actor(), number, form.words.data or "", visit().at)
    return notices.say(_back(number), later("Recorded."))


@pages.post("/<public_id:number>/identity")
@in_role("owner", "dpo")
def identify(number: str) -> Response:
    """Say by what we know who he is, or that he was asked."""
    _case(number)
    form = IdentityForm(request.form)
    if not form.validate():
        return make_response(_page(number, form), 422)
    try:
        with portal().sessions.write() as session:
            said = (form.identity.data or "", "")
            requests.identify(session, actor(), number, *said, visit().at)
    except Refused:
        return notices.say(_back(number), later("This request is answered."))
    return notices.say(_back(number), later("Recorded."))


@pages.post("/<public_id:number>/longer")
@in_role("owner", "dpo")
def extend(number: str) -> Response:
    """Take two more months, and tell him."""
    _case(number)
    form = ExtendForm(request.form)
    if not form.validate():
        return make_response(_page(number, form), 422)
    try:
        with portal().sessions.write() as session:
            said = (form.reason.data or "", portal().settings.zone)
            requests.extend(session, actor(), number, *said, visit().at)
    except Refused:
        return notices.say(_back(number), later("It cannot be extended any more."))
    return notices.say(_back(number), later("There are two more months now."))


@pages.post("/<public_id:number>/close")
@in_role("owner", "dpo")
def close(number: str) -> Response:
    """Answer it."""
    _case(number)
    form = CloseForm(request.form)
    if not form.validate():
        return make_response(_page(number, form), 422)
    with portal().sessions.write() as session:
        said = (form.outcome.data or "", form.reason.data or "", portal().settings.zone)
        requests.close(session, actor(), number, *said, visit().at)
    return notices.say(_back(number), later("The answer is recorded."))


def _page(number: str, wrong: OurForm | None = None) -> str:
    case, name, sees = _case(number), "", False
    if case.contact_id is not None and not case.is_erased:
        with portal().sessions.read() as session:
            name = contacts.whole(session, case.contact_id).shown_name()
            asked = (session, viewer(), Channel.PORTAL, case.contact_uid or "", visit().at)
            sees = contacts.find(*asked) is not None
        if request.method == "GET" and case.contact_uid:
            shown = [case.contact_uid]
            portal().gatherer.shown(user().user_id, "request", shown, visit().at)
    kinds = (NoteForm, IdentityForm, ExtendForm, CloseForm)
    forms = {kind.__name__: wrong if isinstance(wrong, kind) else kind() for kind in kinds}
    at = visit().at
    may_extend = case.is_open and case.extension is None and at < case.first_due_at
    return render_template(
        "requests/show.html",
        case=case,
        name=name,
        sees=sees,
        forms=forms,
        wrong=wrong,
        may_extend=may_extend,
        at=at,
    )


def _case(number: str) -> Case:
    with portal().sessions.read() as session:
        found = readers.find(session, number, portal().settings.zone, visit().at)
    if found is None:
        abort(404)
    return found


def _back(number: str) -> Response:
    return redirect(url_for("requests.show", number=number), code=303)
