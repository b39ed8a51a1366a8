"""A file between its upload and its import: how it is read, what its columns hold, what it does."""

from dataclasses import replace

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Invalid
from app.imports import csv_table, files, xlsx_table
from app.imports.columns import FIELDS, NAMING
from app.imports.reading import FileKind, Reading
from app.queries import waiting as readers
from app.queries.waiting import Waiting
from app.services import imports, waiting_files
from app.services.intake import REPORTED
from app.web import import_words, notices, uploads
from app.web.access import actor, signed_in, viewer, visit
from app.web.forms import number_argument
from app.web.portal import portal
from app.web.texts import later

PAGE = 50
HEADERS = 6

pages = Blueprint("import_steps", __name__, url_prefix="/imports")


@pages.get("/<public_id:file>/read")
@signed_in
def read(file: str) -> str:
    """Rows of the file as they are read now, and how to read them otherwise."""
    return _read_page(*_table(file))


@pages.post("/<public_id:file>/read")
@signed_in
def read_as(file: str) -> Response | str:
    """Read it so; then show the rows again, or go on to the columns."""
    found, before = _table(file)
    data = _data(file)
    try:
        reading = _asked(data, before)
        total = uploads.checked_count(data, reading)
    except Invalid as error:
        problem = import_words.refusal(error.message)
        return make_response(_read_page(found, before, problem), 422)
    with portal().sessions.write() as session:
        waiting_files.read_as(session, actor(), file, reading.as_data(), total, visit().at)
    step = "import_steps.read" if request.form.get("act") == "show" else "import_steps.columns"
    return redirect(url_for(step, file=file), code=303)


@pages.get("/<public_id:file>/columns")
@signed_in
def columns(file: str) -> str:
    """Each column with some of its values, and what it holds."""
    return _columns_page(*_table(file))


@pages.post("/<public_id:file>/columns")
@signed_in
def match(file: str) -> Response | str:
    """Take the columns so, remember it for the next file like this, and rehearse the import."""
    found, before = _table(file)
    chosen = [request.form.get(f"field-{n}", "") for n in range(len(before.fields))]
    reading = replace(before, fields=tuple(field if field in FIELDS else "" for field in chosen))
    if NAMING.isdisjoint(field.partition(":")[0] for field in reading.fields):
        problem = later("One column at least must hold a name, a firm, a phone or an e-mail.")
        return make_response(_columns_page(found, reading, problem), 422)
    header = files.header_of(_data(file), reading)
    with portal().sessions.write() as session:
        waiting_files.read_as(session, actor(), file, reading.as_data(), found.total, visit().at)
        waiting_files.remember(session, actor(), header, reading.fields, visit().at)
    return check_again(file)


@pages.get("/<public_id:file>/check")
@signed_in
def check(file: str) -> Response | str:
    """What an import would do, row by row."""
    found = find(file)
    if found.checked_at is None:
        return redirect(url_for("import_steps.read", file=file), code=303)
    reading = Reading.of(found.reading)
    with portal().sessions.read() as session:
        rows = readers.checked(session, file)
    counts = {o.value: sum(row.outcome == o for row in rows) for o in REPORTED}
    outcome = import_words.outcome_argument()
    fitting = [row for row in rows if outcome in {"", row.outcome}]
    first = max(0, number_argument("from"))
    return render_template(
        "imports/check.html",
        file=found,
        rows=fitting[first : first + PAGE],
        counts=list(counts.items()),
        outcome=outcome,
        first=first,
        following=first + PAGE if len(fitting) > first + PAGE else None,
        left_out=files.left_out(_data(file), reading),
        is_table=reading.kind is not FileKind.VCARD,
        is_news=counts["created"] + counts["updated"] > 0,
        words=import_words,
    )


@pages.post("/<public_id:file>/check")
@signed_in
def check_again(file: str) -> Response:
    """Rehearse the import as things are now."""
    rehearse(file)
    return redirect(url_for("import_steps.check", file=file), code=303)


