"""Signs of life: the clock, the worker, the address that phones are told, the outbox."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.queries import instances
from app.services.health.check import Check, note, well, wrong
from app.settings import Settings

SKEW = timedelta(seconds=60)
"""By how much the clock may be behind the worker's last heartbeat."""
SILENCE = timedelta(minutes=2)
"""After so long without a heartbeat the worker is gone; it leaves one every 15 seconds."""


def signs(session: Session, settings: Settings, at: datetime) -> Iterator[Check]:
    """What the database knows of those who work with it."""
    beat = instances.heartbeat(session)
    yield _clock(beat, at)
    yield _worker(beat, at)
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


def _address(session: Session, settings: Settings) -> Check:
    told = instances.portal_url(session)
    if told != settings.base_url:
        detail = f"phones are told {told}, this is {settings.base_url}: run `kustod init`"
        return wrong("address", detail)
    return well("address", settings.base_url)
