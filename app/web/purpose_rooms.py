"""Purposes: what data are used for, as a tree; added and changed by owners and the officer."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.errors import Invalid
from app.queries import purpose_pages
from app.queries.purpose_pages import Leaf
from app.services import durations, purposes, slugs
from app.services.choices import MEDIA
from app.services.purposes import Terms
from app.web import notices
from app.web.access import actor, in_role, visit
from app.web.consent_forms import WordsField
from app.web.forms import OurForm, text_argument
from app.web.granting import one_text
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("purpose_rooms", __name__, url_prefix="/purposes")

_TOO_LONG = Length(max=200, message=later("200 characters are enough here."))


class TermsForm(OurForm):
    """How a purpose may be pursued."""

    media = WordsField()
    recipients = StringField(filters=[one_text])
    validity = StringField(filters=[lambda typed: one_text(typed).upper()])
    double_opt_in = BooleanField()
    marketing = BooleanField()

    def validate_validity(self, field: Field) -> None:
        """It must be a duration, or nothing."""
        if field.data:
            try:
                durations.parsed(field.data)
            except Invalid as error:
                raise ValidationError(later("Write it as P24M or P2Y.")) from error

    @property
    def terms(self) -> Terms:
        """What it says; asked only of a valid form."""
        return Terms(
            media=[word for word in MEDIA if word in (self.media.data or [])],
            recipients=[
                line.strip() for line in (self.recipients.data or "").splitlines() if line.strip()
            ],
            validity=self.validity.data or "",
            double_opt_in=bool(self.double_opt_in.data),
            is_marketing=bool(self.marketing.data),
        )


class NewForm(TermsForm):
    """What it is called, and what stands above it."""

    name = StringField(
        filters=[one_text], validators=[DataRequired(later("Write what it is for.")), _TOO_LONG]
    )
    parent = StringField(filters=[one_text])


@pages.get("")
@in_role("owner", "dpo")
def index() -> str:
    """The tree of purposes, each with how it may be pursued."""
    return render_template("purpose_rooms/index.html", tree=_tree())


@pages.get("/new")
@in_role("owner", "dpo")
def new() -> str:
    """A purpose, perhaps below another one."""
    return _new_page(NewForm(data={"parent": text_argument("parent"), "validity": "P2Y"}))


@pages.post("/new")
@in_role("owner", "dpo")
def add() -> Response:
    """Add it."""
    form, known = NewForm(request.form), {leaf.slug: leaf.id for leaf in _tree()}
    parent = form.parent.data or ""
    if not form.validate() or (parent and parent not in known):
        return make_response(_new_page(form), 422)
    slug = slugs.made_from(form.name.data or "", set(known), "purpose")
    with portal().sessions.write() as session:
        above = known.get(parent)
        name, at = form.name.data or "", visit().at
        purposes.add(session, actor(), slug, name, at, parent_id=above, terms=form.terms)
    return _done(later("The purpose is there. Now write what people are told about it."))


@pages.get("/<slug:purpose>/edit")
@in_role("owner", "dpo")
def edit(purpose: str) -> str:
    """How it is pursued from now on."""
    leaf = _leaf(purpose)
    form = TermsForm(
        data={
            "media": list(leaf.media),
            "recipients": "\n".join(leaf.recipients),
            "validity": leaf.validity,
            "double_opt_in": leaf.double_opt_in,
            "marketing": leaf.is_marketing,
        }
    )
    return render_template("purpose_rooms/edit.html", leaf=leaf, form=form)


@pages.post("/<slug:purpose>/edit")
@in_role("owner", "dpo")
def save(purpose: str) -> Response:
    """Change it; consents given stay what they were."""
    leaf, form = _leaf(purpose), TermsForm(request.form)
    if not form.validate():
        return make_response(render_template("purpose_rooms/edit.html", leaf=leaf, form=form), 422)
    with portal().sessions.write() as session:
        purposes.change(session, actor(), leaf.id, form.terms, visit().at)
    return _done(later("Changed. Consents that were given stay what they were."))


def _new_page(form: NewForm) -> str:
    return render_template("purpose_rooms/new.html", form=form, tree=_tree())


def _tree() -> list[Leaf]:
    with portal().sessions.read() as session:
        return purpose_pages.tree(session)


def _leaf(slug: str) -> Leaf:
    found = next((leaf for leaf in _tree() if leaf.slug == slug), None)
    if found is None:
        abort(404)
    return found


def _done(message: str) -> Response:
    return notices.say(redirect(url_for("purpose_rooms.index"), code=303), message)
