"""The newsletter of the demonstration: two purposes, a notice in two languages, some histories."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import NoticeVersion, Purpose
from app.models.consent_kinds import ConsentType, EvidenceKind, Expression, Medium
from app.models.kinds import ActorKind
from app.services import consent_subjects, consents, evidence, notices, purposes
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.demo.book import Shelf
from app.services.evidence import NewEvidence
from app.services.notices import NewNotice
from app.services.purposes import Terms

_NEWS, _HOUSES = "novinky", "novinky-domy"
_TERMS = Terms(("email", "sms"), ("Rozesílky Beneš s.r.o.",), "P24M", is_marketing=True)
_BODIES = {
    "cs": "Jednou za měsíc Vám napíšeme, co stavíme a co nabízíme. Souhlas můžete kdykoli "
    "odvolat odkazem v každé zprávě. Správcem údajů je Stavby Horák, dotazy zodpoví pověřenec: "
    "Žofie Šťastná. Stěžovat si lze u Úřadu pro ochranu osobních údajů.",
    "en": "Once a month we write to you about what we build and offer. You may withdraw at any "
    "time by the link in every message. The controller is Stavby Horák; its data protection "
    "officer, Žofie Šťastná, answers questions. You may complain to the Czech authority, ÚOOÚ.",
}
_LABELS = {
    "cs": {_NEWS: "Novinky Staveb Horák", _HOUSES: "Novinky o rodinných domech"},
    "en": {_NEWS: "News of Stavby Horák", _HOUSES: "News about family houses"},
}
_HIMSELF = Actor(ActorKind.SUBJECT)
_WAIT = timedelta(days=7)
FOUNDED = 210.0


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about the newsletter, so many days ago."""

    days: float
    home: str
    place: int
    type: ConsentType
    purpose: str = _NEWS
    media: tuple[Medium, ...] = ()
    is_paper: bool = False


_MAIL = (Medium.EMAIL,)
SAID = (
    Said(205.1, "builders", 10, ConsentType.GIVEN, is_paper=True),
    Said(190.3, "builders", 11, ConsentType.GIVEN, media=_MAIL),
    Said(182.2, "customers", 12, ConsentType.GIVEN),
    Said(120.4, "customers", 12, ConsentType.WITHDRAWN, media=(Medium.SMS,)),
    Said(96.1, "builders", 10, ConsentType.WITHDRAWN),
    Said(61.2, "builders", 12, ConsentType.GIVEN, _HOUSES, _MAIL),
    Said(33.3, "prospects", 3, ConsentType.IMPORTED),
    Said(12.4, "customers", 13, ConsentType.OBJECTED),
    Said(1.2, "builders", 13, ConsentType.REQUESTED, media=_MAIL),
)
"""Held, narrowed, withdrawn, one purpose alone, unproven, objected to, waiting for the mailbox."""


def found(session: Session, by: Actor, at: datetime) -> None:
    """Set up the purposes, and tell what they are about in two languages."""
    root = purposes.add(session, by, _NEWS, "Novinky", at, terms=_TERMS)
    name = "Novinky o domech"
    purposes.add(session, by, _HOUSES, name, at, parent_id=root.id, terms=_TERMS)
    for language, body in _BODIES.items():
        new = NewNotice(root.id, language, body, labels=_LABELS[language])
        notices.publish(session, by, notices.draft(session, by, new, at).id, at)


def say(session: Session, shelf: Shelf, by: Actor, said: Said, at: datetime) -> None:
    """Record what somebody said; a paper by the colleague to whom it was handed."""
    subject = consent_subjects.of_contact(session, shelf.people[said.home][said.place], at)
    purpose = select(Purpose.id).where(Purpose.slug == said.purpose)
    told = select(NoticeVersion.id).where(NoticeVersion.language == "cs")
    is_import = said.type is ConsentType.IMPORTED
    paper = NewEvidence(EvidenceKind.PAPER, original_place="kancelář, šanon 3")
    act = Act(
        type=said.type,
        purpose_id=session.scalars(purpose).one(),
        media=said.media,
        notice_id=None if is_import else session.scalars(told).one(),
        evidence_ids=(evidence.make(session, by, paper, at).id,) if said.is_paper else (),
        expression=Expression.SIGNATURE if said.is_paper else Expression.BUTTON,
        valid_until=at + _WAIT if said.type is ConsentType.REQUESTED else None,
        origin="starý seznam, řádek 14" if is_import else "",
        language="cs",
    )
    actor = by if said.is_paper or is_import else _HIMSELF
    consents.record(session, actor, subject, act, at)
