"""What the end of a project would take from whom: the same rules, asked about that instant."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.db import FOREVER, Sessions
from app.models import Contact, Grant, Project, User
from app.policy import Viewer
from app.queries import project_ends
from app.queries.project_ends import End, Keeps
from tests import factories as make
from tests.portal import Portal, open_portal

DAY = timedelta(days=1)


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    """By the project Dana and Eva have two contacts and one of nobody's; Eva has two anyway."""
    portal = open_portal(sessions, tmp_path)
    with sessions.write() as session:
        project = make.project(session)
        for user in (portal.dana, portal.eva):
            make.member(session, project, session.get_one(User, user.id))
        for contact in portal.contacts[:2]:
            make.participation(session, project, session.get_one(Contact, contact.id))
        lonely = make.contact(session, make.directory(session), "Zora Samotná")
        make.participation(session, project, lonely)
    yield portal
    portal.gatherer.close()


def first(site: Portal) -> int:
    with site.sessions.read() as session:
        return session.query(Project).order_by(Project.id).first().id  # type: ignore[union-attr] # it is there


def end(site: Portal, who: User, after: timedelta = timedelta()) -> End:
    now = site.clock.now()
    with site.sessions.read() as session:
        asks = Viewer(who.id)
        return project_ends.preview(session, asks, first(site), now + after, now)


def test_what_goes_and_what_stays_is_what_the_rules_say(site: Portal) -> None:
    site.phone(site.dana, "Pixel 8").sync()
    site.phone(site.eva, "iPhone").sync()
    dana, eva = end(site, site.eva).losses
    assert (dana.name, dana.goes, dana.stays, dana.phones) == ("Dana Cizí", 3, 0, ("Pixel 8",))
    assert (eva.name, eva.goes, eva.stays, eva.phones) == ("Eva Nováková", 1, 2, ("iPhone",))
    home = site.directory
    assert eva.keeps == (Keeps("directory", home.name, home.slug, 2),)
    assert [card.full_name for card in eva.cards] == ["Zora Samotná"]


def test_a_phone_that_keeps_everything_is_not_named(site: Portal) -> None:
    with site.sessions.write() as session:
        session.query(Contact).filter_by(
            full_name="Zora Samotná"
        ).one().erased_at = site.clock.now()
    site.phone(site.eva, "iPhone").sync()
    _, eva = end(site, site.eva).losses
    assert (eva.goes, eva.phones) == (0, ())


def test_what_stays_in_the_portal_and_leaves_a_phone_is_counted_there(site: Portal) -> None:
    with site.sessions.write() as session:
        session.get_one(Grant, site.grant_id).can_sync = False
    site.phone(site.eva, "iPhone").sync()
    _, eva = end(site, site.eva).losses
    assert (eva.goes, eva.stays, eva.off_phones, eva.phones) == (1, 2, 3, ("iPhone",))


def test_names_are_those_that_the_viewer_may_see(site: Portal) -> None:
    dana, _ = end(site, site.jan).losses
    assert {card.full_name for card in dana.cards} == {"Karel Novotný", "Šárka Chalupová"}
    assert dana.goes == 3


def test_a_directory_that_he_may_not_know_is_not_named(site: Portal) -> None:
    _, eva = end(site, site.dana).losses
    assert eva.keeps == (Keeps("directory", "", "", 2),)


def test_what_another_project_shows_stays(site: Portal) -> None:
    now = site.clock.now()
    with site.sessions.write() as session:
        other = make.project(session, end=now + 5 * DAY)
        dana = session.get_one(User, site.dana.id)
        make.member(session, other, dana)
        make.participation(session, other, session.get_one(Contact, site.contacts[0].id))
        slug = other.slug
    dana_loses, _ = end(site, site.dana).losses
    assert (dana_loses.goes, dana_loses.keeps) == (2, (Keeps("project", "Most", slug, 1),))
    later, _ = end(site, site.dana, 6 * DAY).losses
    assert (later.goes, later.keeps) == (3, ())


def test_a_day_to_come_is_asked_as_it_will_be(site: Portal) -> None:
    now = site.clock.now()
    with site.sessions.write() as session:
        session.query(Project).one().ends_at = now + 9 * DAY
        session.get_one(Grant, site.grant_id).valid_until = now + 2 * DAY
    assert end(site, site.eva).losses[1].stays == 2
    assert end(site, site.eva, 3 * DAY).losses[1].goes == 3
    assert end(site, site.eva, 9 * DAY).losses[1].goes == 3


def test_contacts_that_nobody_would_find_are_left(site: Portal) -> None:
    found = end(site, site.eva)
    assert found.left == 1
    assert [card.full_name for card in found.left_cards] == ["Zora Samotná"]
    assert end(site, site.jan).left_cards == ()


def test_asking_changes_nothing(site: Portal) -> None:
    end(site, site.eva)
    with site.sessions.read() as session:
        assert session.query(Project).one().ends_at == FOREVER


def test_more_people_and_contacts_take_no_more_statements(site: Portal) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(site.sessions.engine, "before_cursor_execute", note)
        end(site, site.eva)
        event.remove(site.sessions.engine, "before_cursor_execute", note)
        return len(seen)

    once = statements()
    with site.sessions.write() as session:
        project = session.query(Project).one()
        for number in range(4):
            make.member(session, project, make.user(session, f"U{number}"))
            home = session.merge(site.directory)
            make.participation(session, project, make.contact(session, home, f"K {number}"))
    assert len(end(site, site.eva).losses) == 6
    assert statements() == once
