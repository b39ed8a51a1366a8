"""No answer tells a new card before the hand-out log has it, and a lost future is named by it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from app.handed_out import HandOutLog
from app.models import Contact, Grant
from dav.application import build
from tests import factories as make
from tests.dav.conftest import World
from tests.dav.test_tokens import end_grant, erase, forget, set_up
from tests.davclient import DavX5, Phone


class Watched(HandOutLog):
    """A log that counts its appends, each of which is one fsync, and can be made to fail."""

    appends = 0
    fails = False

    @override
    def append(self, lines: Any) -> None:
        if self.fails:
            raise OSError("no space left on device")
        super().append(lines)
        type(self).appends += 1

    @override
    def read(self) -> Any:
        if self.fails:
            raise OSError("input/output error")
        return super().read()


@dataclass
class Kept:
    """A world whose door keeps a log."""

    world: World
    log: Watched

    def phone(self, kind: type[Phone] = Phone) -> Phone:
        return self.world.phone(kind)

    def told(self, phone: Phone) -> set[str]:
        """The paths that the log says this phone was told."""
        return {phone.book + href for href in self.log.hrefs(f"{phone.device}/all")}


@pytest.fixture
def kept(world: World, tmp_path: Path) -> Iterator[Kept]:
    log = Watched(tmp_path / "handed-out.log")
    world.sessions = replace(world.sessions, handed_out=log)
    world.door = build(world.sessions, world.ring, world.clock.now)
    yield Kept(world, log)
    Watched.appends, Watched.fails = 0, False


def add(kept: Kept, name: str = "Nový Nováček") -> Contact:
    with kept.world.sessions.write() as session:
        return make.contact(session, kept.world.directory, name)


def contacts_of(phone: Phone, answer_members: Any) -> set[str]:
    return {href for href in answer_members if href.endswith(".vcf")} - {
        f"{phone.book}kustod-help.vcf"
    }


@pytest.mark.parametrize("kind", [Phone, DavX5])
def test_what_a_sync_tells_stands_in_the_log(kept: Kept, kind: type[Phone]) -> None:
    phone = kept.phone(kind)
    first = phone.report()
    assert kept.told(phone) == contacts_of(phone, first.members)
    assert len(kept.told(phone)) == 3
    phone.take(first)
    added = add(kept)
    phone.sync()
    assert f"{phone.book}{added.public_id}.vcf" in kept.told(phone)


def test_what_a_listing_tells_stands_in_the_log(kept: Kept) -> None:
    phone = kept.phone()
    listed = phone.propfind("D:getetag", depth="1")
    assert kept.told(phone) == contacts_of(phone, listed.members)


def test_one_append_an_answer_with_new_cards_and_none_for_a_poll(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    assert Watched.appends == 2  # the cards, and who read them
    for _ in range(3):
        phone.sync()
    with kept.world.sessions.write() as session:
        session.get_one(Contact, kept.world.contacts[0].id).given = "Kamil"
    erase(kept.world, 1)
    phone.sync()
    assert Watched.appends == 2
    add(kept)
    phone.sync()
    assert Watched.appends == 3


def test_a_log_that_cannot_be_written_holds_back_what_is_new_and_nothing_else(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    phone.sync()
    erase(kept.world, 0)
    added = add(kept)
    kept.world.clock.tick(minutes=1)
    with kept.world.sessions.write() as session:
        session.get_one(Contact, kept.world.contacts[1].id).given = "Kamil"
    Watched.fails = True

    answer = phone.report()
    gone = phone.take(answer)
    assert gone == {kept.world.href(phone, 0)}
    assert set(answer.members) - gone == {kept.world.href(phone, 1)}
    assert phone.sync() == set()
    assert kept.world.state(0) == "confirmed"
    Watched.fails = False
    assert set(phone.report().members) == {f"{phone.book}{added.public_id}.vcf"}
    assert f"{phone.book}{added.public_id}.vcf" in kept.told(phone)


def test_a_book_that_was_never_filled_waits_for_the_log(kept: Kept) -> None:
    phone = kept.phone()
    Watched.fails = True
    assert phone.report().status == 503
    Watched.fails = False
    assert len(contacts_of(phone, phone.report().members)) == 3


def test_a_program_is_served_though_nobody_can_note_it(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    Watched.fails = True
    other = kept.world.again(phone)
    other.sync()
    assert other.names() == phone.names()


def test_a_lost_future_names_what_only_the_log_knows(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    late = add(kept)
    phone.sync()
    phone.sync()
    forgotten = f"{phone.book}{late.public_id}.vcf"
    with kept.world.sessions.write() as session:
        forget(session)
        kept_row = session.get_one(Contact, late.id)
        kept_row.public_id = "somebodyelse"
        session.get_one(Grant, kept.world.grant_id).valid_until = kept.world.clock.now()

    gone = phone.sync()
    assert forgotten in gone
    assert phone.names() == set()


def test_a_log_that_cannot_be_read_stops_no_taking_back(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    with kept.world.sessions.write() as session:
        forget(session)
    end_grant(kept.world)
    Watched.fails = True
    assert len(phone.sync()) == 3


def test_the_log_knows_every_program_that_read_and_nobody_else(kept: Kept) -> None:
    phone = kept.phone()
    phone.sync()
    other = kept.world.again(phone)
    set_up(other)
    looker = kept.world.again(phone)
    looker.user_agent = "curl/8"
    looker.propfind("D:getetag", depth="1")
    for _ in range(2):
        phone.sync()
        other.sync()

    programs = kept.log.read()[f"{phone.device}/all"].programs
    assert sorted(programs.values()) == ["test-client", "thunderbird"]
