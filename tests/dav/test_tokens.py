"""Tokens are valid for ever; a lost future acknowledges nothing and makes the phone right."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import keys
from app.db import open_database
from app.models import Book, BookRevision, Contact, Grant
from app.services import devices, listings, readers, sync_tokens
from app.services.audit import OPERATOR
from app.services.listings import Fetch
from app.services.sync_tokens import InvalidToken, Token
from dav.application import build
from tests import factories as make
from tests.dav.conftest import World, make_world
from tests.davclient import CARD, DAV, DavX5, Phone


def end_grant(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def erase(world: World, number: int) -> None:
    with world.sessions.write() as session:
        session.get_one(Contact, world.contacts[number].id).erased_at = world.clock.now()


def forget(session: Session) -> None:
    """Let every revision have been made otherwise than the phone knows it."""
    session.execute(update(BookRevision).values(tag="forgotten"))
    session.execute(update(Book).values(tag="forgotten"))


def test_an_old_token_gets_all_that_came_since(world: World) -> None:
    phone = world.phone()
    phone.sync()
    old = phone.token
    for number in (0, 1):
        erase(world, number)
        phone.sync()
    world.clock.tick(days=800)

    again = world.again(phone)
    again.token = old
    assert again.sync() == {world.href(phone, 0), world.href(phone, 1)}


def test_an_older_token_takes_confirmed_back(world: World) -> None:
    """A phone restored from its own backup shows a token older than the last acknowledged."""
    phone = world.phone()
    phone.sync()
    backup = phone.token
    erase(world, 0)
    phone.sync()
    phone.sync()
    assert world.state() == "confirmed"

    restored = world.again(phone)
    restored.token = backup
    restored.sync()
    assert world.state() == "told"

    restored.sync()
    assert world.state() == "confirmed"
    phone.sync()
    assert world.state() == "confirmed"


def test_a_restored_phone_that_loses_answers_stays_one_reader(world: World) -> None:
    phone = world.phone()
    phone.sync()
    backup = phone.token
    erase(world, 0)
    phone.sync()
    phone.sync()
    restored = world.again(phone)
    first, second = restored.report(backup), restored.report(backup)

    assert first.body == second.body


def test_a_token_of_a_lost_future_names_all_that_may_be_there(world: World) -> None:
    with world.sessions.write() as session:
        elsewhere = make.contact(session, world.directory, "Nikdy Neviděný", has_basis=False)
    phone = world.phone()
    phone.sync()
    erase(world, 0)
    phone.sync()
    phone.sync()
    with world.sessions.write() as session:
        forget(session)

    answer = phone.report()

    assert answer.status == 207
    gone = phone.take(answer)
    assert gone == {world.href(phone, 0), f"{phone.book}{elsewhere.public_id}.vcf"}
    assert set(answer.members) - gone == {
        world.href(phone, 1),
        world.href(phone, 2),
        f"{phone.book}kustod-help.vcf",
    }


def test_a_lost_future_confirms_nothing(world: World) -> None:
    phone = world.phone()
    phone.sync()
    erase(world, 0)
    phone.sync()
    with world.sessions.write() as session:
        forget(session)
    phone.report()

    assert world.state() == "told"


def test_a_database_put_back_by_a_day_heals(sqlite_url: str, tmp_path: Path) -> None:
    """The file is put back; meanwhile the phone has synced to revisions that no longer exist."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    world = make_world(open_database(sqlite_url))
    phone = world.phone()
    phone.sync()
    phone.sync()
    world.sessions.engine.dispose()
    for tail in ("", "-wal"):
        if path.with_name(path.name + tail).exists():
            shutil.copy(path.with_name(path.name + tail), tmp_path / f"backup{tail}")
    with world.sessions.write() as session:
        late = make.contact(session, world.directory, "Jen Vbudoucnu")
    phone.sync()
    erase(world, 1)
    phone.sync()
    world.sessions.engine.dispose()
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
        if (tmp_path / f"backup{tail}").exists():
            shutil.copy(tmp_path / f"backup{tail}", path.with_name(path.name + tail))
    sessions = open_database(sqlite_url)
    world.sessions = sessions
    phone.app = build(sessions, world.ring, world.clock.now)
    for number in (2, 0):
        erase(world, number)
        with world.sessions.write() as session:
            make.contact(session, world.directory, f"Nový {number}")

    phone.sync()
    assert world.state(0) == world.state(2) == "told"
    phone.sync()
    held = {href.rsplit("/", 1)[1] for href in phone.cards}
    # A card whose very contact the restored database has forgotten cannot be named by it.
    assert f"{late.public_id}.vcf" in held
    assert phone.names() - {"Jen Vbudoucnu"} == {"Šárka Chalupová", "Nový 0", "Nový 2"}
    sessions.engine.dispose()


