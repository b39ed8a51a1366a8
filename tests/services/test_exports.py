import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Photo
from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import AuditEvent, Contact, Directory, HandOver, User
from app.models.kinds import Profile
from app.policy import Viewer
from app.services import exports, grants, projects
from app.services.audit import OPERATOR
from app.services.exports import Errand
from app.services.grants import Holder, Terms
from app.services.projects import NewProject
from tests.services.scene import DAY, NOON, acts, colleague, directory, home, karel

ERRAND = Errand("Tax adviser", "yearly accounts")


def scene(session: Session, *, can: str, fields: str = "") -> tuple[Directory, User, Contact]:
    of, eva = home(session), colleague(session)
    row = karel(session, of, photo=Photo("image/jpeg", b"jpeg"), note="late payer")
    terms = Terms(can.split(","), fields=fields)
    grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
    return of, eva, row


def rows(session: Session) -> list[HandOver]:
    return list(session.scalars(select(HandOver).order_by(HandOver.id)))


def test_each_contact_that_leaves_has_a_row_with_everything_about_it(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva, row = scene(session, can="export")
        other = karel(session, of, given="Jana")
        elsewhere = directory(session, slug="elsewhere")
        grants.give(session, OPERATOR, elsewhere.id, Holder(eva.id), Terms(["export"]), NOON)
        karel(session, elsewhere)
        cards = exports.hand_over(session, OPERATOR, Viewer(eva.id), of.id, ERRAND, NOON + DAY)
        assert {card.public_id for card in cards} == {row.public_id, other.public_id}
        assert {left.contact_id for left in rows(session)} == {row.id, other.id}
        left = rows(session)[0]
        assert (left.at, left.channel, left.user_id) == (NOON + DAY, "export", eva.id)
        assert (left.recipient, left.reason) == ("Tax adviser", "yearly accounts")
        assert left.fields == Profile.FULL
        audit = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert audit is not None
        assert (audit.action, audit.subject_id) == ("contact.export", of.id)
        assert audit.detail == {"user": eva.id, "contacts": 2}


def test_a_card_has_the_fields_that_may_be_exported_and_no_photo(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva, _ = scene(session, can="read,export", fields="minimal")
        (card,) = exports.hand_over(session, OPERATOR, Viewer(eva.id), of.id, ERRAND, NOON)
        assert (card.note, card.photo) == ("", None)
        assert rows(session)[0].fields == Profile.MINIMAL
        grants.give(session, OPERATOR, of.id, Holder(eva.id), Terms(["export"]), NOON)
        (card,) = exports.hand_over(session, OPERATOR, Viewer(eva.id), of.id, ERRAND, NOON)
        assert (card.note, card.photo) == ("late payer", None)


def test_who_may_only_look_may_not_export(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva, row = scene(session, can="read,sync,edit,manage")
        bridge = projects.add(session, OPERATOR, NewProject("bridge", "Bridge"), NOON)
        projects.set_member(session, OPERATOR, bridge.id, eva.id, NOON)
        projects.set_contact(session, OPERATOR, bridge.id, row.id, NOON)
        with pytest.raises(Refused, match="nothing that this user may export"):
            exports.hand_over(session, OPERATOR, Viewer(eva.id), of.id, ERRAND, NOON)
        assert (rows(session), acts(session, "contact.export")) == ([], 0)


@pytest.mark.parametrize(
    ("errand", "words"),
    [
        (Errand(" ", "accounts"), "to: it is empty"),
        (Errand("Tax adviser", " \n"), "reason: it is empty"),
        (Errand("x" * 201, "accounts"), "to: it is longer"),
    ],
)
def test_nothing_leaves_without_a_recipient_and_a_reason(
    sqlite: Sessions, errand: Errand, words: str
) -> None:
    with sqlite.write() as session:
        of, eva, _ = scene(session, can="export")
        with pytest.raises(Invalid, match=words):
            exports.hand_over(session, OPERATOR, Viewer(eva.id), of.id, errand, NOON)
        assert rows(session) == []


def test_a_directory_must_be_there(sqlite: Sessions) -> None:
    with sqlite.write() as session, pytest.raises(NotFound):
        exports.hand_over(session, OPERATOR, Viewer(1), 99, ERRAND, NOON)


def test_chosen_contacts_leave_with_an_audit_row_for_each_directory(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva, row = scene(session, can="export")
        elsewhere = directory(session, slug="elsewhere")
        grants.give(session, OPERATOR, elsewhere.id, Holder(eva.id), Terms(["export"]), NOON)
        other = karel(session, elsewhere, given="Jana")
        ids = [other.id, row.id]
        cards = exports.hand_over_chosen(session, OPERATOR, Viewer(eva.id), ids, ERRAND, NOON)
        assert {card.public_id for card in cards} == {row.public_id, other.public_id}
        assert {left.contact_id for left in rows(session)} == {row.id, other.id}
        written = session.scalars(
            select(AuditEvent.subject_id).where(AuditEvent.action == "contact.export")
        )
        assert set(written) == {of.id, elsewhere.id}


def test_all_of_the_chosen_leave_or_none(sessions: Sessions) -> None:
    with sessions.write() as session:
        _, eva, row = scene(session, can="export")
        hidden = karel(session, directory(session, slug="elsewhere"))
        ids = [row.id, hidden.id]
        with pytest.raises(Refused, match="may not export all of these"):
            exports.hand_over_chosen(session, OPERATOR, Viewer(eva.id), ids, ERRAND, NOON)
        assert rows(session) == []
