"""`kustod request`: what people ask of us about their data; add, list, show, extend, close."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cli.moments import START
from app.cli.shell import Answer, Group, Shell, pass_shell, shown, table
from app.errors import NotFound
from app.queries import requests as readers
from app.queries.requests import Case
from app.services import consent_subjects, requests, restrictions
from app.services.audit import OPERATOR
from app.services.choices import OUTCOMES, REQUEST_WAYS, REQUESTS
from app.services.requests import NewRequest

_COLUMNS = ("id", "kind", "came_by", "received_at", "due_at", "days_left", "owner", "state")


@click.group(cls=Group)
def request() -> None:
    """Requests of people about their data, and until when they have to be answered."""


@request.command()
@click.argument("kind", type=click.Choice(REQUESTS))
@click.option("--contact", "uid", metavar="UID", help="Whose it is, where that is known.")
@click.option("--came-by", type=click.Choice(REQUEST_WAYS), default="mail", show_default=True)
@click.option("--on", "received_at", type=START, help="When it came to us. Now, unless said.")
@click.option("--words", default="", help="What the person wrote or said.")
@click.option("--email", default="", help="Where our answers go; the contact's, unless said.")
@click.option("--language", default="", help="In which language we write: en, cs, pl or bg.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    kind: str,
    *,
    uid: str | None,
    came_by: str,
    received_at: datetime | None,
    words: str,
    email: str,
    language: str,
) -> Answer:
    """Enter a request; whoever made it gets a receipt with its number and the last day."""
    with shell.sessions.write() as session:
        subject_id = None
        if uid is not None:
            inner = consent_subjects.contact_id(session, uid)
            subject_id = consent_subjects.of_contact(session, inner, shell.at).id
            email = email or restrictions.address_of(session, inner)
        new = NewRequest(
            kind=kind,
            way=came_by,
            subject_id=subject_id,
            received_at=received_at,
            language=language or shell.settings.language,
            words=words,
            email=email,
        )
        case = requests.enter(session, OPERATOR, new, shell.settings.zone, shell.at)
    said = f"Entered {case.number}, due until {shown(case.due_at)}."
    return Answer(_row(case, shell.at), [said])


@request.command("list")
@click.option("--open", "is_open", is_flag=True, help="Only those that wait for an answer.")
@pass_shell
def list_(shell: Shell, *, is_open: bool) -> Answer:
    """List all requests: the open ones by when they are due, then the last answered."""
    reader = readers.undecided if is_open else readers.everything
    with shell.sessions.read() as session:
        found = reader(session, shell.settings.zone, shell.at)
    return table([_row(case, shell.at) for case in found], _COLUMNS, "There is no request.")


@request.command()
@click.argument("number", metavar="ID")
@pass_shell
def show(shell: Shell, number: str) -> Answer:
    """Show a request with everything that happened to it."""
    with shell.sessions.read() as session:
        case = readers.find(session, number, shell.settings.zone, shell.at)
    if case is None:
        raise NotFound("there is no such request")
    row = _row(case, shell.at)
    lines = [f"{name}: {shown(value)}" for name, value in row.items()]
    lines += [f"{shown(s.at)}  {s.kind.value}  {s.value} {s.words}".rstrip() for s in case.steps]
    return Answer(row | {"steps": list(map(asdict, case.steps))}, lines)


@request.command()
@click.argument("number", metavar="ID")
@click.option("--reason", required=True, help="Why it takes longer; the person is told.")
@pass_shell
def extend(shell: Shell, number: str, reason: str) -> Answer:
    """Take two more months; within the first one, and once."""
    with shell.sessions.write() as session:
        zone = shell.settings.zone
        case = requests.extend(session, OPERATOR, number, reason, zone, shell.at)
    return Answer(_row(case, shell.at), [f"Due until {shown(case.due_at)}."])


@request.command()
@click.argument("number", metavar="ID")
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True, help="What became of it.")
@click.option("--reason", required=True, help="Why, in words that the person is told.")
@pass_shell
def close(shell: Shell, number: str, outcome: str, reason: str) -> Answer:
    """Answer a request: what became of it, and why."""
    with shell.sessions.write() as session:
        zone = shell.settings.zone
        case = requests.close(session, OPERATOR, number, outcome, reason, zone, shell.at)
    return Answer(_row(case, shell.at), [f"Closed {number}: {outcome}."])


def _row(case: Case, at: datetime) -> dict[str, Any]:
    return {
        "id": case.number,
        "kind": case.kind.value,
        "came_by": case.way.value,
        "uid": case.contact_uid,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "days_left": case.left(at) if case.is_open else None,
        "state": "open" if case.is_open else "closed",
        "owner": case.owner,
        "identity": case.identity.value,
        "email": case.email,
        "words": case.words,
        "wanted": case.wanted,
        "outcome": case.outcome.value if case.outcome else None,
        "reason": case.closing.words if case.closing else "",
        "closed_at": case.closed_at,
    }
