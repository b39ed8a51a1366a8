"""`kustod seen`: who could see a contact in a period, was shown it, held it, got it in a file."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cli.moments import END, START
from app.cli.shell import Answer, Command, Shell, pass_shell, table
from app.errors import Refused
from app.queries import seen as found
from app.queries import seen_for_person
from app.queries.access import Sight
from app.queries.inquiries import Audience, Question
from app.queries.seen import Held, Seen
from app.queries.seen_for_person import Openness, SeenForPerson
from app.services import inquiries
from app.services.audit import OPERATOR

_SIGHT = ("email", "channel", "device", "from", "until", "fields", "grants", "projects")
_HELD = ("email", "device", "state", "offered_at", "told_at", "confirmed_at", "fields")


_LEFT = ("at", "email", "recipient", "reason", "fields")
_COLUMNS = {
    Audience.AUTHORITY: (_SIGHT, ("at", "email", "page"), _HELD, _LEFT),
    Audience.PERSON: (
        ("channel", "from", "until", "fields", "purposes", "people"),
        ("at", "page", "purposes"),
        ("device", "state", "offered_at", "told_at", "confirmed_at", "fields"),
        ("at", "recipient", "reason", "fields"),
    ),
}


@click.command(cls=Command)
@click.argument("uid")
@click.option("--from", "start", type=START, required=True, help="The beginning of the period.")
@click.option("--to", "end", type=END, required=True, help="Its end; a date is the whole day.")
@click.option(
    "--for",
    "audience",
    type=click.Choice([one.value for one in Audience]),
    default=Audience.AUTHORITY.value,
    show_default=True,
    help="For the person himself: dates and purposes, no names of staff.",
)
@pass_shell
def seen(shell: Shell, uid: str, *, start: datetime, end: datetime, audience: str) -> Answer:
    """Say who could see a contact, was shown it, held it, and in which files it went out."""
    if start > shell.at:
        raise Refused("this period has not come yet: nobody can know who will have seen whom")
    question = Question(start, end, Audience(audience))
    with shell.sessions.write() as session:
        inquiries.ask(session, OPERATOR, uid, question, shell.at)
        answer = found.of_contact(session, uid, start, end, shell.at)
        if question.audience is Audience.PERSON:
            data = _own_data(seen_for_person.of_answer(session, answer))
        else:
            data = _data(answer)
    return Answer(data, _lines(data, question.audience))


def _own_data(own: SeenForPerson) -> dict[str, Any]:
    row = asdict(own)
    row |= {"from": row.pop("start"), "to": row.pop("end")}
    return row | {"could_see": list(map(_spanned, own.could_see))}


def _data(answer: Seen) -> dict[str, Any]:
    return {
        "uid": answer.uid,
        "from": answer.start,
        "to": answer.end,
        "could_see": list(map(_spanned, answer.could_see)),
        "was_shown": list(map(asdict, answer.was_shown)),
        "was_held": list(map(_held, answer.was_held)),
        "went_out": list(map(asdict, answer.went_out)),
    }


def _spanned(sight: Sight | Openness) -> dict[str, Any]:
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


def _lines(data: dict[str, Any], audience: Audience) -> list[str]:
    sights, showings, held, left = _COLUMNS[audience]
    return [
        *_part("Could see:", data["could_see"], sights, "Nobody."),
        *_part("Was shown:", data["was_shown"], showings, "To nobody."),
        *_part("Was held:", data["was_held"], held, "By no device."),
        *_part("Went out in files:", data["went_out"], left, "In none."),
    ]


def _part(title: str, rows: list[dict[str, Any]], columns: Sequence[str], empty: str) -> list[str]:
    return [title, *(f"  {line}" for line in table(rows, columns, empty).lines)]
