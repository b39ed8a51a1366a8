"""The consents of one contact: what holds and on what proof; and what colleagues record.

Who sees the contact reads them, and so do owners and the data protection officer, also where it
is hidden. Taking back is open to all of them; a consent is recorded by who may change the
contact, or an owner, and needs what was told and a proof.
"""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Invalid, NotFound
from app.policy import Action
from app.queries import consent_pages, contacts, directories, inquiries
from app.queries import notices as told
from app.queries.inquiries import Subject
from app.services import consent_closings, consent_entries
from app.web import consent_words, contact_words, handing_out, notices
from app.web.access import actor, signed_in, user, viewer, visit
from app.web.consent_forms import NoForm, YesForm, yes_form
from app.web.contact_access import rights, sheet
from app.web.forms import text_argument
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("consents", __name__, url_prefix="/contacts/<public_id:contact>/consents")


@pages.get("")
@signed_in
def show(contact: str) -> str:
    """What holds per purpose and medium, why else it may be used, and everything that happened."""
    subject = _subject(contact)
    with portal().sessions.read() as session:
        found = consent_pages.of_contact(session, viewer(), subject.contact_id, visit().at)
    return _render("show.html", contact, subject, found=found)


@pages.get("/no")
@signed_in
def ask_no(contact: str) -> str:
    """What the person said no to, and when."""
    form = NoForm(data={"purpose": text_argument("purpose"), "kind": "withdrawn"})
    return _no_page(contact, _subject(contact), form)


@pages.post("/no")
@signed_in
def say_no(contact: str) -> Response:
    """Record a withdrawal, a refusal or an objection; one press with a purpose is enough."""
    subject, form = _subject(contact), NoForm(request.form)
    if not form.validate():
        return make_response(_no_page(contact, subject, form), 422)
    with portal().sessions.write() as session:
        try:
            about = directories.get_purpose(session, form.purpose.data or "")
        except NotFound:
            abort(400)
        closing = form.closing(about.id)
        consent_closings.close(session, actor(), subject.contact_id, closing, visit().at)
    return notices.say(_back(contact), later("Recorded. It counts from now on."))


@pages.get("/new")
@signed_in
def ask_yes(contact: str) -> str:
    """What the person agreed to, what was told before, and what proves it."""
    form = YesForm(data={"purpose": text_argument("purpose"), "how": "paper"})
    return _yes_page(contact, _recording(contact), form)


@pages.post("/new")
@signed_in
def say_yes(contact: str) -> Response:
    """Record a consent with its proof."""
    subject, form = _recording(contact), yes_form()
    holds = _record(subject, form) if form.validate() else None
    if holds is None:
        return make_response(_yes_page(contact, subject, form), 422)
    said = later("Recorded. It holds.")
    if not holds:
        said = later("Recorded. It holds nothing open: see why in the table.")
    return notices.say(_back(contact), said)


def _record(subject: Subject, form: YesForm) -> bool | None:
    """Whether the purpose has a consent now; None where the form says what is wrong."""
    try:
        proofs = form.sealed()
        with portal().sessions.write() as session:
            about = directories.get_purpose(session, form.purpose.data or "")
            notice = told.named(session, form.notice.data or "")
            new = form.entry(about.id, notice.row_id, proofs)
            who, desk = subject.contact_id, handing_out.desk()
            done = consent_entries.enter(session, actor(), who, new, visit().at, desk=desk)
            return done.holds
    except (Invalid, NotFound) as error:
        form.blame(error)
        return None


def _back(contact: str) -> Response:
    """To the list; but what was taken back may have hidden the contact from who took it back."""
    with portal().sessions.read() as session:
        subject = inquiries.subject(session, viewer(), contact, visit().at)
    there = url_for("consents.show", contact=contact) if subject else url_for("contacts.index")
    return redirect(there, code=303)


def _subject(contact: str) -> Subject:
    with portal().sessions.read() as session:
        found = inquiries.subject(session, viewer(), contact, visit().at)
    if found is None:
        abort(404)
    return found


def _recording(contact: str) -> Subject:
    """The contact for who may record a consent: 403 for who may only look."""
    subject = _subject(contact)
    if not _may_record(contact, subject):
        abort(403)
    return subject


def _may_record(contact: str, subject: Subject) -> bool:
    if subject.is_erased:
        return False
    if "owner" in visit().roles:
        return True
    return subject.sees and Action.EDIT in rights(sheet(contact))


def _no_page(contact: str, subject: Subject, form: NoForm) -> str:
    with portal().sessions.read() as session:
        purposes = consent_pages.purposes(session)
    return _render("no.html", contact, subject, form=form, purposes=purposes)


def _yes_page(contact: str, subject: Subject, form: YesForm) -> str:
    with portal().sessions.read() as session:
        purposes, versions = consent_pages.purposes(session), consent_pages.notices(session)
    return _render("yes.html", contact, subject, form=form, purposes=purposes, versions=versions)


def _render(template: str, contact: str, subject: Subject, **values: object) -> str:
    with portal().sessions.read() as session:
        name = contacts.whole(session, subject.contact_id).shown_name()
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "consents", [contact], visit().at)
    return render_template(
        f"consents/{template}",
        contact=contact,
        subject=subject,
        name=name,
        may_record=_may_record(contact, subject),
        say=consent_words,
        words=contact_words,
        **values,
    )
