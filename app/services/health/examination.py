"""The whole examination, in order; what cannot be asked because of an earlier fault is left out."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app import mail
from app.db import Sessions, open_database
from app.errors import KustodError
from app.keys import KeyRing
from app.queries import outbox
from app.services.health import database, life, machine, outside, post, timekeeping
from app.services.health.check import Check, words, wrong
from app.settings import DATABASE_FILE, Settings


def free_bytes(folder: Path) -> int:
    """What an ordinary account may still write there."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class Surroundings:
    """What lies around the instance, and can be another one in a test."""

    free_bytes: machine.FreeBytes = free_bytes
    look: Callable[[Settings, KeyRing, datetime], Iterator[Check]] = outside.look
    try_out: post.TryOut = mail.try_out
    is_clock_kept: timekeeping.IsKept = timekeeping.is_kept


def examine(
    settings: Settings, at: datetime, surroundings: Surroundings | None = None
) -> list[Check]:
    """Everything in order. `at` is what the machine's clock says, before a heartbeat holds it."""
    around = surroundings or Surroundings()
    keys, ring = machine.ring(settings)
    checks = [keys]
    if settings.instance.is_dir():
        checks += machine.around(settings, around.free_bytes)
    checks.append(timekeeping.look(around.is_clock_kept()))
    checks += _inside(settings, at, around)
    if ring is not None:
        checks += around.look(settings, ring, at)
    return checks


def _inside(settings: Settings, at: datetime, around: Surroundings) -> list[Check]:
    if not (settings.database_url or (settings.instance / DATABASE_FILE).is_file()):
        return [wrong("database", "there is none: run `kustod init`")]
    try:
        sessions = open_database(settings.database)
        try:
            return list(_of_database(sessions, settings, at, around))
        finally:
            sessions.engine.dispose()
    except (KustodError, SQLAlchemyError) as error:
        return [wrong("database", words(error))]


def _of_database(
    sessions: Sessions, settings: Settings, at: datetime, around: Surroundings
) -> Iterator[Check]:
    with sessions.read() as session:
        yield database.engine(session, sessions.dialect)
    schema = database.schema(sessions)
    yield schema
    if schema.is_ok:
        with sessions.read() as session:
            yield from database.contents(session, at)
            yield from life.signs(session, settings, at)
            standing = outbox.standing(session)
        yield post.look(standing, settings, at, around.try_out)
