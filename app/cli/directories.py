"""`kustod directory`: add, list."""

import click

from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts
from app.queries import directories as found
from app.services import directories
from app.services.audit import OPERATOR
from app.services.choices import BASES, PRESET_NAMES, SYNC_POLICIES
from app.services.directories import NewDirectory


@click.group(cls=Group)
def directory() -> None:
    """Directories: who may see, sync and export a set of contacts, and why we have them."""


@directory.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--preset", required=True, type=click.Choice(PRESET_NAMES))
@click.option("--basis", type=click.Choice(BASES), help="That of the preset, unless said.")
@click.option("--purpose", metavar="SLUG", help="One of its own, unless said.")
@click.option("--sync", type=click.Choice(SYNC_POLICIES), help="To which phones it may go.")
@click.option("--owner", metavar="EMAIL", help="The first owner, unless said.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    slug: str,
    *,
    name: str,
    preset: str,
    basis: str | None,
    purpose: str | None,
    sync: str | None,
    owner: str | None,
) -> Answer:
    """Add a directory; its owner may read, edit and manage it."""
    with shell.sessions.write() as session:
        new = NewDirectory(
            slug=slug,
            name=name,
            preset=preset,
            basis=basis or "",
            sync_policy=sync or "",
            purpose_id=found.get_purpose(session, purpose).id if purpose else None,
            owner_id=accounts.get_user(session, owner).id if owner else None,
        )
        row = directories.add(session, OPERATOR, new, shell.at)
        made = {"id": row.id, "slug": row.slug, "name": row.name, "basis": row.basis.value}
        made |= {"sync": row.sync_policy.value, "preset": row.preset}
    return Answer(made, [f"Added the directory {slug}."])


@directory.command("list")
@pass_shell
def list_directories(shell: Shell) -> Answer:
    """List all directories."""
    with shell.sessions.read() as session:
        rows = found.directories(session, shell.at)
    columns = ("slug", "name", "preset", "basis", "sync", "contacts")
    return table(rows, columns, "There is no directory yet.")
