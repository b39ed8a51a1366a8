"""Chosen contacts: what an act would touch and what it leaves out is what is true now."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.models import Favourite
from app.policy import Viewer
from app.queries import selections
from app.queries.filters import Asked
from app.queries.selections import Act, Choice, OpenProject, Outlook
from tests import factories as make
from tests.factories import LONG_AGO, NOON

DAY = timedelta(days=1)


class Scene:
    """Olga manages a directory of three and looks up one of another; a fourth she never sees."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.olga, self.eva = make.user(session, "Olga"), make.user(session)
        home, received, foreign = (make.directory(session) for _ in range(3))
        make.grant(session, home, self.olga, can="read,manage")
        make.grant(session, received, self.olga, can="read")
        self.mine = [make.contact(session, home, name) for name in ("A A", "B B", "C C")]
        self.received = make.contact(session, received, "D D")
        self.hidden = make.contact(session, foreign, "E E")

    @property
    def everybody(self) -> Choice:
        ids = [*self.mine, self.received, self.hidden]
        return Choice(Asked(), tuple(one.public_id for one in ids))

    def ask(self, act: Act, choice: Choice | None = None) -> Outlook:
        asked = (choice or self.everybody, act, NOON)
        return selections.outlook(self.session, Viewer(self.olga.id), *asked)

    def charge(self, since: timedelta = DAY, until: timedelta = 2 * DAY) -> Outlook:
        return self.ask(selections.charge(self.eva.id, (NOON + since, NOON + until)))


def names(found: Outlook) -> list[str]:
    return [one.sort_key for one in found.touched]


@pytest.mark.parametrize("choice", [None, Choice(Asked(), is_all=True)], ids=["ticked", "all"])
def test_what_is_not_his_is_left_out_and_what_is_hidden_is_not_counted(
    sessions: Sessions, choice: Choice | None
) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        for act in (selections.charge(), selections.into(None, NOON)):
            found = scene.ask(act, choice)
            assert (found.chosen, found.not_yours, found.already) == (4, 1, 0)
            assert names(found) == ["A A", "B B", "C C"]
        assert len(scene.ask(selections.favourites(Viewer(scene.olga.id)), choice).touched) == 4


def test_the_question_of_the_list_is_asked_again(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        found = scene.ask(selections.charge(), Choice(Asked("b b"), is_all=True))
    assert (found.chosen, names(found)) == (1, ["B B"])


def test_in_charge_all_that_time_is_in_charge_already(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        one, two, three = scene.mine
        make.assignment(session, one, scene.eva, LONG_AGO, NOON + 2 * DAY)
        make.assignment(session, two, scene.eva, LONG_AGO, NOON + DAY)
        make.assignment(session, three, scene.olga)
        make.assignment(session, scene.received, scene.eva)
        found = scene.charge()
        assert (names(found), found.already, found.not_yours) == (["B B", "C C"], 1, 1)
        assert scene.charge(until=DAY).already == 2
        assert scene.ask(selections.charge(scene.eva.id, (NOON, FOREVER))).already == 0


def test_taking_part_to_the_end_is_taking_part_already(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        row = make.project(session, end=NOON + 2 * DAY)
        one, two, three = scene.mine
        make.participation(session, row, one, LONG_AGO, NOON + 2 * DAY)
        make.participation(session, row, two, LONG_AGO, NOON + DAY)
        make.participation(session, row, three, NOON + DAY)
        project = OpenProject(row.id, row.slug, row.name, row.ends_at)
        found = scene.ask(selections.into(project, NOON))
        assert (names(found), found.already) == (["B B", "C C"], 1)


def test_a_favourite_of_his_own_is_one_already(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        for user, contact in ((scene.olga, scene.mine[0]), (scene.eva, scene.mine[1])):
            session.add(Favourite(user_id=user.id, contact_id=contact.id, kept_at=NOON))
        found = scene.ask(selections.favourites(Viewer(scene.olga.id)))
        assert (len(found.touched), found.already) == (3, 1)


def test_too_many_are_touched_in_nothing(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        for limit, is_too_many in ((3, True), (4, False)):
            monkeypatch.setattr(selections, "LIMIT", limit)
            for choice in (scene.everybody, Choice(Asked(), is_all=True)):
                found = scene.ask(selections.charge(), choice)
                assert found.is_too_many is is_too_many
                assert bool(found.touched) is not is_too_many


def test_chunks_leave_nobody_out(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "_CHUNK", 2)
    with sessions.write() as session:
        found = Scene(session).ask(selections.charge())
    assert (found.chosen, len(found.touched), found.not_yours) == (4, 3, 1)


def test_counts_tell_other_contacts_of_the_same_number_apart(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        first, again, other = (
            scene.ask(selections.charge(), Choice(Asked(), (contact.public_id,))).counts
            for contact in (scene.mine[0], scene.mine[0], scene.mine[1])
        )
        assert first.startswith("1.1.")
        assert first == again
        assert first != other


def test_only_open_projects_that_he_knows_are_offered(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = Scene(session)
        over, foreign, known, later = (
            make.project(session, end=NOON),
            make.project(session),
            make.project(session),
            make.project(session, start=NOON + DAY),
        )
        for row in (over, known, later):
            make.member(session, row, scene.olga)
        offered = selections.open_projects(session, Viewer(scene.olga.id), NOON)
        assert {one.slug for one in offered} == {known.slug, later.slug}
        assert foreign.slug not in {one.slug for one in offered}
