"""A backup made while phones sync and people write is whole, and what came after it heals."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from typing_extensions import override

from app.errors import Busy
from app.services import consistency
from app.settings import Settings
from tests import factories as make
from tests.dav.conftest import World
from tests.dav.restoring import make_site
from tests.davclient import Phone

ROUNDS = 200


class Repeated(threading.Thread):
    """Does one thing again and again, at most so many times; `done` is set with each time."""

    def __init__(self, step: Callable[[int], None]) -> None:
        super().__init__()
        self.step = step
        self.done, self.ending = threading.Event(), threading.Event()
        self.failure: Exception | None = None

    @override
    def run(self) -> None:
        for number in range(ROUNDS):
            if self.ending.is_set():
                break
            with suppress(Busy):
                self._once(number)

    def _once(self, number: int) -> None:
        try:
            self.step(number)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            self.failure = error
            self.ending.set()
        self.done.set()


@contextmanager
def meanwhile(*steps: Callable[[int], None]) -> Iterator[Callable[[], None]]:
    """Do these beside the block; what is answered waits until each was done once more."""
    threads = [Repeated(step) for step in steps]

    def once_more() -> None:
        for thread in threads:
            thread.done.clear()
        for thread in threads:
            assert thread.done.wait(120)

    for thread in threads:
        thread.start()
    try:
        yield once_more
    finally:
        for thread in threads:
            thread.ending.set()
        for thread in threads:
            thread.join()
    assert [thread.failure for thread in threads] == [None] * len(threads)


def test_a_backup_under_load_is_whole_and_what_came_after_it_heals(
    world: World, other_database_url: str, tmp_path: Path
) -> None:
    site = make_site(world, tmp_path / "here")
    phones = [site.world.phone() for _ in range(3)]
    for phone in phones:
        phone.sync()

    def write(number: int) -> None:
        with site.world.sessions.write() as session:
            make.contact(session, site.world.directory, f"Zápis {number}")

    def syncing(phone: Phone) -> Callable[[int], None]:
        def step(_number: int) -> None:
            answer = phone.report()
            if answer.status != 503:
                phone.take(answer)

        return step

    with meanwhile(write, *map(syncing, phones)) as once_more:
        once_more()
        file = site.backup()
        once_more()
    for phone in phones:
        phone.sync()
    lost = phones[0].names()
    there = Settings(tmp_path / "there", database_url=other_database_url)
    done = site.restore(file, there, site.log.path)
    site.take(*phones)

    with site.world.sessions.read() as session:
        assert consistency.faults(session, site.world.clock.now()) == []
    fresh = site.world.phone()
    fresh.sync()
    unknown = {one.uid for one in done.aftermath.unknown}
    assert unknown
    for phone in phones:
        gone = phone.sync()
        phone.sync()
        assert phone.names() == fresh.names() < lost
        assert {href.rsplit("/", 1)[1].removesuffix(".vcf") for href in gone} <= unknown
    site.world.sessions.engine.dispose()
