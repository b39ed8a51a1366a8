"""Imports: into which directory, from which file; how far one is, and what came of it."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Invalid
from app.imports.reading import FileKind
from app.policy import Action
from app.queries import imports as readers
from app.queries import standing
from app.queries.imports import ImportView
from app.queries.sessions import may_anywhere
from app.queries.standing import InDirectory
from app.services import jobs, waiting_files
from app.services.intake import REPORTED
from app.web import fragments, import_steps, import_words, uploads
from app.web.access import actor, allowed, signed_in, user, viewer, visit
from app.web.forms import number_argument
from app.web.portal import portal
from app.web.uploads import UploadForm

PAGE = 50

pages = Blueprint("imports", __name__)


@pages.app_context_processor
def _for_links() -> dict[str, Any]:
    """For the pages that lead here."""
    return {"may_upload": _may_upload}


@pages.get("/imports/new")
@allowed(Action.EDIT)
def choose() -> Response | str:
    """The directories into which one may upload; where there is one alone, nothing is asked."""
    with portal().sessions.read() as session:
        known = standing.directories(session, viewer(), visit().at)
    mine = [home for home in known if Action.EDIT in home.may]
    if len(mine) == 1:
        return redirect(url_for("imports.new", directory=mine[0].slug), code=303)
    return render_template("imports/choose.html", directories=mine)


@pages.get("/directories/<slug:directory>/import")
@signed_in
def new(directory: str) -> str:
    """The form, and what was imported before."""
    return _form(_home(directory), UploadForm())


@pages.post("/directories/<slug:directory>/import")
@signed_in
def upload(directory: str) -> Response | str:
    """Keep the file and go on to how it is read, or to what it would do."""
    home, form = _home(directory), uploads.sent_form()
    if not form.validate():
        return make_response(_form(home, form), 422)
    with portal().sessions.read() as session:
        who = actor()
        try:
            sent = uploads.sent(form, lambda h: waiting_files.remembered(session, who, h))
        except Invalid as error:
            form.file.errors = [import_words.refusal(error.message)]
            sent = None
    if sent is None:
        return make_response(_form(home, form), 422)
    with portal().sessions.write() as session:
        name = waiting_files.keep(session, actor(), home.id, sent, visit().at).public_id
    if sent.reading["kind"] == FileKind.VCARD:
        import_steps.rehearse(name)
        return redirect(url_for("import_steps.check", file=name), code=303)
    return redirect(url_for("import_steps.read", file=name), code=303)


@pages.get("/imports/<public_id:job>")
@signed_in
def show(job: str) -> Response | str:
    """How far it is; when it is over, what became of every card or row."""
    found = _find(job)
    if found is None:
        return _waiting(job)
    outcome = import_words.outcome_argument()
    after = number_argument("after", -1)
    # What it brought is there since its own last instant, which may be later than this request's.
    at = max(visit().at, found.finished_at or visit().at)
    asked = (viewer(), found, at, outcome, after, PAGE + 1)
    with portal().sessions.read() as session:
        rows = readers.rows(session, *asked) if found.is_over else []
    shown = rows[:PAGE]
    if request.method == "GET":
        ids = [row.contact for row in shown if row.contact]
        portal().gatherer.shown(user().user_id, "import", ids, visit().at)
    return fragments.render(
        "imports/show.html",
        "imports/progress.html",
        job=found,
        rows=shown,
        outcome=outcome,
        after=after,
        following=shown[-1].position if len(rows) > PAGE else None,
        counts=_outcomes(found),
        brought=_brought(found),
        words=import_words,
    )


@pages.post("/imports/<public_id:job>/take-back")
@signed_in
def take_back(job: str) -> Response:
    """Cancel it, or undo it when it is done. Twice is no error."""
    found = _find(job)
    if found is None:
        abort(404)
    with portal().sessions.write() as session:
        jobs.take_back(session, actor(), found.id, visit().at)
    return redirect(url_for("imports.show", job=job), code=303)


def _may_upload() -> bool:
    with portal().sessions.read() as session:
        return may_anywhere(session, viewer(), Action.EDIT, visit().at)


def _home(slug: str) -> InDirectory:
    """The directory, for who may edit it."""
    with portal().sessions.read() as session:
        found = standing.in_directory(session, viewer(), slug, visit().at)
    if found is None:
        abort(404)
    if Action.EDIT not in found.may:
        abort(403)
    return found


def _form(home: InDirectory, form: UploadForm) -> str:
    with portal().sessions.read() as session:
        past = readers.of_directory(session, viewer(), home.id, visit().at)
    return render_template("imports/new.html", home=home, form=form, past=past)


def _find(job: str) -> ImportView | None:
    with portal().sessions.read() as session:
        return readers.find(session, viewer(), job, visit().at)


def _waiting(name: str) -> Response:
    """A file that has not been imported yet has the same name: on to its next step."""
    file = import_steps.find(name)
    is_checked = file.checked_at is not None
    step = "import_steps.check" if is_checked else "import_steps.read"
    return redirect(url_for(step, file=name), code=303)


def _outcomes(job: ImportView) -> list[tuple[str, int]]:
    """What came out, and how often, of what is still listed: of what was taken back what stays."""
    listed = ["kept"] if job.is_ending else [outcome.value for outcome in REPORTED]
    return [(outcome, job.counts.get(outcome, 0)) for outcome in listed]


def _brought(job: ImportView) -> bool:
    """Whether there is a contact that it made or changed, and that was not taken back."""
    listed = ("kept",) if job.is_ending else ("created", "updated")
    return any(job.counts.get(outcome, 0) for outcome in listed)
