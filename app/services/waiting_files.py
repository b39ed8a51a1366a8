"""Files that wait in the portal between two steps: kept for a day for the one who sent them.

He says how a file is read, sees what an import would do, and begins it; or nothing comes of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import NotFound
from app.models import ColumnMapping, Job, WaitingFile
from app.policy import Action
from app.queries.waiting import KEPT
from app.services import checks, imports
from app.services.audit import Actor, record
from app.services.imports import Upload
from app.services.intake import Report
from app.services.rights import demand

REMEMBERED = timedelta(days=365)
"""How long nobody may have used a mapping before it is forgotten."""

_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came, where it comes from in a person's words, and how it can be read."""

    name: str
    data: bytes
    source: str
    reading: Mapping[str, Any]
    total: int


def keep(
    session: Session, actor: Actor, directory_id: int, sent: Sent, at: datetime
) -> WaitingFile:
    """Keep a file for its sender.

    Raises Refused where he may not edit the directory, Invalid without a source.
    """
    home = demand(session, actor, Action.EDIT, directory_id, at)
    row = WaitingFile(
        public_id=tokens.random_token(),
        user_id=actor.user_id,
        directory_id=home.id,
        name=checks.remark(sent.name)[:_NAME_LENGTH],
        source=checks.name(sent.source, "source"),
        bytes=sent.data,
        reading=dict(sent.reading),
        total=sent.total,
        created_at=at,
    )
    session.add(row)
    record(session, actor, "import.upload", ("directory", home.id), at)
    session.flush()
    return row


def find(session: Session, actor: Actor, public_id: str, at: datetime) -> WaitingFile:
    """The file of this sender while it is kept. Raises NotFound."""
    query = select(WaitingFile).where(
        WaitingFile.public_id == public_id,
        WaitingFile.user_id == actor.user_id,
        WaitingFile.created_at > at - KEPT,
    )
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("there is no such file")
    return row


def read_as(
    session: Session,
    actor: Actor,
    public_id: str,
    reading: Mapping[str, Any],
    total: int,
    at: datetime,
) -> None:
    """Read a file so from now on; what was found out about it before is forgotten."""
    row = find(session, actor, public_id, at)
    row.reading, row.total = dict(reading), total
    row.checked = row.checked_at = None
    record(session, actor, "import.read", ("directory", row.directory_id), at)
    session.flush()


def note_check(
    session: Session, actor: Actor, public_id: str, report: Report, at: datetime
) -> None:
    """Keep what a rehearsal found out about a file."""
    row = find(session, actor, public_id, at)
    row.checked = [
        [one.line, one.outcome.value, one.name, one.reason, list(one.changed)]
        for one in report.rows
    ]
    row.total, row.checked_at = len(report.rows), at
    record(session, actor, "import.check", ("directory", row.directory_id), at)
    session.flush()


def start(session: Session, actor: Actor, public_id: str, at: datetime) -> Job:
    """Begin to import a file, under the name that it had. Raises NotFound, Refused."""
    row = find(session, actor, public_id, at)
    upload = Upload(row.bytes, row.total, row.source, row.reading, row.public_id)
    job = imports.begin(session, actor, row.directory_id, upload, at)
    session.delete(row)
    session.flush()
    return job


def drop(session: Session, actor: Actor, public_id: str, at: datetime) -> None:
    """Forget a file; one that is gone already is no error."""
    query = delete(WaitingFile).where(
        WaitingFile.public_id == public_id, WaitingFile.user_id == actor.user_id
    )
    gone = session.scalar(query.returning(WaitingFile.directory_id))
    if gone is not None:
        record(session, actor, "import.drop", ("directory", gone), at)


def sweep(session: Session, at: datetime) -> None:
    """Delete files that nobody came back for, and mappings that nobody uses."""
    session.execute(delete(WaitingFile).where(WaitingFile.created_at <= at - KEPT))
    session.execute(delete(ColumnMapping).where(ColumnMapping.used_at <= at - REMEMBERED))


def remember(
    session: Session, actor: Actor, header: Sequence[str], fields: Sequence[str], at: datetime
) -> None:
    """Remember what somebody said about the columns under this header."""
    key = (actor.user_id, digest(header))
    row = session.get(ColumnMapping, key) or ColumnMapping(user_id=key[0], header=key[1])
    row.fields, row.used_at = list(fields), at
    session.add(row)
    session.flush()


def remembered(session: Session, actor: Actor, header: Sequence[str]) -> tuple[str, ...] | None:
    """What the same person said about the columns under the same header; None for nothing."""
    row = session.get(ColumnMapping, (actor.user_id, digest(header)))
    return tuple(row.fields) if row is not None else None


def digest(header: Sequence[str]) -> str:
    """What a header is known by; the names in it are not kept."""
    return hashlib.sha256(json.dumps(list(header)).encode()).hexdigest()
