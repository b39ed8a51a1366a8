"""Each case of the table is asked twice, in a SELECT and through `explain`."""

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.policy import GRANTS, VETOES, Explanation, explain
from tests.factories import NOON
from tests.policy.cases import CASES, EVA, GRANTED, NOTHING_OPENS, PORTAL, Case
from tests.policy.planting import Planter, answers, plant


def deciders(why: Explanation) -> set[str]:
    """The clauses that decide: all vetoes that hold against a grant, or all grants that hold."""
    grants = {r.name for r in why.rulings if r.holds and r.kind == "grant"}
    vetoes = {r.name for r in why.rulings if r.holds and r.kind == "veto"}
    return (vetoes or grants) if grants else {NOTHING_OPENS}


def ask(session: Session, cases: tuple[Case, ...]) -> dict[str, tuple[bool, bool, set[str]]]:
    """For each case the verdict of a SELECT, that of `explain`, and the deciding clauses."""
    planter = Planter(session)
    stages = [(case, planter.plant(case.asker, [case.subject])) for case in cases]
    planter.write()
    found = {}
    for case, stage in stages:
        contact = next(iter(stage.worlds))
        selected = answers(session, stage, case.channel, case.at)[contact][0]
        why = explain(session, stage.viewer, contact, case.channel, case.at)
        found[case.name] = (selected, why.is_visible, deciders(why))
    return found


def test_every_case_is_decided_as_the_table_says(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        found = ask(session, CASES)
    expected = {c.name: (c.is_visible, c.is_visible, {c.decided_by}) for c in CASES}
    assert found == expected


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
