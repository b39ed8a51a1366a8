"""The desk of papers: blanks are printed, scans brought in, and each is read by a colleague."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from werkzeug.wrappers import Response

from app.errors import Conflict, Invalid, Refused
from app.policy import Action
from app.queries import forms
from app.queries import paper as readers
from app.queries.paper import Place
from app.services import paper_serials, papers, proof_files
from app.services.blank_words import WORDS
from app.services.form_labels import LANGUAGES
from app.services.paper_serials import Code
from app.services.papers import Brought
from app.web import notices, qr
from app.web.access import actor, allowed, signed_in, viewer, visit
from app.web.paper_forms import BringForm, NumberForm, PrintForm
from app.web.portal import portal
from app.web.texts import OUTSIDE_NAMES, gettext, later

_TAKEN = (proof_files.PICTURE, proof_files.PDF)
_NOT_TAKEN = later("{name}: a picture (JPEG, PNG, HEIC) or a PDF of 10 MB at most is taken.")
_BEFORE = later("{name}: this scan or this blank came in before.")
_NO_BLANK = later("{name}: no blank of this place has that number.")
_NOTHING = later("Choose a scan, or write the number and where the original is kept.")

pages = Blueprint("paper", __name__)


@pages.get("/paper")
@allowed(Action.EDIT)
def index() -> str:
    """Where people sign papers, and how many wait there."""
    with portal().sessions.read() as session:
        found = readers.places(session, viewer(), visit().at)
        waiting = readers.inbox(session, [one.row_id for one in found])
    return render_template("paper/index.html", places=found, waiting=waiting)


@pages.get("/paper/<slug:place>")
@signed_in
def show(place: str) -> str:
    """What waits, which numbers are missing, what was read."""
    here = _place(place)
    with portal().sessions.read() as session:
        return render_template(
            "paper/show.html",
            place=here,
            waiting=readers.inbox(session, [here.row_id]).get(here.row_id, []),
            pads=readers.pads(session, here.row_id),
            settled=readers.settled(session, here.row_id),
            written=paper_serials.written,
            form=NumberForm(),
        )


@pages.get("/paper/<slug:place>/blanks")
@signed_in
def ask_print(place: str) -> str:
    """How many blanks, and in which language."""
    return _print(_place(place), PrintForm())


@pages.post("/paper/<slug:place>/blanks")
@signed_in
def print_blanks(place: str) -> Response:
    """Number them; the next page is printed."""
    here, form = _place(place), PrintForm(request.form)
    if not here.is_active:
        abort(403)
    if form.validate():
        said = (form.count.data or 0, form.language.data or "")
        with portal().sessions.write() as session:
            try:
                pad = papers.print_pad(session, actor(), here.row_id, *said, visit().at)
                return redirect(url_for("paper.pad", pad=pad.public_id), code=303)
            except Refused:
                form.language.errors = [later("There is no published notice in this language.")]
    return make_response(_print(here, form), 422)


@pages.get("/pads/<public_id:pad>")
@signed_in
def pad(pad: str) -> str:
    """The blanks of a pad, a page each."""
    with portal().sessions.read() as session:
        sheet = readers.sheet(session, pad)
        here = sheet and readers.place(session, viewer(), sheet.key, visit().at)
        if sheet is None or here is None:
            abort(404)
        numbers = [paper_serials.written(one) for one in readers.numbers(session, pad)]
        controller = forms.controller(session)
    base = portal().settings.base_url
    codes = [qr.code(Code(sheet.notice, sheet.key, one).text(base)) for one in numbers]
    return render_template(
        "paper/pad.html",
        place=here,
        sheet=sheet,
        blanks=list(zip(numbers, codes, strict=True)),
        words=WORDS[sheet.language],
        controller=controller,
    )


@pages.post("/paper/<slug:place>/spoiled")
@signed_in
def spoil(place: str) -> Response:
    """Say that a blank was thrown away."""
    form = NumberForm(request.form)
    _place(place)
    back = redirect(url_for("paper.show", place=place), code=303)
    if not form.validate():
        return notices.say(back, later("This is not the number of a blank that is out."))
    with portal().sessions.write() as session:
        try:
            papers.spoil(session, actor(), form.serial.data or "", visit().at)
        except Conflict:
            return notices.say(back, later("This blank has come back already."))
    return notices.say(back, later("Recorded: nobody waits for this blank any more."))


@pages.get("/paper/<slug:place>/scans")
@signed_in
def ask_bring(place: str) -> str:
    """Which scans, or where an original is."""
    return _bring(_place(place), BringForm())


@pages.post("/paper/<slug:place>/scans")
@signed_in
def bring(place: str) -> Response:
    """Take them in, each by itself; those with a readable code are matched at once."""
    here = _place(place)
    form = BringForm(CombinedMultiDict([request.form, request.files]))
    files = [one for one in form.file.data or () if isinstance(one, FileStorage) and one.filename]
    is_valid = form.validate()
    if is_valid and not files and not form.place.data:
        form.file.errors = [_NOTHING]
    if not is_valid or form.errors:
        return make_response(_bring(here, form), 422)
    papers_sent: list[FileStorage | None] = [*files] or [None]
    wrong = [said for one in papers_sent if (said := _take(here, form, one, len(files)))]
    if wrong:
        form.file.errors = wrong
        return make_response(_bring(here, form, max(0, len(files) - len(wrong))), 422)
    back = redirect(url_for("paper.show", place=place), code=303)
    return notices.say(back, later("Brought in. What waits stands at the top."))


def _take(here: Place, form: BringForm, file: FileStorage | None, among: int) -> str:
    """Take one paper in; what is wrong with it, or "". A typed number belongs to one paper."""
    name = (file.filename or "") if file else ""
    is_card = form.kind.data == "card"
    try:
        new = _brought(form, file, among, is_card=is_card)
        with portal().sessions.write() as session:
            papers.bring_in(session, actor(), here.row_id, new, visit().at)
    except Conflict:
        return gettext(_BEFORE).format(name=name or form.serial.data)
    except Invalid as error:
        words = _NO_BLANK if error.field == "serial" else _NOT_TAKEN
        return gettext(words).format(name=name or form.serial.data)
    return ""


def _brought(form: BringForm, file: FileStorage | None, among: int, *, is_card: bool) -> Brought:
    serial = (form.serial.data or "") if among < 2 and not is_card else ""  # noqa: PLR2004
    if file is None:
        return Brought(None, form.place.data or "", serial=serial, is_card=is_card)
    data = file.read()
    sealed = proof_files.sealed(portal().keys, data)
    if sealed.mime not in _TAKEN:
        raise Invalid("file", "no picture and no PDF")
    is_picture = sealed.mime == proof_files.PICTURE and not is_card
    code = paper_serials.found_on(data) if is_picture else None
    return Brought(sealed, form.place.data or "", code, serial, is_card)


def _print(here: Place, form: PrintForm) -> str:
    names = [(one, OUTSIDE_NAMES[one]) for one in LANGUAGES]
    return render_template("paper/print.html", place=here, form=form, languages=names)


def _bring(here: Place, form: BringForm, taken: int = 0) -> str:
    return render_template("paper/bring.html", place=here, form=form, taken=taken)


def _place(key: str) -> Place:
    with portal().sessions.read() as session:
        found = readers.place(session, viewer(), key, visit().at)
    if found is None:
        abort(404)
    return found
