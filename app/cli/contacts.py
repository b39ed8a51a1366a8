"""`kustod contact`: add, edit, assign, import, list."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

import click

from app.cards.card import Card
from app.cli.moments import START
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.imports import vcf
from app.policy import Channel, Viewer
from app.queries import accounts, directories
from app.queries import contacts as found
from app.services import audit, imports
from app.services.audit import OPERATOR


@click.group(cls=Group)
def contact() -> None:
    """Contacts: people and firms."""


@contact.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--directory", required=True, metavar="SLUG")
@click.option("--source", required=True, help="Where the data came from, in your words.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@pass_shell
def import_(shell: Shell, file: BinaryIO, *, directory: str, source: str, dry_run: bool) -> Answer:
    """Import a vCard file; again and again without doubles."""
    records = list(vcf.records(file.read()))
    opened = shell.sessions.read if dry_run else shell.sessions.write
    act = imports.rehearse if dry_run else imports.run
    with opened() as session:
        home = directories.get_directory(session, directory)
        report = act(session, OPERATOR, home.id, records, source, shell.at)
    counts = report.counts()
    told = [f"line {row.line}: {row.outcome}, {row.reason}" for row in report.rows if row.reason]
    summary = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    return Answer({**counts, "rows": [asdict(row) for row in report.rows]}, [*told, summary])


CHANNELS = tuple(channel.value for channel in Channel if channel is not Channel.TRANSFER)


@contact.command("list")
@click.option("--as", "email", metavar="EMAIL", help="What this user sees; all, unless said.")
@click.option("--channel", type=click.Choice(CHANNELS), default="portal", show_default=True)
@click.option("--at", type=START, help="At that time instead of now.")
@click.option("--query", default="", help="Words in names, firms, e-mails; digits of phones.")
@pass_shell
def list_(
    shell: Shell, *, email: str | None, channel: str, at: datetime | None, query: str
) -> Answer:
    """List contacts: all that are not erased, or what one user sees over a channel."""
    when = at or shell.at
    if email:
        with shell.sessions.read() as session:
            viewer = Viewer(accounts.get_user(session, email).id)
            cards = found.everything(session, viewer, Channel(channel), when, query)
    else:
        with shell.sessions.write() as session:
            cards = found.for_operator(session, when, query)
            subject = ("contact", None)
            audit.record(session, OPERATOR, "contact.list", subject, shell.at, count=len(cards))
    rows = [_row(card) for card in cards]
    return table(rows, ("uid", "name", "organisation", "phones", "emails"), "No contact.")


def _row(card: Card) -> dict[str, Any]:
    """A card as JSON has it: what the channel may carry, and nothing else."""
    return {
        "uid": card.public_id,
        "name": card.shown_name(),
        "kind": card.kind.value,
        "organisation": card.organisation,
        "department": card.department,
        "title": card.title,
        "phones": [point.value for point in card.phones],
        "emails": [point.value for point in card.emails],
    }
