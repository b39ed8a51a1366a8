"""The same facts through every door: portal page, phone, export and command name the same."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.models import Directory, User
from app.models.kinds import Scope, SyncPolicy
from app.policy import Channel, Viewer
from app.queries import contacts
from tests import factories as make
from tests.portal import PASSWORD, Portal, open_portal

_ROW = re.compile(r"Kontakt \d+")

GRANTS = st.lists(
    st.tuples(
        st.integers(0, 1),  # directory
        st.booleans(),  # through a team
        st.sampled_from(["read,sync,export", "read", "sync", "export"]),
        st.sampled_from(list(Scope)),
        st.integers(-2, 2),  # starts, hours from now
        st.integers(0, 3),  # lasts, hours; 0 for ever
    ),
    max_size=3,
)
CONTACTS = st.lists(
    st.tuples(
        st.integers(0, 1),  # directory
        st.booleans(),  # assigned to Eva
        st.booleans(),  # in the project
        st.sampled_from(["", "erased", "restricted", "no basis"]),
    ),
    min_size=1,
    max_size=4,
)


def plant(
    session: Session,
    portal: Portal,
    eva: User,
    grants: list[tuple[int, bool, str, Scope, int, int]],
    people: list[tuple[int, bool, bool, str]],
    *,
    allows_sync: bool,
    policy: SyncPolicy,
) -> None:
    now = portal.clock.now()
    homes: list[Directory] = [make.directory(session, sync_policy=policy), make.directory(session)]
    project = make.project(session, allows_sync=allows_sync)
    make.member(session, project, eva)
    for home, by_team, can, scope, start, length in grants:
        begin = now + timedelta(hours=start)
        holder = make.team(session, eva) if by_team else eva
        end = begin + timedelta(hours=length) if length else FOREVER
        make.grant(session, homes[home], holder, can=can, scope=scope, start=begin, end=end)
    for number, (home, assigned, joined, veto) in enumerate(people):
        has_basis = veto != "no basis"
        row = make.contact(session, homes[home], f"Kontakt {number}", has_basis=has_basis)
        if assigned:
            make.assignment(session, row, eva)
        if joined:
            make.participation(session, project, row)
        if veto == "erased":
            row.erased_at = now
        if veto == "restricted":
            make.restriction(session, row)


def through_the_portal(portal: Portal, eva: User) -> set[str]:
    client = portal.app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    proof = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert proof is not None
    data = {"email": eva.email, "password": PASSWORD, "csrf_token": proof[1]}
    assert client.post("/sign-in", data=data).status_code in {302, 303}
    return set(_ROW.findall(client.get("/contacts").get_data(as_text=True)))


def through_the_phone(portal: Portal, eva: User) -> set[str]:
    phone = portal.phone(eva)
    phone.sync()
    listed = set(phone.propfind("D:getetag", depth="1").members) - {phone.book}
    assert listed == set(phone.cards)
    return phone.names()


def through_the_policy(portal: Portal, eva: User, channel: Channel) -> set[str]:
    with portal.sessions.read() as session:
        found = contacts.everything(session, Viewer(eva.id), channel, portal.clock.now())
    return {card.full_name for card in found}


@pytest.fixture
def portal(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    opened = open_portal(sessions, tmp_path)
    yield opened
    opened.gatherer.close()


def test_the_doors_agree(portal: Portal) -> None:
    @given(
        grants=GRANTS,
        people=CONTACTS,
        allows_sync=st.booleans(),
        policy=st.sampled_from([SyncPolicy.ANY, SyncPolicy.NEVER]),
    )
    def agree(
        grants: list[tuple[int, bool, str, Scope, int, int]],
        people: list[tuple[int, bool, bool, str]],
        *,
        allows_sync: bool,
        policy: SyncPolicy,
    ) -> None:
        with portal.sessions.write() as session:
            eva = make.user(session)
            eva.password_hash = portal.eva.password_hash
            session.add(make.login_name(eva))
            plant(session, portal, eva, grants, people, allows_sync=allows_sync, policy=policy)

        assert through_the_portal(portal, eva) == through_the_policy(portal, eva, Channel.PORTAL)
        assert through_the_phone(portal, eva) == through_the_policy(portal, eva, Channel.CARDDAV)

    agree()


def test_all_doors_show_the_same_where_all_rights_are_given(portal: Portal) -> None:
    @given(people=CONTACTS)
    def agree(people: list[tuple[int, bool, bool, str]]) -> None:
        with portal.sessions.write() as session:
            eva = make.user(session)
            eva.password_hash = portal.eva.password_hash
            session.add(make.login_name(eva))
            everything = [(n, False, "read,sync,export", Scope.ALL, -1, 0) for n in range(2)]
            plant(session, portal, eva, everything, people, allows_sync=True, policy=SyncPolicy.ANY)
        wanted = {f"Kontakt {n}" for n, person in enumerate(people) if not person[3]}

        assert through_the_portal(portal, eva) == wanted
        assert through_the_phone(portal, eva) == wanted
        assert through_the_policy(portal, eva, Channel.EXPORT) == wanted

    agree()
