"""`kustod seen`: who could see a contact in a period, was shown it, held it, got it in a file."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cli.moments import END, START
from app.cli.shell import Answer, Command, Shell, pass_shell, table
from app.db import instant_text
from app.queries import contacts
from app.queries import seen as found
from app.queries.access import Sight
from app.queries.seen import Held, Seen
from app.services import audit
from app.services.audit import OPERATOR

_SIGHT = ("email", "channel", "device", "from", "until", "fields", "grants", "projects")
_HELD = ("email", "device", "state", "offered_at", "told_at", "confirmed_at", "fields")


@click.command(cls=Command)
@click.argument("uid")
@click.option("--from", "start", type=START, required=True, help="The beginning of the period.")
@click.option("--to", "end", type=END, required=True, help="Its end; a date is the whole day.")
@pass_shell
def seen(shell: Shell, uid: str, *, start: datetime, end: datetime) -> Answer:
    """Say who could see a contact, was shown it, held it, and in which files it went out."""
    with shell.sessions.write() as session:
        answer = found.of_contact(session, uid, start, end, shell.at)
        subject = ("contact", contacts.contact_id(session, uid))
        period = {"start": instant_text(start), "end": instant_text(end)}
        audit.record(session, OPERATOR, "contact.seen", subject, shell.at, **period)
    data = _data(answer)
    return Answer(data, _lines(data))


def _data(answer: Seen) -> dict[str, Any]:
    return {
        "uid": answer.uid,
        "from": answer.start,
        "to": answer.end,
        "could_see": list(map(_sight, answer.could_see)),
        "was_shown": list(map(asdict, answer.was_shown)),
        "was_held": list(map(_held, answer.was_held)),
        "went_out": list(map(asdict, answer.went_out)),
    }


def _sight(sight: Sight) -> dict[str, Any]:
    row = asdict(sight)
    return row | {"from": row.pop("start"), "until": row.pop("end")}


def _held(held: Held) -> dict[str, Any]:
    row = asdict(held.holder)
    del row["contact_id"]
    return {
        **row,
        "is_replaced": held.is_replaced,
        "fields": held.fields,
        "values": held.values,
    }


def _lines(data: dict[str, Any]) -> list[str]:
    return [
        *_part("Could see:", data["could_see"], _SIGHT, "Nobody."),
        *_part("Was shown:", data["was_shown"], ("at", "email", "page"), "To nobody."),
        *_part("Was held:", data["was_held"], _HELD, "By no device."),
        *_part(
            "Went out in files:",
            data["went_out"],
            ("at", "email", "recipient", "reason", "fields"),
            "In none.",
        ),
    ]


def _part(title: str, rows: list[dict[str, Any]], columns: Sequence[str], empty: str) -> list[str]:
    return [title, *(f"  {line}" for line in table(rows, columns, empty).lines)]
