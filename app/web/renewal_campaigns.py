"""Consents that end soon, and asking these people anew while they may still be written to."""

from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import NotFound, Refused
from app.policy import Action, Channel
from app.queries import consent_ends, contacts, standing
from app.queries import renewal_campaigns as readers
from app.queries.consent_ends import ConsentEnd
from app.services import renewal_campaigns
from app.services.renewal_campaigns import MOST, Preview, Way
from app.web import notices
from app.web.access import actor, allowed, user, viewer, visit
from app.web.forms import text_argument
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("renewal_campaigns", __name__, url_prefix="/consents/ending")

PAGE = 50
_WITHIN = {"30": timedelta(days=30), "90": timedelta(days=90)}


@pages.get("")
@allowed(Action.MANAGE)
def ending() -> str:
    """What ends within 30 or 90 days in the directories that one manages."""
    at, days = visit().at, text_argument("days") or "90"
    within = _WITHIN.get(days) or abort(404)
    purpose, directory = text_argument("purpose"), text_argument("directory")
    with portal().sessions.read() as session:
        found = consent_ends.ending(
            session,
            viewer(),
            at,
            within=within,
            purpose=purpose,
            directory=directory,
            after=_after(),
            limit=PAGE + 1,
        )
        counted = consent_ends.by_purpose(session, viewer(), at, within)
        names = [one.contact for one in found[:PAGE]]
        cards = contacts.several(session, viewer(), Channel.PORTAL, names, at)
        homes = [h for h in standing.directories(session, viewer(), at) if Action.MANAGE in h.may]
    portal().gatherer.shown(user().user_id, "consents ending", list(cards), at)
    lines = [(one, cards[one.contact]) for one in found[:PAGE] if one.contact in cards]
    chosen = {"days": days, "purpose": purpose, "directory": directory}
    return render_template(
        "renewal_campaigns/ending.html",
        lines=lines,
        counted=counted,
        homes=homes,
        chosen=chosen,
        following=_place(found[PAGE - 1]) if found[PAGE:] else "",
        is_first="after" not in request.args,
        at=at,
    )


@pages.get("/asked")
@allowed(Action.MANAGE)
def index() -> str:
    """Every campaign, in numbers."""
    with portal().sessions.read() as session:
        found = readers.lines(session, viewer(), visit().at)
    return render_template("renewal_campaigns/index.html", lines=found)


@pages.get("/ask")
@allowed(Action.MANAGE)
def check() -> str:
    """Who would be asked, who is left out and why; and the words that they would read."""
    at, slug = visit().at, text_argument("purpose")
    with portal().sessions.read() as session:
        try:
            found = renewal_campaigns.preview(session, viewer(), slug, at)
        except NotFound:
            abort(404)
        names = [one.end.contact for one in (*found.asked, *found.left_out)]
        cards = contacts.several(session, viewer(), Channel.PORTAL, names, at)
    portal().gatherer.shown(user().user_id, "renewal campaign", list(cards), at)
    return render_template(
        "renewal_campaigns/check.html",
        found=found,
        slug=slug,
        name=next((one.end.purpose_name for one in (*found.asked, *found.left_out)), slug),
        reasons=_by_reason(found),
        cards=cards,
        most=MOST,
    )


@pages.post("/ask")
@allowed(Action.MANAGE)
def start() -> Response:
    """Write to them, each once."""
    slug, at = request.form.get("purpose", ""), visit().at
    way = Way(portal().settings.base_url, portal().settings.language)
    try:
        with portal().sessions.write() as session:
            asked = (session, actor(), viewer(), slug, way, at)
            name = renewal_campaigns.start(*asked).public_id
    except NotFound:
        abort(404)
    except Refused:
        response = redirect(url_for("renewal_campaigns.check", purpose=slug), code=303)
        return notices.say(response, later("There is nobody who can be asked."))
    response = redirect(url_for("renewal_campaigns.show", campaign=name), code=303)
    return notices.say(response, later("The messages are in the outbox."))


@pages.get("/asked/<public_id:campaign>")
@allowed(Action.MANAGE)
def show(campaign: str) -> str:
    """How far it has come."""
    with portal().sessions.read() as session:
        found = readers.one(session, viewer(), campaign, visit().at)
    return render_template("renewal_campaigns/show.html", line=found or abort(404))


@pages.post("/asked/<public_id:campaign>/cancel")
@allowed(Action.MANAGE)
def cancel(campaign: str) -> Response:
    """Send what has not gone out yet no more; twice is no error."""
    with portal().sessions.write() as session:
        if readers.one(session, viewer(), campaign, visit().at) is None:
            abort(404)
        kept = renewal_campaigns.cancel(session, actor(), campaign, visit().at)
    response = redirect(url_for("renewal_campaigns.show", campaign=campaign), code=303)
    return notices.say(response, later("Stopped. Messages that stayed here: %(kept)s"), kept=kept)


def _by_reason(found: Preview) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for one in found.left_out:
        listed.setdefault(one.why, []).append(one.end.contact)
    return listed


def _place(end: ConsentEnd) -> str:
    return f"{end.ends_at.isoformat()}~{end.basis_id}"


def _after() -> tuple[datetime, int] | None:
    """Where the page before ended; None from the beginning, or for what nobody wrote."""
    until, _, number = text_argument("after").partition("~")
    try:
        instant = datetime.fromisoformat(until.replace(" ", "+"))
    except ValueError:
        return None
    is_place = instant.tzinfo is not None and number.isdecimal() and len(number) < len(str(2**53))
    return (instant, int(number)) if is_place else None
