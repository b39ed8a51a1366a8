"""Notices: what people are told; drafted, looked at, published, and compared. Purposes beside it.

For owners and the data protection officer. What was published never changes.
"""

import difflib

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired

from app.catalogues import OF_THE_OUTSIDE
from app.errors import NotFound
from app.queries import notices as readers
from app.queries import purpose_pages
from app.queries.notices import Notice
from app.services import notice_texts, notices
from app.services.choices import CHANGES
from app.services.notices import NewNotice
from app.web import notice_words, public_notice_words, texts
from app.web import notices as said
from app.web.access import actor, in_role, visit
from app.web.forms import OurForm, text_argument
from app.web.granting import one_text
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("notice_rooms", __name__, url_prefix="/notices")


class NewForm(OurForm):
    """What it is about, and in which language."""

    purpose = StringField(
        filters=[one_text], validators=[DataRequired(later("Choose what it is about."))]
    )
    language = StringField(
        validators=[AnyOf(OF_THE_OUTSIDE, later("Choose one of the languages."))]
    )


class TextForm(OurForm):
    """The text with its marked parts, and what it changes."""

    body = StringField(
        filters=[one_text], validators=[DataRequired(later("Write what people are told."))]
    )
    change = StringField(
        validators=[AnyOf(CHANGES, later("Choose what changes."))], default=CHANGES[1]
    )


@pages.get("")
@in_role("owner", "dpo")
def index() -> str:
    """Every version, by purpose; the newest first."""
    with portal().sessions.read() as session:
        found = readers.everything(session)
        names = {leaf.slug: leaf.name for leaf in purpose_pages.tree(session)}
    return render_template(
        "notice_rooms/index.html", notices=found[::-1], names=names, say=notice_words
    )


@pages.get("/new")
@in_role("owner", "dpo")
def new() -> str:
    """About which purpose, and in which language."""
    return _new_page(NewForm(data={"purpose": text_argument("purpose")}))


@pages.post("/new")
@in_role("owner", "dpo")
def add() -> Response:
    """Begin a draft: with the text of today in that language, or with the parts to fill in."""
    form = NewForm(request.form)
    with portal().sessions.read() as session:
        known = {leaf.slug: leaf.id for leaf in purpose_pages.tree(session)}
        slug, language = form.purpose.data or "", form.language.data or ""
        today = readers.current(session, slug, language)
    if not form.validate() or slug not in known:
        return make_response(_new_page(form), 422)
    body = today.body if today else _skeleton(language)
    with portal().sessions.write() as session:
        row = notices.draft(session, actor(), NewNotice(known[slug], language, body), visit().at)
        name = row.public_id
    return redirect(url_for("notice_rooms.edit", notice=name), code=303)


@pages.get("/<public_id:notice>")
@in_role("owner", "dpo")
def show(notice: str) -> str:
    """One version: its parts, what is missing, its hash and its public address."""
    found = _notice(notice)
    with portal().sessions.read() as session:
        others = [n for n in readers.everything(session, found.key) if n.id != found.id]
    return render_template(
        "notice_rooms/show.html",
        told=found,
        parts=[(name, found.blocks.get(name, "")) for name in notice_texts.BLOCKS],
        missing=notice_texts.missing(found.blocks),
        others=[n for n in others if n.language == found.language],
        say=notice_words,
        heads=public_notice_words.PARTS,
    )


@pages.get("/<public_id:notice>/edit")
@in_role("owner", "dpo")
def edit(notice: str) -> str:
    """The text of a draft."""
    found = _draft(notice)
    return _edit_page(found, TextForm(data={"body": found.body, "change": found.change_class}))


@pages.post("/<public_id:notice>/edit")
@in_role("owner", "dpo")
def save(notice: str) -> Response:
    """Write the draft anew."""
    found, form = _draft(notice), TextForm(request.form)
    if not form.validate():
        return make_response(_edit_page(found, form), 422)
    body, change = (form.body.data or "").replace("\r\n", "\n"), form.change.data or ""
    with portal().sessions.write() as session:
        notices.redraft(session, actor(), found.row_id, body, change, visit().at)
    return said.say(_back(notice), later("Saved. Nobody is shown it yet."))


@pages.get("/<public_id:notice>/publish")
@in_role("owner", "dpo")
def check(notice: str) -> str:
    """What publishing means: for the text, and for who agreed to an earlier one."""
    found = _draft(notice)
    with portal().sessions.read() as session:
        people = purpose_pages.people_told(session, found.key, found.version)
    missing = notice_texts.missing(found.blocks)
    return render_template(
        "notice_rooms/publish.html",
        told=found,
        people=people,
        missing=missing,
        say=notice_words,
        heads=public_notice_words.PARTS,
    )


@pages.post("/<public_id:notice>/publish")
@in_role("owner", "dpo")
def publish(notice: str) -> Response:
    """Show it to people from now on; it never changes again."""
    found = _draft(notice)
    if notice_texts.missing(found.blocks):
        return make_response(check(notice), 422)
    with portal().sessions.write() as session:
        notices.publish(session, actor(), found.row_id, visit().at)
    return said.say(_back(notice), later("Published. It never changes again."))


@pages.get("/<public_id:notice>/compare/<public_id:other>")
@in_role("owner", "dpo")
def compare(notice: str, other: str) -> str:
    """Two versions line by line: what went, what came."""
    new, old = _notice(notice), _notice(other)
    if new.key != old.key or new.language != old.language:
        abort(404)
    lines = list(difflib.ndiff(old.body.splitlines(), new.body.splitlines()))
    rows = [(line[0], line[2:]) for line in lines if line[0] in "+- " and line[2:].strip()]
    return render_template("notice_rooms/compare.html", new=new, old=old, rows=rows)


def _new_page(form: NewForm) -> str:
    with portal().sessions.read() as session:
        purposes = [(leaf.slug, leaf.name) for leaf in purpose_pages.tree(session)]
    languages = list(texts.OUTSIDE_NAMES.items())
    return render_template(
        "notice_rooms/new.html", form=form, purposes=purposes, languages=languages
    )


def _edit_page(found: Notice, form: TextForm) -> str:
    return render_template("notice_rooms/edit.html", told=found, form=form, say=notice_words)


def _skeleton(language: str) -> str:
    """The parts that the law demands, each with a heading in the language of the notice."""
    names = public_notice_words.headings(language)
    return "\n\n".join(f"## {names[name]} {{#{name}}}" for name in notice_texts.BLOCKS)


def _notice(public_id: str) -> Notice:
    with portal().sessions.read() as session:
        try:
            found = readers.named(session, public_id)
        except NotFound:
            abort(404)
    if found.id != public_id:
        abort(404)
    return found


def _draft(public_id: str) -> Notice:
    """A notice that may still change: 403 for what was published."""
    found = _notice(public_id)
    if found.state != "draft":
        abort(403)
    return found


def _back(notice: str) -> Response:
    return redirect(url_for("notice_rooms.show", notice=notice), code=303)
