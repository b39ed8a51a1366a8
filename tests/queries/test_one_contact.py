"""One contact for its page: what each viewer may know of it, and nothing around it leaks."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import Sessions
from app.models import Affiliation, Blob, Contact, Directory, User
from app.models.kinds import BasisKind, Profile
from app.policy import Viewer
from app.queries import one_contact
from app.queries.one_contact import InCharge, Sheet, TakesPart
from tests import factories as make
from tests.factories import LONG_AGO, NOON

DAY = timedelta(days=1)


def karel(session: Session) -> tuple[Contact, User]:
    """A contact with tax number and picture, and a user who has nothing yet."""
    home = make.directory(session)
    row = make.contact(session, home)
    session.add(Blob(sha256="ab", mime="image/jpeg", bytes=b"jpeg", created_at=LONG_AGO))
    row.tax_number, row.registration_number, row.photo_sha256 = "CZ1", "77", "ab"
    return row, make.user(session)


def sheet(session: Session, who: User, row: Contact) -> Sheet:
    session.flush()
    found = one_contact.find(session, Viewer(who.id), row.public_id, NOON)
    assert found is not None
    return found


def grant(session: Session, row: Contact, to: User, **terms: object) -> None:
    make.grant(session, session.get_one(Directory, row.directory_id), to, **terms)  # type: ignore[arg-type]


def project(session: Session, row: Contact, who: User) -> str:
    found = make.project(session)
    make.member(session, found, who)
    make.participation(session, found, row).role = "statik"
    return found.slug


def test_what_is_hidden_and_what_is_absent_have_no_sheet(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        viewer = Viewer(eva.id)
        assert one_contact.find(session, viewer, row.public_id, NOON) is None
        assert one_contact.find(session, viewer, "nobody", NOON) is None
        assert one_contact.photo(session, viewer, row.public_id, NOON) == ("", b"")


@pytest.mark.parametrize(
    ("profile", "tax", "picture"),
    [
        (Profile.MINIMAL, "", False),
        (Profile.STANDARD, "", True),
        (Profile.FULL, "CZ1", True),
        (Profile.BY_CHANNEL, "CZ1", True),
    ],
)
def test_numbers_and_the_picture_follow_the_profile(
    sessions: Sessions, profile: Profile, tax: str, picture: bool
) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        grant(session, row, eva, fields=profile)
        found = sheet(session, eva, row)
        _, data = one_contact.photo(session, Viewer(eva.id), row.public_id, NOON)
    assert (found.tax_number, bool(found.registration_number)) == (tax, bool(tax))
    assert (found.has_photo, data) == (picture, b"jpeg" if picture else b"")


def test_who_sees_it_through_a_project_learns_nothing_of_the_directory(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        make.assignment(session, row, make.user(session))
        slug = project(session, row, eva)
        project(session, row, make.user(session))
        found = sheet(session, eva, row)
    assert (found.home, found.in_charge) == (None, ())
    assert found.projects == (TakesPart(slug, "Most", "statik", None, steers=False),)
    assert found.use.purpose == "Orders"


def test_colleagues_in_charge_are_named_until_their_time_is_over(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        grant(session, row, eva)
        make.assignment(session, row, eva, end=NOON + DAY)
        make.assignment(session, row, make.user(session, "Jan"), NOON + DAY)
        make.assignment(session, row, make.user(session, "Bývalý"), end=NOON)
        found = sheet(session, eva, row)
    assert found.in_charge[0] == InCharge(eva.id, eva.name, eva.email, LONG_AGO, NOON + DAY)
    assert [(one.name, one.since, one.until) for one in found.in_charge[1:]] == [
        ("Jan", NOON + DAY, None)
    ]


def test_a_use_rests_on_the_bases_that_hold_now(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        grant(session, row, eva)
        home = sheet(session, eva, row).home
        assert home is not None
        where = session.get_one(Directory, home.id)
        make.basis(session, row, where, end=NOON + DAY)
        make.basis(session, row, where, end=NOON + DAY).kind = BasisKind.CONTRACT
        make.basis(session, row, where, end=NOON).kind = BasisKind.CONSENT
        use = sheet(session, eva, row).use
    assert use.is_natural
    assert [(basis.kind, basis.until) for basis in use.bases] == [
        ("legitimate-interest", None),
        ("contract", NOON + DAY),
    ]


def test_ties_go_both_ways_and_name_nobody_who_is_hidden(sessions: Sessions) -> None:
    with sessions.write() as session:
        row, eva = karel(session)
        grant(session, row, eva)
        elsewhere = make.directory(session)
        firm = make.contact(session, elsewhere, "Most", kind=ContactKind.ORGANISATION)
        tie = Affiliation(person_id=row.id, organisation_id=firm.id, valid_from=LONG_AGO)
        session.add(tie)
        assert sheet(session, eva, row).ties == ()
        make.grant(session, elsewhere, eva)
        assert [one.card.public_id for one in sheet(session, eva, row).ties] == [firm.public_id]
        assert [one.card.public_id for one in sheet(session, eva, firm).ties] == [row.public_id]
        tie.valid_until = NOON
        assert sheet(session, eva, row).ties == ()
