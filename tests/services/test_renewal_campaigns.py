"""Asking anew: only whom we may still write to, each once, and his press renews what he had."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import keys
from app.db import Sessions
from app.errors import NotFound, Refused
from app.models import (
    ConsentEvent,
    ContactPoint,
    OutboxMessage,
    RenewalInvitation,
    StopGround,
    User,
)
from app.models.consent_kinds import ConsentType, Medium
from app.models.kinds import ActorKind, PointKind
from app.policy import Viewer
from app.queries import consent_ends
from app.queries import renewal_campaigns as readers
from app.services import renewal_campaigns, suppressions
from app.services.audit import OPERATOR, Actor
from app.services.purposes import Terms
from app.services.renewal_campaigns import Preview, Way
from tests import factories as make
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON

TERMS = Terms(media=("email", "sms"), is_marketing=True, validity="P2Y")
RING = keys.generate()
NEAR = NOON + timedelta(days=700)
EMAIL = "karel@example.org"
WAY = Way("https://k.example.org", "cs")


class Office:
    """Karel agreed at noon for two years; Eva manages his directory."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.scene: Consenting = stage(session, TERMS)
        point = ContactPoint(
            contact_id=self.scene.karel.id, kind=PointKind.EMAIL, value=EMAIL, norm=EMAIL
        )
        session.add(point)
        self.eva: User = make.user(session)
        make.grant(session, self.scene.home, self.eva, can="read,manage")
        self.scene.give("P")
        session.flush()

    @property
    def slug(self) -> str:
        return self.scene.purposes["P"].slug

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.eva.id)

    def preview(self, at: datetime = NEAR) -> Preview:
        return renewal_campaigns.preview(self.session, self.viewer, self.slug, at)

    def start(self, at: datetime = NEAR) -> str:
        who = Actor(ActorKind.USER, self.eva.id)
        asked = (self.session, who, self.viewer, self.slug, WAY, at)
        return renewal_campaigns.start(*asked).public_id

    def renew(self, at: datetime) -> int:
        row = self.session.scalars(select(RenewalInvitation)).one()
        return renewal_campaigns.renew(self.session, RING, row.id, at)

    def mails(self) -> list[OutboxMessage]:
        return list(self.session.scalars(select(OutboxMessage)))

    def also(self, email: str, at: datetime, *, writable: bool = True) -> None:
        """Another one who agreed to the same, a bit later; with an address or without."""
        contact = make.contact(self.session, self.scene.home, has_basis=False)
        if writable:
            point = ContactPoint(
                contact_id=contact.id, kind=PointKind.EMAIL, value=email, norm=email
            )
            self.session.add(point)
        replace(self.scene, karel=contact).give("P", at)

    def why(self, at: datetime = NEAR) -> list[str]:
        found = self.preview(at)
        assert not found.asked
        return [one.why for one in found.left_out]


@pytest.fixture
def office(sessions: Sessions) -> Iterator[Office]:
    with sessions.write() as opened:
        yield Office(opened)


@pytest.fixture
def quick(sqlite: Sessions) -> Iterator[Office]:
    with sqlite.write() as opened:
        yield Office(opened)


def test_the_next_press_reaches_those_behind_who_was_asked_or_left_out(
    quick: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal_campaigns, "MOST", 1)
    quick.also("nobody@example.org", NOON + timedelta(hours=1), writable=False)
    quick.also("ema@example.org", NOON + timedelta(hours=2))
    quick.start()
    quick.start()
    assert [mail.to for mail in quick.mails()] == [EMAIL, "ema@example.org"]
    assert quick.why() == ["asked", "no-address", "asked"]


def test_he_gets_one_mail_and_his_press_renews_what_he_had(office: Office) -> None:
    name = office.start()
    mail = office.mails()[0]
    assert mail.to == EMAIL
    assert "/p/r/" in mail.body
    assert mail.unsubscribe.startswith("https://k.example.org/p/stop/")
    assert office.why() == ["asked"]
    with pytest.raises(Refused):
        office.start()
    assert office.renew(NEAR + timedelta(hours=1)) == 2
    assert office.renew(NEAR + timedelta(hours=2)) == 0
    after = NEAR + timedelta(days=60)
    assert office.scene.holds(after) == "+++"
    assert office.scene.holds(after, Medium.SMS) == "+++"
    rows = office.session.scalars(
        select(ConsentEvent).where(ConsentEvent.type == ConsentType.RENEWED)
    ).all()
    assert all(row.statement and row.nonce and row.point_value == EMAIL for row in rows)
    line = readers.one(office.session, office.viewer, name, NEAR)
    assert line is not None
    assert (line.invited, line.waiting, line.renewed) == (1, 1, 1)


