"""What the doors read: only what is visible, cut to the profile, found only by what it shows."""

import pytest

from app.db import Sessions
from app.models import Address, Blob, Contact, ContactPoint
from app.models.kinds import PointKind, Profile
from app.policy import Channel, Viewer
from app.queries import contacts
from app.queries.filters import Asked
from tests import factories as make
from tests.factories import NOON


def world(sessions: Sessions, fields: Profile = Profile.BY_CHANNEL) -> tuple[Viewer, list[str]]:
    """Eva may see three contacts; a fourth lies in a directory that she may not see."""
    with sessions.write() as session:
        eva = make.user(session)
        home, elsewhere = make.directory(session), make.directory(session)
        make.grant(session, home, eva, can="read,sync,export", fields=fields)
        names = ("Karel Novotný", "Šárka Alešová", "Ondřej Žák")
        made = [make.contact(session, home, name) for name in names]
        hidden = make.contact(session, elsewhere, "Bohumil Bzenec")
        first = session.get_one(Contact, made[0].id)
        first.search = "karel novotny +420777123456"
        first.mail_search = "karel@drevo.example"
        first.note, first.tax_number, first.categories = "secret", "CZ1", "a\nb"
        first.photo_sha256 = "p"
        session.add_all(
            [
                ContactPoint(
                    contact_id=first.id, kind=PointKind.EMAIL, value="karel@drevo.example"
                ),
                Address(contact_id=first.id, street="Dlouhá 1"),
                Blob(sha256="p", mime="image/jpeg", bytes=b"jpeg", created_at=NOON),
            ]
        )
        return Viewer(eva.id), [row.public_id for row in (*made, hidden)]


def found(sessions: Sessions, viewer: Viewer, search: str, channel: Channel) -> list[str]:
    with sessions.read() as session:
        listed = contacts.listing(session, viewer, channel, NOON, search)
        counted = contacts.page(session, viewer, channel, NOON, Asked(search)).total
        everything = contacts.everything(session, viewer, channel, NOON, search)
    assert counted == len(listed) == len(everything)
    return [card.full_name for card in listed]


@pytest.mark.parametrize("search", ["karel", "NOVOTNÝ", "karel novotny", "777 123", "drevo.exam"])
def test_a_search_finds_by_names_digits_and_mail(sessions: Sessions, search: str) -> None:
    viewer, _ = world(sessions)

    assert found(sessions, viewer, search, Channel.PORTAL) == ["Karel Novotný"]


def test_a_search_does_not_find_by_what_the_profile_hides(sessions: Sessions) -> None:
    viewer, _ = world(sessions, Profile.CALLER)

    assert found(sessions, viewer, "karel", Channel.PORTAL) == ["Karel Novotný"]
    assert found(sessions, viewer, "drevo.exam", Channel.PORTAL) == []


def test_a_search_for_the_hidden_is_a_search_for_the_absent(sessions: Sessions) -> None:
    viewer, _ = world(sessions)
    for search in ("bzenec", "nobody", "%", "_", "\\"):
        assert found(sessions, viewer, search, Channel.PORTAL) == []


def test_the_order_is_that_of_the_sort_key_and_pages_follow_each_other(sessions: Sessions) -> None:
    viewer, public_ids = world(sessions)
    with sessions.read() as session:
        first = contacts.listing(session, viewer, Channel.PORTAL, NOON, limit=2)
        second = contacts.listing(
            session, viewer, Channel.PORTAL, NOON, after=first[-1].public_id, limit=2
        )
        after_hidden = contacts.listing(
            session, viewer, Channel.PORTAL, NOON, after=public_ids[3], limit=2
        )

    names = [card.full_name for card in (*first, *second)]
    assert names == ["Šárka Alešová", "Karel Novotný", "Ondřej Žák"]
    assert after_hidden == first


def test_a_hidden_contact_is_found_no_more_than_an_absent_one(sessions: Sessions) -> None:
    viewer, public_ids = world(sessions)
    with sessions.read() as session:
        for public_id in (public_ids[3], "absent"):
            assert contacts.find(session, viewer, Channel.PORTAL, public_id, NOON) is None
        assert contacts.several(session, viewer, Channel.PORTAL, public_ids, NOON).keys() == set(
            public_ids[:3]
        )


def test_a_card_is_cut_to_its_profile(sessions: Sessions) -> None:
    viewer, public_ids = world(sessions)
    with sessions.read() as session:
        full, phone, exported = (
            contacts.find(session, viewer, channel, public_ids[0], NOON)
            for channel in (Channel.PORTAL, Channel.CARDDAV, Channel.EXPORT)
        )

    assert full is not None
    assert (full.note, full.emails[0].value) == ("secret", "karel@drevo.example")
    assert (full.addresses[0].street, full.categories) == ("Dlouhá 1", ("a", "b"))
    assert phone is not None
    assert (phone.note, phone.emails, phone.addresses, phone.categories) == ("", (), (), ())
    assert phone.phones[0].value == "+420777123456"
    assert exported is not None
    assert exported.note == "secret"


@pytest.mark.parametrize("fields", [Profile.STANDARD, Profile.CALLER])
def test_a_photo_leaves_only_when_asked_for_and_with_its_profile(
    sessions: Sessions, fields: Profile
) -> None:
    viewer, public_ids = world(sessions, fields)
    with sessions.read() as session:
        plain, pictured = (
            contacts.several(session, viewer, Channel.CARDDAV, public_ids, NOON, photos=photos)
            for photos in (False, True)
        )

    assert plain[public_ids[0]].photo is None
    assert (pictured[public_ids[0]].photo is not None) == (fields is Profile.STANDARD)
    assert pictured[public_ids[1]].photo is None


def test_the_operator_sees_all_that_is_not_erased_or_merged(sessions: Sessions) -> None:
    _, public_ids = world(sessions)
    with sessions.write() as session:
        rows = [contacts.contact_id(session, public_id) for public_id in public_ids]
        session.get_one(Contact, rows[0]).erased_at = NOON
        session.get_one(Contact, rows[1]).merged_at = NOON
        assert contacts.contact_id(session, "absent") is None
    with sessions.read() as session:
        names = {card.full_name for card in contacts.for_operator(session, NOON)}
        searched = [card.full_name for card in contacts.for_operator(session, NOON, "bzenec")]

    assert names == {"Ondřej Žák", "Bohumil Bzenec"}
    assert searched == ["Bohumil Bzenec"]


def test_what_could_ever_have_been_seen_is_named_whole(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        ended, shared, foreign = (make.directory(session) for _ in range(3))
        make.grant(session, ended, make.team(session, eva), end=make.LONG_AGO)
        seen = make.contact(session, ended)
        project = make.project(session, end=make.LONG_AGO)
        make.member(session, project, eva)
        joined = make.contact(session, shared)
        make.participation(session, project, joined)
        make.contact(session, foreign)
        names = contacts.ever_granted(session, Viewer(eva.id))

    assert sorted(names) == sorted([seen.public_id, joined.public_id])
