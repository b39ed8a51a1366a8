from sqlalchemy import event

from app import keys
from app.db import Sessions
from app.models.kinds import Scope
from app.queries import entitlements, people
from app.services import devices
from app.services.audit import OPERATOR
from tests import factories as make
from tests.factories import LONG_AGO
from tests.services.scene import DAY, NOON


def test_people_stand_in_the_czech_order_of_their_surnames(sessions: Sessions) -> None:
    names = ("Jan Chalupa, Ph.D.", "Eva Cibulková", "Petr Hus", "Adam Ihned", "Žofie Šťastná")
    with sessions.write() as session:
        for name in reversed(names):
            make.user(session, name)
        found = [one.name for one in people.everybody(session, NOON)]
    assert found == [names[1], names[2], names[0], names[3], names[4]]


def test_the_phones_of_a_colleague_are_those_whose_password_lives(sessions: Sessions) -> None:
    ring = keys.generate()
    with sessions.write() as session:
        eva, jan = make.user(session), make.user(session, "Jan")
        ids = [devices.enrol(session, OPERATOR, eva.id, "P", ring, NOON)[0].id for _ in range(3)]
        devices.stop(session, OPERATOR, ids[0], NOON)
        devices.give_up(session, OPERATOR, ids[1], NOON)
        team = make.team(session, eva)
        found = {one.id: one for one in people.everybody(session, NOON)}
        assert (found[eva.id].phones, found[jan.id].phones) == (1, 0)
        assert found[eva.id].teams == (team.name,)
        assert people.colleague(session, 0, NOON) is None
        assert people.colleague(session, jan.id, NOON) == found[jan.id]


def test_the_number_of_statements_does_not_grow_with_people(sqlite: Sessions) -> None:
    seen: list[str] = []
    with sqlite.write() as session:
        for number in range(12):
            make.team(session, make.user(session, f"Jan {number}"))
    event.listen(sqlite.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with sqlite.read() as session:
        people.everybody(session, NOON)
    assert len([text for text in seen if text.startswith("SELECT")]) == 5


def test_who_leads_a_project_alone(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, jan, past = (make.user(session, name) for name in ("Eva", "Jan", "Petr"))
        alone, shared, merely = (make.project(session, end=NOON + DAY) for _ in range(3))
        for project in (alone, shared):
            make.member(session, project, eva).is_lead = True
        make.member(session, merely, eva)
        make.member(session, alone, jan)
        make.member(session, alone, past, end=NOON).is_lead = True
        make.member(session, shared, jan).is_lead = True
        found = entitlements.of_user(session, eva.id, NOON)
        assert {one.slug: one.leads_alone for one in found.projects} == {
            alone.slug: True,
            shared.slug: False,
            merely.slug: False,
        }


def test_what_a_colleague_may_open(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, jan = make.user(session), make.user(session, "Jan")
        home, team = make.directory(session), make.team(session, eva)
        make.grant(session, home, eva, can="read,edit", scope=Scope.ASSIGNED, end=NOON + DAY)
        make.grant(session, home, team, can="sync")
        make.grant(session, home, eva, end=NOON)
        make.grant(session, home, jan)
        open_, over = make.project(session, end=NOON + DAY), make.project(session, end=NOON)
        for project in (open_, over):
            make.member(session, project, eva)
        karel, erased = make.contact(session, home), make.contact(session, home)
        for contact in (karel, erased):
            make.assignment(session, contact, eva)
        erased.erased_at = LONG_AGO
        found = entitlements.of_user(session, eva.id, NOON)
        own, through = found.directories
        assert (own.rights, own.is_assigned_only, own.until) == (
            *(("read", "edit"), True),
            NOON + DAY,
        )
        assert (through.rights, through.via, through.until) == (("sync",), team.name, None)
        assert [one.slug for one in found.teams] == [team.slug]
        assert [(one.slug, one.until) for one in found.projects] == [(open_.slug, NOON + DAY)]
        assert found.in_charge_of == 1
        assert entitlements.of_team(session, team.id, NOON) == [through]
