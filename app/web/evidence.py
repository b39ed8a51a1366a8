"""What proves a consent: what is known of it, why it is opened, and for a while its very bytes."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.errors import Refused
from app.queries import evidence as readers
from app.queries.evidence import Opening, Proof
from app.services import evidence
from app.services.proof_files import PICTURE
from app.web import notices
from app.web.access import actor, signed_in, viewer, visit
from app.web.forms import OurForm
from app.web.granting import REASON_LENGTH, one_text
from app.web.portal import portal
from app.web.texts import later

_ENDINGS = {
    PICTURE: "jpg",
    "application/pdf": "pdf",
    "message/rfc822": "eml",
    "text/plain": "txt",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
}

pages = Blueprint("evidence", __name__, url_prefix="/evidence")


class OpenForm(OurForm):
    """Why a proof is opened."""

    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why you open it.")),
            Length(max=REASON_LENGTH, message=later("This is too long.")),
        ],
    )


@pages.get("/<public_id:proof>")
@signed_in
def open(proof: str) -> str:  # noqa: A001 - the name of its address
    """What is known of a proof, who opened it, and why one wants to."""
    return _open(_proof(proof), OpenForm())


@pages.post("/<public_id:proof>")
@signed_in
def unlock(proof: str) -> Response:
    """Let him look for a while; the reason stays."""
    found, form = _proof(proof), OpenForm(request.form)
    if not found.is_kept:
        abort(403)
    if not form.validate():
        return make_response(_open(found, form), 422)
    with portal().sessions.write() as session:
        opening = evidence.unlock(session, actor(), proof, form.reason.data or "", visit().at)
        name = opening.public_id
    response = redirect(url_for("evidence.look", opening=name), code=303)
    return notices.say(response, later("Opened. That you opened it, and why, is recorded."))


@pages.get("/openings/<public_id:opening>")
@signed_in
def look(opening: str) -> str:
    """The picture, or the way to the file, as long as that lasts."""
    found = _opening(opening)
    with portal().sessions.read() as session:
        proof = readers.find(session, viewer(), found.proof, visit().at)
    if proof is None:
        abort(404)
    is_picture = proof.mime == PICTURE
    return render_template("evidence/look.html", opening=found, proof=proof, is_picture=is_picture)


@pages.get("/openings/<public_id:opening>/file")
@signed_in
def file(opening: str) -> Response:
    """The bytes: a picture to be shown, everything else as a download that runs nowhere."""
    with portal().sessions.read() as session:
        try:
            found = evidence.look(session, portal().keys, actor(), opening, visit().at)
        except Refused as error:
            # Nothing that he did: the log has to say that a key is lost or a proof was altered.
            raise RuntimeError(str(error)) from error
    response = make_response(found.data)
    response.headers["Content-Type"] = found.mime
    way = "inline" if found.mime == PICTURE else "attachment"
    name = f"{found.public_id}.{_ENDINGS.get(found.mime, 'bin')}"
    response.headers["Content-Disposition"] = f'{way}; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _open(proof: Proof, form: OpenForm) -> str:
    with portal().sessions.read() as session:
        found = readers.openings(session, proof.id)
    return render_template("evidence/open.html", proof=proof, form=form, openings=found)


def _proof(public_id: str) -> Proof:
    with portal().sessions.read() as session:
        found = readers.find(session, viewer(), public_id, visit().at)
    if found is None:
        abort(404)
    return found


def _opening(public_id: str) -> Opening:
    with portal().sessions.read() as session:
        found = readers.opening(session, viewer(), public_id, visit().at)
    if found is None:
        abort(404)
    return found
