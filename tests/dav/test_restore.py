"""After a restore phones converge, and nothing is confirmed that they did not confirm."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import Base
from app.models import Contact, Device, FirstOwnerLink, WebSession
from app.queries import instances
from app.services import consistency, devices
from app.services import sessions as web_sessions
from app.services.audit import OPERATOR
from app.services.instances import look_after_restore
from app.services.lost_futures import Stranger
from app.settings import Settings
from tests import factories as make
from tests.dav.conftest import World
from tests.dav.restoring import Site, make_site
from tests.dav.test_tokens import end_grant, erase, set_up
from tests.davclient import DavX5, Phone

CHANGED_BY_RESTORING = {
    *("audit_event", "book", "book_revision", "touched", "fact_history", "heartbeat"),
    *("organisation", "first_owner_link", "web_session", "device", "reader", "holding"),
}


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[Site]:
    found = make_site(world, tmp_path / "here")
    yield found
    found.world.sessions.engine.dispose()


@pytest.fixture
def elsewhere(other_database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        tmp_path / "there", database_url=other_database_url, base_url="https://k.example.org"
    )


def add(site: Site, name: str) -> Contact:
    with site.world.sessions.write() as session:
        return make.contact(session, site.world.directory, name)


def lose(site: Site, file: Path, elsewhere: Settings, *phones: Phone) -> None:
    """The machine is gone, but for its hand-out log; it is made again from the backup."""
    site.restore(file, elsewhere, site.log.path)
    site.take(*phones)


def stop(site: Site, phone: Phone) -> None:
    with site.world.sessions.write() as session:
        devices.stop(session, OPERATOR, devices.find(session, phone.device).id, now(site))


def is_emptied(site: Site, phone: Phone) -> bool:
    with site.world.sessions.read() as session:
        return devices.find(session, phone.device).emptied_at <= now(site)


def now(site: Site) -> datetime:
    return site.world.clock.now()


def contents(site: Site) -> dict[str, list[tuple[object, ...]]]:
    with site.world.sessions.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in CHANGED_BY_RESTORING
        }


def test_everything_is_there_again(site: Site, elsewhere: Settings) -> None:
    phone = site.world.phone()
    phone.sync()
    phone.sync()
    before, shown = contents(site), phone.names()
    done = site.restore(site.backup(), elsewhere)
    site.take(phone)

    assert contents(site) == before
    assert (done.aftermath.books, done.aftermath.unknown, done.had_log) == (1, [], False)
    with site.world.sessions.read() as session:
        assert consistency.faults(session, now(site)) == []
    add(site, "Po Obnově")
    phone.sync()
    assert phone.names() == shown | {"Po Obnově"}
    fresh = site.world.phone()
    fresh.sync()
    assert fresh.names() == phone.names()


def test_a_card_of_the_lost_future_is_unknown_and_taken_back(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    phone.sync()
    phone.sync()
    file = site.backup()
    late = add(site, "Jen Vbudoucnu")
    phone.sync()
    phone.sync()
    done = site.restore(file, elsewhere, site.log.path)
    site.take(phone)

    (unknown,) = done.aftermath.unknown
    assert asdict(unknown) == {
        "device": phone.device,
        "device_name": "Phone",
        "user": site.world.eva.name,
        "uid": late.public_id,
        "is_contact_known": False,
    }
    assert phone.sync() == {f"{phone.book}{late.public_id}.vcf"}
    assert phone.names() == {"Karel Novotný", "Šárka Chalupová", "Ondřej Žák"}


def test_what_was_given_again_after_the_backup_is_confirmed_no_more(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    phone.sync()
    with site.world.sessions.write() as session:
        hidden = make.restriction(session, site.world.contacts[0], start=now(site))
    phone.sync()
    phone.sync()
    assert site.world.state() == "confirmed"
    file = site.backup()
    site.world.clock.tick(minutes=1)
    site.world.set(hidden, valid_until=now(site))
    phone.sync()
    phone.sync()
    assert "Karel Novotný" in phone.names()
    lose(site, file, elsewhere, phone)

    assert site.world.state() == "due"
    assert site.world.href(phone, 0) in phone.sync()
    assert site.world.state() == "told"
    phone.sync()
    assert site.world.state() == "confirmed"


def test_a_token_of_the_lost_future_confirms_nothing(site: Site, elsewhere: Settings) -> None:
    phone = site.world.phone()
    phone.sync()
    phone.sync()
    file = site.backup()
    for _ in range(3):
        add(site, "Další")
        phone.sync()
    lose(site, file, elsewhere, phone)
    erase(site.world, 0)

    first = phone.report()
    assert site.world.state() == "told"
    phone.report()
    assert site.world.state() == "told"
    phone.take(first)
    phone.sync()
    assert site.world.state() == "confirmed"


def test_a_token_older_than_the_backup_confirms_nothing_new(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    phone.sync()
    lose(site, site.backup(), elsewhere, phone)
    erase(site.world, 0)
    phone.sync()
    assert site.world.state() == "told"
    phone.sync()
    assert site.world.state() == "confirmed"


@pytest.mark.parametrize("began_by_listing", [False, True])
def test_a_program_of_the_lost_future_must_confirm_for_itself(
    site: Site, elsewhere: Settings, began_by_listing: bool
) -> None:
    phone = site.world.phone()
    phone.sync()
    phone.sync()
    file = site.backup()
    other = site.world.again(phone)
    if began_by_listing:
        set_up(other)
    else:
        other.sync()
    lose(site, file, elsewhere, phone, other)
    end_grant(site.world)
    for _ in range(3):
        phone.sync()
    assert site.world.state() in {"due", "told"}

    other.sync()
    other.sync()
    assert site.world.state() == "confirmed"
    assert other.names() == phone.names() == set()


def test_a_program_that_began_before_and_read_after_the_backup_counts(
    site: Site, elsewhere: Settings
) -> None:
    """It had listed, and fetched nothing; in the lost future it fetched everything."""
    phone = site.world.phone()
    phone.sync()
    phone.sync()
    other = site.world.again(phone)
    other.user_agent = "Evolution/3.46.4"
    listed = other.propfind("D:getetag", depth="1")
    file = site.backup()
    other.multiget(href for href in listed.members if href.endswith(".vcf"))
    lose(site, file, elsewhere, phone, other)
    end_grant(site.world)
    for _ in range(3):
        phone.sync()
    assert site.world.state() == "due"
    other.propfind("D:getetag", depth="1")
    assert site.world.state() == "listed"


def test_a_program_that_was_behind_at_the_backup_counts_for_what_it_may_have_got(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    other = site.world.again(phone)
    phone.sync()
    other.sync()
    site.world.contacts.append(add(site, "Těsně Před"))
    phone.sync()
    phone.sync()
    file = site.backup()
    other.sync()
    assert "Těsně Před" in other.names()
    lose(site, file, elsewhere, phone, other)
    erase(site.world, 3)
    for _ in range(3):
        phone.sync()
    assert site.world.state(3) == "due"
    other.sync()
    other.sync()
    assert site.world.state(3) == "confirmed"


def test_a_drained_device_waits_for_the_proof_of_what_nobody_remembers(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    other = site.world.again(phone)
    file = site.backup()
    for program in (phone, other):
        program.sync()
        program.sync()
    lose(site, file, elsewhere, phone, other)
    end_grant(site.world)
    stop(site, phone)
    assert not is_emptied(site, phone)
    phone.sync()
    phone.sync()
    assert not is_emptied(site, phone)
    other.sync()
    other.sync()
    assert is_emptied(site, phone)
    assert phone.names() == other.names() == set()


def test_every_kind_of_client_converges(site: Site, elsewhere: Settings) -> None:
    phones = [site.world.phone(), site.world.phone(DavX5), site.world.phone()]
    by_token, davx, listing = phones
    set_up(listing)
    for _ in range(2):
        by_token.sync()
        davx.sync()
        listing.sync()
    file = site.backup()
    add(site, "Jen Vbudoucnu")
    erase(site.world, 2)
    for phone in phones:
        phone.sync()
        phone.sync()
    lose(site, file, elsewhere, *phones)
    add(site, "Po Obnově")
    erase(site.world, 0)

    assert isinstance(davx, DavX5)
    for _ in range(2):
        by_token.sync()
        davx.visit()
        listing.sync()
    there = {"Šárka Chalupová", "Ondřej Žák", "Po Obnově"}
    assert [phone.names() for phone in phones] == [there] * 3
    assert site.world.state(0) == "confirmed/confirmed/confirmed"


def test_without_a_log_what_is_known_still_converges(site: Site, elsewhere: Settings) -> None:
    phone = site.world.phone()
    phone.sync()
    file = site.backup()
    add(site, "Nikdo Neví")
    phone.sync()
    site.log.path.unlink()
    done = site.restore(file, elsewhere)
    site.take(phone)
    erase(site.world, 0)
    phone.sync()

    assert not done.had_log
    # Its very name is lost: what the command says without a log.
    assert phone.names() == {"Šárka Chalupová", "Ondřej Žák", "Nikdo Neví"}


def test_a_device_of_the_lost_future_is_named_with_its_cards(
    site: Site, elsewhere: Settings
) -> None:
    file = site.backup()
    phone = site.world.phone()
    phone.sync()
    done = site.restore(file, elsewhere, site.log.path)
    site.take(phone)

    assert done.aftermath.strangers == [Stranger(phone.device, 3)]
    assert phone.report().status == 401


def test_a_second_restore_of_the_same_backup_uses_no_revision_twice(
    site: Site, elsewhere: Settings, new_database: Callable[[], str], tmp_path: Path
) -> None:
    phone = site.world.phone()
    phone.sync()
    file = site.backup()
    add(site, "První Budoucnost")
    phone.sync()
    lose(site, file, elsewhere, phone)
    add(site, "Druhá Budoucnost")
    phone.sync()
    between = site.backup("between")
    assert len(site.log.read()[f"{phone.device}/all"].cards) == 5
    again = Settings(
        tmp_path / "again", database_url=new_database(), base_url="https://k.example.org"
    )
    done = site.restore(between, again, site.log.path)
    site.take(phone)
    assert done.aftermath.unknown == []
    phone.sync()
    assert "Druhá Budoucnost" in phone.names()
    assert "První Budoucnost" not in phone.names()


def test_that_ended_things_stand_open_again_is_said_until_somebody_has_looked(
    site: Site, elsewhere: Settings
) -> None:
    phone = site.world.phone()
    phone.sync()
    made = now(site)
    file = site.backup()
    site.world.clock.tick(minutes=5)
    end_grant(site.world)
    phone.sync()
    assert phone.names() == set()
    site.restore(file, elsewhere, site.log.path)
    site.take(phone)

    phone.sync()
    assert len(phone.names()) == 3
    with site.world.sessions.read() as session:
        assert instances.restored(session) == instances.Restored(now(site), made)
    with site.world.sessions.write() as session:
        look_after_restore(session, OPERATOR, site.world.clock.tick(minutes=1))
    with site.world.sessions.read() as session:
        assert instances.restored(session) is None


def test_nobody_stays_signed_in_and_no_link_works_any_more(site: Site, elsewhere: Settings) -> None:
    at = now(site)
    phone = site.world.phone()
    with site.world.sessions.write() as session:
        session.add(FirstOwnerLink(token_digest="d", created_at=at, ends_at=at + timedelta(1)))
        web_sessions.sign_in(session, site.world.eva.id, "Firefox", at)
        device = devices.find(session, phone.device)
        device.link_digest, device.link_expires_at = "x", at + timedelta(minutes=10)
    site.restore(site.backup(), elsewhere)

    with site.world.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(FirstOwnerLink)) == 0
        assert session.scalars(select(WebSession.ended_at)).all() == [at]
        assert session.scalars(select(Device.link_digest)).all() == [""]
