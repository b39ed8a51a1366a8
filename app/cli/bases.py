"""`kustod basis`: add, end."""

from datetime import datetime

import click

from app.cli.moments import END
from app.cli.shell import Answer, Group, Shell, pass_shell
from app.queries import accounts
from app.services import bases, contacts
from app.services.audit import OPERATOR
from app.services.bases import Override
from app.services.choices import BASES


@click.group(cls=Group)
def basis() -> None:
    """Legal bases: why we may use a person's data for what his directory is for."""


@basis.command()
@click.argument("uid")
@click.option("--kind", type=click.Choice(BASES), help="That of the directory, unless said.")
@click.option("--until", type=END, help="For ever, unless said.")
@click.option("--officer", metavar="EMAIL", help="Who answers for it despite a withdrawal.")
@click.option("--reason", default="", help="Why it may hold despite a withdrawal.")
@pass_shell
def add(
    shell: Shell,
    uid: str,
    *,
    kind: str | None,
    until: datetime | None,
    officer: str | None,
    reason: str,
) -> Answer:
    """Let a basis hold for a person, from now on."""
    with shell.sessions.write() as session:
        contact = contacts.find(session, uid, shell.at)
        who = accounts.get_user(session, officer).id if officer else None
        row = bases.add(
            session,
            OPERATOR,
            contact.id,
            shell.at,
            kind=kind or "",
            valid_until=until,
            override=Override(who, reason) if who is not None else None,
        )
        done = {"id": row.id, "uid": uid, "kind": row.kind.value}
        done |= {"from": row.valid_from, "until": row.valid_until}
    return Answer(done, [f"{done['kind']} holds for {uid}."])


@basis.command()
@click.argument("uid")
@click.option("--kind", type=click.Choice(BASES), help="All of them, unless said.")
@pass_shell
def end(shell: Shell, uid: str, *, kind: str | None) -> Answer:
    """End a person's bases, or those of one kind, now."""
    with shell.sessions.write() as session:
        contact = contacts.find(session, uid, shell.at)
        ended = bases.end(session, OPERATOR, contact.id, shell.at, kind=kind or "")
    return Answer({"uid": uid, "ended": ended}, [f"Ended {ended} of {uid}."])
