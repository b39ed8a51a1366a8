"""The instance as a whole: made, upgraded, and told its own address."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import keys
from app.db import Sessions, open_database
from app.errors import Refused
from app.models import Heartbeat, Organisation
from app.queries.instances import LOOKED, RESTORED, RESTORED_TO, has_devices
from app.services import migrations, search_index
from app.services.audit import OPERATOR, Actor, record
from app.settings import DATABASE_FILE, ENV_FILE, HAND_OUT_FILE, Settings

DEFAULT_NAME = "Kustod"
"""What an organisation is called that has not said it."""
_OURS = ("keys.*", f"{DATABASE_FILE}*", ENV_FILE, HAND_OUT_FILE, "before-*.db")


@dataclass(frozen=True, slots=True)
class Rights:
    """Where the people in the cards turn to: us, and the authority that watches over us."""

    email: str = ""
    phone: str = ""
    authority: str = ""
    tells_unknown: bool = False


def init(settings: Settings, at: datetime) -> dict[str, Any]:
    """Create or upgrade the instance: folder, keys, database, organisation; idempotent.

    A SQLite database that is about to be migrated is copied first; an index of the search that
    is not whole is made anew. Raises Refused where the keys are gone while phones still depend
    on them, or where a migration would lose rows.
    """
    make_folder(settings.instance)
    sessions = open_database(settings.database)
    try:
        copy = _upgrade(sessions, settings)
        made_keys = _make_keys(sessions, settings)
        with sessions.write() as session:
            search_index.mend(session)
            _tell_address(session, settings, at)
    finally:
        sessions.engine.dispose()
    return {
        "instance": str(settings.instance),
        "url": settings.base_url,
        "revision": migrations.head(),
        "copy": str(copy) if copy else None,
        "made_keys": made_keys,
    }


def describe(  # noqa: PLR0913 - what an organisation says of itself
    session: Session,
    actor: Actor,
    name: str,
    at: datetime,
    *,
    email: str = "",
    phone: str = "",
    phone_policy: str | None = None,
    rights: Rights | None = None,
) -> None:
    """Say who runs this instance and who helps; it stands on the help card of every phone.

    `phone_policy` is what a person agrees to who sets up a phone, empty for our own words; it
    stays as it is where nothing is said, and so do `rights`.
    """
    row = session.scalars(select(Organisation)).one()
    row.name, row.help_email, row.help_phone = name, email, phone
    if phone_policy is not None:
        row.phone_policy = phone_policy
    if rights is not None:
        row.rights_email, row.rights_phone = rights.email, rights.phone
        row.authority, row.tells_unknown = rights.authority, rights.tells_unknown
    record(session, actor, "organisation.describe", ("organisation", row.id), at)
    session.flush()


def note_restore(session: Session, made_at: datetime, at: datetime) -> None:
    """Keep that the instance is again as it was then, until somebody has looked."""
    for name, when in ((RESTORED, at), (RESTORED_TO, made_at)):
        session.merge(Heartbeat(name=name, at=when))
    session.flush()


def look_after_restore(session: Session, actor: Actor, at: datetime) -> None:
    """Note that somebody has looked at what stands open again; nobody is told of it any more."""
    session.merge(Heartbeat(name=LOOKED, at=at))
    record(session, actor, "instance.restore-looked", ("instance", None), at)
    session.flush()


def keep_copy(engine: Engine, folder: Path, revision: str) -> Path:
    """Copy a SQLite database into `before-<revision>.db`, beside copies made earlier."""
    target, number = folder / f"before-{revision}.db", 1
    while target.exists():
        number += 1
        target = folder / f"before-{revision}-{number}.db"
    vacuum_into(engine, target)
    return target


def vacuum_into(engine: Engine, target: Path) -> None:
    """Copy a SQLite database, as one snapshot shows it, into a new file of mode 0600."""
    # VACUUM INTO takes an empty file, and this one nobody else may read.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def make_folder(folder: Path) -> None:
    """The folder is nobody else's business; one that holds other things keeps its mode."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {path for pattern in _OURS for path in folder.glob(pattern)}
    if set(folder.iterdir()) <= ours:
        folder.chmod(0o700)


def _upgrade(sessions: Sessions, settings: Settings) -> Path | None:
    """Migrate; the copy that was made before, if there was something to copy."""
    try:
        revision, copy = migrations.current(sessions.engine), None
    except OperationalError as error:
        words = str(error.orig).strip().splitlines()[0]
        raise Refused(f"the database cannot be reached: {words}") from error
    if sessions.dialect == "sqlite" and revision not in {None, migrations.head()}:
        copy = keep_copy(sessions.engine, settings.instance, str(revision))
    migrations.upgrade(sessions.engine)
    return copy


def _make_keys(sessions: Sessions, settings: Settings) -> bool:
    if settings.keys_file.exists():
        keys.load(settings.keys_file)
        return False
    with sessions.read() as session:
        if has_devices(session):
            raise Refused(
                f"the keys are missing at {settings.keys_file}, and phones depend on them: "
                "restore them from a backup, for new ones would strand every phone"
            )
    keys.save(keys.generate(), settings.keys_file)
    return True


def _tell_address(session: Session, settings: Settings, at: datetime) -> None:
    row = session.scalar(select(Organisation))
    if row is None:
        row = Organisation(name=DEFAULT_NAME)
        session.add(row)
    if row.portal_url != settings.base_url:
        row.portal_url = settings.base_url
        session.flush()
        record(session, OPERATOR, "instance.init", ("organisation", row.id), at)
