"""`kustod why` and `kustod holders`: what the operator asks about one contact."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cli.contacts import CHANNELS
from app.cli.moments import START
from app.cli.shell import Answer, Command, Shell, pass_shell, table
from app.errors import NotFound
from app.policy import Channel, Viewer
from app.queries import accounts, contacts, explanations, ledger
from app.queries.ledger import Holder


@click.command(cls=Command)
@click.argument("email")
@click.argument("uid")
@click.option("--channel", type=click.Choice(CHANNELS), default="portal", show_default=True)
@click.option("--at", type=START, help="At that time instead of now.")
@pass_shell
def why(shell: Shell, email: str, uid: str, *, channel: str, at: datetime | None) -> Answer:
    """Say why a user sees a contact, or why he does not."""
    with shell.sessions.read() as session:
        viewer = Viewer(accounts.get_user(session, email).id)
        found = explanations.why(session, viewer, uid, Channel(channel), at or shell.at)
    return Answer(found, _lines(found))


def _lines(found: dict[str, Any]) -> list[str]:
    """The verdict, and below it what opens and what shuts."""
    marks = {("grant", True): "+", ("veto", True): "-"}
    return [
        found["verdict"],
        *(f"{marks.get((c['kind'], c['holds']), ' ')} {c['reason']}" for c in found["clauses"]),
        f"Fields: {', '.join(found['fields']) or 'none'}",
    ]


@click.command(cls=Command)
@click.argument("uid")
@pass_shell
def holders(shell: Shell, uid: str) -> Answer:
    """List every device that holds or held a contact, and how far it has given it back."""
    with shell.sessions.read() as session:
        contact_id = contacts.contact_id(session, uid)
        if contact_id is None:
            raise NotFound("there is no such contact")
        rows = [_row(holder) for holder in ledger.holders(session, contact_id, shell.at)]
    columns = (
        *("device", "user", "state", "told_at", "confirmed_at", "unreachable_since"),
        *("readers_confirmed", "readers", "came_back_at"),
    )
    return table(rows, columns, "No device ever held it.")


def _row(holder: Holder) -> dict[str, Any]:
    row = asdict(holder)
    del row["contact_id"]
    return row
