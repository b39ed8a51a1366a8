"""`kustod incident`: list lost phones, show one with what was on it, decide who is told."""

from dataclasses import asdict
from pathlib import Path

import click

from app import dossiers
from app.cli.exports import FILE, STDOUT, write
from app.cli.shell import Answer, Group, Shell, pass_shell, shown, table
from app.errors import NotFound
from app.queries import carried, incidents
from app.queries.carried import Carried
from app.queries.incidents import Case
from app.services import audit
from app.services import incidents as commands
from app.services.audit import OPERATOR
from app.services.choices import VERDICTS
from app.services.exports import Errand

_COLUMNS = ("id", "user", "device", "known_at", "due_at", "hours_left", "state", "decision")


@click.group(cls=Group)
def incident() -> None:
    """Lost phones: what was on them, and who is told."""


@incident.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all incidents, the open ones first."""
    with shell.sessions.read() as session:
        found = incidents.everything(session, shell.at)
    rows = [dossiers.summary(case, shell.at) for case in found]
    return table(rows, _COLUMNS, "No phone was reported lost.")


@incident.command()
@click.argument("incident_id", metavar="ID")
@click.option("--contacts", is_flag=True, help="With every contact and the values it had.")
@pass_shell
def show(shell: Shell, incident_id: str, *, contacts: bool) -> Answer:
    """Show an incident; with its contacts, that is recorded."""
    case = _find(shell, incident_id)
    found = _carried(shell, case)
    summary = dossiers.summary(case, shell.at)
    lines = [f"{name}: {shown(value)}" for name, value in summary.items()]
    lines += [f"{shown(s.at)}  {s.kind.value}  {s.value} {s.words}".rstrip() for s in case.steps]
    data = summary | {
        "steps": list(map(asdict, case.steps)),
        "on_it": asdict(carried.extent(found)),
    }
    lines.append(f"contacts on it: {data['on_it']['people'] + data['on_it']['firms']}")
    if contacts:
        with shell.sessions.write() as session:
            subject = ("incident", case.id)
            audit.record(session, OPERATOR, "incident.contacts", subject, shell.at)
        data["contacts"] = list(map(dossiers.entry, found))
        lines += table(data["contacts"], ("uid", "name", "state", "since"), "Nothing.").lines
    return Answer(data, lines)


@incident.command()
@click.argument("incident_id", metavar="ID")
@click.option("--format", "form", type=click.Choice(tuple(dossiers.FORMATS)), default="json")
@click.option("--to", "recipient", required=True, help="Who gets it, in your words.")
@click.option("--reason", required=True, help="What for, in your words.")
@click.option("--output", type=FILE, default="-", help="A file; else standard output.")
@pass_shell
def export(
    shell: Shell, incident_id: str, *, form: str, recipient: str, reason: str, output: Path
) -> Answer:
    """Hand out an incident with what was on the phone, for the authority.

    That every contact in it went out, to whom and why, is recorded before the first byte leaves.
    With --json and without --output the content stands in the document.
    """
    if not output.parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent}")
    case = _find(shell, incident_id)
    found, errand = _carried(shell, case), Errand(recipient, reason)
    with shell.sessions.write() as session:
        commands.hand_over(session, OPERATOR, incident_id, errand, found, shell.at)
    content = dossiers.FORMATS[form][1](case, found, shell.at)
    count = len({one.contact_id for one in found})
    done = {"id": incident_id, "format": form, "to": recipient, "count": count}
    if output == STDOUT:
        return Answer({**done, "content": content.decode()}, payload=content)
    write(output, [content])
    said = f"Wrote the incident with {count} contacts to {output}."
    return Answer({**done, "file": str(output)}, [said])


@incident.command()
@click.argument("incident_id", metavar="ID")
@click.option("--tell", type=click.Choice(list(VERDICTS)), required=True, help="Who is told.")
@click.option("--reason", required=True, help="Why.")
@pass_shell
def decide(shell: Shell, incident_id: str, *, tell: str, reason: str) -> Answer:
    """Decide who is told of a lost phone; that closes its incident."""
    with shell.sessions.write() as session:
        commands.decide(session, OPERATOR, incident_id, tell, reason, shell.at)
    data = dossiers.summary(_find(shell, incident_id), shell.at)
    return Answer(data, [f"Decided: {tell}."])


def _carried(shell: Shell, case: Case) -> list[Carried]:
    """What may have been on it between the knowledge of the loss and the report."""
    span = (case.known_at, case.opened_at)
    with shell.sessions.read() as session:
        return carried.of_device(session, case.device_id, *span, shell.at)


def _find(shell: Shell, incident_id: str) -> Case:
    with shell.sessions.read() as session:
        case = incidents.find(session, incident_id, shell.at)
    if case is None:
        raise NotFound("there is no such incident")
    return case
