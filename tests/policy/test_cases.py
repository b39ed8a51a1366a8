"""Each case of the table is asked twice, in a SELECT and through `explain`."""

from datetime import datetime

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Assignment, Contact, Grant
from app.policy import GRANTS, VETOES, Channel, Explanation, explain, visible
from tests.factories import NOON
from tests.policy.cases import CASES, EVA, GRANTED, NOTHING_OPENS, PORTAL, Case, assigned
from tests.policy.planting import Planter, Stage, answers, plant
from tests.policy.worlds import Asker, AssignmentFact


def deciders(why: Explanation) -> set[str]:
    """The clauses that decide: all vetoes that hold against a grant, or all grants that hold."""
    grants = {r.name for r in why.rulings if r.holds and r.kind == "grant"}
    vetoes = {r.name for r in why.rulings if r.holds and r.kind == "veto"}
    return (vetoes or grants) if grants else {NOTHING_OPENS}


def plant_cases(session: Session) -> list[tuple[Stage, list[Case]]]:
    """Cases that differ in the contact alone stand on one stage, in the order of its worlds."""
    together: dict[tuple[Asker, Channel, datetime], list[Case]] = {}
    for case in CASES:
        together.setdefault((case.asker, case.channel, case.at), []).append(case)
    planter = Planter(session)
    stages = [
        (planter.plant(asker, [case.subject for case in cases]), cases)
        for (asker, _, _), cases in together.items()
    ]
    planter.write()
    return stages


def test_a_select_decides_every_case_as_the_table_says(sessions: Sessions) -> None:
    found = {}
    with Session(sessions.engine) as session:
        for stage, cases in plant_cases(session):
            seen = answers(session, stage, cases[0].channel, cases[0].at)
            for contact, case in zip(stage.worlds, cases, strict=True):
                found[case.name] = seen[contact][0]
    assert found == {case.name: case.is_visible for case in CASES}


def test_an_explanation_names_what_decides_every_case(sessions: Sessions) -> None:
    found = {}
    with Session(sessions.engine) as session:
        for stage, cases in plant_cases(session):
            for contact, case in zip(stage.worlds, cases, strict=True):
                why = explain(session, stage.viewer, contact, case.channel, case.at)
                found[case.name] = (why.is_visible, deciders(why))
    assert found == {case.name: (case.is_visible, {case.decided_by}) for case in CASES}


@pytest.mark.parametrize("beside", [Grant, Assignment])
def test_who_reads_grants_or_charges_beside_contacts_gets_the_same_answers(
    sqlite: Sessions, beside: type[Grant | Assignment]
) -> None:
    his, of_another = assigned(AssignmentFact()), assigned(AssignmentFact(to_viewer=False))
    with Session(sqlite.engine) as session:
        stage = plant(session, EVA, [his, of_another])
        sees = visible(stage.viewer, PORTAL, NOON)
        query = select(Contact.id, sees).join(beside, true()).where(Contact.id.in_(stage.worlds))
        found = {(row[0], row[1]) for row in session.execute(query)}
    assert found == set(zip(stage.worlds, (True, False), strict=True))


def test_no_case_stands_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("clause", [clause.__name__ for clause in (*GRANTS, *VETOES)])
def test_every_clause_decides_a_case(clause: str) -> None:
    assert clause in {case.decided_by for case in CASES}


def test_the_explanation_names_every_clause_with_its_kind(sqlite: Sessions) -> None:
    with Session(sqlite.engine) as session:
        stage = plant(session, EVA, [GRANTED])
        why = explain(session, stage.viewer, next(iter(stage.worlds)), PORTAL, NOON)
    named = [(ruling.name, ruling.kind) for ruling in why.rulings]
    assert named == [
        *((clause.__name__, "grant") for clause in GRANTS),
        *((clause.__name__, "veto") for clause in VETOES),
    ]


def test_a_contact_that_is_not_there_is_hidden_and_no_clause_holds(sqlite: Sessions) -> None:
    with Session(sqlite.engine) as session:
        stage = plant(session, EVA, [GRANTED])
        why = explain(session, stage.viewer, 999_999, PORTAL, NOON)
    assert not why.is_visible
    assert not any(ruling.holds for ruling in why.rulings)