def test_a_token_whose_reader_was_forgotten_is_a_reader_again(world: World) -> None:
    phone = world.phone()
    phone.sync()
    token = sync_tokens.read(world.ring, phone.token)
    foreign = sync_tokens.spell(
        world.ring,
        Token(token.epoch, token.book_id, 999_999, token.base, token.seq, token.tag),
    )
    erase(world, 0)

    phone.token = foreign
    assert phone.sync() == {world.href(phone, 0)}
    # The reader that the database still knows has never confirmed: only one of two has.
    phone.sync()
    assert world.state() == "due"


@pytest.mark.parametrize("kind", [Phone, DavX5])
def test_propfind_shows_the_receipt_only_when_it_was_brought(
    world: World, kind: type[Phone]
) -> None:
    phone = world.phone(kind)
    assert ":P:" in phone.shown_token()
    phone.sync()
    assert ":P:" in phone.shown_token()
    phone.sync()
    assert phone.shown_token() == phone.token
    erase(world, 0)
    assert ":P:" in phone.shown_token()
    phone.sync()
    phone.sync()
    assert phone.shown_token() == phone.token


def test_showing_p_acknowledges_its_base_and_no_more(world: World) -> None:
    phone = world.phone()
    phone.sync()
    phone.sync()
    erase(world, 0)
    pending = phone.shown_token()

    phone.token = pending
    assert phone.sync() == {world.href(phone, 0)}
    assert world.state() == "told"


def test_ctag_moves_with_every_change_and_stands_still_without(world: World) -> None:
    """Evolution 3.46 never sends sync-collection: it compares the ctag, then lists."""
    phone = world.phone()
    phone.user_agent = "Evolution/3.46.4"

    def ctag() -> str:
        return (
            phone.propfind("CS:getctag").xml.findtext(".//{http://calendarserver.org/ns/}getctag")
            or ""
        )

    def listing() -> set[str]:
        return set(phone.propfind("D:getetag", depth="1").members) - {phone.book}

    phone.multiget(listing())
    before = ctag()
    assert ctag() == before
    erase(world, 0)
    assert ctag() != before
    assert world.state() == "due"
    assert world.href(phone, 0) not in listing()
    assert world.state() == "listed"
    listing()
    assert ctag() == ctag()


def test_an_initial_sync_never_lists_what_was_removed(world: World) -> None:
    phone = world.phone()
    phone.sync()
    erase(world, 0)
    phone.sync()
    other = world.again(phone)

    assert other.sync() == set()
    assert world.href(phone, 0) not in other.cards


def test_removed_and_back_between_two_syncs_is_changed_only(world: World) -> None:
    phone, other = world.phone(), world.phone()
    phone.sync()
    with world.sessions.write() as session:
        row = make.restriction(
            session, world.contacts[0], world.clock.now(), world.clock.now().replace(minute=1)
        )
        assert row.id
    phone.propfind("D:sync-token")
    world.clock.tick(minutes=1)

    answer = phone.report()
    assert set(answer.members) == {world.href(phone, 0)}
    assert answer.members[world.href(phone, 0)].find(f"{DAV}status") is None
    assert other.sync() == set()


def test_families_of_programs() -> None:
    known = {
        "DAVx5/4.4.5 (2026/08/01; okhttp) Android/15": "davx",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.3": "thunderbird",
        "iOS/18.1 (22B83) dataaccessd/1.0": "ios",
        "macOS/15.1 (24B83) AddressBookCore/2695": "macos",
        "Evolution/3.46.4": "evolution",
        "vdirsyncer/0.21.0": "vdirsyncer",
        "": "",
        "\x00\x01": "",
    }

    assert {agent: readers.family_of(agent) for agent in known} == known


