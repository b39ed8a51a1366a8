"""`kustod grant`: add, end, list."""

from datetime import datetime

import click

from app.cli.moments import END, START
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.cli.values import NUMBER
from app.queries import accounts
from app.queries import directories as found
from app.services import grants
from app.services.audit import OPERATOR
from app.services.choices import PROFILES, RIGHTS, SCOPES
from app.services.grants import Holder, Terms

_TEAM, _DIRECTORY = "team:", "directory:"


@click.group(cls=Group)
def grant() -> None:
    """Grants: what a user or a team may do with a directory."""


@grant.command()
@click.option("--to", "to", required=True, metavar="EMAIL|team:SLUG")
@click.option("--on", "on", required=True, metavar="directory:SLUG")
@click.option("--can", required=True, metavar="RIGHT,...", help=f"Of {', '.join(RIGHTS)}.")
@click.option("--scope", type=click.Choice(SCOPES), default=SCOPES[0], show_default=True)
@click.option("--fields", type=click.Choice(PROFILES), help="As the channel has it, unless said.")
@click.option("--from", "start", type=START, help="Now, unless said.")
@click.option("--until", type=END, help="For ever, unless said.")
@click.option("--reason", default="", help="Why; kept with the grant.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    *,
    to: str,
    on: str,
    can: str,
    scope: str,
    fields: str | None,
    start: datetime | None,
    until: datetime | None,
    reason: str,
) -> Answer:
    """Give a user or a team rights on a directory."""
    rights = [right.strip() for right in can.split(",") if right.strip()]
    terms = Terms(rights, scope, fields or "", reason, start, until)
    with shell.sessions.write() as session:
        home = found.get_directory(session, on.removeprefix(_DIRECTORY))
        if to.startswith(_TEAM):
            holder = Holder(team_id=accounts.get_team(session, to.removeprefix(_TEAM)).id)
        else:
            holder = Holder(user_id=accounts.get_user(session, to).id)
        row = grants.give(session, OPERATOR, home.id, holder, terms, shell.at)
        made = {"id": row.id, "to": to, "on": home.slug, "can": rights, "scope": scope}
        made |= {"from": row.valid_from, "until": row.valid_until}
    return Answer(made, [f"Grant {made['id']}: {to} may {', '.join(rights)} {made['on']}."])


@grant.command()
@click.argument("grant_id", metavar="ID", type=NUMBER)
@pass_shell
def end(shell: Shell, grant_id: int) -> Answer:
    """Take a grant back, now."""
    with shell.sessions.write() as session:
        row = grants.end(session, OPERATOR, grant_id, shell.at)
        done = {"id": row.id, "until": row.valid_until}
    return Answer(done, [f"Grant {grant_id} has ended."])


@grant.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all grants, the ended ones too."""
    with shell.sessions.read() as session:
        rows = found.grants(session, shell.at)
    columns = ("id", "to", "on", "can", "scope", "fields", "from", "until")
    return table(rows, columns, "There is no grant yet.")
