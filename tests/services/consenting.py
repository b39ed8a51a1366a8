"""What consents need before they can be tried: a tree of purposes, a notice, a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ConsentSubject, Contact, Directory, LegalBasis, Purpose
from app.models.consent_kinds import ConsentType, EvidenceKind, Expression, Medium
from app.models.kinds import ActorKind, BasisKind
from app.queries import consents as found
from app.services import consent_subjects, consents, evidence, notices, purposes
from app.services.audit import OPERATOR, Actor
from app.services.consent_acts import Act
from app.services.consents import Recorded
from app.services.evidence import NewEvidence
from app.services.notices import NewNotice
from app.services.purposes import Terms
from tests import factories as make
from tests.services.scene import NOON

HOUR = timedelta(hours=1)
HIMSELF = Actor(ActorKind.SUBJECT)
TERMS = Terms(media=("email", "sms"), is_marketing=True)


@dataclass
class Consenting:
    """Karel in a directory for the purpose P, with C1 and C2 below it, and P's first notice."""

    session: Session
    home: Directory
    karel: Contact
    purposes: dict[str, Purpose]
    notice_id: int

    @property
    def subject(self) -> ConsentSubject:
        return consent_subjects.of_contact(self.session, self.karel.id, NOON)

    def proof(self, at: datetime = NOON) -> int:
        paper = NewEvidence(EvidenceKind.PAPER, original_place="binder 3")
        return evidence.keep(self.session, OPERATOR, paper, at).id

    def act(self, kind: ConsentType, purpose: str, **more: Any) -> Act:
        return Act(kind, self.purposes[purpose].id, **more)

    def record(self, actor: Actor, act: Act, at: datetime = NOON) -> Recorded:
        return consents.record(self.session, actor, self.subject, act, at)

    def give(self, purpose: str, at: datetime = NOON, **more: Any) -> Recorded:
        """By his own press, after he was told."""
        told = {"notice_id": self.notice_id, "expression": Expression.BUTTON, **more}
        return self.record(HIMSELF, self.act(ConsentType.GIVEN, purpose, **told), at)

    def withdraw(self, purpose: str, at: datetime, *media: Medium) -> Recorded:
        of = self.purposes[purpose].id
        return consents.withdraw(self.session, HIMSELF, self.subject, of, at, media=media)

    def holds(self, at: datetime, medium: Medium = Medium.EMAIL) -> str:
        """P, C1, C2, and C3 where it is there: a + for what holds."""
        signs = []
        for row in self.purposes.values():
            reading = found.state(self.session, self.karel.id, row.id, medium, at)
            signs.append("+" if reading.holds else "-")
        return "".join(signs)

    def bases(self, at: datetime) -> str:
        """The same, as the policy reads it: over any medium, by the intervals."""
        signs = []
        for row in self.purposes.values():
            live = select(LegalBasis.id).where(
                LegalBasis.contact_id == self.karel.id,
                LegalBasis.purpose_id == row.id,
                LegalBasis.kind == BasisKind.CONSENT,
                LegalBasis.valid_from <= at,
                LegalBasis.valid_until > at,
            )
            signs.append("+" if self.session.scalar(live) is not None else "-")
        return "".join(signs)

    def add(self, slug: str, terms: Terms = TERMS, prefix: str = "") -> Purpose:
        """A purpose below P."""
        parent, named = self.purposes["P"].id, prefix + slug.lower()
        row = purposes.add(self.session, OPERATOR, named, slug, NOON, parent_id=parent, terms=terms)
        self.purposes[slug] = row
        return row

    def publish(self, at: datetime, body: str = "We write to you.", **more: Any) -> int:
        new = NewNotice(self.purposes["P"].id, "cs", body, **more)
        row = notices.draft(self.session, OPERATOR, new, at)
        return notices.publish(self.session, OPERATOR, row.id, at).id


def stage(session: Session, terms: Terms = TERMS, prefix: str = "") -> Consenting:
    """The scene at noon."""
    home = make.directory(session, basis=BasisKind.CONSENT)
    karel = make.contact(session, home, has_basis=False)
    root = session.get_one(Purpose, home.purpose_id)
    purposes.change(session, OPERATOR, root.id, terms, NOON)
    scene = Consenting(session, home, karel, {"P": root}, 0)
    scene.add("C1", terms=terms, prefix=prefix)
    scene.add("C2", terms=terms, prefix=prefix)
    scene.notice_id = scene.publish(NOON)
    return scene
