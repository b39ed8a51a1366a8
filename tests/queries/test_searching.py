"""Search and filters: what the index finds is what reading every text finds, whichever way is
taken; filters narrow what is visible and open nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind, Draft, Point
from app.cards.text import terms
from app.db import Sessions
from app.models import Contact, Device, Directory, Favourite, User
from app.models.kinds import Profile
from app.policy import Channel, Viewer
from app.queries import contacts, paging, searching
from app.queries.filters import Asked
from app.services import contact_values
from tests import factories as make
from tests.factories import NOON

WAYS = {"letters or reach": (2_000, 1_000), "counted": (-1, 1_000), "order": (-1, 0)}
PEOPLE = (
    Draft(given="Karel", family="Novotný", phones=(Point("777 123 456"),)),
    Draft(given="Ivana", family="Nováková", organisation="Beton Zlín s. r. o."),
    Draft(given="Иван", family="Петров", emails=(Point("ivan@stavby.bg"),)),
    Draft(given="Łucja", family="Đorđević", phones=(Point("+48 601 000 777"),)),
    Draft(given="Jörg", family="Groß", organisation="24/7 Studio 2.0"),
    Draft(family="Chýlová", emails=(Point("Petra.Nova@Beton.example"),)),
    Draft(family="Hýbl", nickname='"Uvozovka" AND (OR'),
)


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small world searched as a small one is, and as a large one."""
    few, counted = WAYS[request.param]
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(paging, "COUNTED", counted)
    return str(request.param)


def say(row: Contact, draft: Draft) -> None:
    columns = contact_values.column_values(contact_values.state_of(draft), "CZ")
    for name, value in columns.items():
        setattr(row, name, value)


def plant(sessions: Sessions, fields: Profile = Profile.FULL) -> Viewer:
    """Eva, the seven of PEOPLE in her directory, and one of the same name in another."""
    with sessions.write() as session:
        eva, home = make.user(session), make.directory(session)
        make.grant(session, home, eva, fields=fields)
        for draft in PEOPLE:
            say(make.contact(session, home), draft)
        say(make.contact(session, make.directory(session)), PEOPLE[0])
        return Viewer(eva.id)


def found(sessions: Sessions, viewer: Viewer, asked: Asked) -> list[str]:
    with sessions.read() as session:
        page = contacts.page(session, viewer, Channel.PORTAL, NOON, asked)
    assert page.total == len(page.cards) or page.total == paging.COUNTED + 1
    return [card.family for card in page.cards]


@pytest.mark.parametrize(
    ("search", "families"),
    [
        ("777 123", ["Novotný"]),
        ("00420777123456", ["Novotný"]),
        ("+420 777 123 456", ["Novotný"]),
        ("ovot", ["Novotný"]),
        ("NOV", ["Chýlová", "Nováková", "Novotný"]),
        ("petrov", ["Петров"]),
        ("петр", ["Петров"]),
        ("lucja dordev", ["Đorđević"]),
        ("gross", ["Groß"]),
        ("24/7", ["Groß"]),
        ("zlin beton iva", ["Nováková"]),
        ("yl", ["Chýlová"]),
        ("bg", ["Петров"]),
        ("q", []),
        ("b ze", []),
        ("b iva", ["Nováková", "Петров"]),
        ('"uv', ["Hýbl"]),
        ("and (or", ["Hýbl"]),
        ("nikdo", []),
        ("%", []),
    ],
)
def test_any_part_of_a_word_is_found(
    sessions: Sessions, way: str, search: str, families: list[str]
) -> None:
    assert found(sessions, plant(sessions), Asked(search)) == families


def test_behind_the_last_one_nothing_is_left_but_all_are_counted(
    sessions: Sessions, way: str
) -> None:
    viewer = plant(sessions)
    with sessions.read() as session:
        every = contacts.page(session, viewer, Channel.PORTAL, NOON, Asked())
        last = every.cards[-1].public_id
        behind = contacts.page(session, viewer, Channel.PORTAL, NOON, Asked(), after=last)
    assert (behind.cards, behind.total) == ([], every.total)


def test_ch_comes_after_h(sessions: Sessions, way: str) -> None:
    names = found(sessions, plant(sessions), Asked())
    assert names.index("Hýbl") + 1 == names.index("Chýlová")


@given(data=st.data())
def test_the_index_finds_what_reading_every_text_finds(
    sqlite: Sessions, data: st.DataObject
) -> None:
    with sqlite.read() as session:
        planted = session.scalar(select(User.id))
    viewer = Viewer(planted) if planted else plant(sqlite, Profile.MINIMAL)
    agree(sqlite, viewer, data)


def agree(sessions: Sessions, viewer: Viewer, data: st.DataObject) -> None:
    """A search made of pieces of what is there finds whoever has all of its words."""
    with sessions.read() as session:
        home = session.scalars(select(Directory.id).order_by(Directory.id)).first()
        rows = session.execute(
            select(Contact.search, Contact.mail_search, Contact.family, Contact.sort_key)
            .where(Contact.directory_id == home)
            .order_by(Contact.sort_key, Contact.public_id)
        ).all()
    text = data.draw(st.sampled_from([f"{row.search} {row.mail_search}" for row in rows]))
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : start + data.draw(st.integers(1, 9))]
    other = data.draw(st.sampled_from(["", "a", "no", "777", "xyz", "ov"]))
    search = f"{piece} {other}"
    expected = [
        row.family
        for row in rows
        if all(word in row.search or word in row.mail_search for word in terms(search))
    ]
    assert found(sessions, viewer, Asked(search)) == expected


