"""What may be added to an incident, by whom, and what a list that is taken out leaves behind."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import keys
from app.db import FOREVER, Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import (
    AuditEvent,
    Book,
    Device,
    HandOver,
    Holding,
    Incident,
    IncidentFact,
    Organisation,
    OutboxMessage,
    RoleName,
    UserRole,
)
from app.models.kinds import HoldingKind
from app.queries import carried, incidents
from app.queries.carried import Carried
from app.services import accounts, devices
from app.services import incidents as commands
from app.services.audit import OPERATOR
from app.services.exports import Errand
from app.services.incidents import Known
from tests import factories as make
from tests.services.scene import DAY, NOON, acting, acts, colleague, home, karel, owner

RING = keys.generate()
HOUR = timedelta(hours=1)


def phone(session: Session, *, may_write: bool = False) -> Device:
    eva = colleague(session)
    args = (session, OPERATOR, eva.id, "Phone", RING, NOON - DAY)
    return devices.enrol(*args, may_write=may_write)[0]


def lost(session: Session, device: Device) -> str:
    devices.stop(session, OPERATOR, device.id, NOON, is_lost=True)
    return session.scalars(select(Incident.public_id)).one()


def test_lost_turns_write_back_off_and_drains_like_stop(sessions: Sessions) -> None:
    with sessions.write() as session:
        device = phone(session, may_write=True)
        lost(session, device)
        assert (device.may_write, device.lost_at, device.stopped_at) == (False, NOON, NOON)
        assert device.given_up_at > NOON + 1000 * DAY
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "incident.open")).one()
        assert (row.at, row.detail) == (NOON, {"device": device.id})


def test_who_has_to_answer_hears_of_it_once_and_without_content(sessions: Sessions) -> None:
    with sessions.write() as session:
        session.add(Organisation(name="Stavby", portal_url="https://k.example.org"))
        boss, dpo, gone = owner(session), make.user(session, "Dora"), make.user(session, "Gustav")
        dpo.language = "cs"
        session.add_all(
            UserRole(user_id=one.id, role=role)
            for one in (dpo, gone)
            for role in (RoleName.DPO, RoleName.ADMIN)
        )
        accounts.disable_user(session, OPERATOR, gone.id, NOON - HOUR)
        name = lost(session, phone(session))
        devices.stop(
            session, OPERATOR, session.scalars(select(Device.id)).one(), NOON, is_lost=True
        )
        mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        assert [mail.to for mail in mails] == [boss.email, dpo.email]
        assert [mail.subject for mail in mails] == [
            "A phone was reported lost",
            "Nahlášena ztráta telefonu",
        ]
        page = f"/incidents/{name}"
        for mail in mails:
            assert (mail.cause, mail.link) == ("incident", page)
            for text in (mail.body, mail.html):
                assert f"https://k.example.org{page}" in text
                assert not {"Phone", "Eva", "Karel"} & set(re.findall(r"\w+", text))


def test_a_stop_alone_opens_nothing_and_a_later_loss_does(sessions: Sessions) -> None:
    with sessions.write() as session:
        device = phone(session)
        devices.stop(session, OPERATOR, device.id, NOON - HOUR)
        assert session.scalars(select(Incident)).all() == []
        lost(session, device)
        devices.stop(session, OPERATOR, device.id, NOON + HOUR, is_lost=True)
        assert session.scalars(select(Incident.opened_at)).one() == NOON
        assert device.stopped_at == NOON - HOUR


def test_what_a_report_says_cannot_stop_it(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        device = phone(session)
        name = lost(session, device)
        known = Known("perhaps", "no", "  ")
        commands.learn_of_device(session, OPERATOR, device.id, known, NOON)
        case = incidents.find(session, name, NOON)
        assert case is not None
        assert [(step.kind.value, step.value) for step in case.steps] == [("encrypted", "no")]


def test_the_owner_decides_and_the_officer_advises(sessions: Sessions) -> None:
    with sessions.write() as session:
        name = lost(session, phone(session))
        olga, dora = owner(session), colleague(session, "dora@example.org")
        session.add(UserRole(user_id=dora.id, role=RoleName.DPO))
        session.flush()
        with pytest.raises(Refused, match="only an owner decides"):
            commands.decide(session, acting(dora), name, "nobody", "locked", NOON)
        with pytest.raises(Refused, match="only the data protection officer"):
            commands.advise(session, acting(olga), name, "tell nobody", NOON)
        commands.advise(session, acting(dora), name, "tell the authority", NOON)
        commands.decide(session, acting(olga), name, "authority", "as advised", NOON)
        commands.decide(session, OPERATOR, name, "nobody", "it was found", NOON + HOUR)
        case = incidents.find(session, name, NOON)
        assert case is not None
        assert [(s.kind.value, s.value, s.words, s.user) for s in case.steps] == [
            ("advice", "", "tell the authority", "Eva"),
            ("decision", "authority", "as advised", "Olga"),
            ("decision", "nobody", "it was found", None),
        ]
        assert (acts(session, "incident.advice"), acts(session, "incident.decision")) == (1, 2)


def test_what_cannot_be_added(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        name = lost(session, phone(session))
        for wrong in (NOON + HOUR, NOON - 2 * DAY):
            with pytest.raises(Invalid, match="between its set-up and the report"):
                commands.learn(session, OPERATOR, name, Known(since_at=wrong), NOON)
        with pytest.raises(Invalid, match="perhaps"):
            commands.learn(session, OPERATOR, name, Known(locked="perhaps"), NOON)
        with pytest.raises(Invalid, match="reason"):
            commands.decide(session, OPERATOR, name, "nobody", " ", NOON)
        with pytest.raises(Invalid, match="tell"):
            commands.decide(session, OPERATOR, name, "somebody", "why", NOON)
        with pytest.raises(NotFound):
            commands.decide(session, OPERATOR, "nothing", "nobody", "why", NOON)
        assert session.scalars(select(IncidentFact)).all() == []


def test_a_list_that_is_taken_out_stands_with_every_contact_once(sessions: Sessions) -> None:
    with sessions.write() as session:
        contact = karel(session, home(session))
        name = lost(session, phone(session))
        on_it = [_carried(session, contact.id, level) for level in (1, 3, 2)]
        errand = Errand("The authority", "Article 33")
        at = NOON + HOUR
        commands.hand_over(session, OPERATOR, name, errand, on_it, at, channel="print")
        row = session.scalars(select(HandOver)).one()
        assert (row.contact_id, row.fields, row.channel, row.at) == (contact.id, 3, "print", at)
        assert (row.recipient, row.reason) == ("The authority", "Article 33")
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "incident.export")
        ).one()
        assert event.detail == {"contacts": 1}
        commands.decide(session, OPERATOR, name, "authority", "as it asked", at + HOUR)
        case = incidents.find(session, name, at)
        assert case is not None
        assert [(s.at, s.kind.value, s.value, s.words) for s in case.steps] == [
            (at, "handed-over", "1", "The authority: Article 33"),
            (at + HOUR, "decision", "authority", "as it asked"),
        ]
        commands.hand_over(session, OPERATOR, name, errand, [], at)
        for wrong in (Errand("", "why"), Errand("whom", " ")):
            with pytest.raises(Invalid):
                commands.hand_over(session, OPERATOR, name, wrong, on_it, at)
        assert session.scalars(select(HandOver)).one() is row


def _carried(session: Session, contact_id: int, level: int) -> Carried:
    book = session.scalars(select(Book)).one()
    row = Holding(
        book_id=book.id,
        contact_id=contact_id,
        kind=HoldingKind.CARD,
        href=f"{level}.vcf",
        etag="x",
        version=level,
        profile=level,
        opened_seq=1,
        offered_at=NOON - HOUR,
        fetched_at=NOON - HOUR,
    )
    session.add(row)
    session.flush()
    device = session.get_one(Device, book.device_id)
    found = carried.of_device(session, device.id, NOON, NOON, NOON + HOUR)
    return next(one for one in found if one.level == level)


def test_giving_up_keeps_the_first_reason(sessions: Sessions) -> None:
    with sessions.write() as session:
        device = phone(session)
        device.seen_at = NOON
        devices.give_up(session, OPERATOR, device.id, NOON, reason="  run over  ")
        devices.give_up(session, OPERATOR, device.id, NOON + HOUR, reason="again")
        assert (device.given_up_at, device.give_up_reason) == (NOON, "run over")


def test_giving_up_ends_the_password_and_says_nothing_of_a_phone_that_is_empty(
    sessions: Sessions,
) -> None:
    with sessions.write() as session:
        running = phone(session)
        empty = make.device(session, accounts.get(session, running.user_id))
        devices.give_up(session, OPERATOR, running.id, NOON)
        assert running.stopped_at == NOON
        empty.stopped_at = empty.emptied_at = NOON - HOUR
        devices.give_up(session, OPERATOR, empty.id, NOON, reason="too late")
        assert (empty.stopped_at, empty.given_up_at) == (NOON - HOUR, FOREVER)
        assert (empty.give_up_reason, acts(session, "device.give-up")) == ("", 1)
