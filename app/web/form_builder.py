"""Forms in which people are asked for consents: made, looked at as they will stand, opened."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.queries import form_views, forms, standing
from app.queries.form_views import FormLine
from app.services import collecting, form_words, slugs, snippets
from app.services.choices import FORMS
from app.services.collecting import NewPoint, Terms
from app.services.form_words import Finding
from app.web import notices, texts
from app.web.access import actor, in_role, viewer, visit
from app.web.form_builder_fields import EXAMPLE, ChangeForm, NewForm, SiteForm, origins
from app.web.outside import page
from app.web.portal import portal
from app.web.public_forms import Filled
from app.web.texts import later

pages = Blueprint("form_builder", __name__, url_prefix="/forms")

_LOOKING = ("owner", "admin", "dpo")
_MAKING = frozenset({"owner", "admin"})
_CANNOT = later("The published notice does not name all of this. Publish one, or close the form.")


@dataclass(frozen=True, slots=True)
class Pasted:
    """The form as HTML for a site, in one language."""

    language: str
    html: str


@pages.get("")
@in_role(*_LOOKING)
def index() -> str:
    """Every form, and whether people can fill it in."""
    with portal().sessions.read() as session:
        found = form_views.lines(session)
        there = form_views.told(session)
    return render_template("form_builder/index.html", lines=found, told=there, makes=_makes())


@pages.get("/new")
@in_role(*_MAKING)
def new() -> str:
    """What it is called, and which notice stands behind it."""
    return _new_page(NewForm())


@pages.post("/new")
@in_role(*_MAKING)
def add() -> tuple[str, int] | Response:
    """Prepare a form; nobody can fill it in yet."""
    form = NewForm(request.form)
    with portal().sessions.read() as session:
        there = dict(form_views.told(session))
        taken = {line.key for line in form_views.lines(session)}
    is_ours = form.validate()
    if form.notice.data not in there:
        form.notice.errors = [later("Choose what people are told.")]
    if not is_ours or form.errors:
        return _new_page(form), 422
    key, name = slugs.made_from(form.name.data or "", taken, "form"), form.name.data or ""
    made = NewPoint(key, name, form.notice.data or "", kind=FORMS[0], is_open=False)
    with portal().sessions.write() as session:
        collecting.add(session, actor(), made, visit().at)
    response = redirect(url_for("form_builder.ask_change", form=key), code=303)
    return notices.say(response, later("The form is there. Now say what it asks for."))


@pages.get("/<slug:form>")
@in_role(*_LOOKING)
def show(form: str) -> str:
    """What it asks, where it is found, and what a site needs."""
    return _show_page(known(form), SiteForm())


@pages.get("/<slug:form>/change")
@in_role(*_LOOKING)
def ask_change(form: str) -> str:
    """What it asks for, of whom, and from where."""
    line = _made(form)
    chosen = {slug for slug, _ in line.purposes}
    typed = ChangeForm(
        name=line.name,
        directory=line.directory,
        origins="\n".join(line.origins),
        double_opt_in=line.double_opt_in,
    )
    return _change_page(line, typed, chosen)


@pages.post("/<slug:form>/change")
@in_role(*_LOOKING)
def change(form: str) -> tuple[str, int] | Response:
    """Ask in another way; one that is open does so from now on."""
    line, typed = _made(form), ChangeForm(request.form)
    with portal().sessions.read() as session:
        there = [one.slug for one in form_views.choices(session, line.notice_key)]
        homes = {one.slug: one.id for one in standing.directories(session, viewer(), visit().at)}
    wanted = [slug for slug in there if slug in request.form.getlist("purpose")]
    is_ours = typed.validate()
    if not wanted:
        typed.name.errors = [*typed.name.errors, later("Tick at least one purpose.")]
    is_kept = typed.directory.data in {"", line.directory}
    if not is_kept and typed.directory.data not in homes:
        typed.directory.errors = [later("Choose a directory of the list.")]
    if line.state == "open" and not _can_ask(line, wanted):
        typed.name.errors = [*typed.name.errors, _CANNOT]
    if not is_ours or typed.errors:
        return _change_page(line, typed, set(wanted)), 422
    with portal().sessions.write() as session:
        point = forms.get(session, line.key)
        home = point.directory_id if typed.directory.data == line.directory else None
        terms = Terms(
            name=typed.name.data or "",
            purposes=wanted,
            directory_id=homes.get(typed.directory.data or "", home),
            origins=origins(typed.origins.data or ""),
            double_opt_in=typed.double_opt_in.data,
        )
        collecting.change(session, actor(), point.id, terms, visit().at)
    response = redirect(url_for("form_builder.show", form=form), code=303)
    return notices.say(response, later("Saved: %(name)s"), name=terms.name)


@pages.get("/<slug:form>/preview")
@in_role(*_LOOKING)
def preview(form: str) -> Response:
    """The page as people will see it, with nothing that could be sent."""
    line = known(form)
    with portal().sessions.read() as session:
        there = tuple(form_words.told_languages(session, line.id))
        asked = request.args.get(texts.LANGUAGE, "")
        language = next((one for one in (asked, texts.language(), *there) if one in there), "")
        found = form_words.preview(session, line.id, language)
        who = forms.controller(session)
    if found is None:
        abort(404)
    texts.speak(language)
    return page("form_preview.html", form=found, who=who, line=line, filled=Filled())


@pages.get("/<slug:form>/open")
@in_role(*_LOOKING)
def ask_open(form: str) -> str:
    """What is missing, what will be asked, and the button where nothing is missing."""
    return _open_page(_made(form))


@pages.post("/<slug:form>/open")
@in_role(*_LOOKING)
def open_(form: str) -> tuple[str, int] | Response:
    """Let people fill it in, with the words of today."""
    line = _made(form)
    if any(one.is_blocking for one in _findings(line)):
        return _open_page(line), 422
    with portal().sessions.write() as session:
        collecting.reopen(session, actor(), line.id, visit().at)
    response = redirect(url_for("form_builder.show", form=form), code=303)
    return notices.say(response, later("The form is open: %(name)s"), name=line.name)


@pages.post("/<slug:form>/close")
@in_role(*_LOOKING)
def close(form: str) -> Response:
    """Ask nobody there any more; twice is no error."""
    line = _made(form)
    with portal().sessions.write() as session:
        collecting.close(session, actor(), line.id, visit().at)
    response = redirect(url_for("form_builder.show", form=form), code=303)
    message = later(
        "The form asks nobody any more: %(name)s. What people take back is still taken."
    )
    return notices.say(response, message, name=line.name)


@pages.post("/<slug:form>/keys")
@in_role(*_LOOKING)
def issue(form: str) -> tuple[str, int] | str:
    """Make a key for a site and show it, this once; with `instead` the old one ends."""
    line, typed = _made(form), SiteForm(request.form)
    if not typed.validate():
        return _show_page(line, typed), 422
    old = request.form.get("instead", "")
    with portal().sessions.write() as session:
        if old in {one.id for one in form_views.keys(session, line.id)}:
            collecting.end_key(session, actor(), old, visit().at)
        site = typed.site.data or ""
        _, secret = collecting.issue_key(session, actor(), line.id, site, visit().at)
    return render_template("form_builder/key.html", line=line, site=site, secret=secret)


@pages.post("/<slug:form>/keys/end")
@in_role(*_LOOKING)
def end_key(form: str) -> Response:
    """Take nothing more by a key; twice is no error."""
    line, named = _made(form), request.form.get("key", "")
    with portal().sessions.write() as session:
        if named not in {one.id for one in form_views.keys(session, line.id)}:
            abort(404)
        collecting.end_key(session, actor(), named, visit().at)
    response = redirect(url_for("form_builder.show", form=form), code=303)
    return notices.say(response, later("The key opens nothing any more."))


def known(key: str) -> FormLine:
    """The form of this key; else there is nothing here."""
    with portal().sessions.read() as session:
        return form_views.one(session, key) or abort(404)


def _made(key: str) -> FormLine:
    line = known(key)
    return line if _makes() else abort(403)


def _makes() -> bool:
    return bool(_MAKING & visit().roles)


def _can_ask(line: FormLine, slugs_: list[str]) -> bool:
    """Whether every language of its notice names these purposes."""
    with portal().sessions.read() as session:
        return form_words.can_ask(session, line.id, slugs_)


def _findings(line: FormLine) -> list[Finding]:
    with portal().sessions.read() as session:
        return form_words.findings(session, line.id)


def _new_page(form: NewForm) -> str:
    with portal().sessions.read() as session:
        there = form_views.told(session)
    return render_template("form_builder/new.html", form=form, told=there)


def _change_page(line: FormLine, form: ChangeForm, chosen: set[str]) -> str:
    with portal().sessions.read() as session:
        there = form_views.choices(session, line.notice_key)
        homes = standing.directories(session, viewer(), visit().at)
    options = [(one.slug, one.name) for one in homes]
    if line.directory and line.directory not in dict(options):
        options.append((line.directory, line.directory_name))
    return render_template(
        "form_builder/change.html",
        line=line,
        form=form,
        choices=there,
        chosen=chosen,
        homes=options,
        example=EXAMPLE,
    )


def _open_page(line: FormLine) -> str:
    findings = _findings(line)
    return render_template("form_builder/open.html", line=line, **_found(findings), at=visit().at)


def _show_page(line: FormLine, form: SiteForm) -> str:
    with portal().sessions.read() as session:
        keys = form_views.keys(session, line.id)
        point = forms.get(session, line.key)
        asked = forms.asking(session, point, (request.args.get(texts.LANGUAGE, ""),))
        words = form_words.offered(session, line.id)
    pasted = None
    if asked is not None and line.state == "open":
        html = snippets.html(portal().keys, asked, portal().settings.base_url, visit().at)
        pasted = Pasted(asked.language, html)
    return render_template(
        "form_builder/show.html",
        line=line,
        form=form,
        keys=keys,
        words=words or line.labels,
        is_behind=line.state == "open" and words != line.labels,
        pasted=pasted,
        makes=_makes(),
        address=f"{portal().settings.base_url}/p/f/{line.key}",
        base=portal().settings.base_url,
        example=EXAMPLE,
        **_found(_findings(line)),
    )


def _found(findings: list[Finding]) -> dict[str, object]:
    return {
        "missing": [one for one in findings if one.is_blocking],
        "remarks": [one for one in findings if not one.is_blocking],
        "names": texts.OUTSIDE_NAMES,
    }
