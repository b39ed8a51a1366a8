"""One paper in front of a colleague: which blank it is, what is ticked on it, who signed it."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Conflict, Invalid
from app.queries import evidence as proofs
from app.queries import paper as readers
from app.queries.paper import Place, Scan, Sheet
from app.services import evidence, paper_readings, paper_serials, papers
from app.services.paper_readings import Read
from app.services.proof_files import PICTURE
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.forms import id_argument
from app.web.paper_forms import AsideForm, NumberForm, PersonForm, ReadForm
from app.web.portal import portal
from app.web.texts import later

_READING = "To read a paper of the inbox."
_WRONG = {
    "boxes": ("boxes", later("Tick what is ticked on the paper.")),
    "email": ("email", later("What is ticked needs an e-mail address.")),
    "point": ("email", later("Write an e-mail address or a phone number as on the paper.")),
    "phone": ("phone", later("What is ticked needs a phone number.")),
    "family": ("family", later("Write the name as on the paper.")),
    "on": ("day", later("The blank was printed after this day.")),
}

pages = Blueprint("paper_reading", __name__, url_prefix="/scans")


@pages.get("/<public_id:scan>")
@signed_in
def show(scan: str) -> str:
    """The paper, and what is asked of it."""
    found = _found(scan)
    return _page(found, PersonForm() if found[0].is_card else ReadForm(), NumberForm())


@pages.post("/<public_id:scan>/look")
@signed_in
def look(scan: str) -> Response:
    """Open the scan in order to read it; that it was opened is recorded."""
    found, _, _ = _waiting(scan)
    if not found.mime:
        abort(403)
    with portal().sessions.write() as session:
        row = evidence.unlock(session, actor(), found.evidence, _READING, visit().at)
        opening = row.public_id
    return redirect(url_for("paper_reading.show", scan=scan, opening=opening), code=303)


@pages.post("/<public_id:scan>/number")
@signed_in
def match(scan: str) -> Response:
    """Say which blank it is."""
    found, form = _waiting(scan), NumberForm(request.form)
    if form.validate():
        with portal().sessions.write() as session:
            try:
                papers.match(session, actor(), scan, form.serial.data or "", visit().at)
                return redirect(_here(scan), code=303)
            except Conflict:
                form.serial.errors = [later("This blank came in before.")]
            except Invalid:
                form.serial.errors = [later("No blank of this place has that number.")]
    return make_response(_page(found, ReadForm(), form), 422)


@pages.post("/<public_id:scan>")
@signed_in
def record(scan: str) -> Response:
    """Record what was signed."""
    found, form = _waiting(scan), ReadForm(request.form)
    if found[2] is None:
        abort(403)
    if form.validate():
        read = Read(form.person, form.boxes.data or (), form.signed_at)
        with portal().sessions.write() as session:
            try:
                paper_readings.give(session, portal().keys, actor(), scan, read, visit().at)
                return _back(found[1], later("Recorded, with this paper as its proof."))
            except Invalid as error:
                _blame(form, error)
    return make_response(_page(found, form, NumberForm()), 422)


@pages.post("/<public_id:scan>/card")
@signed_in
def take_card(scan: str) -> Response:
    """Enter who stands on a business card."""
    found, form = _waiting(scan), PersonForm(request.form)
    if not found[0].is_card:
        abort(403)
    if form.validate():
        with portal().sessions.write() as session:
            try:
                paper_readings.take_card(session, actor(), scan, form.person, visit().at)
                return _back(found[1], later("Entered. A business card allows no marketing."))
            except Invalid as error:
                _blame(form, error)
    return make_response(_page(found, form, NumberForm()), 422)


@pages.post("/<public_id:scan>/aside")
@signed_in
def put_aside(scan: str) -> Response:
    """Nothing is agreed to on it, or nobody can read it; its scan is erased."""
    _, place, _ = _found(scan)
    form = AsideForm(request.form)
    if not form.validate():
        abort(400)
    with portal().sessions.write() as session:
        papers.put_aside(session, actor(), scan, form.outcome.data or "", visit().at)
    return _back(place, later("Put aside. Nobody was added, and the scan is erased."))


def _page(found: tuple[Scan, Place, Sheet | None], form: PersonForm, number: NumberForm) -> str:
    scan, place, sheet = found
    name = id_argument("opening")
    with portal().sessions.read() as session:
        opening = proofs.opening(session, viewer(), name, visit().at) if name else None
    is_open = opening is not None and opening.proof == scan.evidence
    return render_template(
        "paper/read.html",
        scan=scan,
        place=place,
        sheet=sheet,
        form=form,
        number=number,
        opening=opening if is_open else None,
        is_picture=scan.mime == PICTURE,
        written=paper_serials.written,
    )


def _blame(form: PersonForm, error: Invalid) -> None:
    """Say beside the right field what is wrong."""
    name, words = _WRONG.get(error.field, _WRONG["family"])
    if name in form:
        form[name].errors = [words]


def _back(place: Place, words: str) -> Response:
    return notices.say(redirect(url_for("paper.show", place=place.key), code=303), words)


def _here(scan: str) -> str:
    """The same page, with the scan as far as it is open."""
    return url_for("paper_reading.show", scan=scan, opening=id_argument("opening") or None)


def _waiting(scan: str) -> tuple[Scan, Place, Sheet | None]:
    found = _found(scan)
    if found[0].settled_at is not None:
        abort(409)
    return found


def _found(scan: str) -> tuple[Scan, Place, Sheet | None]:
    with portal().sessions.read() as session:
        found = readers.find(session, viewer(), scan, visit().at)
    if found is None:
        abort(404)
    return found