def test_tokens_survive_new_keys_and_refuse_foreign_ones() -> None:
    ring, other = keys.generate(), keys.generate()
    token = Token("epoch", 1, 2, 3, 3, "tag")
    text = sync_tokens.spell(ring, token)
    name = keys.KeyName.SYNC_TOKEN
    grown = keys.KeyRing({**ring.keys, name: (*ring.keys[name], *other.keys[name])})

    assert sync_tokens.read(grown, text, 1) == token
    with pytest.raises(InvalidToken):
        sync_tokens.read(other, text, 1)
    with pytest.raises(InvalidToken):
        sync_tokens.read(ring, text, 2)


def test_a_fetch_of_a_program_that_never_listed_makes_no_reader(world: World) -> None:
    phone = world.phone()
    phone.sync()
    with world.sessions.write() as session:
        for family in ("nobody", readers.family_of(phone.user_agent)):
            listings.note_fetch(session, 1, family, Fetch(1, has_sentinel=True), world.clock.now())

    end_grant(world)
    phone.sync()
    phone.sync()
    assert world.state() == "confirmed"


def set_up(phone: Phone) -> None:
    """Thunderbird's first requests: list, fetch all, take the token that PROPFIND shows."""
    phone.user_agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Thunderbird/153.0"
    listed = phone.propfind("D:getetag", depth="1")
    fetched = phone.multiget(href for href in listed.members if href != phone.book)
    phone.cards = {
        href: member.findtext(f".//{CARD}address-data") or ""
        for href, member in fetched.members.items()
    }
    phone.token = phone.shown_token()


def test_a_token_taken_after_a_quiet_listing_is_answered(world: World) -> None:
    phone = world.phone()
    set_up(phone)
    for _ in range(3):
        assert phone.sync() == set()
    end_grant(world)
    phone.sync()
    assert world.state() == "told"
    phone.sync()
    assert world.state() == "confirmed"


@pytest.mark.parametrize("first_syncs", [False, True])
def test_a_second_thunderbird_never_confirms_for_the_first(
    world: World, *, first_syncs: bool
) -> None:
    phone = world.phone()
    set_up(phone)
    if first_syncs:
        phone.sync()
    end_grant(world)
    other = world.again(phone)
    set_up(other)
    assert world.state() == "due"
    other.sync()
    other.sync()
    assert world.state() == "due"

    assert len(phone.sync()) == 3
    assert world.state() == "told"
    phone.sync()
    assert world.state() == "confirmed"


def test_a_second_thunderbird_that_lists_before_the_end_counts_too(world: World) -> None:
    phone = world.phone()
    set_up(phone)
    other = world.again(phone)
    set_up(other)
    end_grant(world)
    for _ in range(2):
        phone.sync()
    assert world.state() == "due"
    for _ in range(2):
        other.sync()
    assert world.state() == "confirmed"


def test_a_program_that_only_lists_stays_one_reader(world: World) -> None:
    """vdirsyncer fetches what changed since its last listing, and nothing else again."""
    phone = world.phone()
    set_up(phone)
    erase(world, 0)
    phone.propfind("D:getetag", depth="1")
    with world.sessions.write() as session:
        session.get_one(Contact, world.contacts[1].id).given = "Nová"
    phone.propfind("D:getetag", depth="1")
    phone.multiget([world.href(phone, 1)])
    phone.propfind("D:getetag", depth="1")

    assert world.state(0) == "listed"
    assert world.state(1) == "held"


def test_a_card_handed_out_by_get_is_in_the_ledger(world: World) -> None:
    phone = world.phone()
    phone.propfind("D:getetag", depth="1")
    phone.user_agent = "another/1"
    phone.request("GET", world.href(phone))
    world.door.sightings.flush()

    assert world.state() == "held"
    end_grant(world)
    with world.sessions.write() as session:
        devices.stop(session, OPERATOR, 1, world.clock.now())
    phone.propfind("D:sync-token")
    assert world.state() == "due"
    with world.sessions.write() as session:
        devices.stop(session, OPERATOR, 1, world.clock.now())
    assert phone.propfind("D:sync-token").status == 207
