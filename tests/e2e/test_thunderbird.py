"""Thunderbird itself, against a real server: what it gets, and that it gives it back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typing_extensions import override

from tests.chain.conftest import CARDS, Kustod
from tests.e2e.proxy import Proxy
from tests.e2e.thunderbird import SENTINEL, Thunderbird
from tests.serve.running import free_port

pytestmark = pytest.mark.e2e

TRACES = ["Karel", "Dvořák", "605 203 938", "Šárka", "Chalupová", "777 123 456", "541 123 456"]
"""Names and numbers of the contacts, as Thunderbird's files spell them."""


@dataclass
class Office(Kustod):
    """An instance whose public address is a proxy's."""

    proxy: Proxy = field(kw_only=True)

    @property
    @override
    def environ(self) -> dict[str, str]:
        return {**super().environ, "KUSTOD_BASE_URL": self.proxy.address}

    def fill(self, cards: Path) -> None:
        """Make the instance, two people, and a directory with three contacts."""
        self("init")
        self("user", "add", "olga@example.org", "--name", "Olga Malá", "--role", "owner")
        self("user", "add", "eva@example.org", "--name", "Eva Nováková")
        self("directory", "add", "firms", "--name", "Firmy", "--preset", "customers-firms")
        cards.write_bytes(CARDS.encode())
        self("contact", "import", str(cards), "--directory", "firms", "--source", "old phone")

    def grant(self) -> str:
        """Give Eva the directory; answers the grant's id."""
        made = self(
            *("grant", "add", "--to", "eva@example.org", "--on", "directory:firms"),
            *("--can", "read,sync"),
        )
        return str(made["id"])

    def set_up(self, thunderbird: Thunderbird) -> None:
        """Enrol a device for Eva and type in what the command printed."""
        made = self("device", "add", "eva@example.org", "--name", "Laptop")
        found = thunderbird.add_books(made["username"], made["password"], made["url"])
        assert found == ["Kustod"]

    def permitted(self) -> dict[str, str]:
        """What the command says may be on Eva's devices: names by uid."""
        listed = self("contact", "list", "--as", "eva@example.org", "--channel", "carddav")
        return {card["uid"]: card["name"] for card in listed}

    def state(self, uid: str) -> str:
        """How far the one device has given a contact back."""
        (holder,) = self("holders", uid)
        return str(holder["state"])


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    port = free_port()
    proxy = Proxy(port)
    with proxy.open():
        found = Office(tmp_path / "instance", port, sqlite_url, proxy=proxy)
        try:
            found.fill(tmp_path / "cards.vcf")
            found.serve()
            yield found
        finally:
            found.stop()


def contacts(thunderbird: Thunderbird) -> list[tuple[str, str]]:
    """Uids and names in Thunderbird, one for each card, without the sentinel, which is there."""
    cards = thunderbird.cards()
    assert [uid for uid, _ in cards].count(SENTINEL) == 1
    return sorted(card for card in cards if card[0] != SENTINEL)


def traces(content: bytes) -> list[str]:
    return [trace for trace in TRACES if trace.encode() in content]


def test_what_thunderbird_held_is_gone_from_its_book_and_from_its_files(
    office: Office, thunderbird: Thunderbird
) -> None:
    first = office.grant()
    office.set_up(thunderbird)
    everything = sorted(office.permitted().items())
    assert len(everything) == 3
    assert contacts(thunderbird) == everything
    some = everything[0][0]
    assert office.state(some) == "held"

    office("grant", "end", first)
    thunderbird.sync()
    assert contacts(thunderbird) == []
    assert office.state(some) == "told"
    thunderbird.sync()
    assert office.state(some) == "confirmed"

    again = office.grant()
    thunderbird.sync()
    assert contacts(thunderbird) == everything
    assert office.state(some) == "held"
    assert traces(thunderbird.databases()) == TRACES

    office("grant", "end", again)
    thunderbird.sync()
    assert contacts(thunderbird) == []
    thunderbird.quit()
    # Until it closes, the log of its database still has them; then no file of its own does.
    assert SENTINEL.encode() in thunderbird.databases()
    files = [file for file in thunderbird.folder.rglob("*") if file.is_file()]
    assert {file: traces(file.read_bytes()) for file in files} == {file: [] for file in files}


def test_an_end_while_thunderbird_is_being_set_up_is_not_taken_for_known(
    office: Office, thunderbird: Thunderbird
) -> None:
    given = office.grant()
    everything = sorted(office.permitted().items())
    some = everything[0][0]
    seen: list[bytes] = []

    def end_between_the_cards_and_the_token(_method: str, body: bytes) -> None:
        if b"<sync-token/>" in body and not seen:
            seen.extend(passed.body for passed in office.proxy.passed)
            office("grant", "end", given)

    office.proxy.before = end_between_the_cards_and_the_token
    office.set_up(thunderbird)

    # It had the cards already, and asked last for a token that is younger than their end.
    assert b"addressbook-multiget" in seen[-1]
    assert len(office.proxy.passed) == len(seen) + 1
    assert contacts(thunderbird) == everything
    assert office.state(some) == "due"

    thunderbird.sync()
    assert contacts(thunderbird) == []
    assert office.state(some) == "told"
    thunderbird.sync()
    assert office.state(some) == "confirmed"
    thunderbird.quit()
