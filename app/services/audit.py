"""The audit row that every write leaves, in the transaction of the write."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models import AuditEvent
from app.models.kinds import ActorKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does: the operator at the shell, a user in the portal, a device, the system."""

    kind: ActorKind
    id: int | None = None

    @property
    def user_id(self) -> int | None:
        """The user's id where a user acts, else None."""
        return self.id if self.kind is ActorKind.USER else None


OPERATOR = Actor(ActorKind.OPERATOR)
SYSTEM = Actor(ActorKind.SYSTEM)


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, int | None],
    at: datetime,
    **detail: object,
) -> None:
    """Add one audit row: `action` on `subject` (kind, id). `detail` holds no personal data."""
    session.add(
        AuditEvent(
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            detail=detail,
        )
    )
