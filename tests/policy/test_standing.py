"""Who knows, oversees and steers a directory or a project; each sentence for each of a cast."""

from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Contact, Directory, Project, RoleName, SuspensionKind, User, UserRole
from app.models.kinds import Scope
from app.policy import Action, Channel, Viewer, visible
from app.queries import standing
from tests import factories as make
from tests.factories import NOON

CAST = ("manager", "reader", "assigned", "member", "lead", "owner", "dpo", "admin", "stranger")
KNOWS_DIRECTORY = {"manager", "reader", "assigned", "owner", "dpo"}
OVERSEES_DIRECTORY = {"manager", "owner", "dpo"}
CLOSES_DIRECTORY = {"manager", "owner"}
KNOWS_PROJECT = {"member", "lead", "owner", "dpo"}
OVERSEES_PROJECT = {"lead", "owner", "dpo"}
STEERS_PROJECT = {"lead", "owner"}


@pytest.fixture
def world(sessions: Sessions) -> dict[str, int]:
    with sessions.write() as session:
        cast = {name: make.user(session, name) for name in CAST}
        home, project = make.directory(session), make.project(session)
        make.grant(session, home, cast["manager"], can="read,manage")
        make.grant(session, home, make.team(session, cast["reader"]), can="read")
        make.grant(session, home, cast["assigned"], can="manage", scope=Scope.ASSIGNED)
        make.member(session, project, cast["member"])
        make.member(session, project, cast["lead"]).is_lead = True
        for role in (RoleName.OWNER, RoleName.DPO, RoleName.ADMIN):
            session.add(UserRole(user_id=cast[role.value].id, role=role))
        session.flush()
        ids = {name: user.id for name, user in cast.items()}
        return ids | {"directory": home.id, "project": project.id}


def who(session: Session, world: dict[str, int], asked: str) -> set[str]:
    """Those of the cast for whom the answer is yes."""
    return {name for name in CAST if _answer(session, world, Viewer(world[name]), asked)}


def _answer(session: Session, world: dict[str, int], viewer: Viewer, asked: str) -> bool:
    home = standing.in_home(session, viewer, world["directory"], NOON)
    slug = session.get_one(Project, world["project"]).slug
    project = standing.in_project(session, viewer, slug, NOON)
    return {
        "knows_directory": home is not None,
        "oversees_directory": home is not None and home.oversees,
        "closes_directory": home is not None and home.closes,
        "manages": home is not None and Action.MANAGE in home.may,
        "knows_project": project is not None,
        "oversees_project": project is not None and project.oversees,
        "steers_project": project is not None and project.steers,
    }[asked]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("knows_directory", KNOWS_DIRECTORY),
        ("oversees_directory", OVERSEES_DIRECTORY),
        ("closes_directory", CLOSES_DIRECTORY),
        ("manages", {"manager"}),
        ("knows_project", KNOWS_PROJECT),
        ("oversees_project", OVERSEES_PROJECT),
        ("steers_project", STEERS_PROJECT),
    ],
)
def test_each_has_his_standing(
    sessions: Sessions, world: dict[str, int], asked: str, expected: set[str]
) -> None:
    with sessions.read() as session:
        assert who(session, world, asked) == expected


def test_a_disabled_account_has_none(sessions: Sessions, world: dict[str, int]) -> None:
    with sessions.write() as session:
        for name in CAST:
            make.suspension(session, session.get_one(User, world[name]))
            make.suspension(session, session.get_one(User, world[name]), SuspensionKind.SYNC)
    with sessions.read() as session:
        for asked in ("knows_directory", "knows_project"):
            assert who(session, world, asked) == set()
        assert standing.roles(session, Viewer(world["owner"]), NOON) == frozenset()


def test_a_membership_and_a_grant_end(sessions: Sessions, world: dict[str, int]) -> None:
    with sessions.write() as session:
        home, project = (
            session.get_one(Directory, world["directory"]),
            session.get_one(Project, world["project"]),
        )
        late = make.user(session, "late")
        make.grant(session, home, late, end=NOON)
        make.member(session, project, late, end=NOON).is_lead = True
    with sessions.read() as session:
        for at, is_there in ((NOON - timedelta(seconds=1), True), (NOON, False)):
            found = standing.in_directory(session, Viewer(late.id), home.slug, at)
            assert (found is not None) == is_there
            work = standing.in_project(session, Viewer(late.id), project.slug, at)
            assert (work is not None) == is_there


def test_roles_and_directories_are_listed(sessions: Sessions, world: dict[str, int]) -> None:
    with sessions.read() as session:
        assert standing.roles(session, Viewer(world["dpo"]), NOON) == {RoleName.DPO}
        (home,) = standing.directories(session, Viewer(world["reader"]), NOON)
        assert (home.id, home.may) == (world["directory"], frozenset())
        assert standing.directories(session, Viewer(world["stranger"]), NOON) == []


def test_no_role_opens_a_card(sessions: Sessions, world: dict[str, int]) -> None:
    with sessions.write() as session:
        make.contact(session, session.get_one(Directory, world["directory"]))
    with sessions.read() as session:
        for name in ("owner", "dpo", "admin", "lead"):
            clause: ColumnElement[bool] = visible(Viewer(world[name]), Channel.PORTAL, NOON)
            assert list(session.scalars(select(Contact.id).where(clause))) == []


def test_standing_in_one_says_nothing_of_another(sessions: Sessions, world: dict[str, int]) -> None:
    with sessions.write() as session:
        stranger = session.get_one(User, world["stranger"])
        make.grant(session, make.directory(session), stranger, can="read,manage")
        make.member(session, make.project(session), stranger).is_lead = True
    with sessions.read() as session:
        assert "stranger" not in who(session, world, "knows_directory")
        assert "stranger" not in who(session, world, "knows_project")
