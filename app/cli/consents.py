"""`kustod consent`: record, import, withdraw, show."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

from app import keys
from app.cli.moments import END, START
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.errors import NotFound
from app.imports import answers, mails
from app.queries import consents as found
from app.queries import directories, receipts
from app.queries import notices as told
from app.services import (
    consent_closings,
    consent_entries,
    consent_files,
    consent_subjects,
    contacts,
    proof_files,
)
from app.services.audit import OPERATOR
from app.services.choices import FILE_HOWS, HOWS, KEPT, MEDIA
from app.services.consent_entries import NewEntry
from app.services.consent_files import NewFile
from app.services.opt_in import Desk
from app.services.proof_files import Sealed

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MONTH = re.compile(r"\d{4}-\d{2}")
_COLUMNS = ("purpose", "medium", "state", "since", "until", "reason")


class When(click.ParamType[tuple[datetime, str]]):
    """A moment, a day or a month, as exactly as it is known."""

    name = "time"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[datetime, str]:
        text = str(value).strip()
        if _MONTH.fullmatch(text):
            return START.convert(f"{text}-01", param, ctx), "month"
        is_instant = "T" in text or ":" in text
        return START.convert(text, param, ctx), "instant" if is_instant else "day"


WHEN = When()


class Fact(click.ParamType[tuple[str, str]]):
    """A name and what is known, such as version=3/2026."""

    name = "name=value"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, mark, said = str(value).partition("=")
        if not mark or name not in KEPT:
            self.fail(f"{value!r} is none of {', '.join(KEPT)} with = and a value", param, ctx)
        return name, said.strip()


FACT = Fact()


@click.group(cls=Group)
def consent() -> None:
    """Consents: what people gave, took back, and what proves it."""


@consent.command()
@click.argument("uid")
@click.argument("purpose")
@click.option("--how", type=click.Choice(HOWS), required=True, help="How the person said it.")
@click.option("--on", "when", type=WHEN, help="When: a time, a day or a month. Now, unless said.")
@click.option("--notice", metavar="ID", help="What the person was told: ID or KEY/cs/1.")
@click.option("--evidence", "path", type=_FILE, help="A scan, a log, a mail: what proves it.")
@click.option("--original", default="", metavar="PLACE", help="Where the original is kept.")
@click.option("--artwork", type=_FILE, help="What the terms stood on: a poster, a card, a page.")
@click.option(
    "--fact", "facts", type=FACT, multiple=True, help="What the way must keep: version=3."
)
@click.option("--number", default="", help="The number that a text message came from.")
@click.option(
    "--medium", "media", type=click.Choice(MEDIA), multiple=True, help="All, unless said."
)
@click.option("--until", type=END, help="As long as the purpose says, unless said.")
@pass_shell
def record(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    uid: str,
    purpose: str,
    *,
    how: str,
    when: tuple[datetime, str] | None,
    notice: str | None,
    path: Path | None,
    original: str,
    artwork: Path | None,
    facts: Sequence[tuple[str, str]],
    number: str,
    media: Sequence[str],
    until: datetime | None,
) -> Answer:
    """Record a consent; without notice, proof and what its way must keep it authorises nothing.

    What was only spoken is asked of the person's mailbox.
    """
    file = _sealed(shell, path) if path else None
    medium = _sealed(shell, artwork) if artwork else None
    mail = mails.read(path.read_bytes()) if path and how == "email" else None
    said = dict(facts)
    if mail and mail.dkim:
        said["dkim"] = mail.dkim
    with shell.sessions.write() as session:
        contact = contacts.find(session, uid, shell.at)
        about = directories.get_purpose(session, purpose)
        new = NewEntry(
            how=how,
            purpose_id=about.id,
            notice_id=told.meant(session, notice, about.id).row_id if notice else None,
            media=media,
            occurred_at=when[0] if when else mail.sent_at if mail else None,
            precision=when[1] if when else "instant",
            valid_until=until,
            file=file,
            file_name=path.name if path else "",
            original_place=original,
            artwork=medium,
            facts=said,
            sender=mail.sender if mail else "",
            number=number,
        )
        desk = _desk(shell)
        done = consent_entries.enter(session, OPERATOR, contact.id, new, shell.at, desk=desk)
        event = done.event
        data: dict[str, Any] = {
            "id": event.public_id,
            "uid": uid,
            "purpose": purpose,
            "type": event.type.value,
        }
        data |= {"holds": done.holds, "lacks": list(done.lacks), "until": event.valid_until}
    lines = [f"Recorded as {data['type']} for {uid}."]
    if done.lacks:
        lines.append(f"It authorises nothing: it lacks {' and '.join(done.lacks)}.")
    return Answer(data, lines)


@consent.command("import")
@click.argument("path", metavar="FILE", type=_FILE)
@click.argument("purpose")
@click.option("--how", type=click.Choice(FILE_HOWS), required=True)
@click.option("--notice", metavar="ID", help="What the people were told: ID or KEY/cs/1.")
@click.option("--keyword", default="", help="The text of a message that means yes.")
@click.option("--artwork", type=_FILE, help="What the terms stood on: a poster, a card, a page.")
@click.option("--fact", "facts", type=FACT, multiple=True, help="What the way must keep: system=X.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="email=Mail")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
@pass_shell
def import_(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    path: Path,
    purpose: str,
    *,
    how: str,
    notice: str | None,
    keyword: str,
    artwork: Path | None,
    facts: Sequence[tuple[str, str]],
    columns: Sequence[str],
    dry_run: bool,
) -> Answer:
    """Take in a file of answers (CSV): of a provider of text messages, or of another system.

    Columns: number or email, time, text, short_code, original (where the proof of a row is).
    """
    mapping = dict(column.partition("=")[::2] for column in columns)
    rows = answers.read(path.read_bytes(), mapping)
    file, medium = _sealed(shell, path), _sealed(shell, artwork) if artwork else None
    with shell.sessions.write() as session:
        about = directories.get_purpose(session, purpose)
        new = NewFile(
            how=how,
            purpose_id=about.id,
            notice_id=told.meant(session, notice, about.id).row_id if notice else None,
            file=file,
            rows=rows,
            zone=shell.settings.zone,
            artwork=medium,
            facts=dict(facts),
            keyword=keyword,
        )
        desk = _desk(shell)
        done = consent_files.take_in(session, desk, OPERATOR, new, shell.at, is_dry=dry_run)
    counts = consent_files.counts(done)
    data = {"file": path.name, "sha256": file.sha256, "dry_run": dry_run, "counts": counts}
    listed = [asdict(row) for row in done]
    lines = table(listed, ("line", "outcome", "uid", "reason"), "The file has no rows.").lines
    return Answer({**data, "rows": listed}, lines)


@consent.command()
@click.argument("uid")
@click.argument("purpose")
@click.option(
    "--medium", "media", type=click.Choice(MEDIA), multiple=True, help="All, unless said."
)
@click.option("--on", "when", type=WHEN, help="When: a time, a day or a month. Now, unless said.")
@click.option("--objection", is_flag=True, help="The person objects (GDPR Art. 21).")
@pass_shell
def withdraw(
    shell: Shell,
    uid: str,
    purpose: str,
    *,
    media: Sequence[str],
    when: tuple[datetime, str] | None,
    objection: bool,
) -> Answer:
    """Withdraw a purpose and all below it; never refused, as often as one likes."""
    with shell.sessions.write() as session:
        contact_id = consent_subjects.contact_id(session, uid)
        about = directories.get_purpose(session, purpose)
        closing = consent_closings.Closing(
            about.id, media, when[0] if when else None, when[1] if when else "instant", objection
        )
        done = consent_closings.close(session, OPERATOR, contact_id, closing, shell.at)
        data: dict[str, Any] = {"id": done.event.public_id, "uid": uid, "purpose": purpose}
        data |= {"type": done.event.type.value, "holds": done.holds}
    return Answer(data, [f"Recorded as {data['type']} for {uid}."])


@consent.command()
@click.argument("uid")
@pass_shell
def show(shell: Shell, uid: str) -> Answer:
    """Show what holds for a person, and everything that happened to it."""
    with shell.sessions.read() as session:
        contact_id = consent_subjects.contact_id(session, uid)
        standings = found.standings(session, contact_id, shell.at)
        events = found.history(session, contact_id)
    data: dict[str, Any] = {
        "uid": uid,
        "consents": [asdict(row) for row in standings],
        "events": [asdict(row) for row in events],
    }
    lines = [*table(data["consents"], _COLUMNS, "Nothing is recorded.").lines]
    if events:
        columns = ("recorded_at", "type", "purpose", "actor", "expression", "notice")
        lines += ["", *table(data["events"], columns, "").lines]
    return Answer(data, lines)


@consent.command()
@click.argument("record_id", metavar="ID")
@pass_shell
def receipt(shell: Shell, record_id: str) -> Answer:
    """Print the receipt of a consent record: ISO/IEC TS 27560, with terms of the DPV."""
    with shell.sessions.read() as session:
        found_one = receipts.of_event(session, record_id, shell.settings.base_url, shell.at)
    if found_one is None:
        raise NotFound(f"there is no consent record {record_id}")
    document = found_one.document
    lines = [f"Receipt {document['receipt_id']}, {document['schema_version']}."]
    lines += [
        f"{one['purpose']} by {one['medium']}: {one['state']}" for one in document["consent_status"]
    ]
    lines += [f"{one['event_time']} {one['event_type']}" for one in document["events"]]
    return Answer(document, lines)


def _sealed(shell: Shell, path: Path) -> Sealed:
    """The proof as it is kept."""
    return proof_files.sealed(keys.load(shell.settings.keys_file), path.read_bytes())


def _desk(shell: Shell) -> Desk:
    """From where the mailbox is asked."""
    return Desk(keys.load(shell.settings.keys_file), shell.settings.base_url)
