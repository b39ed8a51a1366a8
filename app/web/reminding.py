"""Reminding people from a take-back board: whom one can remind, and what the press does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, redirect, request
from werkzeug.wrappers import Response

from app.queries import reminders
from app.queries.backs import SETTLED, PersonBack, TakeBack
from app.services import reminders as commands
from app.web import notices
from app.web.access import actor, visit
from app.web.portal import portal
from app.web.texts import later

_ON_ITS_WAY = later("A reminder is on its way: %(name)s")
_ONLY_WRITTEN = later(
    "No mail server is set, so the reminder only waits in the outbox. Say it yourself: %(name)s"
)


@dataclass(frozen=True, slots=True)
class Reminding:
    """Whom the one who reads the board can remind, when each was last, and who may be now."""

    people: Sequence[tuple[PersonBack, datetime | None]]
    may: frozenset[str]
    address: str = ""


def of_board(back: TakeBack, board: tuple[str, int], address: str = "") -> Reminding:
    """Those of whom something has to come back still."""
    people = [person for person in back.people if _waited_for(person)]
    name = f"{board[0]}:{board[1]}"
    with portal().sessions.read() as session:
        last = reminders.last(session, name, [person.email for person in people])
    free = visit().at - reminders.EVERY
    may = {one.email for one in people if last.get(one.email, free) <= free}
    return Reminding([(one, last.get(one.email)) for one in people], frozenset(may), address)


def remind(back: TakeBack, board: tuple[str, int], way: str) -> Response:
    """Remind the one whom the form names, and go back to the board."""
    email = request.form.get("email", "")
    reminding = of_board(back, board)
    person = next((one for one, _ in reminding.people if one.email == email), None) or abort(404)
    said = later("Reminded within a day already: %(name)s")
    if email in reminding.may:
        names = _waited_for(person)
        asked = (actor(), email, names, (board, way), portal().settings.language, visit().at)
        with portal().sessions.write() as session:
            commands.remind(session, *asked)
        said = _ON_ITS_WAY if portal().settings.smtp_host else _ONLY_WRITTEN
    return notices.say(redirect(way, code=303), said, name=person.name)


def _waited_for(person: PersonBack) -> list[str]:
    """The names of his devices that have not given everything back."""
    return [device.name for device in person.devices if device.state not in SETTLED]
