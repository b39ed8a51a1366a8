"""`kustod notice`: publish, list, show."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.moments import START
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.errors import Refused
from app.queries import directories
from app.queries import notices as found
from app.queries.notices import Notice
from app.services import notices
from app.services.audit import OPERATOR
from app.services.choices import CHANGES
from app.services.notices import NewNotice

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def notice() -> None:
    """Notices: what people are told about a purpose, version by version."""


@notice.command()
@click.argument("purpose")
@click.option("--language", required=True, metavar="cs", help="The language of the text.")
@click.option("--file", "path", required=True, type=_FILE, help="The text, UTF-8.")
@click.option("--change", type=click.Choice(CHANGES), default="material", show_default=True)
@click.option("--changes", multiple=True, metavar="SLUG", help="Whose processing changes.")
@click.option("--label", "labels", multiple=True, metavar="SLUG=WORDS", help="How it names one.")
@click.option("--effective", type=START, help="From when on a change of processing counts.")
@pass_shell
def publish(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    purpose: str,
    *,
    language: str,
    path: Path,
    change: str,
    changes: Sequence[str],
    labels: Sequence[str],
    effective: datetime | None,
) -> Answer:
    """Publish a text about a purpose and what stands below it; it never changes again."""
    try:
        body = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is no text in UTF-8") from error
    words = dict(_label(label) for label in labels)
    with shell.sessions.write() as session:
        about = directories.get_purpose(session, purpose)
        new = NewNotice(about.id, language, body, change, changes, words)
        row = notices.draft(session, OPERATOR, new, shell.at)
        notices.publish(session, OPERATOR, row.id, shell.at, effective_at=effective)
        made = found.named(session, row.public_id)
    lines = [f"Published {made.name}, SHA-256 {made.sha256}."]
    if not made.blocks:
        lines.append("It marks no parts, so nobody checked whether all of GDPR Art. 13 is there.")
    return Answer(_summary(made), lines)


@notice.command("list")
@click.option("--purpose", default="", metavar="SLUG", help="All of them, unless said.")
@pass_shell
def list_(shell: Shell, purpose: str) -> Answer:
    """List all versions."""
    with shell.sessions.read() as session:
        rows = [_summary(row) for row in found.everything(session, purpose)]
    columns = ("id", "key", "language", "version", "state", "change", "published_at")
    return table(rows, columns, "There is no notice yet.")


@notice.command()
@click.argument("name", metavar="ID|KEY/LANGUAGE/VERSION")
@pass_shell
def show(shell: Shell, name: str) -> Answer:
    """Print a version as people are shown it."""
    with shell.sessions.read() as session:
        row = found.named(session, name)
    return Answer(_summary(row) | {"body": row.body}, [row.body])


def _label(text: str) -> tuple[str, str]:
    slug, is_there, words = text.partition("=")
    if not is_there or not words.strip():
        raise click.UsageError(f"{text!r} is not SLUG=WORDS")
    return slug, words.strip()


def _summary(row: Notice) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "language": row.language,
        "version": row.version,
        "state": row.state,
        "change": row.change_class,
        "sha256": row.sha256,
        "purposes": [{"slug": p.slug, "label": p.label, "media": p.media} for p in row.purposes],
        "effective_at": row.effective_at,
        "published_at": row.published_at,
        "retired_at": row.retired_at,
    }
