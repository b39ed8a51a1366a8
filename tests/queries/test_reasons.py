from app.policy import GRANTS, VETOES
from app.queries.reasons import REASONS


def test_every_clause_of_the_policy_has_its_two_sentences() -> None:
    assert set(REASONS) == {clause.__name__ for clause in (*GRANTS, *VETOES)}


def test_they_are_sentences_for_a_person() -> None:
    for reason in REASONS.values():
        assert reason.holds != reason.fails
        for sentence in (reason.holds, reason.fails):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert "_" not in sentence
