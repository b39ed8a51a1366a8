"""My devices: which of them hold contacts, are they up to date, and how to stop one."""

from collections.abc import Callable, Collection
from functools import partial

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.cards.text import xml_safe
from app.queries import devices as readers
from app.queries import enrolment as enrolling
from app.queries import incidents as reports
from app.queries import ledger, programs
from app.queries.devices import OnDevice, OwnDevice
from app.queries.ledger import UNREACHABLE_AFTER, DeviceState, DeviceView, HoldingState
from app.services import devices, draining, enrolment, incidents
from app.web import notices
from app.web.access import actor, in_role, signed_in, user, viewer, visit
from app.web.forms import OurForm, id_argument, number_argument
from app.web.incident_forms import GiveUpForm, LostForm
from app.web.portal import portal
from app.web.texts import later

PAGE = 50
_CONNECTING = frozenset(
    {DeviceState.UP_TO_DATE, DeviceState.REMOVALS_WAITING, DeviceState.STOPPING}
)

_LEAVING = {state.value: state for state in HoldingState if state is not HoldingState.HELD}

pages = Blueprint("devices", __name__, url_prefix="/devices")


class NameForm(OurForm):
    """What a device is called; `taken` are the names of its owner's other ones, folded."""

    taken: Collection[str] = ()

    name = StringField(
        filters=[lambda typed: xml_safe(typed or "").strip()],
        validators=[
            DataRequired(later("Give the phone or program a name.")),
            Length(max=devices.NAME_LENGTH, message=later("This name is too long.")),
        ],
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse a name by which two devices could not be told apart, and propose another."""
        if (field.data or "").casefold() in self.taken:
            raise ValidationError(later("Another device of yours has this name."))

    def propose(self) -> str:
        """A name that is free, where the one that was written is not; else ""."""
        return free_name(self.name.data or "", self.taken) if self.name.errors else ""


def taken_names(besides: str = "") -> frozenset[str]:
    """The names of the devices of the one who asks, but for one of them."""
    with portal().sessions.read() as session:
        found = enrolling.names(session, user().user_id, visit().at)
    return frozenset(name for name, device in found.items() if device != besides)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken; "" where none is short enough."""
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    found = next(one for one in (name, *numbered) if one.casefold() not in taken)
    return found if len(found) <= devices.NAME_LENGTH else ""


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
    """What is on it, and what is being taken back from it, by how far that has come."""
    found, at = mine(device), visit().at
    after, chosen = id_argument("after"), _LEAVING.get(request.args.get("state", ""))
    start = number_argument("start") if chosen else 0
    with portal().sessions.read() as session:
        contents = readers.contents(session, viewer(), found, at, after, PAGE + 1)
        gone = readers.leaving(session, viewer(), found, at, chosen) if chosen else []
        named = readers.named(session, viewer(), gone[start : start + PAGE], at)
        behind = programs.of_device(session, found.id, at)
        report = reports.of_device(session, found.id)
    shown = [] if chosen else contents.cards[:PAGE]
    ids = [one.card.public_id for one in shown] + [one.card.public_id for one in named if one.card]
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "device", ids, at)
    return render_template(
        "devices/show.html",
        device=found.view,
        days_silent=days_silent,
        chosen=chosen,
        shown=shown,
        named=named,
        contents=contents,
        programs=behind,
        report=report,
        at=at,
        ways=_ways(device, chosen, start, len(gone), after, contents.cards),
    )


def _ways(
    device: str,
    chosen: HoldingState | None,
    start: int,
    total: int,
    after: str,
    cards: list[OnDevice],
) -> tuple[str, str]:
    """The addresses of the first and of the next page, "" where there is none."""
    here = partial(url_for, "devices.show", device=device)
    if chosen:
        following = start + PAGE
        more = here(state=chosen.value, start=following) if following < total else ""
        return here(state=chosen.value) if start else "", more
    more = here(after=cards[PAGE - 1].card.public_id) if len(cards) > PAGE else ""
    return here() if after else "", more


@pages.get("/all")
@in_role("admin", "owner")
def everybody() -> str:
    """Every phone and program of the organisation; what is on one stays its owner's."""
    with portal().sessions.read() as session:
        found = ledger.devices(session, visit().at)
    found.sort(key=lambda view: (view.user.casefold(), view.email))
    return render_template("devices/all.html", devices=found, days_silent=days_silent)


