"""My devices: which of them hold contacts, are they up to date, and how to stop one."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import devices as readers
from app.queries import ledger
from app.queries.devices import OwnDevice
from app.queries.ledger import UNREACHABLE_AFTER, DeviceState, DeviceView
from app.services import devices
from app.web.access import actor, signed_in, user, viewer, visit
from app.web.forms import id_argument
from app.web.portal import portal

PAGE = 50
_CONNECTING = frozenset(
    {DeviceState.UP_TO_DATE, DeviceState.REMOVALS_WAITING, DeviceState.STOPPING}
)

pages = Blueprint("devices", __name__, url_prefix="/devices")


@pages.get("")
@signed_in
def index() -> str:
    """Every phone and program of the one who asks."""
    with portal().sessions.read() as session:
        mine = ledger.devices(session, visit().at, user().user_id)
    return render_template("devices/index.html", devices=mine, days_silent=days_silent)


@pages.get("/<public_id:device>")
@signed_in
def show(device: str) -> str:
    """What is on it, and what is being taken back from it."""
    found = mine(device)
    after = id_argument("after")
    with portal().sessions.read() as session:
        contents = readers.contents(session, viewer(), found.id, visit().at, after, PAGE + 1)
    shown, more = contents.cards[:PAGE], len(contents.cards) > PAGE
    ids = [one.card.public_id for one in shown]
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "device", ids, visit().at)
    return render_template(
        "devices/show.html",
        device=found.view,
        days_silent=days_silent,
        shown=shown,
        leaving=contents.leaving,
        after=after,
        following=ids[-1] if more else "",
    )


@pages.get("/<public_id:device>/stop")
@signed_in
def ask_stop(device: str) -> str:
    """What stopping it would do."""
    return render_template("devices/stop.html", device=mine(device).view)


@pages.post("/<public_id:device>/stop")
@signed_in
def stop(device: str) -> Response:
    """Stop it: it is told to drop everything, then its password ends. Twice is no error."""
    found = mine(device)
    with portal().sessions.write() as session:
        devices.stop(session, actor(), found.id, visit().at)
    return redirect(url_for("devices.show", device=device), code=303)


def days_silent(device: DeviceView) -> int:
    """For how many days a device that should come back has not; 0 while that is nothing odd."""
    silence = visit().at - (device.seen_at or device.enrolled_at)
    is_odd = device.state in _CONNECTING and silence >= UNREACHABLE_AFTER
    return silence.days if is_odd else 0


def mine(public_id: str) -> OwnDevice:
    """The device of the one who asks; for everybody else it is not there."""
    with portal().sessions.read() as session:
        found = readers.find(session, user().user_id, public_id, visit().at)
    if found is None:
        abort(404)
    return found
