"""`kustod contact import`: a file of cards, as a job that this command or the worker does."""

from typing import Any, BinaryIO

import click

from app.cli import job_runs
from app.cli.shell import Answer, Command, Shell, pass_shell
from app.errors import Refused
from app.imports import vcf
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
@pass_shell
def import_(
    shell: Shell,
    file: BinaryIO,
    *,
    directory: str,
    source: str,
    dry_run: bool,
    background: bool,
) -> Answer:
    """Import a vCard file; again and again without doubles.

    Interrupted, it takes back what it brought.
    """
    data = file.read(vcf.LIMIT + 1)
    if dry_run:
        return _rehearsed(shell, data, directory, source)
    upload = Upload(data, vcf.count(data), source)
    with shell.sessions.write() as session:
        home = directories.get_directory(session, directory)
        job_id = imports.begin(session, OPERATOR, home.id, upload, shell.at).id
        claim = None if background else jobs.claim(session, shell.at, job_id)
    if claim is None:
        said = f"Job {job_id} waits for the worker; `kustod job show {job_id}` says how far it is."
        return Answer({"job": job_id, "state": "waiting"}, [said])
    del data, upload
    return _reported(job_runs.run(shell, claim))


def _rehearsed(shell: Shell, data: bytes, directory: str, source: str) -> Answer:
    records = vcf.records(data)
    with shell.sessions.read() as session:
        home = directories.get_directory(session, directory)
        report = imports.rehearse(session, OPERATOR, home.id, records, source, shell.at)
    return _told(report.counts(), [row.as_data() for row in report.rows])


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
