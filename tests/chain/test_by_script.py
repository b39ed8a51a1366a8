"""The main job as a script would do it: import, one policy, a phone, and the proof."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chain.conftest import DavX5OverHttp, Kustod, OverHttp
from tests.chain.mirror import Mirror
from tests.serve.running import until


def uids(phone: OverHttp) -> set[str]:
    """The uids on a phone, but for the sentinel."""
    names = {href.rsplit("/", 1)[1].removesuffix(".vcf") for href in phone.cards}
    return names - {"kustod-help"}


def states(kustod: Kustod, uid: str) -> list[str]:
    return [holder["state"] for holder in kustod("holders", uid)]


def grant(kustod: Kustod, *more: str) -> Any:
    return kustod(
        *("grant", "add", "--to", "eva@example.org", "--on", "directory:firms"),
        *("--can", "read,sync", *more),
    )


def start_project(kustod: Kustod, *uids: str) -> None:
    kustod("project", "add", "most", "--name", "Most", "--sync")
    kustod("project", "member", "most", "eva@example.org")
    for uid in uids:
        kustod("project", "contact", "most", uid)


def follow_the_removal(kustod: Kustod, phone: OverHttp, taken: set[str], before: set[str]) -> None:
    """Told, told again when the answer got lost, confirmed; exactly these hrefs."""
    some = next(iter(taken))
    assert states(kustod, some) == ["due"]
    first, second = phone.report(), phone.report()
    assert first.body == second.body
    assert states(kustod, some) == ["told"]
    assert phone.take(second) == {f"{phone.book}{uid}.vcf" for uid in taken}
    phone.sync()
    assert states(kustod, some) == ["confirmed"]
    assert uids(phone) == before - taken
    assert f"{phone.book}kustod-help.vcf" in phone.cards


def test_a_phone_gets_what_the_command_lists_and_gives_it_back(kustod: Kustod) -> None:
    given = grant(kustod)
    phone = kustod.phone("eva@example.org")
    phone.sync()
    everything = kustod.visible("eva@example.org")
    assert len(everything) == 3
    assert uids(phone) == everything
    assert states(kustod, next(iter(everything))) == ["held"]

    kustod("grant", "end", str(given["id"]))

    assert kustod.visible("eva@example.org") == set()
    follow_the_removal(kustod, phone, everything, everything)


def test_a_project_that_ends_takes_its_contacts_back(kustod: Kustod) -> None:
    listed = kustod("contact", "list")
    shared = {card["uid"] for card in listed[:2]}
    start_project(kustod, *shared)
    phone = kustod.phone("eva@example.org", DavX5OverHttp)
    for _ in range(3):
        phone.visit()
    assert uids(phone) == shared == kustod.visible("eva@example.org")

    kustod("project", "end", "most")
    phone.visit()
    assert uids(phone) == set()
    assert states(kustod, next(iter(shared))) == ["told"]
    phone.visit()
    assert states(kustod, next(iter(shared))) == ["confirmed"]

    reports = phone.reports
    phone.visit()
    phone.visit()
    assert phone.reports == reports


def test_an_end_that_only_the_clock_brings(kustod: Kustod) -> None:
    phone = kustod.phone("eva@example.org")
    # Far enough ahead that the command and two syncs are done before, on a busy machine too.
    end = datetime.now(UTC) + timedelta(seconds=12)  # noqa: TID251 - a real server, a real clock
    grant(kustod, "--until", end.isoformat())
    phone.sync()
    phone.sync()
    everything = uids(phone)
    assert len(everything) == 3

    until(lambda: kustod.visible("eva@example.org") == set())

    follow_the_removal(kustod, phone, everything, everything)


def test_vdirsyncer_mirrors_what_is_permitted(kustod: Kustod, tmp_path: Path) -> None:
    given = grant(kustod)
    made = kustod("device", "add", "eva@example.org", "--name", "Laptop")
    mirror = Mirror(tmp_path, made["url"], made["username"], made["password"])
    mirror.discover()
    mirror.sync()
    everything = kustod.visible("eva@example.org")
    assert mirror.uids() == everything | {"kustod-help"}

    kustod("grant", "end", str(given["id"]))
    mirror.sync()

    assert mirror.uids() == {"kustod-help"}
    # A program that only lists can prove no more than that it listed without the card.
    assert states(kustod, next(iter(everything))) == ["listed"]
