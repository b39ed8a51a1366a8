"""Who sees this contact, and why: on the portal, on phones, in files; now or at another time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, render_template, request

from app.policy import Channel
from app.queries import sight as readers
from app.queries.reasons import REASONS
from app.web.access import signed_in, user, viewer, visit
from app.web.exposure import STATES, counted, exposure, is_folded, until
from app.web.forms import text_argument
from app.web.portal import portal

CHANNELS = {
    "portal": Channel.PORTAL,
    "phone": Channel.CARDDAV,
    "export": Channel.EXPORT,
}
CHANGES = 5
_YEAR = timedelta(days=365)
_MOMENT = timedelta(microseconds=1)

pages = Blueprint("sight", __name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `at` is "" for now."""

    way: str
    at: str
    who: str
    is_unfolded: bool

    def but(self, **changed: str) -> dict[str, str | None]:
        """The arguments of an address that differs in these."""
        said = {"by": self.way if self.way != "portal" else "", "at": self.at, "who": self.who}
        return {name: value or None for name, value in (said | changed).items()}


@pages.get("/contacts/<public_id:contact>/who")
@signed_in
def show(contact: str) -> str:
    """Everybody whom a rule lets see it, what shuts it, and which devices have it."""
    now = visit().at
    asked = _asked()
    at = _instant(asked.at, now)
    with portal().sessions.read() as session:
        asking = readers.asking(session, viewer(), contact, now)
        if asking is None:
            abort(404)
        if not asking.may_ask:
            abort(403)
        about = (CHANNELS[asked.way], at, now)
        found = readers.of_contact(session, asking.contact_id, *about)
        why = None
        if asked.who:
            why = readers.why(session, asking.contact_id, int(asked.who), *about)
        people = readers.colleagues(session)
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "sight", [contact], now)
    picture = exposure(found, is_unfolded=asked.is_unfolded)
    return render_template(
        "sight/show.html",
        contact=contact,
        sees=asking.sees,
        asked=asked,
        at=at,
        is_now=at == now,
        is_ahead=at > now,
        local=at.astimezone(portal().settings.zone),
        short_zone=at.astimezone(portal().settings.zone).tzname(),
        found=found,
        channels=CHANNELS,
        reasons=REASONS,
        states=STATES,
        until=until,
        picture=picture,
        picture_counts=counted(found),
        is_folded=is_folded(picture),
        links=_links(found.changes, now),
        why=why,
        people=people,
    )


def _asked() -> Asked:
    way, who = request.args.get("by", ""), text_argument("who", 9)
    return Asked(
        way=way if way in CHANNELS else "portal",
        at=text_argument("at", 40),
        who=who if who.isascii() and who.isdigit() else "",
        is_unfolded="all" in request.args,
    )


def _instant(typed: str, now: datetime) -> datetime:
    """The instant of the address, in the organisation's zone where it names none; else now."""
    try:
        said = datetime.fromisoformat(typed)
        zone = portal().settings.zone
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now


def _links(changes: tuple[datetime, ...], now: datetime) -> dict[str, object]:
    """Other instants to look at, as arguments of the address."""
    last = changes[0] - _MOMENT if changes else None
    return {
        "before": _written(last) if last else "",
        "year": _written(now - _YEAR),
        "changes": [(one, _written(one)) for one in changes[:CHANGES]],
    }


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
