"""`kustod suppression`: list, error, agree, disagree."""

from dataclasses import asdict

import click

from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts, stops
from app.services import stop_doubts
from app.services.sessions import actor_of

_COLUMNS = ("id", "point", "what", "ground", "by", "since", "until", "ended_why", "doubt")
_who = click.option("--as", "email", metavar="EMAIL", required=True, help="Who says so.")


@click.group(cls=Group)
def suppression() -> None:
    """What people stopped: kept past the contact, lifted by nobody here alone."""


@suppression.command(name="list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List what is stopped, the newest first, what is in doubt before all others."""
    with shell.sessions.read() as session:
        found = stops.lines(session)
    rows = [
        {
            **asdict(line),
            "what": line.what or ("all marketing" if not line.is_no_return else "all, and imports"),
            "media": list(line.media),
            "doubt": line.doubt.id if line.doubt else "",
        }
        for line in found
    ]
    return table(rows, _COLUMNS, "Nothing is stopped.")


@suppression.command()
@click.argument("suppression_id", metavar="ID")
@_who
@click.option("--reason", required=True, help="Why it should not have been recorded.")
@pass_shell
def error(shell: Shell, suppression_id: str, *, email: str, reason: str) -> Answer:
    """Say that it was recorded in error; nothing changes before a colleague agrees."""
    with shell.sessions.write() as session:
        actor = actor_of(accounts.get_user(session, email).id)
        made = stop_doubts.doubt(session, actor, suppression_id, reason, shell.at)
        said = {"doubt": made.public_id, "suppression": suppression_id}
    return Answer(said, [f"Somebody else has to agree: kustod suppression agree {said['doubt']}"])


@suppression.command()
@click.argument("doubt")
@_who
@pass_shell
def agree(shell: Shell, doubt: str, *, email: str) -> Answer:
    """Agree that it was recorded in error: it counts no more."""
    return _answer(shell, doubt, email, agrees=True)


@suppression.command()
@click.argument("doubt")
@_who
@pass_shell
def disagree(shell: Shell, doubt: str, *, email: str) -> Answer:
    """Leave it as it is."""
    return _answer(shell, doubt, email, agrees=False)


def _answer(shell: Shell, doubt: str, email: str, *, agrees: bool) -> Answer:
    with shell.sessions.write() as session:
        actor = actor_of(accounts.get_user(session, email).id)
        stop_doubts.answer(session, actor, doubt, shell.at, agrees=agrees)
    words = "It counts no more." if agrees else "It stays stopped."
    return Answer({"doubt": doubt, "agreed": agrees}, [words])
