"""An act about a consent, as a door hands it over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.consent_kinds import ConsentActor, ConsentType, Expression, Medium, Precision
from app.models.kinds import ActorKind
from app.services.audit import Actor
from app.services.consent_subjects import Mark

_WHO = {
    ActorKind.SUBJECT: ConsentActor.SUBJECT,
    ActorKind.USER: ConsentActor.STAFF,
    ActorKind.OPERATOR: ConsentActor.STAFF,
    ActorKind.DEVICE: ConsentActor.SYSTEM,
    ActorKind.SYSTEM: ConsentActor.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody said or did, and all that is known of how.

    `media`: none for all of the purpose. `displayed`: ids of the purposes that stood there by
    name; None for all that the notice names at or below this one. `occurred_at` is the
    beginning of what `precision` says, None for now. `statement` is the text that was assented
    to, word by word. `rendered_at` and `nonce` come from the signed token of the form,
    `origin` says where another system had it from. `by_site`: one of our sites says so. `lacks`:
    what its way must keep and does not (app.services.source_kinds).
    """

    type: ConsentType
    purpose_id: int
    media: Sequence[Medium] = ()
    displayed: Sequence[int] | None = None
    notice_id: int | None = None
    evidence_ids: Sequence[int] = ()
    refers_to_id: int | None = None
    occurred_at: datetime | None = None
    precision: Precision = Precision.INSTANT
    valid_until: datetime | None = None
    expression: Expression = Expression.NONE
    collection_point_id: int | None = None
    form_id: int | None = None
    form_sha256: str = ""
    statement: str = ""
    language: str = ""
    rendered_at: datetime | None = None
    nonce: str = ""
    origin: str = ""
    point: Mark | None = None
    page: str = ""
    ip: str = ""
    user_agent: str = ""
    by_site: bool = False
    lacks: tuple[str, ...] = ()


def who(actor: Actor, act: Act) -> ConsentActor:
    """Who acts, in the words of consent."""
    return ConsentActor.SITE if act.by_site else _WHO[actor.kind]
