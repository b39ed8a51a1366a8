"""An instance that is backed up, lost, and made again somewhere else, with its phones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app import keys
from app.db import open_database
from app.handed_out import HandOutLog
from app.services import backups, recovery
from app.services.archives import Key
from app.services.backups import Made
from app.services.recovery import Order, Restored
from app.settings import Settings
from dav.application import build
from tests.dav.conftest import World
from tests.davclient import Phone


def quiet(_step: str) -> None:
    """Nobody waits."""


@dataclass
class Site:
    """A world on one machine: its folder, its settings, its log."""

    world: World
    settings: Settings

    @property
    def log(self) -> HandOutLog:
        return HandOutLog(self.settings.hand_out_file)

    def backup(self, name: str = "backup", key: Key | None = None) -> Path:
        """One backup beside the instance."""
        target = self.settings.instance.parent / name
        self.made(target, key)
        return target

    def made(self, target: Path, key: Key | None = None) -> Made:
        at = self.world.clock.now()
        return backups.make(self.settings, self.world.sessions, target, at, key, quiet)

    def restore(
        self, file: Path, settings: Settings, *logs: Path, key: Key | None = None
    ) -> Restored:
        """Make the instance again; from now on the world, and its phones, live there."""
        order = Order(file, key, logs)
        done = recovery.restore(settings, order, self.world.clock.now(), quiet)
        self.move(settings)
        return done

    def move(self, settings: Settings) -> None:
        """Let the world go on at other settings."""
        self.world.sessions.engine.dispose()
        self.settings = settings
        self.world.ring = keys.load(settings.keys_file)
        self.world.sessions = open_database(settings.database, self.log)
        self.world.door = build(self.world.sessions, self.world.ring, self.world.clock.now)

    def take(self, *phones: Phone) -> None:
        """Phones find the new machine under the old address."""
        for phone in phones:
            phone.app = self.world.door


def make_site(world: World, folder: Path) -> Site:
    """The world with a folder of its own, which keeps keys and log."""
    folder.mkdir()
    url = world.sessions.engine.url.render_as_string(hide_password=False)
    settings = Settings(folder, database_url=url, base_url="https://k.example.org")
    keys.save(world.ring, settings.keys_file)
    world.sessions = replace(world.sessions, handed_out=HandOutLog(settings.hand_out_file))
    world.door = build(world.sessions, world.ring, world.clock.now)
    return Site(world, settings)


def names(phones: Sequence[Phone]) -> list[set[str]]:
    """What is on each of them."""
    return [phone.names() for phone in phones]
