"""Consents on paper: blanks with numbers, an inbox that knows them, and a colleague who reads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import keys
from app.db import Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import (
    Blob,
    CollectionPoint,
    ConsentEvent,
    Contact,
    ContactPoint,
    Evidence,
    PaperPad,
    PaperScan,
    RoleName,
    Source,
    UserRole,
)
from app.models.consent_kinds import ConsentType, Expression, Medium, Precision
from app.models.kinds import PointKind
from app.policy import Viewer
from app.queries import consents as found
from app.queries import evidence as readers
from app.queries import paper
from app.services import paper_readings, paper_serials, papers
from app.services.audit import OPERATOR
from app.services.paper_readings import Person, Read
from app.services.papers import Brought
from app.services.sessions import actor_of
from tests import factories as make
from tests.services.consenting import Consenting, stage
from tests.services.papering import brought, code, counter, scan, serials
from tests.services.scene import NOON

RING = keys.generate()
JANA = Person("Jana", "Malá", "", "jana@example.org", "605 203 938")
DAY = timedelta(days=1)


@pytest.fixture
def scene(sqlite: Sessions) -> Iterator[Consenting]:
    with sqlite.write() as session:
        yield stage(session)


@pytest.fixture
def point(scene: Consenting) -> CollectionPoint:
    return counter(scene)


@pytest.fixture
def pad(scene: Consenting, point: CollectionPoint) -> PaperPad:
    return papers.print_pad(scene.session, OPERATOR, point.id, 5, "cs", NOON)


def boxes(scene: Consenting, *media: str) -> list[str]:
    return [f"{scene.purposes['P'].id}:{medium}" for medium in media]


def people(scene: Consenting) -> int:
    return scene.session.scalar(select(func.count(Contact.id))) or 0


@pytest.mark.parametrize("typed", ["0000018", "000 001-8", " 0000018 "])
def test_a_number_is_read_as_it_is_typed(typed: str) -> None:
    assert paper_serials.written(1) == "0000018"
    assert paper_serials.read(typed) == 1


@pytest.mark.parametrize("typed", ["", "17", "0000017", "0000107", "000001x", "\u0660000018"])
def test_a_slip_is_no_number(typed: str) -> None:
    with pytest.raises(Invalid, match="number of a blank"):
        paper_serials.read(typed)


@pytest.mark.parametrize("turned", [0, 4, 90, 180])
def test_a_scan_finds_its_blank_by_the_square_code(
    scene: Consenting, point: CollectionPoint, pad: PaperPad, turned: int
) -> None:
    said = code(scene.session, pad, serials(scene.session, pad)[2])
    name = brought(scene, RING, point.id, scan(said, turned))
    row = scene.session.scalars(select(PaperScan).where(PaperScan.public_id == name)).one()
    assert row.paper_form_id == paper.numbers(scene.session, pad.public_id)[2]


def test_a_code_that_was_not_printed_here_is_none(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    said = code(scene.session, pad, serials(scene.session, pad)[0])
    others = (
        replace(said, point="elsewhere"),
        replace(said, notice=f"{said.notice}1"),
        replace(said, serial=paper_serials.written(999_999)),
        replace(said, serial="0000017"),
    )
    for other in others:
        new = Brought(original_place="x", code=other)
        with pytest.raises(Invalid, match="number of the blank"):
            papers.bring_in(scene.session, OPERATOR, point.id, new, NOON)
    assert paper_serials.found_on(scan(None)) is None


def test_a_signed_paper_adds_its_person_with_scan_words_and_day(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    serial = serials(session, pad)[0]
    name = brought(scene, RING, point.id, scan(code(session, pad, serial)))
    read = Read(JANA, boxes(scene, "email"), NOON)
    contact = paper_readings.give(session, RING, OPERATOR, name, read, NOON)
    event = session.scalars(select(ConsentEvent)).one()
    assert (event.type, event.expression) == (ConsentType.GIVEN, Expression.SIGNATURE)
    assert (event.precision, event.origin) == (Precision.DAY, serial)
    assert (event.point_value, event.collection_point_id) == (JANA.email, point.id)
    assert event.statement.startswith("Souhlasím se zasíláním e-mailů")
    purpose = scene.purposes["P"].id
    states = {
        medium: found.state(session, contact, purpose, medium, NOON).holds
        for medium in (Medium.EMAIL, Medium.SMS)
    }
    assert states == {Medium.EMAIL: True, Medium.SMS: False}
    source = session.get_one(Source, session.get_one(Contact, contact).source_id)
    assert (source.kind.value, source.detail) == ("paper", f"Prodejna, {serial}")
    with pytest.raises(Conflict, match="already"):
        paper_readings.give(session, RING, OPERATOR, name, read, NOON)


def test_who_is_known_is_found_and_left_as_he_is(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    scene.karel.family = "Novotný"
    known = ContactPoint(
        contact_id=scene.karel.id, kind=PointKind.EMAIL, value="k@x.cz", norm="k@x.cz", position=0
    )
    session.add(known)
    session.flush()
    for place, (family, is_karel) in enumerate({"NOVOTNÝ": True, "Novotná": False}.items()):
        name = brought(
            scene, RING, point.id, scan(code(session, pad, serials(session, pad)[place]))
        )
        read = Read(Person("K.", family, "", "K@x.cz"), boxes(scene, "email"), NOON)
        contact = paper_readings.give(session, RING, OPERATOR, name, read, NOON)
        assert (contact == scene.karel.id) == is_karel
    assert scene.karel.given != "K."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"boxes": ()}, "none is ticked"),
        ({"boxes": ("999:email",)}, "none is ticked"),
        ({"boxes": ("P:email", "999:email")}, "no such box"),
        ({"person": replace(JANA, email="")}, "e-mail address is needed"),
        ({"person": replace(JANA, given="", family=" ")}, "name is missing"),
        ({"boxes": ("P:sms",), "person": replace(JANA, phone="?")}, "number is needed"),
        ({"signed_at": NOON - 2 * DAY}, "printed later"),
        ({"signed_at": NOON + DAY}, "future"),
    ],
)
def test_what_cannot_stand_on_a_paper(
    scene: Consenting, point: CollectionPoint, pad: PaperPad, change: dict[str, object], words: str
) -> None:
    session = scene.session
    name = brought(scene, RING, point.id, scan(code(session, pad, serials(session, pad)[0])))
    of = str(scene.purposes["P"].id)
    raw = change.get("boxes", ("P:email",))
    ticked = [str(one).replace("P", of) for one in raw]  # type: ignore[attr-defined]
    read = replace(Read(JANA, (), NOON), **(change | {"boxes": ticked}))  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=words):
        paper_readings.give(session, RING, OPERATOR, name, read, NOON)


def test_nothing_is_given_by_a_scan_whose_blank_nobody_knows(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session, read = scene.session, Read(JANA, boxes(scene, "email"), NOON)
    name = brought(scene, RING, point.id, scan(None))
    with pytest.raises(Refused, match="which blank"):
        paper_readings.give(session, RING, OPERATOR, name, read, NOON)
    papers.match(session, OPERATOR, name, serials(session, pad)[1], NOON)
    assert paper_readings.give(session, RING, OPERATOR, name, read, NOON)


def test_without_a_scan_the_place_and_the_number_are_needed(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    serial = serials(session, pad)[0]
    for new, words in (
        (Brought(serial=serial), "neither a file nor"),
        (Brought(original_place="binder 3"), "number of the blank"),
        (Brought(original_place="binder 3", serial=paper_serials.written(999_999)), "no blank"),
    ):
        with pytest.raises(Invalid, match=words):
            papers.bring_in(session, OPERATOR, point.id, new, NOON)
    new = Brought(original_place="binder 3", serial=serial)
    name = papers.bring_in(session, OPERATOR, point.id, new, NOON).public_id
    read = Read(JANA, boxes(scene, "email"), NOON)
    assert paper_readings.give(session, RING, OPERATOR, name, read, NOON)
    with pytest.raises(Conflict, match="before"):
        papers.bring_in(session, OPERATOR, point.id, new, NOON)


@pytest.mark.parametrize("outcome", ["refused", "unreadable"])
def test_who_says_no_becomes_no_contact_and_his_scan_is_not_kept(
    scene: Consenting, point: CollectionPoint, pad: PaperPad, outcome: str
) -> None:
    session, before = scene.session, people(scene)
    data = scan(code(session, pad, serials(session, pad)[0]))
    name = brought(scene, RING, point.id, data)
    for _ in range(2):
        papers.put_aside(session, OPERATOR, name, outcome, NOON)
    assert people(scene) == before
    assert session.scalar(select(func.count(Blob.sha256))) == 0
    assert session.scalar(select(func.count(ConsentEvent.id))) == 0
    assert session.scalars(select(Evidence)).one().erased_at == NOON
    with pytest.raises(Conflict, match="very scan"):
        brought(scene, RING, point.id, data)
    with pytest.raises(Invalid, match="refused or unreadable"):
        papers.put_aside(session, OPERATOR, name, "given", NOON)


def test_a_business_card_is_a_source_and_authorises_nothing(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    new = Brought(original_place="drawer", is_card=True)
    with pytest.raises(Invalid, match="number of the blank"):
        papers.bring_in(session, OPERATOR, point.id, new, NOON)
    name = brought(scene, RING, point.id, scan(None))
    row = session.scalars(select(PaperScan).where(PaperScan.public_id == name)).one()
    with pytest.raises(Refused, match="no business card"):
        paper_readings.take_card(session, OPERATOR, name, JANA, NOON)
    row.is_card = True
    read = Read(JANA, boxes(scene, "email"), NOON)
    with pytest.raises(Refused, match="which blank"):
        paper_readings.give(session, RING, OPERATOR, name, read, NOON)
    contact = paper_readings.take_card(session, OPERATOR, name, JANA, NOON)
    owner = make.user(session)
    session.add(UserRole(user_id=owner.id, role=RoleName.OWNER))
    session.flush()
    scan_of = session.get_one(Evidence, row.evidence_id).public_id
    shown = readers.find(session, Viewer(owner.id), scan_of, NOON)
    assert shown is not None
    assert shown.kind == readers.CARD
    source = session.get_one(Source, session.get_one(Contact, contact).source_id)
    assert source.kind.value == "card"
    assert session.scalar(select(func.count(ConsentEvent.id))) == 0
    assert not found.state(session, contact, scene.purposes["P"].id, Medium.EMAIL, NOON).holds
    proof = found.standings(session, contact, NOON)
    assert not any(one.state == "given" for one in proof)
    act = scene.act(ConsentType.GIVEN, "P", notice_id=scene.notice_id)
    act = replace(act, evidence_ids=(row.evidence_id,), expression=Expression.SIGNATURE)
    assert scene.record(OPERATOR, act).lacks == ("evidence",)


def test_a_desk_says_what_waits_and_which_numbers_are_missing(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    user = make.user(session)
    make.grant(session, scene.home, user, can="edit")
    session.flush()
    numbers = paper.numbers(session, pad.public_id)
    printed = serials(session, pad)
    papers.spoil(session, OPERATOR, printed[1], NOON)
    papers.spoil(session, OPERATOR, printed[1], NOON)
    first = brought(scene, RING, point.id, scan(code(session, pad, printed[3])), actor_of(user.id))
    with pytest.raises(Conflict, match="come back"):
        papers.spoil(session, OPERATOR, printed[3], NOON)
    (shown,) = paper.pads(session, point.id)
    assert (shown.back, shown.spoiled) == (1, 1)
    assert shown.missing == (numbers[0], numbers[2])
    assert [one.id for one in paper.inbox(session, [point.id])[point.id]] == [first]
    papers.put_aside(session, OPERATOR, first, "refused", NOON)
    assert paper.inbox(session, [point.id]) == {}
    assert [one.outcome for one in paper.settled(session, point.id)] == ["refused"]
    assert [one.key for one in paper.places(session, Viewer(user.id), NOON)] == ["counter"]
    assert paper.places(session, Viewer(make.user(session).id), NOON) == []


def test_who_may_not_edit_the_directory_works_at_no_desk(
    scene: Consenting, point: CollectionPoint, pad: PaperPad
) -> None:
    session = scene.session
    reader = make.user(session)
    make.grant(session, scene.home, reader, can="read")
    session.flush()
    name = brought(scene, RING, point.id, scan(code(session, pad, serials(session, pad)[0])))
    by = actor_of(reader.id)
    with pytest.raises(Refused):
        papers.print_pad(session, by, point.id, 1, "cs", NOON)
    with pytest.raises(Refused):
        papers.put_aside(session, by, name, "refused", NOON)
    with pytest.raises(NotFound):
        papers.put_aside(session, OPERATOR, "nothing", "refused", NOON)
    assert paper.find(session, Viewer(reader.id), name, NOON) is None


@pytest.mark.parametrize(("count", "language"), [(0, "cs"), (201, "cs"), (1, "pl")])
def test_a_pad_that_cannot_be_printed(
    scene: Consenting, point: CollectionPoint, count: int, language: str
) -> None:
    with pytest.raises((Invalid, Refused)):
        papers.print_pad(scene.session, OPERATOR, point.id, count, language, NOON)
