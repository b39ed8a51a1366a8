"""`kustod user`: add, disable, list."""

import sys

import click

from app import tokens
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts as found
from app.services import accounts
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.choices import ROLES


@click.group(cls=Group)
def user() -> None:
    """Users: people with a login."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The name that colleagues see.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@pass_shell
def add(
    shell: Shell, email: str, name: str, roles: tuple[str, ...], *, password_stdin: bool
) -> Answer:
    """Add a user; without --password-stdin a password is made and shown this once."""
    typed = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    password = typed if password_stdin else tokens.app_password()
    new = NewUser(email, name, roles or (ROLES[-1],), password)
    with shell.sessions.write() as session:
        row = accounts.add_user(session, OPERATOR, new, shell.at)
        made = {"id": row.id, "email": row.email, "name": row.name, "roles": sorted(set(new.roles))}
    lines = [f"Added {made['email']} ({', '.join(new.roles)})."]
    if not password_stdin:
        made["password"] = password
        lines.append(f"Password, shown this once: {password}")
    return Answer(made, lines)


@user.command()
@click.argument("email")
@click.option("--hand-over-to", metavar="EMAIL", help="Who takes over the contacts in his charge.")
@click.option("--reason", default="", help="Why; it stands on the record of the taking back.")
@pass_shell
def disable(shell: Shell, email: str, hand_over_to: str | None, reason: str) -> Answer:
    """Take everything from a user; his phones drain."""
    with shell.sessions.write() as session:
        row = found.get_user(session, email)
        heir = found.get_user(session, hand_over_to).id if hand_over_to else None
        subject = (session, OPERATOR, row.id, shell.at)
        accounts.disable_user(*subject, hand_over_to=heir, reason=reason)
        done = {"id": row.id, "email": row.email, "state": "disabled"}
    return Answer(done, [f"Disabled {done['email']}. His phones are being emptied."])


@user.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all users."""
    with shell.sessions.read() as session:
        rows = found.users(session, shell.at)
    return table(rows, ("email", "name", "roles", "state"), "There is no user yet.")
