"""`kustod contact`: add, edit, assign, list; `import` is in `imports`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cards.card import Card, ContactKind, Draft
from app.cli.exports import export
from app.cli.history import history, restore
from app.cli.imports import import_
from app.cli.keeping import erase, release, restrict
from app.cli.moments import START, Span, spanned
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.cli.values import KINDS, valued
from app.policy import Channel, Viewer
from app.queries import accounts, directories
from app.queries import contacts as found
from app.services import audit, contacts
from app.services.audit import OPERATOR
from app.services.contacts import NewContact

CHANNELS = tuple(channel.value for channel in Channel if channel is not Channel.TRANSFER)
_POINTS = ("phones", "emails", "urls", "ims")
_NUMBERS = ("registration_number", "tax_number")


@click.group(cls=Group)
def contact() -> None:
    """Contacts: people and firms."""


contact.add_command(history)
contact.add_command(restore)
contact.add_command(export)
contact.add_command(import_)
contact.add_command(restrict)
contact.add_command(release)
contact.add_command(erase)


@contact.command()
@click.option("--directory", required=True, metavar="SLUG")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True)
@click.option("--sole-trader", is_flag=True, help="A firm that is one natural person.")
@click.option("--source", default="", help="Where the data came from, in your words.")
@valued
@pass_shell
def add(
    shell: Shell, *, directory: str, kind: str, sole_trader: bool, source: str, said: dict[str, Any]
) -> Answer:
    """Add a contact."""
    numbers = {name: said.pop(name) for name in _NUMBERS if name in said}
    draft = Draft(kind=ContactKind(kind), **said)
    new = NewContact(draft, source, is_sole_trader=sole_trader, **numbers)
    with shell.sessions.write() as session:
        home = directories.get_directory(session, directory)
        entered = contacts.add(session, OPERATOR, home.id, new, shell.at)
        uid = entered.contact.public_id
    made = {"id": uid, "uid": uid, "directory": directory, "reason": entered.note}
    return Answer(made, [" ".join(filter(None, (f"Added {uid}.", entered.note)))])


@contact.command()
@click.argument("uid")
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--source", default="", help="Where the news came from, in your words.")
@valued
@pass_shell
def edit(shell: Shell, uid: str, *, kind: str | None, source: str, said: dict[str, Any]) -> Answer:
    """Change values of a contact: those named, and an empty text takes one away."""
    changes = said | ({"kind": kind} if kind else {})
    if not changes:
        raise click.UsageError("say what to change, such as --phone or --name")
    if "categories" in changes:
        changes["categories"] = "\n".join(changes["categories"])
    with shell.sessions.write() as session:
        row = contacts.find(session, uid, shell.at)
        moved = contacts.edit(session, OPERATOR, row.id, changes, shell.at, source=source)
    fields = sorted(moved)
    return Answer({"uid": uid, "changed": fields}, [f"Changed: {', '.join(fields) or 'nothing'}."])


@contact.command()
@click.argument("uid")
@click.argument("email")
@spanned
@pass_shell
def assign(shell: Shell, uid: str, email: str, *, span: Span) -> Answer:
    """Put a contact in a colleague's charge, from now on in this period only; or no longer."""
    with shell.sessions.write() as session:
        row, who = contacts.find(session, uid, shell.at), accounts.get_user(session, email)
        done: dict[str, object] = {"uid": uid, "email": who.email}
        subject = (session, OPERATOR, row.id, who.id, shell.at)
        if span.is_end:
            contacts.unassign(*subject)
            return Answer(done, [f"{who.email} is not in charge of {uid} any more."])
        given = contacts.assign(*subject, valid_from=span.start, valid_until=span.until)
        done |= {"from": given.valid_from, "until": given.valid_until}
    return Answer(done, [f"{done['email']} is in charge of {uid}."])


@contact.command("list")
@click.option("--as", "email", metavar="EMAIL", help="What this user sees; all, unless said.")
@click.option("--channel", type=click.Choice(CHANNELS), default=CHANNELS[0], show_default=True)
@click.option("--at", type=START, help="At that time instead of now.")
@click.option("--query", default="", help="Words in names, firms, e-mails; digits of phones.")
@pass_shell
def list_(
    shell: Shell, *, email: str | None, channel: str, at: datetime | None, query: str
) -> Answer:
    """List contacts: all that are not erased, or what one user sees over a channel."""
    when = at or shell.at
    if email is not None:
        with shell.sessions.read() as session:
            viewer = Viewer(accounts.get_user(session, email).id)
            cards = found.everything(session, viewer, Channel(channel), when, query)
    else:
        with shell.sessions.write() as session:
            cards = found.for_operator(session, when, query)
            subject = ("contact", None)
            audit.record(session, OPERATOR, "contact.list", subject, shell.at, count=len(cards))
    columns = ("uid", "name", "organisation", "phones", "emails")
    return table([_row(card) for card in cards], columns, "There is no contact.")


def _row(card: Card) -> dict[str, Any]:
    """A card as JSON has it: what the channel may carry, and nothing else."""
    row = asdict(card)
    uid = row.pop("public_id")
    del row["photo"], row["version"], row["profile"]
    name = card.shown_name()
    points = {kind: [point.value for point in getattr(card, kind)] for kind in _POINTS}
    return {"uid": uid, "name": name, **row, **points}
