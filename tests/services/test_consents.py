"""Recording consents: what opens, what does not, and that the legal bases follow."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db import FOREVER, Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.keys import Key
from app.models import CollectionPoint, ConsentEvent, LegalBasis, RoleName, User, UserRole
from app.models.consent_kinds import (
    CollectionKind,
    ConsentType,
    Expression,
    Medium,
    Precision,
)
from app.models.kinds import ActorKind, BasisKind, PointKind
from app.policy.consents import ConsentState
from app.queries import consents as found
from app.services import bases, consent_subjects, consents, purposes
from app.services.audit import OPERATOR, SYSTEM, Actor
from app.services.bases import Override
from app.services.purposes import Terms
from tests import factories as make
from tests.services.consenting import HIMSELF, HOUR, Consenting, stage
from tests.services.scene import NOON, acts

GIVEN, REQUESTED = ConsentType.GIVEN, ConsentType.REQUESTED
STAFF = Actor(ActorKind.USER, 1)
DOI = Terms(media=("email",), double_opt_in=True, is_marketing=True)


@pytest.fixture
def scene(sessions: Sessions) -> Iterator[Consenting]:
    with sessions.write() as session:
        yield stage(session)


@pytest.fixture
def doi(sessions: Sessions) -> Iterator[Consenting]:
    with sessions.write() as session:
        yield stage(session, DOI)


def test_what_he_gives_covers_what_the_notice_names(scene: Consenting) -> None:
    done = scene.give("P")
    assert (done.event.type, done.lacks, done.holds) == (GIVEN, (), True)
    scene.add("C3")
    assert scene.holds(NOON) == scene.bases(NOON) == "+++-"
    assert acts(scene.session, "consent.given") == 1


def test_a_form_may_name_less_than_the_notice(scene: Consenting) -> None:
    named = [scene.purposes["P"].id, scene.purposes["C2"].id]
    scene.give("P", displayed=named, media=(Medium.SMS,))
    assert scene.holds(NOON, Medium.SMS) == scene.bases(NOON) == "+-+"
    assert scene.holds(NOON) == "---"


def test_a_withdrawal_ends_the_bases_below_at_once(scene: Consenting) -> None:
    scene.give("P")
    scene.withdraw("C1", NOON + HOUR)
    assert scene.holds(NOON + HOUR) == scene.bases(NOON + HOUR) == "+-+"
    assert scene.bases(NOON + HOUR - timedelta(seconds=1)) == "+++"
    scene.withdraw("P", NOON + 2 * HOUR)
    assert scene.bases(NOON + 2 * HOUR) == "---"


def test_a_basis_stays_while_one_medium_does(scene: Consenting) -> None:
    scene.give("P")
    done = scene.withdraw("P", NOON + HOUR, Medium.SMS)
    assert done.holds
    assert (scene.bases(NOON + HOUR), scene.holds(NOON + HOUR, Medium.SMS)) == ("+++", "---")
    scene.withdraw("P", NOON + 2 * HOUR, Medium.EMAIL)
    assert scene.bases(NOON + 2 * HOUR) == "---"


def test_withdrawing_twice_and_without_anything_is_accepted(scene: Consenting) -> None:
    for number in range(3):
        assert not scene.withdraw("P", NOON + number * HOUR).holds
    assert acts(scene.session, "consent.withdrawn") == 3


def test_withdrawing_in_the_future_counts_now(scene: Consenting) -> None:
    act = scene.act(ConsentType.WITHDRAWN, "P", occurred_at=NOON + HOUR)
    assert scene.record(OPERATOR, act).event.occurred_at == NOON


@pytest.mark.parametrize("more", [{"notice_id": None}, {"evidence_ids": ()}])
def test_staff_give_nothing_without_notice_and_proof(
    scene: Consenting, more: dict[str, object]
) -> None:
    told = {"notice_id": scene.notice_id, "evidence_ids": (scene.proof(),), **more}
    done = scene.record(STAFF, scene.act(GIVEN, "P", **told))
    assert (done.event.type, done.holds, len(done.lacks)) == (REQUESTED, False, 1)
    assert scene.bases(NOON) == "---"


def test_staff_record_a_signed_paper(scene: Consenting) -> None:
    paper = {"notice_id": scene.notice_id, "evidence_ids": (scene.proof(),)}
    done = scene.record(
        STAFF, scene.act(GIVEN, "P", expression=Expression.SIGNATURE, **paper), NOON
    )
    assert done.holds
    entry = found.history(scene.session, scene.karel.id)[0]
    assert (entry.actor, entry.expression) == ("staff", "signature")
    assert entry.evidence[0].original_place == "binder 3"


def test_staff_tick_no_box_for_anybody(scene: Consenting) -> None:
    paper = {"notice_id": scene.notice_id, "evidence_ids": (scene.proof(),)}
    with pytest.raises(Refused, match="ticks a box"):
        scene.record(STAFF, scene.act(GIVEN, "P", expression=Expression.CHECKBOX, **paper))


def test_a_box_of_a_form_needs_its_token_and_its_words(scene: Consenting) -> None:
    ticked: dict[str, Any] = {"expression": Expression.CHECKBOX}
    assert scene.give("P", **ticked).lacks == ("render token",)
    assert scene.give("P", **ticked, rendered_at=NOON).lacks == ("render token",)
    assert scene.give("P", **ticked, rendered_at=NOON, statement="I agree.").holds


def test_a_site_alone_gives_nothing(scene: Consenting) -> None:
    act = scene.act(GIVEN, "P", notice_id=scene.notice_id, by_site=True)
    done = scene.record(SYSTEM, act)
    assert (done.event.type, done.event.actor_kind.value) == (REQUESTED, "site")
    assert done.lacks == ("evidence",)


def test_a_notice_must_name_what_is_given(scene: Consenting) -> None:
    scene.add("C3")
    with pytest.raises(Invalid, match="does not name the purpose c3"):
        scene.give("C3")
    with pytest.raises(Invalid, match="does not name post"):
        scene.give("P", media=(Medium.POST,))
    with pytest.raises(NotFound, match="no published notice"):
        scene.give("P", notice_id=999)
    with pytest.raises(NotFound, match="no such evidence"):
        scene.give("P", evidence_ids=(999,))
    with pytest.raises(NotFound, match="no such purpose"):
        consents.withdraw(scene.session, HIMSELF, scene.subject, 999, NOON)


def test_a_consent_lies_in_the_past_and_ends_in_the_future(scene: Consenting) -> None:
    with pytest.raises(Invalid, match="future"):
        scene.give("P", occurred_at=NOON + HOUR)
    with pytest.raises(Invalid, match="ends before it begins"):
        scene.give("P", valid_until=NOON)


def test_an_old_paper_opens_from_its_recording_on(scene: Consenting) -> None:
    scene.give("P", occurred_at=NOON - 48 * HOUR, precision=Precision.DAY)
    assert (scene.bases(NOON), scene.bases(NOON - HOUR)) == ("+++", "---")


def test_a_paper_older_than_the_withdrawal_is_kept_and_opens_nothing(scene: Consenting) -> None:
    scene.withdraw("P", NOON)
    done = scene.give("P", NOON + HOUR, occurred_at=NOON - 48 * HOUR)
    assert (done.event.type, done.holds) == (GIVEN, False)
    assert scene.bases(NOON + HOUR) == "---"


def test_the_shortest_validity_counts(scene: Consenting) -> None:
    of = scene.purposes["C2"].id
    purposes.change(scene.session, OPERATOR, of, Terms(("email",), validity="P12M"), NOON)
    assert scene.give("P").event.valid_until == NOON.replace(year=2027)
    assert scene.give("P", valid_until=NOON + HOUR).event.valid_until == NOON + HOUR
    assert scene.give("C1").event.valid_until == FOREVER
    assert scene.bases(NOON + 2 * HOUR) == "-+-"


# --- Double opt-in --------------------------------------------------------------------------


def confirm(scene: Consenting, asked: int, at_hour: int = 1) -> consents.Recorded:
    act = scene.act(ConsentType.CONFIRMED, "P", refers_to_id=asked, expression=Expression.BUTTON)
    return scene.record(HIMSELF, act, NOON + at_hour * HOUR)


def test_a_purpose_with_double_opt_in_waits_for_the_mailbox(doi: Consenting) -> None:
    asked = doi.give("P")
    assert (asked.event.type, asked.lacks) == (REQUESTED, ("confirmation",))
    assert doi.bases(NOON) == "---"
    done = confirm(doi, asked.event.id)
    assert done.event.notice_version_id == doi.notice_id
    assert doi.holds(NOON + HOUR) == doi.bases(NOON + HOUR) == "+++"


def test_a_point_may_ask_for_it_as_well(scene: Consenting) -> None:
    point = CollectionPoint(
        public_key="form",
        name="Form",
        kind=CollectionKind.WEB_FORM,
        notice_key=scene.purposes["P"].slug,
        double_opt_in=True,
        created_at=NOON,
    )
    scene.session.add(point)
    scene.session.flush()
    assert scene.give("P", collection_point_id=point.id).lacks == ("confirmation",)
    point.double_opt_in = False
    assert scene.give("P", collection_point_id=point.id).holds


def test_the_link_of_a_mail_renews_without_another_one(doi: Consenting) -> None:
    act = doi.act(ConsentType.RENEWED, "P", notice_id=doi.notice_id, expression=Expression.BUTTON)
    assert doi.record(HIMSELF, act).holds


def test_a_link_from_before_the_withdrawal_confirms_nothing(doi: Consenting) -> None:
    asked = doi.give("P")
    doi.withdraw("P", NOON + HOUR)
    with pytest.raises(Refused, match="withdrawn since"):
        confirm(doi, asked.event.id, 2)
    assert doi.bases(NOON + 2 * HOUR) == "---"


def test_a_request_is_confirmed_in_time_by_whom_it_was_made_to(doi: Consenting) -> None:
    act = doi.act(REQUESTED, "P", notice_id=doi.notice_id, valid_until=NOON + HOUR)
    asked = doi.record(SYSTEM, act)
    with pytest.raises(Refused, match="too long ago"):
        confirm(doi, asked.event.id)
    with pytest.raises(Refused, match="nothing waits"):
        confirm(doi, 999)
    other = make.contact(doi.session, doi.home, "Jan Cizí", has_basis=False)
    doi.karel = other
    with pytest.raises(Refused, match="nothing waits"):
        confirm(doi, asked.event.id, 0)


def test_a_confirmation_itself_needs_proof(doi: Consenting) -> None:
    asked = doi.give("P")
    act = doi.act(ConsentType.CONFIRMED, "P", refers_to_id=asked.event.id)
    with pytest.raises(Refused, match="without evidence"):
        doi.record(STAFF, act)


def test_what_was_imported_holds_when_a_signed_paper_comes(scene: Consenting) -> None:
    act = scene.act(ConsentType.IMPORTED, "P", origin="old.csv, row 3")
    imported = scene.record(STAFF, act)
    assert imported.lacks == ("notice", "evidence")
    assert scene.bases(NOON) == "---"
    reading = found.state(scene.session, scene.karel.id, scene.purposes["P"].id, Medium.EMAIL, NOON)
    assert reading.state is ConsentState.IMPORTED
    paper = {"notice_id": scene.notice_id, "evidence_ids": (scene.proof(),)}
    more = {"refers_to_id": imported.event.id, "expression": Expression.SIGNATURE, **paper}
    scene.record(STAFF, scene.act(ConsentType.CONFIRMED, "P", **more), NOON + HOUR)
    assert (scene.bases(NOON + HOUR), scene.bases(NOON)) == ("+--", "---")


def test_a_form_opened_before_the_withdrawal_is_refused(scene: Consenting) -> None:
    scene.withdraw("P", NOON)
    ticked = {"expression": Expression.CHECKBOX, "statement": "I agree."}
    with pytest.raises(Refused, match="opened before"):
        scene.give("P", NOON + HOUR, **ticked, rendered_at=NOON - HOUR)
    assert scene.give("P", NOON + HOUR, **ticked, rendered_at=NOON + HOUR / 2).holds


# --- Whom it is about -----------------------------------------------------------------------


def test_who_was_asked_before_he_had_a_contact(doi: Consenting) -> None:
    somebody = consent_subjects.unknown(doi.session, NOON)
    told = doi.act(GIVEN, "P", notice_id=doi.notice_id, expression=Expression.BUTTON)
    asked = consents.record(doi.session, HIMSELF, somebody, told, NOON)
    assert not asked.holds
    act = doi.act(ConsentType.CONFIRMED, "P", refers_to_id=asked.event.id)
    assert consents.record(doi.session, HIMSELF, somebody, act, NOON).holds
    assert doi.bases(NOON) == "---"
    for _ in range(2):
        consents.adopt(doi.session, SYSTEM, somebody, doi.karel.id, NOON + HOUR)
    assert doi.holds(NOON + HOUR) == doi.bases(NOON + HOUR) == "+++"
    other = make.contact(doi.session, doi.home, "Jan Cizí", has_basis=False)
    with pytest.raises(Conflict, match="another contact"):
        consents.adopt(doi.session, SYSTEM, somebody, other.id, NOON)


def test_two_subjects_of_one_contact_are_one_person(doi: Consenting) -> None:
    first = doi.give("P")
    second = consent_subjects.unknown(doi.session, NOON)
    second.contact_id = doi.karel.id
    act = doi.act(ConsentType.CONFIRMED, "P", refers_to_id=first.event.id)
    assert consents.record(doi.session, HIMSELF, second, act, NOON).holds


def test_who_is_erased_gives_nothing_and_still_withdraws(scene: Consenting) -> None:
    scene.give("P")
    scene.karel.erased_at = NOON + HOUR
    with pytest.raises(NotFound, match="no such contact"):
        scene.give("P", NOON + HOUR)
    assert not scene.withdraw("P", NOON + HOUR).holds
    with pytest.raises(NotFound, match="no such contact"):
        consent_subjects.of_contact(scene.session, 999, NOON)


def test_a_contact_point_is_found_again_by_its_hash_alone() -> None:
    key = Key("k1", b"x" * 32)
    mark = consent_subjects.marked(key, PointKind.EMAIL, " Karel@Example.ORG ")
    assert mark.mac == consent_subjects.marked(key, PointKind.EMAIL, "karel@example.org").mac
    assert (mark.value, mark.key_id, len(mark.mac)) == ("Karel@Example.ORG", "k1", 64)
    phone = consent_subjects.marked(key, PointKind.PHONE, "777 123 456")
    assert phone.mac == consent_subjects.marked(key, PointKind.PHONE, "+420777123456").mac
    for kind in (PointKind.EMAIL, PointKind.PHONE, PointKind.URL):
        with pytest.raises(Invalid, match="neither"):
            consent_subjects.marked(key, kind, "nothing")


def test_where_it_was_said_is_kept(scene: Consenting) -> None:
    mark = consent_subjects.marked(Key("k1", b"x" * 32), PointKind.EMAIL, "karel@example.org")
    scene.give("P", point=mark, page="https://example.org/news", ip="192.0.2.0")
    row = scene.session.scalars(select(ConsentEvent)).one()
    assert (row.point_value, row.point_mac) == ("karel@example.org", mark.mac)
    assert (row.page, row.ip) == ("https://example.org/news", "192.0.2.0")


# --- Other bases ----------------------------------------------------------------------------


def other_basis(scene: Consenting, kind: BasisKind, purpose: str = "P") -> None:
    row = LegalBasis(
        contact_id=scene.karel.id,
        purpose_id=scene.purposes[purpose].id,
        kind=kind,
        valid_from=NOON,
    )
    scene.session.add(row)
    scene.session.flush()


def live_kinds(scene: Consenting, hour: int) -> set[str]:
    at = NOON + hour * HOUR
    query = select(LegalBasis.kind).where(LegalBasis.valid_from <= at, LegalBasis.valid_until > at)
    return {kind.value for kind in scene.session.scalars(query)}


def objected(scene: Consenting, *media: Medium) -> None:
    act = scene.act(ConsentType.OBJECTED, "P", media=media)
    scene.record(HIMSELF, act, NOON + HOUR)


def test_a_withdrawal_leaves_another_basis_alone(scene: Consenting) -> None:
    scene.give("P")
    other_basis(scene, BasisKind.LEGITIMATE_INTEREST)
    scene.withdraw("P", NOON + HOUR)
    assert live_kinds(scene, 1) == {"legitimate-interest"}


def test_an_objection_to_marketing_ends_what_we_do_of_our_own_accord(scene: Consenting) -> None:
    scene.give("P")
    for kind in (BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER, BasisKind.CONTRACT):
        other_basis(scene, kind)
    other_basis(scene, BasisKind.LEGITIMATE_INTEREST, "C1")
    objected(scene, Medium.SMS)
    assert len(live_kinds(scene, 1)) == 4
    objected(scene)
    assert live_kinds(scene, 1) == {"contract"}


def test_an_objection_to_anything_else_is_weighed(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = stage(session, Terms(media=("email",)))
        other_basis(scene, BasisKind.LEGITIMATE_INTEREST)
        objected(scene)
        assert live_kinds(scene, 1) == {"legitimate-interest"}


def test_no_other_basis_takes_the_place_of_a_withdrawn_consent(scene: Consenting) -> None:
    scene.give("P")
    scene.withdraw("P", NOON + HOUR, Medium.SMS)
    add = {"session": scene.session, "actor": OPERATOR, "contact_id": scene.karel.id}
    at = NOON + 2 * HOUR
    row = bases.add(**add, at=at, kind="contract")  # type: ignore[arg-type] # as said above
    bases.end(scene.session, OPERATOR, scene.karel.id, at)
    scene.withdraw("P", at)
    with pytest.raises(Refused, match="data protection officer"):
        bases.add(**add, at=at, kind="contract")  # type: ignore[arg-type]
    officer = make.user(scene.session, "Dana")
    for override, words in ((Override(officer.id, "why"), "only the"), (Override(1, " "), "empty")):
        with pytest.raises((Refused, Invalid), match=words):
            bases.add(**add, at=at, kind="contract", override=override)  # type: ignore[arg-type]
    make_officer(scene, officer)
    said = Override(officer.id, "a new contract was signed")
    row = bases.add(**add, at=at, kind="contract", override=said)  # type: ignore[arg-type]
    assert row.text == "a new contract was signed"


def make_officer(scene: Consenting, user: User) -> None:
    scene.session.add(UserRole(user_id=user.id, role=RoleName.DPO))
    scene.session.flush()


def test_a_basis_of_kind_consent_is_never_added_by_hand(scene: Consenting) -> None:
    with pytest.raises(Refused, match="kustod consent record"):
        bases.add(scene.session, OPERATOR, scene.karel.id, NOON)
    query = select(func.count()).select_from(LegalBasis)
    assert scene.session.scalar(query) == 0


def test_ended_by_hand_it_stays_ended_until_he_gives_again(scene: Consenting) -> None:
    scene.give("P")
    bases.end(scene.session, OPERATOR, scene.karel.id, NOON + HOUR)
    scene.withdraw("P", NOON + 2 * HOUR, Medium.SMS)
    assert scene.bases(NOON + 2 * HOUR)[0] == "-"
    scene.give("P", NOON + 3 * HOUR)
    assert scene.bases(NOON + 3 * HOUR) == "+++"


def test_what_holds_is_listed_for_every_medium_that_came_up(scene: Consenting) -> None:
    assert found.standings(scene.session, scene.karel.id, NOON) == []
    scene.give("P", media=(Medium.EMAIL,), valid_until=NOON + 9 * HOUR)
    scene.withdraw("C1", NOON + HOUR)
    rows = found.standings(scene.session, scene.karel.id, NOON + HOUR)
    states = {(row.purpose, row.medium): row.state for row in rows}
    root = scene.purposes["P"].slug
    assert states == {
        (root, "email"): "given",
        ("c1", "email"): "withdrawn",
        ("c1", "sms"): "withdrawn",
        ("c2", "email"): "given",
    }
    own = next(row for row in rows if row.purpose == root)
    assert (own.until, own.reason) == (
        NOON + 9 * HOUR,
        "It was given, with what was told then and with proof.",
    )
