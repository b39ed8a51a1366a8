"""Signs of life: the clock, the worker, the last backup, the address that phones are told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.queries import instances
from app.services.health.check import Check, note, well, wrong
from app.settings import Settings

SKEW = timedelta(seconds=60)
"""By how much the clock may be behind the worker's last heartbeat."""
STALE = timedelta(days=2)
"""A backup is made every night; one that is older, or none after so long, was forgotten."""
SILENCE = timedelta(minutes=2)
"""After so long without a heartbeat the worker is gone; it leaves one every 15 seconds."""


def signs(session: Session, settings: Settings, at: datetime) -> Iterator[Check]:
    """What the database knows of those who work with it."""
    beat = instances.heartbeat(session)
    yield _clock(beat, at)
    yield _worker(beat, at)
    yield _backup(session, at)
    yield from _restore(session)
    yield _address(session, settings)


def _clock(beat: datetime | None, at: datetime) -> Check:
    if beat is None or beat - at <= SKEW:
        return well("clock", f"{at:%Y-%m-%d %H:%M}Z, not behind what was seen before")
    detail = (
        f"it says {at:%Y-%m-%d %H:%M}Z, {beat - at} behind the worker's last heartbeat: it was set "
        "back; set it right and let systemd-timesyncd or chrony keep it"
    )
    return wrong("clock", detail)


def _worker(beat: datetime | None, at: datetime) -> Check:
    """Without it mail and long imports wait; what ends, ends all the same."""
    if beat is None:
        return note("worker", "none has run yet: `kustod serve` starts one beside the portal")
    if at - beat > SILENCE:
        detail = (
            f"silent since {beat:%Y-%m-%d %H:%M}Z, so mail and imports wait: start `kustod serve`, "
            "or `kustod worker` where it serves with --no-worker, and read its log"
        )
        return wrong("worker", detail)
    return well("worker", f"last alive at {beat:%Y-%m-%d %H:%M}Z")


def _backup(session: Session, at: datetime) -> Check:
    """Whether there is a backup of these days; whether it lies anywhere else is unknown."""
    last, begun = instances.backed_up_at(session), instances.begun_at(session)
    todo = "see `systemctl status kustod-backup.timer`, or run `kustod backup FILE` every night"
    if last is None and (begun is None or at - begun <= STALE):
        return note("backup", f"none was made so far: {todo}")
    if last is None:
        return wrong("backup", f"none was ever made: {todo}")
    if at - last > STALE:
        return wrong("backup", f"the last one was made at {last:%Y-%m-%d %H:%M}Z: {todo}")
    return well("backup", f"the last one was made at {last:%Y-%m-%d %H:%M}Z; copy it elsewhere")


def _restore(session: Session) -> Iterator[Check]:
    """Said until somebody who decides has looked: what was taken back may have been given again."""
    unseen = instances.restored(session)
    if unseen is not None:
        detail = (
            f"restored at {unseen.at:%Y-%m-%d %H:%M}Z as it was at "
            f"{unseen.made_at:%Y-%m-%d %H:%M}Z: access, projects, accounts and phones that were "
            "ended between these two STAND OPEN AGAIN, and phones get those contacts back: end "
            "them again, then say so in the portal, on the page After the restore"
        )
        yield wrong("restore", detail)


def _address(session: Session, settings: Settings) -> Check:
    told = instances.portal_url(session)
    if told != settings.base_url:
        detail = f"phones are told {told}, this is {settings.base_url}: run `kustod init`"
        return wrong("address", detail)
    return well("address", settings.base_url)
