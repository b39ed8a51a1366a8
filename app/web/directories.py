"""Directories: what each is for, what one may do with it, and making a new one."""

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired, Length

from app.cards.text import xml_safe
from app.policy import Action
from app.queries import directory_pages, directory_phones, overview
from app.queries.directory_pages import DirectoryLine
from app.services import directories, previews
from app.services.choices import PRESET_NAMES, SYNC_POLICIES
from app.services.directories import NewDirectory
from app.web import notices, texts
from app.web.access import actor, in_role, signed_in, user, viewer, visit
from app.web.devices import days_silent
from app.web.forms import OurForm, id_argument
from app.web.portal import portal
from app.web.texts import later

pages = Blueprint("directories", __name__, url_prefix="/directories")

NAME_LENGTH = 200
PAGE = 50
_COUNTRY = "CZ"
_CODE = re.compile(r"[A-Z]{2}")


def one_line(typed: str | None) -> str:
    """What was typed, in one line and without what no database can store."""
    return " ".join(xml_safe(typed or "").split())


class NameForm(OurForm):
    """The name of a directory and its rule for phones."""

    name = StringField(
        filters=[one_line],
        validators=[
            DataRequired(later("Write a name.")),
            Length(max=NAME_LENGTH, message=later("This name is too long.")),
        ],
    )
    sync = StringField(
        validators=[AnyOf(("", *SYNC_POLICIES), later("Choose one of the rules for phones."))],
    )


class ChangeForm(NameForm):
    """Another name or rule; `counts` are those that were shown with the rule."""

    counts = StringField()


class NewForm(NameForm):
    """A directory to be made."""

    preset = StringField(
        validators=[AnyOf(PRESET_NAMES, later("Choose what is kept in the directory."))],
    )
    country = StringField(default=_COUNTRY)


@pages.get("")
@signed_in
def index() -> str:
    """Every directory that one may know of."""
    with portal().sessions.read() as session:
        found = directory_pages.lines(session, viewer(), visit().at)
    return render_template("directories/index.html", lines=found)


@pages.get("/new")
@in_role("owner")
def new() -> str:
    """What is kept in it and its name; the rest comes ready."""
    return _new_page(NewForm())


@pages.post("/new")
@in_role("owner")
def add() -> tuple[str, int] | Response:
    """Make a directory whose first manager is the one who makes it."""
    form = NewForm(request.form)
    countries = dict(_countries())
    if form.country.data not in countries:
        form.country.data = _COUNTRY
    if not form.validate():
        return _new_page(form), 422
    made = NewDirectory(
        slug="",
        name=form.name.data or "",
        preset=form.preset.data or "",
        sync_policy=form.sync.data or "",
        owner_id=user().user_id,
        country=form.country.data or _COUNTRY,
    )
    with portal().sessions.write() as session:
        slug = directories.add(session, actor(), made, visit().at).slug
    response = redirect(url_for("directories.show", directory=slug), code=303)
    return notices.say(response, later("The directory is ready: %(name)s"), name=made.name)


@pages.get("/<slug:directory>")
@signed_in
def show(directory: str) -> str:
    """What it is for, and the ways on from here."""
    line = known(directory)
    with portal().sessions.read() as session:
        hidden = {one.slug: one.count for one in overview.hidden(session, viewer(), visit().at)}
    return render_template("directories/show.html", line=line, hidden=hidden.get(directory, 0))


@pages.get("/<slug:directory>/phones")
@signed_in
def phones(directory: str) -> str:
    """Which phones have contacts of it, and which have not confirmed what was taken back."""
    line, after = overseen(directory), id_argument("after")
    with portal().sessions.read() as session:
        found = directory_phones.of_directory(session, viewer(), line.standing.id, visit().at)
    places = [phone.view.public_id for phone in found]
    start = places.index(after) + 1 if after in places else 0
    shown = found[start : start + PAGE]
    return render_template(
        "directories/phones.html",
        line=line,
        shown=shown,
        tally=directory_phones.summary(found),
        at=visit().at,
        days_silent=days_silent,
        is_first=start == 0,
        following=shown[-1].view.public_id if found[start + PAGE :] else "",
    )


@pages.get("/<slug:directory>/change")
@signed_in
def ask_change(directory: str) -> str:
    """Its name and its rule for phones."""
    line = managed(directory)
    form = ChangeForm(name=line.standing.name, sync=line.about.sync_policy.value)
    return render_template("directories/change.html", line=line, form=form, effect=None)


@pages.post("/<slug:directory>/change")
@signed_in
def change(directory: str) -> str | tuple[str, int] | Response:
    """Give it another name; another rule for phones once it was said what it does."""
    line, form, at = managed(directory), ChangeForm(request.form), visit().at
    if not form.validate():
        return render_template("directories/change.html", line=line, form=form, effect=None), 422
    home, rule = line.standing.id, form.sync.data or line.about.sync_policy.value
    with portal().sessions.write() as session:
        if rule != line.about.sync_policy.value:
            effect = previews.of_rule(session, actor(), home, rule, at)
            if effect.counts != form.counts.data:
                return render_template(
                    "directories/change.html", line=line, form=form, effect=effect
                )
            directories.change_rule(session, actor(), home, rule, at)
        directories.rename(session, actor(), home, form.name.data or "", at)
    said = (
        later("Saved: %(name)s. The rule for phones is as before.")
        if rule == line.about.sync_policy.value
        else later(
            "The rule for phones has changed: %(name)s. Each is told at its next connection."
        )
    )
    response = redirect(url_for("directories.show", directory=directory), code=303)
    return notices.say(response, said, name=form.name.data or "")


def known(slug: str) -> DirectoryLine:
    """The directory, where the one who asks may know of it; else there is nothing here."""
    with portal().sessions.read() as session:
        line = directory_pages.line(session, viewer(), slug, visit().at)
    return line or abort(404)


def overseen(slug: str) -> DirectoryLine:
    """The directory, where the one who asks may see who has access to it."""
    line = known(slug)
    return line if line.standing.oversees else abort(403)


def managed(slug: str) -> DirectoryLine:
    """The directory, where the one who asks decides who has access to it."""
    line = known(slug)
    return line if Action.MANAGE in line.standing.may else abort(403)


def _new_page(form: NewForm) -> str:
    return render_template(
        "directories/new.html", form=form, presets=PRESET_NAMES, countries=_countries()
    )


def _countries() -> list[tuple[str, str]]:
    """Code and name of every country, by name."""
    names = texts.locale().territories
    found = [(code, name) for code, name in names.items() if _CODE.fullmatch(code)]
    return sorted(found, key=lambda country: country[1])