def test_only_what_he_had_is_asked_for(quick: Office) -> None:
    quick.scene.withdraw("P", NOON + timedelta(days=1), Medium.SMS)
    quick.start()
    quick.renew(NEAR + timedelta(hours=1))
    after = NEAR + timedelta(days=60)
    assert quick.scene.holds(after) == "+++"
    assert quick.scene.holds(after, Medium.SMS) == "---"


def test_what_was_taken_back_meanwhile_stays_so(quick: Office) -> None:
    quick.start()
    quick.scene.withdraw("P", NEAR + timedelta(hours=1))
    with pytest.raises(Refused):
        quick.renew(NEAR + timedelta(hours=2))
    assert quick.scene.holds(NEAR + timedelta(hours=2)) == "---"


def test_who_has_no_address_is_left_out(quick: Office) -> None:
    quick.session.query(ContactPoint).delete()
    assert quick.why() == ["no-address"]


def test_who_took_mail_back_may_not_be_written_to(quick: Office) -> None:
    quick.scene.withdraw("P", NOON + timedelta(days=1), Medium.EMAIL)
    assert quick.why() in (["no-lawful-way"], ["suppressed"])


def test_an_address_that_took_no_mail_is_left_out(quick: Office) -> None:
    quick.start()
    row = quick.mails()[0]
    row.failed_at = NEAR
    quick.session.query(RenewalInvitation).delete()
    quick.session.flush()
    assert quick.why(NEAR + timedelta(days=1)) == ["bounced"]


@pytest.mark.parametrize(
    ("ground", "why"), [(StopGround.BOUNCE, "bounced"), (StopGround.OFF_LIST, "suppressed")]
)
def test_a_stopped_address_is_left_out(quick: Office, ground: StopGround, why: str) -> None:
    mark = suppressions.marks_of(quick.session, quick.scene.karel.id)[0]
    coverage = suppressions.of_purpose(quick.scene.purposes["P"].id, [Medium.EMAIL])
    suppressions.suppress(quick.session, OPERATOR, mark, coverage, ground, NEAR)
    assert quick.why() == [why]


def test_what_was_not_sent_can_be_stopped_and_asked_later(quick: Office) -> None:
    name = quick.start()
    assert renewal_campaigns.cancel(quick.session, OPERATOR, name, NEAR) == 1
    assert renewal_campaigns.cancel(quick.session, OPERATOR, name, NEAR) == 0
    assert quick.mails()[0].cancelled_at == NEAR
    assert len(quick.preview().asked) == 1
    with pytest.raises(NotFound):
        renewal_campaigns.cancel(quick.session, OPERATOR, "none", NEAR)


def test_what_is_sent_is_not_called_back(quick: Office) -> None:
    name = quick.start()
    quick.mails()[0].sent_at = NEAR
    assert renewal_campaigns.cancel(quick.session, OPERATOR, name, NEAR) == 0
    assert quick.renew(NEAR + timedelta(hours=1)) == 2


def test_only_who_manages_sees_what_ends(quick: Office) -> None:
    jan = make.user(quick.session)
    make.grant(quick.session, quick.scene.home, jan, can="read")
    assert consent_ends.ending(quick.session, quick.viewer, NEAR)
    assert not consent_ends.ending(quick.session, Viewer(jan.id), NEAR)
    assert not consent_ends.ending(quick.session, quick.viewer, NOON)


def test_the_nearest_end_comes_first_and_pages_do_not_overlap(quick: Office) -> None:
    ends = consent_ends.ending(quick.session, quick.viewer, NEAR)
    first = consent_ends.ending(quick.session, quick.viewer, NEAR, limit=1)
    after = (first[0].ends_at, first[0].basis_id)
    rest = consent_ends.ending(quick.session, quick.viewer, NEAR, after=after)
    assert [*first, *rest] == ends
    assert len(ends) == 3
    counted = consent_ends.by_purpose(quick.session, quick.viewer, NEAR)
    assert [number for _, _, number in counted] == [1, 1, 1]
    assert quick.preview(NOON).asked == ()


def test_a_purpose_that_is_not_there_is_not_found(quick: Office) -> None:
    with pytest.raises(NotFound):
        renewal_campaigns.preview(quick.session, quick.viewer, "none", NEAR)
    with pytest.raises(NotFound):
        renewal_campaigns.renew(quick.session, RING, 99, NEAR)
