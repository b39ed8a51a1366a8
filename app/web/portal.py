"""What the portal was built of, as a request reaches it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.db import Sessions
from app.keys import KeyRing
from app.services.consultations import Gatherer
from app.settings import Settings

EXTENSION = "kustod"


@dataclass(frozen=True)
class Portal:
    """The parts of one portal; a test and a server give different ones."""

    settings: Settings
    sessions: Sessions
    keys: KeyRing
    now: Callable[[], datetime]
    gatherer: Gatherer


def portal() -> Portal:
    """The portal that serves this request."""
    found: Portal = current_app.extensions[EXTENSION]
    return found
