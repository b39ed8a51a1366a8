"""The contacts of a project page by page, and what can be put in, found by words."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Contact, Directory, Project, User
from app.policy import Viewer
from app.queries import project_pages, standing
from app.queries.project_pages import Finds, Part
from tests import factories as make
from tests.factories import NOON


@dataclass
class Site:
    """Eva manages a directory and works in a project with five of its contacts."""

    sessions: Sessions
    eva: User
    home: Directory
    project: Project

    def parts(self, after: str = "", limit: int = 50) -> list[Part]:
        with self.sessions.read() as session:
            asked = (session, Viewer(self.eva.id))
            of = standing.in_project(*asked, self.project.slug, NOON)
            assert of
            return project_pages.parts(*asked, of, NOON, after, limit)

    def finds(self, search: str) -> Finds:
        with self.sessions.read() as session:
            asked = (session, Viewer(self.eva.id))
            of = standing.in_project(*asked, self.project.slug, NOON)
            assert of
            return project_pages.finds(*asked, of, search, NOON)


def families(parts: list[Part]) -> list[str]:
    return [part.card.family for part in parts]


def add(session: Session, home: Directory, family: str) -> Contact:
    row: Contact = make.contact(session, home, f"X {family}")
    row.search = f"x {family.casefold()}"
    return row


@pytest.fixture
def site(sessions: Sessions) -> Site:
    with sessions.write() as session:
        eva, home, project = make.user(session), make.directory(session), make.project(session)
        make.grant(session, home, eva, can="read,manage")
        make.member(session, project, eva)
        for family in ("Ee", "Cc", "Aa", "Dd", "Bb"):
            make.participation(session, project, add(session, home, family))
    return Site(sessions, eva, home, project)


def test_pages_follow_one_another_in_the_order_of_names(site: Site) -> None:
    first = site.parts(limit=2)
    second = site.parts(first[-1].card.public_id, 2)
    third = site.parts(second[-1].card.public_id, 2)
    assert [families(page) for page in (first, second, third)] == [
        ["Aa", "Bb"],
        ["Cc", "Dd"],
        ["Ee"],
    ]


def test_a_page_behind_nothing_that_he_sees_is_the_first(site: Site) -> None:
    with site.sessions.write() as session:
        hidden = add(session, make.directory(session), "Bz")
        hidden_id = hidden.public_id
    assert families(site.parts("nobody", 1)) == families(site.parts(hidden_id, 1)) == ["Aa"]


def test_who_will_take_part_stands_there_once_and_who_did_does_not(site: Site) -> None:
    day = timedelta(days=1)
    with site.sessions.write() as session:
        project = session.get_one(Project, site.project.id)
        home = session.get_one(Directory, site.home.id)
        coming, gone = add(session, home, "Coming"), add(session, home, "Gone")
        make.participation(session, project, coming, NOON + day, NOON + 2 * day)
        make.participation(session, project, coming, NOON + 3 * day)
        make.participation(session, project, gone, NOON - day, NOON)
    (found,) = (part for part in site.parts() if part.card.family == "Coming")
    assert (found.since, found.until) == (NOON + day, NOON + 2 * day)
    assert "Gone" not in families(site.parts())


def test_who_may_not_be_seen_is_not_there(site: Site) -> None:
    with site.sessions.write() as session:
        who = session.query(Contact).filter_by(family="Aa").one()
        make.restriction(session, who)
    assert families(site.parts(limit=1)) == ["Bb"]


def test_found_is_what_may_be_put_in_and_is_not_there(site: Site) -> None:
    with site.sessions.write() as session:
        add(session, session.get_one(Directory, site.home.id), "Ff")
        foreign = make.directory(session)
        make.grant(session, foreign, session.get_one(User, site.eva.id), can="read")
        add(session, foreign, "Gg")
    found = site.finds("x")
    assert [card.family for card in found.cards] == ["Ff"]
    assert (found.has_more, found.is_too_wide) == (False, False)
    assert site.finds("") == Finds("")


def test_more_than_were_looked_at_is_said(site: Site) -> None:
    with site.sessions.write() as session:
        home = session.get_one(Directory, site.home.id)
        for number in range(project_pages.LOOKED_AT):
            add(session, home, f"Hh{number:02}")
    found = site.finds("x")
    assert (len(found.cards), found.has_more, found.is_too_wide) == (20, True, True)
    assert not site.finds("hh0").is_too_wide


def test_many_contacts_cost_as_many_statements_as_one(site: Site) -> None:
    def cost(limit: int) -> int:
        said: list[str] = []

        def listen(*args: object) -> None:
            said.append(str(args[2]))

        event.listen(site.sessions.engine, "before_cursor_execute", listen)
        site.parts(limit=limit)
        event.remove(site.sessions.engine, "before_cursor_execute", listen)
        return len(said)

    assert cost(1) == cost(5)
