import pytest
from sqlalchemy import select

from app.cards.card import ContactKind
from app.db import FOREVER, Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import Directory, LegalBasis
from app.models.kinds import BasisKind, SyncPolicy
from app.services import bases, presets
from app.services.audit import OPERATOR
from tests.services.scene import DAY, NOON, acts, home, karel

PERSON, FIRM = ContactKind.PERSON, ContactKind.ORGANISATION


def _directory(preset: str, basis: str = "", fallback: str | None = None) -> Directory:
    ready = presets.preset(preset)
    kept = ready.fallback.value if ready.fallback else ""
    return Directory(
        preset=preset,
        basis=BasisKind(basis) if basis else ready.basis,
        basis_text="own",
        fallback_basis=kept if fallback is None else fallback,
        fallback_text="other",
        sync_policy=SyncPolicy.ANY,
    )


@pytest.mark.parametrize("preset", list(presets.PRESETS))
def test_a_firm_needs_no_basis(preset: str) -> None:
    found = bases.ground(_directory(preset), FIRM, "Firma", is_sole_trader=False)
    assert found == bases.Ground(None)


@pytest.mark.parametrize(
    ("preset", "organisation", "is_sole_trader", "kind", "text"),
    [
        ("customers-firms", "", False, "contract", "own"),
        ("customers-firms", "Firma", False, "legitimate-interest", "other"),
        ("customers-firms", "Firma", True, "contract", "own"),
        ("suppliers", "Firma", False, "legitimate-interest", "other"),
        ("prospects", "", False, "pre-contract", "own"),
        ("prospects", "Firma", False, "legitimate-interest", "other"),
        ("customers-people", "Firma", False, "contract", "own"),
        ("employees", "Firma", False, "contract", "own"),
        ("members", "Firma", False, "contract", "own"),
    ],
)
def test_which_basis_serves_a_person(
    preset: str, organisation: str, is_sole_trader: bool, kind: str, text: str
) -> None:
    found = bases.ground(_directory(preset), PERSON, organisation, is_sole_trader=is_sole_trader)
    assert (found.kind, found.text) == (kind, text)
    assert bool(found.note) == (text == "other")


def test_a_basis_of_our_own_serves_a_firms_contact_person_too() -> None:
    of = _directory("suppliers", "legitimate-interest")
    found = bases.ground(of, PERSON, "Firma", is_sole_trader=False)
    assert found == bases.Ground(BasisKind.LEGITIMATE_INTEREST, "own")


def test_who_is_hidden_and_why() -> None:
    found = bases.ground(_directory("newsletter"), PERSON, "", is_sole_trader=False)
    assert found.kind is None
    assert "consent" in found.note
    of = _directory("suppliers", fallback="")
    found = bases.ground(of, PERSON, "Firma", is_sole_trader=False)
    assert found.kind is None
    assert "names no other basis" in found.note
    assert bases.ground(of, PERSON, "", is_sole_trader=False).kind is BasisKind.CONTRACT
    sole_trader = bases.ground(_directory("newsletter"), FIRM, "F", is_sole_trader=True)
    assert "consent" in sole_trader.note


def test_a_basis_is_added_and_ended(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        contact = karel(session, of)
        bases.end(session, OPERATOR, contact.id, NOON)
        row = bases.add(
            session, OPERATOR, contact.id, NOON, kind="legal-obligation", valid_until=NOON + DAY
        )
        own = bases.add(session, OPERATOR, contact.id, NOON)
        again = bases.add(session, OPERATOR, contact.id, NOON + DAY)
        assert (row.kind, row.valid_until) == (BasisKind.LEGAL_OBLIGATION, NOON + DAY)
        assert (own.id, own.kind, own.valid_until) == (again.id, BasisKind.CONTRACT, FOREVER)
        assert own.text == of.basis_text
        assert bases.end(session, OPERATOR, contact.id, NOON, kind="consent") == 0
        assert bases.end(session, OPERATOR, contact.id, NOON, kind="contract") == 1
        assert bases.end(session, OPERATOR, contact.id, NOON) == 1
        assert bases.end(session, OPERATOR, contact.id, NOON) == 0
        assert acts(session, "basis.add") == 3
        assert acts(session, "basis.end") == 5


def test_a_person_gets_the_basis_that_serves_him_unless_one_is_named(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        of = home(session)
        contact = karel(session, of, organisation="Firma")
        row = session.scalars(select(LegalBasis)).one()
        assert row.kind is BasisKind.LEGITIMATE_INTEREST
        bases.end(session, OPERATOR, contact.id, NOON)
        again = bases.add(session, OPERATOR, contact.id, NOON + DAY)
        assert (again.kind, again.text) == (BasisKind.LEGITIMATE_INTEREST, of.fallback_text)
        named = bases.add(session, OPERATOR, contact.id, NOON, kind="legal-obligation")
        assert (named.kind, named.text) == (BasisKind.LEGAL_OBLIGATION, "")


def test_why_a_basis_is_not_added(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        contact = karel(session, of)
        firm = karel(session, of, kind=ContactKind.ORGANISATION, organisation="F")
        with pytest.raises(Refused, match="needs no basis"):
            bases.add(session, OPERATOR, firm.id, NOON)
        with pytest.raises(Invalid, match="kind"):
            bases.add(session, OPERATOR, contact.id, NOON, kind="mood")
        with pytest.raises(Invalid, match="until"):
            bases.add(session, OPERATOR, contact.id, NOON, valid_until=NOON)
        contact.erased_at = NOON
        for missing in (contact.id, 99):
            with pytest.raises(NotFound):
                bases.add(session, OPERATOR, missing, NOON)
            with pytest.raises(NotFound):
                bases.end(session, OPERATOR, missing, NOON)
