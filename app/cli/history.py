"""`kustod contact history` and `kustod contact restore`: what a contact said before."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from app.cli.shell import Answer, Command, Shell, pass_shell, shown, table
from app.cli.values import NUMBER
from app.policy import Viewer
from app.queries import accounts, contacts
from app.queries import history as found
from app.queries.history import History, Said
from app.services import audit, restores
from app.services.audit import OPERATOR
from app.services.contacts import find

_COLUMNS = ("id", "at", "field", "old", "new", "source", "source_detail", "actor")


@click.command(cls=Command)
@click.argument("uid")
@click.option("--as", "email", metavar="EMAIL", help="What this user may read; all, unless said.")
@pass_shell
def history(shell: Shell, uid: str, *, email: str | None) -> Answer:
    """Say where a contact came from, and how its fields changed, the newest first."""
    if email is not None:
        with shell.sessions.read() as session:
            viewer = Viewer(accounts.get_user(session, email).id)
            read = found.of_contact(session, viewer, uid, shell.at)
    else:
        with shell.sessions.write() as session:
            read = found.of_contact(session, None, uid, shell.at)
            subject = ("contact", contacts.contact_id(session, uid))
            audit.record(session, OPERATOR, "contact.history", subject, shell.at)
    return Answer(asdict(read), _lines(read))


@click.command(cls=Command)
@click.argument("uid")
@click.argument("change", type=NUMBER, metavar="CHANGE_ID")
@pass_shell
def restore(shell: Shell, uid: str, change: int) -> Answer:
    """Give a field the value it had before a change that `contact history` lists."""
    with shell.sessions.write() as session:
        row = find(session, uid, shell.at)
        moved = restores.restore(session, OPERATOR, row.id, change, shell.at)
    fields = sorted(moved)
    done = {"uid": uid, "change": change, "changed": fields}
    return Answer(done, [f"Changed: {', '.join(fields) or 'nothing'}."])


def _lines(read: History) -> list[str]:
    origin = f"Entered {shown(read.created_at)} from {read.source}"
    rows = [
        {**asdict(step), "old": _text(step.old), "new": _text(step.new)} for step in read.changes
    ]
    return [
        " ".join(filter(None, (origin, read.source_detail and f"({read.source_detail})"))) + ".",
        *table(rows, _COLUMNS, "It has not changed since.").lines,
    ]


def _text(value: Said) -> str:
    """A value in one cell: items of a list by their words, one after the other."""
    if isinstance(value, str):
        return " ".join(value.split())
    return "; ".join(map(_item, value))


def _item(item: Mapping[str, Any]) -> str:
    said = [text for name, text in item.items() if name != "label" and isinstance(text, str)]
    label = item["label"]
    return ", ".join(filter(None, said)) + (f" ({label})" if label else "")
