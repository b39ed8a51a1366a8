"""Who may open what proves consents: a short list, each with a reason and on record."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_

from app.models import (
    CollectionPoint,
    ConsentEvent,
    ConsentSubject,
    Contact,
    Directory,
    EventEvidence,
    Evidence,
    PaperScan,
    RoleName,
)
from app.policy.actions import allowed, in_role
from app.policy.viewer import Action, Viewer


def opens_evidence(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether the viewer may open an Evidence.

    Owners and the data protection officer may; and who manages the directory of the contact
    whose consent it proves, or that of the collection point where it was given. What waits in
    the inbox of papers is opened by who may edit the directory, to read it.
    """
    proves = (
        exists()
        .where(
            EventEvidence.evidence_id == Evidence.id,
            ConsentEvent.id == EventEvidence.event_id,
            ConsentSubject.id == ConsentEvent.subject_id,
            or_(
                exists().where(
                    Contact.id == ConsentSubject.contact_id, Directory.id == Contact.directory_id
                ),
                exists().where(
                    CollectionPoint.id == ConsentEvent.collection_point_id,
                    Directory.id == CollectionPoint.directory_id,
                ),
            ),
            allowed(viewer, Action.MANAGE, at),
        )
        .correlate(Evidence)
    )
    waits = (
        exists()
        .where(
            PaperScan.evidence_id == Evidence.id,
            CollectionPoint.id == PaperScan.collection_point_id,
            Directory.id == CollectionPoint.directory_id,
            or_(
                allowed(viewer, Action.MANAGE, at),
                and_(PaperScan.settled_at.is_(None), allowed(viewer, Action.EDIT, at)),
            ),
        )
        .correlate(Evidence)
    )
    return or_(in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at), proves, waits)