@pages.post("/<public_id:file>/start")
@signed_in
def start(file: str) -> Response:
    """Begin the import; its page has the name that the file had."""
    found = find(file)
    if found.checked_at is None:
        return redirect(url_for("import_steps.read", file=file), code=303)
    with portal().sessions.write() as session:
        waiting_files.start(session, actor(), file, visit().at)
    return redirect(url_for("imports.show", job=file), code=303)


@pages.post("/<public_id:file>/drop")
@signed_in
def drop(file: str) -> Response:
    """Forget the file."""
    found = find(file)
    with portal().sessions.write() as session:
        waiting_files.drop(session, actor(), file, visit().at)
    response = redirect(url_for("imports.new", directory=found.slug), code=303)
    return notices.say(response, later("The file is gone; nothing was imported."))


def find(file: str) -> Waiting:
    """The file of who asks, while he may edit the directory; anything else is not there."""
    with portal().sessions.read() as session:
        found = readers.find(session, viewer(), file, visit().at)
    if found is None:
        abort(404)
    return found


def rehearse(file: str) -> None:
    """Find out what an import would do, and keep it. Nobody waits for it but the one who asked."""
    found = find(file)
    records = files.records(_data(file), found.reading)
    asked = (actor(), found.directory_id, records, found.source, visit().at)
    with portal().sessions.read() as session:
        report = imports.rehearse(session, *asked)
    with portal().sessions.write() as session:
        waiting_files.note_check(session, actor(), file, report, visit().at)


def _table(file: str) -> tuple[Waiting, Reading]:
    """A table and how it is read; cards have nothing to choose, and go on to their check."""
    found = find(file)
    reading = Reading.of(found.reading)
    if reading.kind is FileKind.VCARD:
        checked = url_for("import_steps.check", file=file)
        # Their check was begun with the upload; where it broke off, only a new upload helps.
        again = url_for("imports.new", directory=found.slug)
        abort(redirect(checked if found.checked_at else again, code=303))
    return found, reading


def _data(file: str) -> bytes:
    with portal().sessions.read() as session:
        return readers.data(session, file)


def _asked(data: bytes, before: Reading) -> Reading:
    """The reading that the form asks for. Raises Invalid."""
    reading = replace(
        before,
        encoding=request.form.get("encoding", before.encoding),
        separator=request.form.get("separator", before.separator),
        sheet=request.form.get("sheet", before.sheet),
    )
    typed = request.form.get("header", "")
    header = int(typed) if typed in {str(n) for n in range(HEADERS)} else before.header
    who = actor()
    with portal().sessions.read() as session:
        return files.with_columns(
            data, reading, lambda names: waiting_files.remembered(session, who, names), header
        )


def _read_page(found: Waiting, reading: Reading, problem: str = "") -> str:
    data = _data(found.public_id)
    is_workbook = reading.kind is FileKind.XLSX
    return render_template(
        "imports/read.html",
        file=found,
        reading=reading,
        problem=problem,
        sheets=xlsx_table.sheets(data) if is_workbook else (),
        encodings=csv_table.ENCODINGS,
        separators=csv_table.SEPARATORS,
        headers=range(HEADERS),
        lines=files.preview(data, reading),
        words=import_words,
    )


def _columns_page(found: Waiting, reading: Reading, problem: str = "") -> str:
    data = _data(found.public_id)
    names = files.header_of(data, reading)
    samples = files.samples(data, reading)
    listed = [
        (n, name, [row[n] for row in samples if n < len(row) and row[n].strip()], field)
        for n, (name, field) in enumerate(zip(names, reading.fields, strict=True))
    ]
    return render_template(
        "imports/columns.html",
        file=found,
        reading=reading,
        problem=problem,
        columns=listed,
        groups=import_words.field_groups(),
        words=import_words,
    )
