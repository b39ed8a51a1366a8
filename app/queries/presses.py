"""Who brought a project to its end: from the log of what was done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AuditEvent, Project, User


@dataclass(frozen=True, slots=True)
class Ending:
    """How a project came to its end: by a press at `at`, or None where its date was kept.

    `by` is the name of who pressed, "" for the operator at the shell.
    """

    name: str
    ended_at: datetime
    note: str
    at: datetime | None
    by: str


def of_project(session: Session, project_id: int) -> Ending:
    """The last act that set the end of this project before it came."""
    project = session.get_one(Project, project_id)
    query = (
        select(AuditEvent.at, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject_kind == "project",
            AuditEvent.subject_id == project_id,
            AuditEvent.action.in_(("project.end", "project.extend")),
            AuditEvent.at <= project.ends_at,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    at, by = row or (None, None)
    return Ending(project.name, project.ends_at, project.end_note, at, by or "")
