import pytest

from app.cards.card import ContactKind
from app.db import Sessions
from app.errors import NotFound
from app.models.kinds import Profile
from app.policy import Channel, Viewer
from app.policy.fields import CALLER
from app.queries import explanations
from tests import factories
from tests.factories import NOON


def test_the_verdict_comes_with_every_clause_and_the_fields(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva, jan = (
            factories.directory(session),
            factories.user(session),
            factories.user(session),
        )
        karel = factories.contact(session, of)
        factories.grant(session, of, eva)
        seen = explanations.why(session, Viewer(eva.id), karel.public_id, Channel.CARDDAV, NOON)
        hidden = explanations.why(session, Viewer(jan.id), karel.public_id, Channel.CARDDAV, NOON)
    assert (seen["verdict"], hidden["verdict"]) == ("visible", "hidden")
    assert (seen["fields"], hidden["fields"]) == (sorted(CALLER), [])
    opens, stays_shut = seen["clauses"][0], hidden["clauses"][0]
    assert (opens["name"], opens["kind"], opens["holds"]) == ("directory_grant", "grant", True)
    assert opens["reason"] != stays_shut["reason"]
    assert [c["name"] for c in seen["clauses"]] == [c["name"] for c in hidden["clauses"]]


def test_a_firm_shows_its_numbers_on_a_phone_and_a_person_does_not(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = factories.directory(session), factories.user(session)
        karel = factories.contact(session, of)
        firm = factories.contact(session, of, kind=ContactKind.ORGANISATION)
        factories.grant(session, of, eva, fields=Profile.FULL)
        person, company = (
            explanations.why(session, Viewer(eva.id), c.public_id, Channel.CARDDAV, NOON)["fields"]
            for c in (karel, firm)
        )
        assert set(company) - set(person) == {"registration_number", "tax_number"}


def test_only_what_never_was_has_no_explanation(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        of, eva = factories.directory(session), factories.user(session)
        karel = factories.contact(session, of)
        karel.erased_at = NOON
        found = explanations.why(session, Viewer(eva.id), karel.public_id, Channel.PORTAL, NOON)
        erased = next(c for c in found["clauses"] if c["name"] == "erased")
        assert erased["holds"]
        with pytest.raises(NotFound):
            explanations.why(session, Viewer(eva.id), "nobody", Channel.PORTAL, NOON)
