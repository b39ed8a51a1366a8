"""An import taken back, some rows at a time: what it made is erased, what it changed goes back.

What somebody worked with since stays, and is named. A row of the import is deleted when it is
done with, so taking back can stop anywhere and go on.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.models import (
    Affiliation,
    Assignment,
    Contact,
    Job,
    JobRow,
    LegalBasis,
    Participation,
    Restriction,
    ValueChange,
)
from app.models.kinds import JobState, Outcome, SourceKind
from app.services import contact_rows, erasing, jobs
from app.services.audit import SYSTEM, record
from app.services.contact_rows import Change, Writing
from app.services.contact_values import Value, text_of, value_of
from app.services.imports import home_of

ROWS = 50
"""So many rows are taken back at a time."""

_COUNTS = ("erased", "restored", "kept")


def step(session: Session, job: Job, at: datetime) -> bool:
    """Take back some of what an import brought, the last first; whether nothing was left of it."""
    rows = _next_rows(session, job)
    if not rows:
        _finish(session, job, at)
        return True
    ids = sorted({row.contact_id for row in rows if row.contact_id is not None})
    contact_rows.lock(session, ids)
    query = select(Contact).where(Contact.id.in_(ids), Contact.erased_at > at)
    living = session.scalars(query.execution_options(populate_existing=True)).all()
    source_id = job.arguments["source_id"]
    made = [contact for contact in living if contact.source_id == source_id]
    older = {contact.id: contact for contact in living if contact.source_id != source_id}
    _restore_marks(session, rows, older)
    reasons = _worked_with(session, {contact.id for contact in made}, source_id, at)
    to_erase = [contact.id for contact in made if contact.id not in reasons]
    kept = _done_with(session, job, rows, reasons)
    restored = _restore(session, job, sorted(older), at)
    erasing.empty(session, to_erase, at)
    before = job.result or {}
    done = dict(zip(_COUNTS, (len(to_erase), restored, kept), strict=True))
    jobs.note(job, **{name: before.get(name, 0) + count for name, count in done.items()})
    job.progress = max(0, job.progress - len(rows))
    session.flush()
    return False


def _next_rows(session: Session, job: Job) -> Sequence[JobRow]:
    query = select(JobRow).where(JobRow.job_id == job.id, JobRow.outcome != Outcome.KEPT)
    return session.scalars(query.order_by(JobRow.position.desc()).limit(ROWS)).all()


def _finish(session: Session, job: Job, at: datetime) -> None:
    """End a job that is taken back: what it ends as depends on how far it had come."""
    result = job.result or {}
    counts = {name: result.get(name, 0) for name in _COUNTS}
    jobs.note(job, **counts)
    subject = ("directory", job.arguments["directory_id"])
    record(session, SYSTEM, "contact.import.taken-back", subject, at, job=job.id, **counts)
    state = JobState.UNDONE if "finished_at" in result else JobState.CANCELLED
    job.progress = 0
    jobs.finish(session, job, JobState.FAILED if "problem" in result else state, at)


def _done_with(
    session: Session, job: Job, rows: Sequence[JobRow], reasons: Mapping[int, str]
) -> int:
    """Delete the rows but those that made contacts which stay; how many these are."""
    kept = 0
    for row in rows:
        reason = reasons.get(row.contact_id or 0)
        if row.outcome is Outcome.CREATED and reason is not None:
            row.outcome, row.reason = Outcome.KEPT, reason
            kept += 1
    session.flush()
    positions = [row.position for row in rows if row.outcome is not Outcome.KEPT]
    query = delete(JobRow).where(JobRow.job_id == job.id, JobRow.position.in_(positions))
    session.execute(query, execution_options={"synchronize_session": False})
    return kept


def _worked_with(
    session: Session, ids: Collection[int], source_id: int, at: datetime
) -> dict[int, str]:
    """Those of these contacts with which somebody did something since the import, and what."""
    edits = (ValueChange.contact_id.in_(ids), ValueChange.source_id != source_id)
    bases = select(LegalBasis.contact_id).join(Contact, Contact.id == LegalBasis.contact_id)
    merged = or_(Contact.merged_into_id.is_not(None), Contact.merged_at <= at)
    questions = {
        "It was edited since.": select(ValueChange.contact_id).where(*edits),
        "It was given into somebody's charge since.": select(Assignment.contact_id).where(
            Assignment.contact_id.in_(ids)
        ),
        "It was put into a project since.": select(Participation.contact_id).where(
            Participation.contact_id.in_(ids)
        ),
        "Its use was restricted since.": select(Restriction.contact_id).where(
            Restriction.contact_id.in_(ids)
        ),
        "It was connected with a person since.": select(Affiliation.organisation_id).where(
            Affiliation.organisation_id.in_(ids)
        ),
        "It was connected with a firm since.": select(Affiliation.person_id).where(
            Affiliation.person_id.in_(ids)
        ),
        "A legal basis was recorded for it since.": bases.where(
            LegalBasis.contact_id.in_(ids), LegalBasis.valid_from != Contact.created_at
        ),
        "It was merged into another one since.": select(Contact.id).where(
            Contact.id.in_(ids), merged
        ),
        "Another one was merged into it since.": select(Contact.merged_into_id).where(
            Contact.merged_into_id.in_(ids)
        ),
    }
    return {
        contact_id: reason
        for reason, query in reversed(questions.items())
        for contact_id in session.scalars(query)
        if contact_id is not None
    }


def _restore_marks(
    session: Session, rows: Sequence[JobRow], contacts: Mapping[int, Contact]
) -> None:
    """Give contacts UID and fingerprint back where they are still what the import set.

    Without it the same file would find that nothing in it is new.
    """
    for row in rows:
        contact = contacts.get(row.contact_id or 0)
        if contact is None or row.before is None:
            continue
        for name, (old, new) in row.before.items():
            if getattr(contact, name) == new:
                setattr(contact, name, old)
    session.flush()


def _restore(session: Session, job: Job, ids: Sequence[int], at: datetime) -> int:
    """Give contacts back what they said before the import, where nobody changed it since.

    Says how many changed. What was says stays in the history of values: phones showed it.
    """
    states = contact_rows.states(session, ids)
    changes = []
    for contact_id, earlier in _earlier(session, ids, job.arguments["source_id"]).items():
        old = states[contact_id]
        new = {**old, **{n: was for n, (was, now) in earlier.items() if text_of(old[n]) == now}}
        if new != old:
            changes.append(Change(contact_id, old, new))
    if changes:
        writing = Writing(home_of(session, job), _own_source(session, job, at), SYSTEM, at)
        contact_rows.apply_changes(session, writing, changes)
    return len(changes)


def _earlier(
    session: Session, ids: Sequence[int], source_id: int
) -> dict[int, dict[str, tuple[Value, str]]]:
    """Field by field what was before the import changed it last, and the text that it set.

    Only fields which nobody changed after the import.
    """
    query = select(ValueChange).where(ValueChange.contact_id.in_(ids)).order_by(ValueChange.id)
    steps: dict[tuple[int, str], list[ValueChange]] = defaultdict(list)
    for change in session.scalars(query):
        run = steps[change.contact_id, change.field]
        if change.source_id != source_id:
            run.clear()
        else:
            run.append(change)
    found: dict[int, dict[str, tuple[Value, str]]] = defaultdict(dict)
    for (contact_id, name), run in steps.items():
        if run:
            found[contact_id][name] = (value_of(name, run[0].old), run[-1].new)
    return found


def _own_source(session: Session, job: Job, at: datetime) -> int:
    """The source of what is written back; one for each import that is taken back."""
    if "undo_source_id" not in job.arguments:
        row = contact_rows.add_source(
            session, SYSTEM, SourceKind.ENTRY, "an import was taken back", at
        )
        job.arguments = {**job.arguments, "undo_source_id": row.id}
        session.flush()
    source_id: int = job.arguments["undo_source_id"]
    return source_id
