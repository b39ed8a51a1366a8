"""`kustod contact import`: a file of cards or a table, as a job of this command or the worker."""

from dataclasses import replace
from typing import Any, BinaryIO

import click

from app.cli import job_runs
from app.cli.shell import Answer, Command, Shell, pass_shell
from app.errors import Invalid, Refused
from app.imports import files, vcf
from app.imports.columns import FIELDS
from app.imports.reading import FileKind, Reading
from app.queries import directories
from app.services import imports, jobs
from app.services.audit import OPERATOR
from app.services.imports import Upload
from app.services.intake import REPORTED


@click.command("import", cls=Command)
@click.argument("file", type=click.File("rb"))
@click.option("--directory", required=True, metavar="SLUG")
@click.option("--source", required=True, help="Where the data came from, in your words.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--background", is_flag=True, help="Leave it to the worker and say its number.")
@click.option(
    "--column",
    "said",
    multiple=True,
    metavar="HEADER=FIELD",
    help="What a column of a table holds, where its name does not say it; nothing behind = leaves "
    "it out. Fields are: " + ", ".join(FIELDS),
)
@pass_shell
def import_(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    file: BinaryIO,
    *,
    directory: str,
    source: str,
    said: tuple[str, ...],
    dry_run: bool,
    background: bool,
) -> Answer:
    """Import vCards, a CSV or an XLSX table; again and again without doubles.

    Interrupted, it takes back what it brought.
    """
    data = file.read(vcf.LIMIT + 1)
    reading = _with_said(data, files.guess(data), said)
    if dry_run:
        return _rehearsed(shell, Upload(data, 0, source, reading.as_data()), directory)
    upload = Upload(data, files.count(data, reading), source, reading.as_data())
    left_out = files.left_out(data, reading)
    with shell.sessions.write() as session:
        home = directories.get_directory(session, directory)
        job_id = imports.begin(session, OPERATOR, home.id, upload, shell.at).id
        claim = None if background else jobs.claim(session, shell.at, job_id)
    if claim is None:
        waits = f"Job {job_id} waits for the worker; `kustod job show {job_id}` says how far it is."
        return Answer({"job": job_id, "state": "waiting"}, [waits])
    del data, upload
    return _naming(left_out, _reported(job_runs.run(shell, claim)))


def _with_said(data: bytes, reading: Reading, said: tuple[str, ...]) -> Reading:
    """The reading with what the options say about columns. Raises Invalid."""
    if said and reading.kind is FileKind.VCARD:
        raise Invalid("column", "a vCard file has none")
    names = files.header_of(data, reading) if said else ()
    fields = list(reading.fields)
    for text in said:
        name, _, field = text.rpartition("=")
        if name not in names:
            raise Invalid("column", f"there is none named {name!r}, but {', '.join(names)}")
        if field and field not in FIELDS:
            raise Invalid("column", f"{field!r} is none of {', '.join(FIELDS)}")
        fields[names.index(name)] = field
    return replace(reading, fields=tuple(fields))


def _rehearsed(shell: Shell, upload: Upload, directory: str) -> Answer:
    records = files.records(upload.data, upload.reading)
    with shell.sessions.read() as session:
        home = directories.get_directory(session, directory)
        report = imports.rehearse(session, OPERATOR, home.id, records, upload.source, shell.at)
    told = _told(report.counts(), [row.as_data() for row in report.rows])
    return _naming(files.left_out(upload.data, Reading.of(upload.reading)), told)


def _naming(left_out: tuple[str, ...], answer: Answer) -> Answer:
    """The answer with the columns of a table that were not imported, where there are any."""
    if not left_out:
        return answer
    said = f"columns that were not imported: {', '.join(left_out)}"
    return Answer({**answer.data, "columns_left_out": list(left_out)}, [*answer.lines, said])


def _reported(job: dict[str, Any]) -> Answer:
    """What an import came to. Raises Refused where it did not come to its end."""
    if job["state"] == "done":
        counts = {name.value: job["counts"][name.value] for name in REPORTED}
        return _told(counts, job["rows"], job["id"])
    kept = job["counts"]["kept"]
    stays = f", except {kept} that somebody worked with: see `kustod job show {job['id']}`"
    reason = job["problem"] or "the import was cancelled"
    raise Refused(f"{reason}; what it had brought was taken back{stays if kept else ''}")


def _told(counts: dict[str, int], rows: list[dict[str, Any]], job_id: int | None = None) -> Answer:
    told = [f"line {r['line']}: {r['outcome']}. {r['reason']}" for r in rows if r["reason"]]
    summary = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    numbered = {} if job_id is None else {"job": job_id}
    return Answer({**counts, **numbered, "rows": rows}, [*told, summary])
