"""`kustod team`: add, member, list."""

import click

from app.cli.moments import Span, spanned
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts as found
from app.services import teams
from app.services.audit import OPERATOR


@click.group(cls=Group)
def team() -> None:
    """Teams: groups of users that grants can be given to."""


@team.command()
@click.argument("slug")
@click.option("--name", required=True)
@pass_shell
def add(shell: Shell, slug: str, name: str) -> Answer:
    """Add a team."""
    with shell.sessions.write() as session:
        row = teams.add(session, OPERATOR, slug, name, shell.at)
        made = {"id": row.id, "slug": row.slug, "name": row.name}
    return Answer(made, [f"Added the team {slug}."])


@team.command()
@click.argument("slug")
@click.argument("email")
@spanned
@pass_shell
def member(shell: Shell, slug: str, email: str, *, span: Span) -> Answer:
    """Let a user belong to a team, from now on in this period only; or no longer."""
    with shell.sessions.write() as session:
        of, who = found.get_team(session, slug), found.get_user(session, email)
        done: dict[str, object] = {"team": of.slug, "email": who.email}
        subject = (session, OPERATOR, of.id, who.id, shell.at)
        if span.is_end:
            teams.end_member(*subject)
            return Answer(done, [f"{who.email} is not in {slug} any more."])
        row = teams.set_member(*subject, valid_from=span.start, valid_until=span.until)
        done |= {"from": row.valid_from, "until": row.valid_until}
    return Answer(done, [f"{done['email']} is in {slug}."])


@team.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all teams with those who belong to them now."""
    with shell.sessions.read() as session:
        rows = found.teams(session, shell.at)
    return table(rows, ("slug", "name", "members"), "There is no team yet.")
