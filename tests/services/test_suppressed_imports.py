"""A file with somebody who withdrew, was erased or objected changes no answer about him."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Draft, Point
from app.db import Sessions
from app.imports import files
from app.models import Contact, Directory, StopGround
from app.models.consent_kinds import ConsentType, Expression, Medium
from app.models.kinds import BasisKind
from app.policy import Channel, Viewer, visible
from app.queries import consents as found
from app.services import (
    consent_entries,
    consent_subjects,
    consents,
    contacts,
    erasing,
    exports,
    imports,
    notices,
    purposes,
    suppressions,
)
from app.services.audit import OPERATOR
from app.services.consent_acts import Act
from app.services.consent_entries import NewEntry
from app.services.contacts import NewContact
from app.services.exports import Errand
from app.services.imports import Upload
from app.services.intake import ready
from app.services.notices import NewNotice
from app.services.purposes import Terms
from tests import factories as make
from tests.services.consenting import HIMSELF, HOUR
from tests.services.scene import DAY, NOON

WHO = {"Vera": "+420777100001", "Erik": "+420777100002", "Olga": "+420777100003"}
VCARD = "\r\n".join(
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name} {end}\r\nTEL:{phone}\r\n"
    f"EMAIL:{name.upper()}@example.org\r\nEND:VCARD"
    for name, phone in WHO.items()
    for end in ("Nova", "Other")
).encode()
CSV = "\n".join(
    ["Full name;E-mail;Phone"]
    + [
        f"{name} {end};{name.lower()}@example.org;{phone}"
        for name, phone in WHO.items()
        for end in ("Nova", "Another")
    ]
).encode()
MEDIA = (Medium.EMAIL, Medium.SMS)


class Office:
    """A list that rests on consents and one that rests on our own interest; three left it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.user = make.user(session)
        self.eva = Viewer(self.user.id)
        self.homes = [
            self._home(basis) for basis in (BasisKind.CONSENT, BasisKind.LEGITIMATE_INTEREST)
        ]
        told = Terms(("email", "sms"), is_marketing=True)
        for home in self.homes:
            purposes.change(session, OPERATOR, home.purpose_id, told, NOON)
        new = NewNotice(self.homes[0].purpose_id, "en", "We write to you.")
        draft = notices.draft(session, OPERATOR, new, NOON)
        self.notice = notices.publish(session, OPERATOR, draft.id, NOON).id
        self.people = {name: self._person(name) for name in ("Vera", "Erik", "Olga", "Karel")}
        self._leave()

    def _home(self, basis: BasisKind) -> Directory:
        home = make.directory(self.session, basis=basis)
        make.grant(self.session, home, self.user, can="read,sync,export")
        return home

    def _person(self, name: str) -> list[int]:
        phones = (Point(WHO.get(name, "+420777100009")),)
        draft = Draft(
            given=name, family="Nova", phones=phones, emails=(Point(f"{name.lower()}@example.org"),)
        )
        made = [
            contacts.add(self.session, OPERATOR, home.id, NewContact(draft), NOON).contact.id
            for home in self.homes
        ]
        self.act(ConsentType.GIVEN, made[0])
        return made

    def act(self, kind: ConsentType, contact: int, home: int = 0) -> None:
        subject = consent_subjects.of_contact(self.session, contact, NOON)
        act = Act(
            kind,
            self.homes[home].purpose_id,
            notice_id=self.notice if kind is ConsentType.GIVEN else None,
            expression=Expression.BUTTON,
        )
        later = NOON if kind is ConsentType.GIVEN else NOON + HOUR
        consents.record(self.session, HIMSELF, subject, act, later)

    def _leave(self) -> None:
        at = NOON + HOUR
        for home in (0, 1):
            self.act(ConsentType.WITHDRAWN, self.people["Vera"][home], home)
            self.act(ConsentType.OBJECTED, self.people["Olga"][home], home)
        gone = self.people["Erik"]
        for one in gone:
            said = (suppressions.NO_RETURN, StopGround.ERASURE, at)
            suppressions.suppress_contact(self.session, OPERATOR, one, *said)
        erasing.empty(self.session, gone, at)

    def answers(self) -> dict[str, list[str]]:
        """Who is seen in the portal, on a phone, goes out in a file; whose consent holds."""
        session, at = self.session, NOON + 2 * DAY
        said = {}
        for channel in (Channel.PORTAL, Channel.EXPORT):
            query = select(Contact.full_name).where(visible(self.eva, channel, at))
            said[channel.value] = sorted(session.scalars(query))
        errand = Errand("us", "a look")
        said["file"] = sorted(
            card.full_name
            for home in self.homes
            for card in exports.hand_over(session, OPERATOR, self.eva, home.id, errand, at)
        )
        everybody = session.execute(select(Contact.id, Contact.full_name)).all()
        said["consents"] = sorted(
            row.full_name
            for row in everybody
            for home in self.homes
            for medium in MEDIA
            if found.state(session, row.id, home.purpose_id, medium, at).holds
        )
        return said

    def bring(self, data: bytes) -> list[str]:
        """Import a file into both; what became of its cards."""
        reading = files.guess(data)
        outcomes = []
        for home in self.homes:
            records = list(files.records(data, reading.as_data()))
            upload = Upload(data, len(records), "an old list")
            job = imports.begin(self.session, OPERATOR, home.id, upload, NOON + DAY)
            rows = imports.take(self.session, job, list(ready(records, home.country)), NOON + DAY)
            imports.finish(self.session, job, NOON + DAY)
            outcomes += [row.outcome.value for row in rows]
        return outcomes


@pytest.fixture
def office(sessions: Sessions) -> Iterator[Office]:
    with sessions.write() as session:
        yield Office(session)


def test_a_file_changes_none_of_the_answers(office: Office) -> None:
    before = office.answers()
    assert before["file"] == ["Karel Nova", "Karel Nova", "Vera Nova"]
    for data in (VCARD, CSV):
        outcomes = office.bring(data)
        assert "suppressed" in outcomes
        assert office.answers() == before


def test_neither_does_a_list_of_consents(office: Office) -> None:
    before = office.answers()
    office.bring(VCARD)
    everybody = office.session.scalars(select(Contact.id).where(Contact.full_name != ""))
    wanted = [one for one in everybody if one not in office.people["Karel"]]
    for one in wanted:
        purpose = office.session.get_one(Contact, one).directory_id
        home = office.session.get_one(Directory, purpose)
        listed = NewEntry(
            "import",
            home.purpose_id,
            notice_id=office.notice if home is office.homes[0] else None,
            occurred_at=NOON + 2 * HOUR,
            original_place="the old system",
        )
        consent_entries.enter(office.session, OPERATOR, one, listed, NOON + DAY)
    assert office.answers() == before
