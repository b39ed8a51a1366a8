"""An import as a job, driven step by step without any worker."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.cards.card import Draft
from app.cards.read import Record
from app.db import Sessions
from app.models import Contact, LegalBasis
from app.queries import jobs as found
from app.services import contact_rows, imports, job_steps, jobs
from app.services.audit import OPERATOR, Actor
from app.services.imports import Upload
from app.services.jobs import Claim, Standing
from tests.services.scene import DAY, NOON

LATER = NOON + DAY


class File:
    """A file that holds these cards, whatever stands in it."""

    def __init__(self, *drafts: Draft) -> None:
        self.drafts = drafts

    def read(self, _data: bytes, _reading: object = None) -> Iterator[Record]:
        return (Record(10 * n + 1, draft, "", ()) for n, draft in enumerate(self.drafts))


def begun(
    sessions: Sessions, home: int, file: File, at: datetime = LATER, actor: Actor = OPERATOR
) -> int:
    """The number of a job that waits."""
    with sessions.write() as session:
        upload = Upload(b"cards", len(file.drafts), "old phone")
        return imports.begin(session, actor, home, upload, at).id


def claimed(sessions: Sessions, job_id: int, at: datetime = LATER) -> Claim:
    with sessions.write() as session:
        claim = jobs.claim(session, at, job_id)
    assert claim is not None
    return claim


def steps(
    sessions: Sessions, claim: Claim, file: File, size: int = 100, at: datetime = LATER
) -> Iterator[Standing]:
    return job_steps.run(sessions, claim, file.read, lambda: at, lambda _seconds: None, size)


def done(
    sessions: Sessions, home: int, file: File, size: int = 100, at: datetime = LATER
) -> dict[str, Any]:
    """A whole import."""
    job_id = begun(sessions, home, file, at)
    list(steps(sessions, claimed(sessions, job_id, at), file, size, at))
    return shown(sessions, job_id, at)


def taken_back(sessions: Sessions, job_id: int, file: File, at: datetime = LATER) -> dict[str, Any]:
    """A job, asked to be taken back and worked on until it is."""
    with sessions.write() as session:
        jobs.take_back(session, OPERATOR, job_id, at)
    list(steps(sessions, claimed(sessions, job_id, at), file, at=at))
    return shown(sessions, job_id, at)


def shown(sessions: Sessions, job_id: int, at: datetime = LATER) -> dict[str, Any]:
    with sessions.read() as session:
        return found.one(session, job_id, at)


def world(sessions: Sessions, at: datetime = LATER) -> list[Any]:
    """All that living contacts say and are known by, without ids."""
    with sessions.read() as session:
        query = select(Contact).where(Contact.erased_at > at).order_by(Contact.id)
        rows = session.scalars(query).all()
        states = contact_rows.states(session, [row.id for row in rows])
        based = list(session.scalars(select(LegalBasis.contact_id)))
        return [
            [
                sorted(states[row.id].items()),
                (row.source_uid, row.fingerprint, row.search, row.mail_search, row.sort_key),
                based.count(row.id),
            ]
            for row in rows
        ]
