"""The machine: keys and files that nobody else may read, room on the disk."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from app import keys
from app.errors import KustodError
from app.keys import KeyRing
from app.services.health.check import Check, well, words, wrong
from app.settings import DATABASE_FILE, ENV_FILE, HAND_OUT_FILE, Settings

LEAST_FREE = 512 * 1024 * 1024
"""Below so many bytes a disk is as good as full."""
COPIES = 3
"""A backup, the copy before an upgrade and the write-ahead log, each as long as the database."""
_MEGABYTE = 1024 * 1024

FreeBytes = Callable[[Path], int]
"""How many bytes may still be written beside this folder."""


def ring(settings: Settings) -> tuple[Check, KeyRing | None]:
    """The keys: there, whole, and nobody else's to read."""
    try:
        found = keys.load(settings.keys_file)
        mode = stat.S_IMODE(settings.keys_file.stat().st_mode)
    except (KustodError, OSError) as error:
        return wrong("keys", words(error)), None
    if mode & 0o077:
        path = settings.keys_file
        detail = f"others may read {path}, its mode is {mode:04o}: run `chmod 600 {path}`"
        return wrong("keys", detail), found
    return well("keys", "there, and nobody else may read them"), found


def around(settings: Settings, free_bytes: FreeBytes) -> Iterator[Check]:
    """What else lies in the instance folder, and how much room there is."""
    yield _files(settings)
    yield _disk(settings, free_bytes)


def _files(settings: Settings) -> Check:
    """One command run as root leaves files that the service cannot write."""
    folder = settings.instance
    database = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm")
    ours = (*database, HAND_OUT_FILE, ENV_FILE)
    for path in [folder / name for name in ours if (folder / name).exists()]:
        found = path.stat()
        if found.st_uid != folder.stat().st_uid:
            owner = folder.stat().st_uid
            detail = f"{path} belongs to another account: run `chown -R {owner} {folder}` as root"
            return wrong("files", detail)
        mode = stat.S_IMODE(found.st_mode)
        is_shared = mode & 0o077 and folder.stat().st_mode & 0o077
        if is_shared:
            return wrong("files", f"others may read {path}: run `chmod 600 {path}`")
    return well("files", f"in {folder}, of one account, closed to others")


def _disk(settings: Settings, free_bytes: FreeBytes) -> Check:
    database = settings.instance / DATABASE_FILE
    size = database.stat().st_size if database.is_file() else 0
    needed, free = max(LEAST_FREE, COPIES * size), free_bytes(settings.instance)
    if free < needed:
        detail = (
            f"{free // _MEGABYTE} MB are free beside {settings.instance}, "
            f"{needed // _MEGABYTE} MB are needed for a backup and an upgrade: "
            "delete old backups or enlarge the disk"
        )
        return wrong("disk", detail)
    return well("disk", f"{free // _MEGABYTE} MB free")
