"""A colleague leaves: first the look, then one press, then what his phones give back."""

from datetime import timedelta

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from app.cards.text import xml_safe
from app.errors import Refused
from app.policy import Viewer
from app.queries import entitlements, leavers, ledger, traces
from app.queries import people as readers
from app.queries import sessions as browsers
from app.queries.people import Colleague
from app.queries.traces import Traces
from app.services import accounts
from app.web import boards, fragments, notices
from app.web.access import actor, in_role, user, viewer, visit
from app.web.devices import days_silent
from app.web.forms import OurForm, text_argument
from app.web.people import known
from app.web.portal import portal
from app.web.reminding import of_board
from app.web.texts import later

LOOKS_BACK = timedelta(days=30)
"""For how long back the page tells what somebody looked at and handed out."""

_LONGEST = 500
_NO_HEIR = later("This colleague cannot take over. Choose another one.")
_LAST_OWNER = later("This is the last owner. Make somebody else an owner first.")

pages = Blueprint("leaving", __name__, url_prefix="/people/<int(max=2147483647):person>")


class LeaveForm(OurForm):
    """Who takes over the contacts of somebody who leaves, or nobody; and why he leaves, or not."""

    heir = StringField()
    reason = StringField(
        filters=[lambda typed: xml_safe(typed or "").strip()],
        validators=[Length(max=_LONGEST, message=later("The reason is too long."))],
    )


@pages.get("/leave")
@in_role("admin", "owner", "dpo")
def look(person: int) -> str | Response:
    """What he still holds, and what he did lately; once he is gone, what came back."""
    found = known(person)
    if found.disabled_since is not None:
        return redirect(url_for("leaving.take_back", person=person), code=303)
    return _look(found, LeaveForm())


@pages.post("/leave")
@in_role("admin", "owner", "dpo")
def disable(person: int) -> Response:
    """Take everything from him, or hand over what a first press left. Twice is no error."""
    found, form = known(person), LeaveForm(request.form)
    if not _runs():
        abort(403)
    heirs = {str(one.id): one.id for one in _heirs(person)}
    heir, is_ours = heirs.get(form.heir.data or ""), form.validate()
    if form.heir.data and heir is None:
        form.heir.errors = [_NO_HEIR]
    if not is_ours or form.heir.errors:
        return make_response(_look(found, form), 422)
    why = form.reason.data or ""
    try:
        with portal().sessions.write() as session:
            subject = (session, actor(), person, visit().at)
            accounts.disable_user(*subject, hand_over_to=heir, reason=why)
    except Refused:
        form.heir.errors = [_LAST_OWNER]
        return make_response(_look(found, form), 422)
    message = later("Disabled. The phones are told to drop everything at their next connection.")
    if found.disabled_since is not None:
        message = later("Handed over. Nothing else has changed.")
    response = redirect(url_for("leaving.take_back", person=person), code=303)
    return notices.say(response, message)


@pages.get("/take-back")
@in_role("admin", "owner", "dpo")
def take_back(person: int) -> str | Response:
    """What his phones had when he left, and how far it has come back."""
    at, found = visit().at, known(person)
    with portal().sessions.read() as session:
        back = leavers.of_person(session, person, at)
        left = leavers.departure(session, person, at)
        openings = entitlements.of_user(session, person, at)
    if back is None or left is None:
        return redirect(url_for("leaving.look", person=person), code=303)
    return fragments.render(
        "leaving/take_back.html",
        "boards/board.html",
        person=found,
        left=left,
        in_charge_of=openings.in_charge_of if found.disabled_since is not None else 0,
        heirs=_heirs(person),
        form=LeaveForm(),
        runs=_runs(),
        of=found.name,
        alone=True,
        again=url_for("leaving.take_back", person=person),
        board=boards.board(back, at),
        reminding=of_board(back, ("user", found.id), url_for("reminders.of_person", person=person)),
        known=text_argument("known"),
        at=at,
    )


def _look(found: Colleague, form: LeaveForm) -> str:
    at = visit().at
    with portal().sessions.read() as session:
        devices = ledger.devices(session, at, found.id)
        openings = entitlements.of_user(session, found.id, at)
        signed_in = browsers.of_user(session, found.id, at)
        did = traces.of_user(session, _reads_names(), found.id, at - LOOKS_BACK, at)
    if request.method == "GET":
        _note(did)
    return render_template(
        "leaving/look.html",
        person=found,
        form=form,
        heirs=_heirs(found.id),
        runs=_runs(),
        is_last_owner=_is_last_owner(found),
        devices=devices,
        days_silent=days_silent,
        openings=openings,
        browsers=signed_in,
        did=did,
        names=_reads_names() is not None,
    )


def _note(did: Traces) -> None:
    ids = [one.card.public_id for one in did.named]
    portal().gatherer.shown(user().user_id, "leaving", ids, visit().at)


def _reads_names() -> Viewer | None:
    """Who asks the policy for names; whoever only runs the system reads numbers."""
    return viewer() if {"owner", "dpo"} & set(visit().roles) else None


def _runs() -> bool:
    """Whether the one who asks may press."""
    return bool({"admin", "owner"} & set(visit().roles))


def _is_last_owner(found: Colleague) -> bool:
    return "owner" in found.roles and not any("owner" in one.roles for one in _heirs(found.id))


def _heirs(person: int) -> list[Colleague]:
    with portal().sessions.read() as session:
        return [one for one in readers.active(session, visit().at) if one.id != person]
