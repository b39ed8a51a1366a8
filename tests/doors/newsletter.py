"""A directory that stands on consents, the form that fills it, and a colleague with a phone."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.models import LegalBasis, Purpose
from app.models.kinds import BasisKind, Profile
from app.policy import Viewer
from app.queries import forms
from app.services import collecting, exports, notices, purposes
from app.services.audit import OPERATOR
from app.services.collecting import NewPoint
from app.services.exports import Errand
from app.services.notices import NewNotice
from app.services.purposes import Terms
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal

STAYS = "Jana Stálá"
"""Somebody whose card rests on something else, so that book and file are never empty."""


@dataclass
class Newsletter:
    """Who signs up is added to `directory_id`; Eva has it on her phone and may export it."""

    portal: Portal
    directory_id: int
    purpose_id: int
    notice_id: int
    phone: Phone = field(init=False)

    def __post_init__(self) -> None:
        self.phone = self.portal.phone(self.portal.eva)
        self.phone.sync()

    def on_the_phone(self) -> set[str]:
        """Who is on it, but for the contacts that every portal of the tests has."""
        others = {contact.full_name for contact in self.portal.contacts}
        return self.phone.names() - others

    def exported(self) -> set[str]:
        """Who goes into a file now."""
        viewer, errand = Viewer(self.portal.eva.id), Errand("Printer", "labels")
        now = self.portal.clock.now()
        with self.portal.sessions.write() as session:
            cards = exports.hand_over(session, OPERATOR, viewer, self.directory_id, errand, now)
            return {card.full_name or card.emails[0].value for card in cards}

    def key(self) -> str:
        """A key for a website, shown this once."""
        with self.portal.sessions.write() as session:
            point, now = forms.get(session, "news"), self.portal.clock.now()
            return collecting.issue_key(session, OPERATOR, point.id, "www", now)[1]


def by_contract(session: Session, contact_id: int, purpose_id: int) -> None:
    """Let a contract with the person be a reason, too."""
    session.add(
        LegalBasis(
            contact_id=contact_id,
            purpose_id=purpose_id,
            kind=BasisKind.CONTRACT,
            valid_from=make.LONG_AGO,
        )
    )


def opened(portal: Portal, *origins: str) -> Newsletter:
    """The form `news` in English, for websites at these origins."""
    now = portal.clock.now()
    terms = Terms(media=("email",), is_marketing=True, validity="P2Y")
    with portal.sessions.write() as session:
        home = make.directory(session, basis=BasisKind.CONSENT)
        make.grant(session, home, portal.eva, can="read,sync,export", fields=Profile.FULL)
        stays = make.contact(session, home, STAYS, has_basis=False)
        by_contract(session, stays.id, home.purpose_id)
        purpose = session.get_one(Purpose, home.purpose_id)
        purpose.name = "what we build"
        purposes.change(session, OPERATOR, purpose.id, terms, now)
        new = NewNotice(purpose.id, "en", "We write about what we build.")
        notice = notices.draft(session, OPERATOR, new, now)
        notices.publish(session, OPERATOR, notice.id, now)
        point = NewPoint("news", "News", purpose.slug, (), home.id, origins)
        collecting.add(session, OPERATOR, point, now)
        made = home.id, purpose.id, notice.id
    return Newsletter(portal, *made)
