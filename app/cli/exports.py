"""`kustod contact export`: contacts in a file for somebody outside, recorded one by one."""

from collections.abc import Iterable
from pathlib import Path

import click

from app.cli.shell import Answer, Command, Shell, pass_shell
from app.errors import Refused
from app.exports import FORMATS
from app.policy import Viewer
from app.queries import accounts, directories
from app.services import exports
from app.services.audit import OPERATOR
from app.services.exports import Errand

STDOUT = Path("-")
FILE = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


@click.command(cls=Command)
@click.argument("directory")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), required=True)
@click.option("--as", "email", metavar="EMAIL", required=True, help="Whose right to export.")
@click.option("--to", "recipient", required=True, help="Who gets it, in your words.")
@click.option("--reason", required=True, help="What for, in your words.")
@click.option("--output", type=FILE, default="-", help="A file; else standard output.")
@pass_shell
def export(  # noqa: PLR0913 - one argument an option
    shell: Shell,
    directory: str,
    *,
    form: str,
    email: str,
    recipient: str,
    reason: str,
    output: Path,
) -> Answer:
    """Hand out the contacts of a directory that a user may export.

    Who gets which of them, why and with which fields is recorded before the first byte leaves.
    Photos stay here.
    With --json and without --output the content stands in the document.
    """
    if not output.parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent}")
    with shell.sessions.write() as session:
        home = directories.get_directory(session, directory)
        viewer = Viewer(accounts.get_user(session, email).id)
        errand = Errand(recipient, reason)
        cards = exports.hand_over(session, OPERATOR, viewer, home.id, errand, shell.at)
    parts = FORMATS[form](cards)
    done = {"directory": directory, "format": form, "to": recipient, "count": len(cards)}
    if output == STDOUT:
        content = b"".join(parts)
        return Answer({**done, "content": content.decode()}, payload=content)
    write(output, parts)
    return Answer({**done, "file": str(output)}, [f"Wrote {len(cards)} contacts to {output}."])


def write(file: Path, parts: Iterable[bytes]) -> None:
    """Write a file that only its owner reads, where it is a new one. Raises Refused."""
    try:
        file.touch(mode=0o600)
        with file.open("wb") as opened:
            opened.writelines(parts)
    except OSError as error:
        raise Refused(
            f"{file} cannot be written ({error.strerror}); the hand-over stays recorded"
        ) from error
