"""`kustod form`: add, list, publish, open, close, key, end-key, snippet."""

from collections.abc import Sequence

import click

from app import keys
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.errors import Refused
from app.queries import directories, paper
from app.queries import forms as found
from app.services import collecting, paper_serials, papers, snippets
from app.services.audit import OPERATOR
from app.services.choices import FORMS
from app.services.collecting import NewPoint

_COLUMNS = ("key", "name", "kind", "notice", "purposes", "directory", "double_opt_in", "open")


@click.group(cls=Group)
def form() -> None:
    """Forms: where people are asked for consents, and which websites hand them in."""


@form.command()
@click.argument("key")
@click.option("--name", required=True)
@click.option("--notice", required=True, metavar="KEY", help="What people are told.")
@click.option("--purpose", "purposes", multiple=True, metavar="SLUG", help="That of the notice.")
@click.option("--directory", metavar="SLUG", help="Where it adds whom nobody knows yet.")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A site that may send.")
@click.option("--kind", type=click.Choice(FORMS), default="web-form", show_default=True)
@click.option("--no-double-opt-in", "is_plain", is_flag=True, help="A tick is enough.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    key: str,
    *,
    name: str,
    notice: str,
    purposes: Sequence[str],
    directory: str | None,
    origins: Sequence[str],
    kind: str,
    is_plain: bool,
) -> Answer:
    """Open a form at /p/f/KEY; its words come from the published notices."""
    with shell.sessions.write() as session:
        home = directories.get_directory(session, directory).id if directory else None
        new = NewPoint(key, name, notice, purposes, home, origins, not is_plain, kind)
        collecting.add(session, OPERATOR, new, shell.at)
        made = next(row for row in found.everything(session) if row["key"] == key)
    return Answer(made, [f"Opened the form {key}: {shell.settings.base_url}/p/f/{key}"])


@form.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all forms."""
    with shell.sessions.read() as session:
        rows = found.everything(session)
    return table(rows, _COLUMNS, "There is no form yet.")


@form.command()
@click.argument("key")
@pass_shell
def publish(shell: Shell, key: str) -> Answer:
    """Take the words anew from the notices that are published now."""
    with shell.sessions.write() as session:
        row = collecting.publish(session, OPERATOR, found.get(session, key).id, shell.at)
        made = {"key": key, "version": row.version, "sha256": row.sha256}
    return Answer(made, [f"The words of {key} are those of version {made['version']}."])


@form.command("open")
@click.argument("key")
@pass_shell
def open_(shell: Shell, key: str) -> Answer:
    """Let people fill it in again, or for the first time, with the words of today."""
    with shell.sessions.write() as session:
        collecting.reopen(session, OPERATOR, found.get(session, key).id, shell.at)
    return Answer({"key": key, "open": True}, [f"Opened the form {key}."])


@form.command()
@click.argument("key")
@pass_shell
def close(shell: Shell, key: str) -> Answer:
    """Ask nobody there any more; what people take back is still taken."""
    with shell.sessions.write() as session:
        collecting.close(session, OPERATOR, found.get(session, key).id, shell.at)
    return Answer({"key": key, "open": False}, [f"Closed the form {key}."])


@form.command("key")
@click.argument("key")
@click.option("--site", required=True, help="The website that gets it.")
@pass_shell
def key_(shell: Shell, key: str, site: str) -> Answer:
    """Make a key by which a website hands in what people ticked; it is shown once."""
    with shell.sessions.write() as session:
        point = found.get(session, key)
        row, secret = collecting.issue_key(session, OPERATOR, point.id, site, shell.at)
        made = {"id": row.public_id, "form": key, "site": row.site, "key": secret}
    return Answer(made, [f"Key {made['id']} for {site}, shown this once:", secret])


@form.command()
@click.argument("key_id", metavar="ID")
@pass_shell
def end_key(shell: Shell, key_id: str) -> Answer:
    """Take nothing more by a key."""
    with shell.sessions.write() as session:
        collecting.end_key(session, OPERATOR, key_id, shell.at)
    return Answer({"id": key_id}, [f"The key {key_id} opens nothing any more."])


@form.command()
@click.argument("key")
@click.option("--language", default="", metavar="cs", help="The first that it has, unless said.")
@pass_shell
def snippet(shell: Shell, key: str, language: str) -> Answer:
    """Print the form as HTML to be pasted into a website; no script is in it."""
    ring = keys.load(shell.settings.keys_file)
    with shell.sessions.read() as session:
        point = found.get(session, key)
        asked = found.asking(session, point, (language,))
    if asked is None or not point.is_active or (language and asked.language != language):
        raise Refused(f"the form {key} cannot be had in that language")
    html = snippets.html(ring, asked, shell.settings.base_url, shell.at)
    data = {"key": key, "language": asked.language, "html": html}
    return Answer(data, [html])


@form.command()
@click.argument("key")
@click.option("--count", type=click.IntRange(1, papers.MOST_BLANKS), default=10, show_default=True)
@click.option("--language", default="cs", show_default=True)
@pass_shell
def blank(shell: Shell, key: str, *, count: int, language: str) -> Answer:
    """Number blanks to be printed for a form of the kind branch-paper; their page prints them."""
    with shell.sessions.write() as session:
        point = found.get(session, key)
        pad = papers.print_pad(session, OPERATOR, point.id, count, language, shell.at)
        numbers = [paper_serials.written(one) for one in paper.numbers(session, pad.public_id)]
    url = f"{shell.settings.base_url}/pads/{pad.public_id}"
    data = {"id": pad.public_id, "form": key, "url": url, "serials": numbers}
    return Answer(data, [f"Numbered {numbers[0]} to {numbers[-1]}; print them from {url}"])