@pages.get("/<public_id:device>/name")
@signed_in
def ask_name(device: str) -> str:
    """What it is called."""
    view = mine(device).view
    return render_template("devices/name.html", device=view, form=NameForm(name=view.name))


@pages.post("/<public_id:device>/name")
@signed_in
def rename(device: str) -> Response:
    """Call it otherwise."""
    found, form = mine(device), NameForm(request.form)
    form.taken = taken_names(besides=device)
    if not form.validate():
        page = render_template("devices/name.html", device=found.view, form=form)
        return make_response(page, 422)
    with portal().sessions.write() as session:
        enrolment.rename(session, actor(), found.id, form.name.data or "", visit().at)
    return redirect(url_for("devices.show", device=device), code=303)


@pages.post("/<public_id:device>/same")
@signed_in
def same_program(device: str) -> Response:
    """Its owner says that what looks like two programs is one, set up again."""
    found = mine(device)
    with portal().sessions.write() as session:
        count = draining.set_up_again(session, actor(), found.id, visit().at)
    said = later("Recorded: it is the same program.") if count else later("Nothing was to be said.")
    return notices.say(redirect(url_for("devices.show", device=device), code=303), said)


@pages.get("/<public_id:device>/stop")
@signed_in
def ask_stop(device: str) -> str:
    """What stopping it would do."""
    return _ask("stop", device)


@pages.post("/<public_id:device>/stop")
@signed_in
def stop(device: str) -> Response:
    """Stop it: it is told to drop everything, then its password ends. Twice is no error."""
    return _part(device, devices.stop)


@pages.get("/<public_id:device>/lost")
@signed_in
def ask_lost(device: str) -> str:
    """What reporting it lost would do."""
    return _ask("lost", device, LostForm())


@pages.post("/<public_id:device>/lost")
@signed_in
def lose(device: str) -> Response:
    """Report it lost: it drains just the same and may change nothing; its incident opens."""
    found, at = _in_reach(device), visit().at
    with portal().sessions.write() as session:
        spoken = portal().settings.language
        devices.stop(session, actor(), found.id, at, is_lost=True, language=spoken)
        incidents.learn_of_device(session, actor(), found.id, LostForm(request.form).known, at)
    said = later("Reported. Owners and the data protection officer see it on their first page.")
    return notices.say(_parted(found), said)


@pages.get("/<public_id:device>/give-up")
@signed_in
def ask_give_up(device: str) -> str:
    """What will then never be known."""
    return _ask("give_up", device, GiveUpForm())


@pages.post("/<public_id:device>/give-up")
@signed_in
def give_up(device: str) -> Response:
    """Stop waiting for it, for a reason: its password ends now."""
    form = GiveUpForm(request.form)
    if not form.validate():
        return make_response(_ask("give_up", device, form), 422)
    if _in_reach(device).view.stopped_at is None:
        abort(409)
    return _part(device, partial(devices.cut_off, reason=form.reason.data or ""))


def _ask(what: str, public_id: str, form: OurForm | None = None) -> str:
    found = _in_reach(public_id)
    is_mine = found.user_id == user().user_id
    return render_template(f"devices/{what}.html", device=found.view, is_mine=is_mine, form=form)


def _part(public_id: str, way: Callable[..., None]) -> Response:
    """Part from a device in this way; a keeper goes back to all of them."""
    found = _in_reach(public_id)
    with portal().sessions.write() as session:
        way(session, actor(), found.id, visit().at)
    return _parted(found)


def _parted(found: OwnDevice) -> Response:
    own = url_for("devices.show", device=found.view.public_id)
    target = own if found.user_id == user().user_id else url_for("devices.everybody")
    return redirect(target, code=303)


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


def _in_reach(public_id: str) -> OwnDevice:
    """A device that the one who asks may take contacts back from: his own, or any as its keeper."""
    is_keeper = bool(visit().roles & {"admin", "owner"})
    with portal().sessions.read() as session:
        found = readers.find(session, None if is_keeper else user().user_id, public_id, visit().at)
    if found is None:
        abort(404)
    return found
