"""`kustod project`: add, member, contact, end, list."""

from datetime import datetime

import click

from app.cli.moments import END, START, Span, spanned
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts
from app.queries import projects as found
from app.services import contacts, projects
from app.services.audit import OPERATOR
from app.services.choices import PROFILES
from app.services.projects import NewProject


@click.group(cls=Group)
def project() -> None:
    """Projects: time-bound cooperation that crosses directories and ends."""


@project.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--starts", type=START, help="Now, unless said.")
@click.option("--ends", type=END, help="Open, unless said.")
@click.option("--sync", is_flag=True, help="Its contacts may go to its members' phones.")
@click.option("--fields", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True)
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    slug: str,
    *,
    name: str,
    starts: datetime | None,
    ends: datetime | None,
    sync: bool,
    fields: str,
) -> Answer:
    """Add a project."""
    new = NewProject(slug, name, starts, ends, sync, fields)
    with shell.sessions.write() as session:
        row = projects.add(session, OPERATOR, new, shell.at)
        made = {"id": row.id, "slug": row.slug, "name": row.name}
        made |= {"starts": row.starts_at, "ends": row.ends_at, "sync": sync, "fields": fields}
    return Answer(made, [f"Added the project {slug}."])


@project.command()
@click.argument("slug")
@click.argument("email")
@spanned
@pass_shell
def member(shell: Shell, slug: str, email: str, *, span: Span) -> Answer:
    """Let a user work in a project, from now on in this period only; or no longer."""
    with shell.sessions.write() as session:
        of, who = found.get_project(session, slug), accounts.get_user(session, email)
        done: dict[str, object] = {"project": of.slug, "email": who.email}
        subject = (session, OPERATOR, of.id, who.id, shell.at)
        if span.is_end:
            projects.end_member(*subject)
            return Answer(done, [f"{who.email} does not work in {slug} any more."])
        row = projects.set_member(*subject, valid_from=span.start, valid_until=span.until)
        done |= {"from": row.valid_from, "until": row.valid_until}
    return Answer(done, [f"{done['email']} works in {slug}."])


@project.command()
@click.argument("slug")
@click.argument("uid")
@click.option("--role", help="What the contact is in the project, in your words.")
@spanned
@pass_shell
def contact(shell: Shell, slug: str, uid: str, *, role: str | None, span: Span) -> Answer:
    """Let a contact take part in a project, from now on in this period only; or no longer."""
    with shell.sessions.write() as session:
        of, who = found.get_project(session, slug), contacts.find(session, uid, shell.at)
        done: dict[str, object] = {"project": of.slug, "uid": uid}
        subject = (session, OPERATOR, of.id, who.id, shell.at)
        if span.is_end:
            projects.end_contact(*subject)
            return Answer(done, [f"{uid} does not take part in {slug} any more."])
        row = projects.set_contact(
            *subject, role=role, valid_from=span.start, valid_until=span.until
        )
        done |= {"role": row.role, "from": row.valid_from, "until": row.valid_until}
    return Answer(done, [f"{uid} takes part in {slug}."])


@project.command()
@click.argument("slug")
@pass_shell
def end(shell: Shell, slug: str) -> Answer:
    """End a project, now."""
    with shell.sessions.write() as session:
        row = projects.end(session, OPERATOR, found.get_project(session, slug).id, shell.at)
        done = {"id": row.id, "slug": row.slug, "ends": row.ends_at}
    return Answer(done, [f"The project {slug} has ended."])


@project.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all projects, the ended ones too."""
    with shell.sessions.read() as session:
        rows = found.projects(session, shell.at)
    columns = ("slug", "name", "sync", "fields", "starts", "ends", "members", "contacts")
    return table(rows, columns, "There is no project yet.")
