"""The hosted consent form: for everybody, also for what sites that embed it send here."""

from dataclasses import dataclass, field, replace

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from app.cards.text import xml_safe
from app.errors import Invalid
from app.queries import forms
from app.queries.forms import Asking, Point
from app.services import submissions
from app.services.submissions import Closed, Outdated, Submission
from app.web import handing_out
from app.web.access import from_anywhere, outside, visit
from app.web.outside import here, limit, page
from app.web.portal import portal
from app.web.texts import LANGUAGE, language, later

pages = Blueprint("public_forms", __name__, url_prefix="/p/f")

MOST = 30
"""So many forms a quarter of an hour from one address; a whole office may sit behind it."""

_LENGTH = 320
_WRONG = {
    "boxes": later("Tick what you agree to. If you agree to nothing, simply close this page."),
    "email": later("Write your e-mail address, such as name@example.org."),
    "point": later("Write your e-mail address, such as name@example.org."),
    "phone": later("Write your phone number, such as +420 601 123 456."),
    "token": later("The form that you filled in was not complete. Please use this one."),
    "old": later("The form that you filled in is too old. Please use this one."),
}
_FIELDS = {"boxes": "box-0", "email": "email", "point": "email", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Filled:
    """What came back: typed values, ticked boxes, and what is wrong (field id, words)."""

    email: str = ""
    phone: str = ""
    boxes: tuple[str, ...] = ()
    wrong: tuple[tuple[str, str], ...] = field(default=())


@pages.get("/<slug:key>")
@outside
def show(key: str) -> Response:
    """What is asked, with no box ticked."""
    return _shown(_point(key), Filled())


@pages.post("/<slug:key>")
@from_anywhere
def send(key: str) -> Response:
    """Take what was ticked; the answer is the same for whoever it is."""
    point = _point(key)
    if not handing_out.is_welcome(point):
        return page("form_foreign.html", 403, point=point)
    limit(f"form {key}", MOST)
    if request.form.get("answer") == "no":
        return redirect(here("public_forms.no", key=key), 303)
    filled = Filled(_typed("email"), _typed("phone"), tuple(request.form.getlist("box")[:100]))
    try:
        with portal().sessions.write() as session:
            sub = Submission(
                boxes=filled.boxes,
                email=filled.email,
                phone=filled.phone,
                page=_typed("page") or request.headers.get("Origin", ""),
                ip=request.remote_addr or "",
                user_agent=request.headers.get("User-Agent", ""),
            )
            token = request.form.get("token", "")
            submissions.submit(session, handing_out.desk(), point.id, token, sub, visit().at)
    except Closed:
        return _shown(point, Filled(), 410)
    except Outdated:
        return _shown(point, replace(filled, wrong=(("form", _WRONG["old"]),)), 422)
    except Invalid as error:
        name = error.field if error.field in _WRONG else "token"
        wrong = ((_FIELDS.get(name, "form"), _WRONG[name]),)
        return _shown(point, replace(filled, wrong=wrong), 422)
    return redirect(here("public_forms.sent", key=key), 303)


@pages.get("/<slug:key>/sent")
@outside
def sent(key: str) -> Response:
    """The same for everybody: whether he was known shows nowhere."""
    return page("form_sent.html", point=_point(key))


@pages.get("/<slug:key>/no")
@outside
def no(key: str) -> Response:
    """After a no: nothing was kept."""
    return page("form_no.html", point=_point(key))


def _point(key: str) -> Point:
    with portal().sessions.read() as session:
        found = forms.point(session, key)
    if found is None:
        abort(404)
    return found


def _shown(point: Point, filled: Filled, status: int = 200) -> Response:
    with portal().sessions.read() as session:
        chosen = request.args.get(LANGUAGE, "") or language()
        form = forms.asking(session, point, handing_out.wishes(chosen))
        who = forms.controller(session)
    if form is None or not point.is_active:
        return page("form_closed.html", status=status, point=point, who=who)
    return _page(form, who, filled, status)


def _page(form: Asking, who: forms.Controller, filled: Filled, status: int) -> Response:
    known = {box.name for box in form.boxes}
    kept = replace(filled, boxes=tuple(name for name in filled.boxes if name in known))
    return page(
        "form_show.html",
        status,
        form=form,
        who=who,
        filled=kept,
        token=handing_out.token(form),
        is_invited=request.args.get("invited") == "1",
    )


def _typed(name: str) -> str:
    return xml_safe(request.form.get(name, "")).strip()[:_LENGTH]
