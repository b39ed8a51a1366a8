"""Lost phones: the clock, what was on them, who has to be told, and the list for the authority.

For owners and the data protection officer. The page of an incident counts; contacts are named
on a page of their own, and each look at it is recorded.
"""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import dossiers
from app.queries import carried
from app.queries import incidents as readers
from app.queries.carried import Carried
from app.queries.incidents import Case
from app.services import incidents
from app.services.exports import Errand
from app.web import notices
from app.web.access import actor, in_role, user, visit
from app.web.forms import number_argument
from app.web.incident_forms import ON_PAPER, AdviceForm, DecisionForm, HandOverForm, KnownForm
from app.web.portal import portal
from app.web.texts import later

PAGE = 50
_TOO_LATE = later("It was known at the latest when it was reported.")
_TOO_EARLY = later("The phone or program was not set up yet at that time.")

pages = Blueprint("incidents", __name__, url_prefix="/incidents")


@pages.get("")
@in_role("owner", "dpo")
def index() -> str:
    """Every lost phone, the undecided ones first."""
    with portal().sessions.read() as session:
        found = readers.everything(session, visit().at)
    return render_template("incidents/index.html", cases=found, at=visit().at)


@pages.get("/<public_id:incident>")
@in_role("owner", "dpo")
def show(incident: str) -> str:
    """The clock, what is known, how much was on it, and what was decided; it names no contact."""
    case = _case(incident)
    return render_template(
        "incidents/show.html",
        case=case,
        clock=case.clock(visit().at),
        extent=carried.extent(_on_it(case)),
        may_decide="owner" in visit().roles,
        may_advise="dpo" in visit().roles,
        at=visit().at,
    )


@pages.get("/<public_id:incident>/contacts")
@in_role("owner", "dpo")
def contacts(incident: str) -> str:
    """What was on the phone, with the values that it had."""
    case, start = _case(incident), number_argument("start")
    found = _on_it(case)
    shown = found[start : start + PAGE]
    if request.method == "GET":
        ids = dict.fromkeys(one.card.public_id for one in shown)
        portal().gatherer.shown(user().user_id, "incident", list(ids), visit().at)
    here = url_for("incidents.contacts", incident=incident)
    more = start + PAGE
    return render_template(
        "incidents/contacts.html",
        case=case,
        shown=shown,
        extent=carried.extent(found),
        ways=(
            here if start else "",
            url_for("incidents.contacts", incident=incident, start=more)
            if more < len(found)
            else "",
        ),
    )


@pages.get("/<public_id:incident>/known")
@in_role("owner", "dpo")
def ask_known(incident: str) -> str:
    """What became known of the phone since."""
    return render_template("incidents/known.html", case=_case(incident), form=KnownForm())


@pages.post("/<public_id:incident>/known")
@in_role("owner", "dpo")
def learn(incident: str) -> Response:
    """Add what became known."""
    case, form = _case(incident), KnownForm(request.form)
    if not _is_possible(case, form):
        return make_response(render_template("incidents/known.html", case=case, form=form), 422)
    with portal().sessions.write() as session:
        incidents.learn(session, actor(), incident, form.known, visit().at)
    return notices.say(_back(incident), later("Recorded."))


@pages.get("/<public_id:incident>/advice")
@in_role("dpo")
def ask_advice(incident: str) -> str:
    """What the data protection officer advises."""
    return render_template("incidents/advice.html", case=_case(incident), form=AdviceForm())


@pages.post("/<public_id:incident>/advice")
@in_role("dpo")
def advise(incident: str) -> Response:
    """Add the advice."""
    case, form = _case(incident), AdviceForm(request.form)
    if not form.validate():
        return make_response(render_template("incidents/advice.html", case=case, form=form), 422)
    with portal().sessions.write() as session:
        incidents.advise(session, actor(), incident, form.words.data or "", visit().at)
    return notices.say(_back(incident), later("The advice is recorded."))


@pages.get("/<public_id:incident>/decision")
@in_role("owner", "dpo")
def ask_decision(incident: str) -> str:
    """What there is to decide, and what the law says of it."""
    case = _deciding(incident)
    return _decision(case, DecisionForm())


@pages.post("/<public_id:incident>/decision")
@in_role("owner", "dpo")
def decide(incident: str) -> Response:
    """Decide who is told."""
    case, form = _deciding(incident), DecisionForm(request.form)
    if not form.validate():
        return make_response(_decision(case, form), 422)
    said = (form.tell.data or "", form.reason.data or "")
    with portal().sessions.write() as session:
        incidents.decide(session, actor(), incident, *said, visit().at)
    return notices.say(_back(incident), later("The decision is recorded."))


@pages.get("/<public_id:incident>/hand-over")
@in_role("owner", "dpo")
def ask_hand_over(incident: str) -> str:
    """To whom the list is to go, and why."""
    case = _case(incident)
    found = carried.extent(_on_it(case))
    return render_template("incidents/hand_over.html", case=case, form=HandOverForm(), extent=found)


@pages.post("/<public_id:incident>/hand-over")
@in_role("owner", "dpo")
def hand_over(incident: str) -> Response:
    """Record it for each contact, then answer with the paper or the file."""
    case, form = _case(incident), HandOverForm(request.form)
    found = _on_it(case)
    if not form.validate():
        page = render_template(
            "incidents/hand_over.html", case=case, form=form, extent=carried.extent(found)
        )
        return make_response(page, 422)
    errand = Errand(form.to.data or "", form.reason.data or "")
    wanted = form.form.data or ON_PAPER
    channel = "print" if wanted == ON_PAPER else "export"
    with portal().sessions.write() as session:
        incidents.hand_over(session, actor(), incident, errand, found, visit().at, channel=channel)
    return _paper(case, found, errand) if wanted == ON_PAPER else _file(case, found, wanted)


def _paper(case: Case, found: list[Carried], errand: Errand) -> Response:
    at = visit().at
    page = render_template(
        "incidents/paper.html",
        case=case,
        clock=case.clock(at),
        carried=found,
        extent=carried.extent(found),
        errand=errand,
        at=at,
    )
    return make_response(page)


def _file(case: Case, found: list[Carried], wanted: str) -> Response:
    mimetype, write = dossiers.FORMATS[wanted]
    response = make_response(write(case, found, visit().at))
    response.headers["Content-Type"] = mimetype
    name = f"incident-{case.public_id}.{wanted}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _decision(case: Case, form: DecisionForm) -> str:
    clock = case.clock(visit().at)
    return render_template("incidents/decision.html", case=case, form=form, clock=clock)


def _is_possible(case: Case, form: KnownForm) -> bool:
    """Whether the form is right, and the loss was known between the set-up and the report."""
    if not form.validate():
        return False
    if form.since_at is not None and form.since_at > case.opened_at:
        form.since.errors = [_TOO_LATE]
    if form.since_at is not None and form.since_at < case.device.enrolled_at:
        form.since.errors = [_TOO_EARLY]
    return not form.since.errors


def _back(incident: str) -> Response:
    return redirect(url_for("incidents.show", incident=incident), code=303)


def _deciding(incident: str) -> Case:
    """The incident for who decides; the data protection officer sees it and does not."""
    case = _case(incident)
    if "owner" not in visit().roles:
        abort(403)
    return case


def _case(incident: str) -> Case:
    with portal().sessions.read() as session:
        found = readers.find(session, incident, visit().at)
    if found is None:
        abort(404)
    return found


def _on_it(case: Case) -> list[Carried]:
    span = (case.known_at, case.opened_at)
    with portal().sessions.read() as session:
        return carried.of_device(session, case.device_id, *span, visit().at)