def test_who_sees_no_addresses_finds_by_none(sessions: Sessions, way: str) -> None:
    viewer = plant(sessions, Profile.CALLER)
    assert found(sessions, viewer, Asked("stavby")) == []
    assert found(sessions, viewer, Asked("petra.nova")) == []
    assert found(sessions, plant(sessions), Asked("stavby")) == ["Петров"]


def test_the_index_follows_whoever_writes(sessions: Sessions) -> None:
    viewer = plant(sessions)
    with sessions.write() as session:
        row = session.scalars(select(Contact).where(Contact.family == "Hýbl")).one()
        say(row, Draft(family="Zkoumal"))
    assert found(sessions, viewer, Asked("hybl")) == []
    assert found(sessions, viewer, Asked("zkoum")) == ["Zkoumal"]
    with sessions.write() as session:
        for table in ("contact_point", "legal_basis"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
        session.connection().exec_driver_sql("DELETE FROM contact WHERE family = 'Zkoumal'")
    assert found(sessions, viewer, Asked("zkoum")) == []


def narrowed(session: Session) -> tuple[Viewer, str, str]:
    """Eva's two directories and her project, with one contact of each sort."""
    eva = make.user(session)
    home, second = make.directory(session), make.directory(session)
    foreign = make.directory(session)
    for one in (home, second):
        make.grant(session, one, eva)
    project = make.project(session)
    make.member(session, project, eva)
    a, b, c, firm, shared = (
        make.contact(session, where, name, kind=kind)
        for where, name, kind in (
            (home, "A Aa", ContactKind.PERSON),
            (home, "B Bb", ContactKind.PERSON),
            (second, "C Cc", ContactKind.PERSON),
            (home, "D Firm", ContactKind.ORGANISATION),
            (foreign, "E Shared", ContactKind.PERSON),
        )
    )
    for who in (b, shared):
        make.participation(session, project, who)
    make.assignment(session, a, eva)
    session.add_all(Favourite(user_id=eva.id, contact_id=x.id, kept_at=NOON) for x in (c, firm))
    session.flush()
    return Viewer(eva.id), home.slug, f"{project.slug} {foreign.slug}"


@pytest.mark.parametrize(
    ("asked", "families"),
    [
        ({}, ["Aa", "Bb", "Cc", "Firm", "Shared"]),
        ({"directory": "home"}, ["Aa", "Bb", "Firm"]),
        ({"directory": "foreign"}, []),
        ({"directory": "absent"}, []),
        ({"project": "project"}, ["Bb", "Shared"]),
        ({"project": "absent"}, []),
        ({"kind": "organisation"}, ["Firm"]),
        ({"kind": "person", "directory": "home"}, ["Aa", "Bb"]),
        ({"assigned": True}, ["Aa"]),
        ({"favourites": True}, ["Cc", "Firm"]),
        ({"favourites": True, "search": "firm"}, ["Firm"]),
        ({"project": "project", "assigned": True}, []),
    ],
)
def test_filters_narrow_what_is_visible(
    sessions: Sessions, way: str, asked: dict[str, str | bool], families: list[str]
) -> None:
    with sessions.write() as session:
        viewer, home, others = narrowed(session)
    project, foreign = others.split()
    slugs: dict[str | bool, str] = {"home": home, "project": project, "foreign": foreign}
    said = {name: slugs.get(value, value) for name, value in asked.items()}
    assert found(sessions, viewer, Asked(**said)) == families  # type: ignore[arg-type]


def test_a_favourite_or_a_charge_opens_nothing(sessions: Sessions, way: str) -> None:
    with sessions.write() as session:
        dana, home = make.user(session), make.directory(session)
        one = make.contact(session, home)
        make.assignment(session, one, dana)
        session.add(Favourite(user_id=dana.id, contact_id=one.id, kept_at=NOON))
        viewer = Viewer(dana.id)
    assert found(sessions, viewer, Asked(favourites=True)) == []
    assert found(sessions, viewer, Asked(assigned=True)) == []


def test_a_device_narrows_what_its_user_gets(sessions: Sessions, way: str) -> None:
    viewer = plant(sessions)
    with sessions.write() as session:
        phone = make.device(session, session.get_one(User, viewer.user_id))
        phone.fields = int(Profile.CALLER)
        through = Viewer(viewer.user_id, phone.id)
    with sessions.read() as session:
        asked = (session, through, Channel.CARDDAV, NOON)
        levels = {card.profile for card in contacts.listing(*asked)}
        by_mail = contacts.listing(*asked, Asked("stavby"))
    with sessions.write() as session:
        session.get_one(Device, phone.id).stopped_at = NOON
    with sessions.read() as session:
        assert contacts.listing(session, through, Channel.CARDDAV, NOON) == []
    assert (levels, by_mail) == ({int(Profile.CALLER)}, [])


def test_pages_of_a_search_follow_one_another(sessions: Sessions, way: str) -> None:
    viewer = plant(sessions)
    with sessions.read() as session:
        whole = contacts.listing(session, viewer, Channel.PORTAL, NOON, Asked("ov"))
        pages, after = [], ""
        for _ in whole:
            page = contacts.listing(session, viewer, Channel.PORTAL, NOON, Asked("ov"), after, 1)
            pages += page
            after = page[-1].public_id
        assert contacts.listing(session, viewer, Channel.PORTAL, NOON, Asked("ov"), after) == []
    assert len(whole) > 2
    assert pages == whole
