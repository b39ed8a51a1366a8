"""`kustod purpose`: add, list."""

from collections.abc import Sequence

import click

from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import directories as found
from app.services import purposes
from app.services.audit import OPERATOR
from app.services.choices import MEDIA
from app.services.purposes import Terms


@click.group(cls=Group)
def purpose() -> None:
    """Purposes: what data are used for."""


@purpose.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--parent", metavar="SLUG", help="The purpose above it.")
@click.option("--medium", "media", type=click.Choice(MEDIA), multiple=True, help="May be repeated.")
@click.option("--recipient", "recipients", multiple=True, help="Who else gets the data, by name.")
@click.option("--validity", default="", metavar="P24M", help="How long a consent holds.")
@click.option("--double-opt-in", is_flag=True, help="The mailbox has to say yes, too.")
@click.option("--marketing", is_flag=True, help="An objection to it ends every other basis.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    slug: str,
    *,
    name: str,
    parent: str | None,
    media: Sequence[str],
    recipients: Sequence[str],
    validity: str,
    double_opt_in: bool,
    marketing: bool,
) -> Answer:
    """Add a purpose."""
    terms = Terms(media, recipients, validity, double_opt_in, marketing)
    with shell.sessions.write() as session:
        above = found.get_purpose(session, parent).id if parent else None
        purposes.add(session, OPERATOR, slug, name, shell.at, parent_id=above, terms=terms)
        made = next(row for row in found.purposes(session) if row["slug"] == slug)
    return Answer(made, [f"Added the purpose {slug}."])


@purpose.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all purposes."""
    with shell.sessions.read() as session:
        rows = found.purposes(session)
    columns = ("slug", "name", "parent", "media", "validity", "double_opt_in", "marketing")
    return table(rows, columns, "There is no purpose yet.")
